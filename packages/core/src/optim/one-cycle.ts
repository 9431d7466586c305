import {
  checkAtLeastZero,
  checkBoolean,
  checkChoice,
  checkCount,
  checkOptions,
  checkPositive,
  checkShare,
  OptionError,
} from "../errors.js";
import { cos } from "../math/float64.js";
import type { Optimizer } from "./optimizer.js";
import { LRScheduler } from "./scheduler.js";

export interface OneCycleOptions {
  /** The highest rate, for all groups or for each. */
  readonly maxLr: number | readonly number[];
  /** Steps in the whole cycle; or give `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Share of the cycle in which the rate rises (default 0.3). */
  readonly pctStart?: number;
  /** The curve between two rates: "cos" (default) or "linear". */
  readonly annealStrategy?: "cos" | "linear";
  /** Whether momentum (Adam: β₁) falls as the rate rises, and the reverse (default true). */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, for all groups or for each (default 0.85). */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, for all groups or for each (default 0.95). */
  readonly maxMomentum?: number | readonly number[];
  /** The first rate is maxLr/divFactor (default 25). */
  readonly divFactor?: number;
  /** The last rate is the first/finalDivFactor (default 10⁴). */
  readonly finalDivFactor?: number;
  /** Fall to the first rate before falling to the last (default false). */
  readonly threePhase?: boolean;
}

const known = [
  ...["maxLr", "totalSteps", "epochs", "stepsPerEpoch", "pctStart", "annealStrategy", "cycleMomentum"],
  ...["baseMomentum", "maxMomentum", "divFactor", "finalDivFactor", "threePhase"],
];

/** A stretch of the cycle: it ends at step `end`; from and to are fields of a {@link Marks}. */
interface Phase {
  readonly end: number;
  readonly from: "first" | "highest";
  readonly to: "first" | "highest" | "last";
}

/** The values that a quantity passes in the cycle. */
type Marks = Readonly<Record<"first" | "highest" | "last", number>>;

/** What a group may have that cycles against the rate. */
interface Cycled {
  momentum?: number;
  betas?: readonly [number, number];
}

/**
 * One cycle over the whole training: the rate rises from maxLr/divFactor to maxLr and falls to far below where it began, momentum
 * does the reverse. `step()` after each batch. Smith & Topin 2018.
 *
 * @throws OptionError on the step after the last
 */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  private readonly pctStart: number;
  private readonly annealStrategy: "cos" | "linear";
  private readonly threePhase: boolean;
  private readonly cycleMomentum: boolean;
  private readonly rates: readonly Marks[];
  private readonly momenta: readonly Marks[];

  constructor(optimizer: Optimizer, options: OneCycleOptions) {
    super("OneCycleLR", optimizer);
    checkOptions("OneCycleLR", options ?? null, known);
    const { divFactor = 25, finalDivFactor = 1e4, baseMomentum = 0.85, maxMomentum = 0.95 } = options;
    this.totalSteps = totalSteps(options);
    this.pctStart = options.pctStart ?? 0.3;
    this.annealStrategy = options.annealStrategy ?? "cos";
    this.threePhase = options.threePhase ?? false;
    this.cycleMomentum = options.cycleMomentum ?? true;
    this.check("OneCycleLR");
    checkPositive("OneCycleLR", "divFactor", divFactor);
    checkPositive("OneCycleLR", "finalDivFactor", finalDivFactor);
    this.rates = this.forEachGroup("maxLr", options.maxLr).map((highest) => {
      const first = highest / divFactor;
      return { first, highest, last: first / finalDivFactor };
    });
    const lowest = this.forEachGroup("baseMomentum", baseMomentum);
    // Momentum stands still while the rate falls from the first to the last.
    this.momenta = this.forEachGroup("maxMomentum", maxMomentum).map((first, i) => ({
      first,
      highest: lowest[i] as number,
      last: first,
    }));
    if (this.cycleMomentum && !("momentum" in optimizer.defaults || "betas" in optimizer.defaults)) {
      throw new OptionError(
        "OneCycleLR: expected an optimiser with momentum or betas, got one with neither. Pass { cycleMomentum: false }",
      );
    }
    optimizer.paramGroups.forEach((group, i) => {
      group.initialLr = (this.rates[i] as Marks).first;
    });
    this.baseLrs = this.rates.map(({ first }) => first);
    this.apply();
  }

  private forEachGroup(name: string, value: unknown): readonly number[] {
    const values: readonly unknown[] = Array.isArray(value) ? value : this.lastLrs.map(() => value);
    if (values.length !== this.lastLrs.length) {
      throw new OptionError(
        `OneCycleLR: expected one ${name} for each of ${this.lastLrs.length} groups, got ${values.length}`,
      );
    }
    return values.map((one) => {
      checkAtLeastZero("OneCycleLR", name, one);
      return one;
    });
  }

  protected override check(where: string): void {
    checkCount(where, "totalSteps", this.totalSteps, 1);
    checkShare(where, "pctStart", this.pctStart);
    checkChoice(where, "annealStrategy", this.annealStrategy, ["cos", "linear"]);
    checkBoolean(where, "threePhase", this.threePhase);
    checkBoolean(where, "cycleMomentum", this.cycleMomentum);
  }

  protected override saved(): Readonly<Record<string, string>> {
    return { ...super.saved(), total_steps: "totalSteps", cycle_momentum: "cycleMomentum" };
  }

  private phases(): readonly Phase[] {
    const { totalSteps, pctStart } = this;
    const rise: Phase = { end: pctStart * totalSteps - 1, from: "first", to: "highest" };
    if (!this.threePhase) return [rise, { end: totalSteps - 1, from: "highest", to: "last" }];
    const fall: Phase = { end: 2 * pctStart * totalSteps - 2, from: "highest", to: "first" };
    return [rise, fall, { end: totalSteps - 1, from: "first", to: "last" }];
  }

  /** Where the cycle stands: its phase and how much of that has passed. */
  private place(): { phase: Phase; share: number } {
    const phases = this.phases();
    let start = 0;
    for (const phase of phases.slice(0, -1)) {
      if (this.lastEpoch <= phase.end) return { phase, share: share(this.lastEpoch, start, phase.end) };
      start = phase.end;
    }
    const phase = phases.at(-1) as Phase;
    return { phase, share: share(this.lastEpoch, start, phase.end) };
  }

  private between(marks: Marks): number {
    const { phase, share: passed } = this.place();
    const [from, to] = [marks[phase.from], marks[phase.to]];
    if (this.annealStrategy === "linear") return (to - from) * passed + from;
    return to + ((from - to) / 2) * (cos(Math.PI * passed) + 1);
  }

  protected override rate(_lr: number, _baseLr: number, group: number): number {
    return this.between(this.rates[group] as Marks);
  }

  protected override apply(): void {
    super.apply();
    if (!this.cycleMomentum) return;
    this.groups().forEach((group, i) => {
      const cycled = group as Cycled;
      const momentum = this.between(this.momenta[i] as Marks);
      if (cycled.betas !== undefined) cycled.betas = [momentum, cycled.betas[1]];
      else cycled.momentum = momentum;
    });
  }

  /** @throws OptionError when all steps have been taken */
  override step(): void {
    if (this.lastEpoch >= this.totalSteps) {
      throw new OptionError(
        `OneCycleLR.step: expected at most ${this.totalSteps} steps, got one more. Give the scheduler as many totalSteps as there are batches in all epochs`,
      );
    }
    super.step();
  }
}

/** How much of a phase has passed; a phase without length is over at once. */
const share = (step: number, start: number, end: number): number =>
  end === start ? 1 : (step - start) / (end - start);

function totalSteps({ totalSteps: total, epochs, stepsPerEpoch }: OneCycleOptions): number {
  if (total !== undefined) return total;
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new OptionError("OneCycleLR: expected totalSteps, or epochs and stepsPerEpoch, got neither");
  }
  checkCount("OneCycleLR", "epochs", epochs, 1);
  checkCount("OneCycleLR", "stepsPerEpoch", stepsPerEpoch, 1);
  return epochs * stepsPerEpoch;
}
