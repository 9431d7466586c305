import {
  checkAtLeastZero,
  checkBoolean,
  checkChoice,
  checkCount,
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

/** The values that a quantity passes in the cycle. */
type Marks = Readonly<Record<"first" | "highest" | "last", number>>;

/** A stretch of the cycle: the step at which it ends, and between which marks it leads. */
type Phase = readonly [end: number, from: keyof Marks, to: keyof Marks];

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
  declare readonly totalSteps: number;
  declare private readonly pctStart: number;
  declare private readonly annealStrategy: "cos" | "linear";
  declare private readonly threePhase: boolean;
  declare private readonly cycleMomentum: boolean;
  declare private readonly divFactor: number;
  declare private readonly finalDivFactor: number;
  readonly #rates: readonly Marks[];
  readonly #momenta: readonly Marks[];

  constructor(optimizer: Optimizer, options: OneCycleOptions) {
    super("OneCycleLR", optimizer, options, {
      maxLr: undefined,
      totalSteps: undefined,
      epochs: undefined,
      stepsPerEpoch: undefined,
      pctStart: 0.3,
      annealStrategy: "cos",
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
    });
    this.totalSteps ??= stepsOf(options);
    this.check(this.name);
    this.#rates = this.#positive("maxLr").map((highest) => {
      const first = highest / this.divFactor;
      return { first, highest, last: first / this.finalDivFactor };
    });
    const lowest = this.#positive("baseMomentum");
    // Momentum stands still while the rate falls from the first to the last.
    this.#momenta = this.#positive("maxMomentum").map((first, i) => ({
      first,
      highest: lowest[i] as number,
      last: first,
    }));
    if (this.cycleMomentum && !("momentum" in optimizer.defaults || "betas" in optimizer.defaults)) {
      throw new OptionError(
        "OneCycleLR: expected an optimiser with momentum or betas, got one with neither. Pass { cycleMomentum: false }",
      );
    }
    this.baseLrs = this.#rates.map(({ first }) => first);
    optimizer.paramGroups.forEach((group, i) => {
      group.initialLr = this.baseLrs[i] as number;
    });
    this.apply();
  }

  /** The option of that name for each group, checked. */
  #positive(name: string): readonly number[] {
    const values = this.forEachGroup("OneCycleLR", name, (this as unknown as Record<string, number>)[name] as number);
    for (const value of values) checkAtLeastZero("OneCycleLR", name, value);
    return values;
  }

  protected override check(where: string): void {
    checkCount(where, "totalSteps", this.totalSteps, 1);
    checkShare(where, "pctStart", this.pctStart);
    checkChoice(where, "annealStrategy", this.annealStrategy, ["cos", "linear"]);
    checkBoolean(where, "threePhase", this.threePhase);
    checkBoolean(where, "cycleMomentum", this.cycleMomentum);
    checkPositive(where, "divFactor", this.divFactor);
    checkPositive(where, "finalDivFactor", this.finalDivFactor);
  }

  protected override saved(): readonly string[] {
    return [...super.saved(), "totalSteps", "cycleMomentum"];
  }

  #phases(): readonly Phase[] {
    const { totalSteps, pctStart } = this;
    const rise: Phase = [pctStart * totalSteps - 1, "first", "highest"];
    if (!this.threePhase) return [rise, [totalSteps - 1, "highest", "last"]];
    return [rise, [2 * pctStart * totalSteps - 2, "highest", "first"], [totalSteps - 1, "first", "last"]];
  }

  /** What stands between two marks at this point of the cycle. A phase without length is over at once. */
  #between(marks: Marks): number {
    const phases = this.#phases();
    let start = 0;
    let i = 0;
    while (i < phases.length - 1 && this.lastEpoch > (phases[i] as Phase)[0]) start = (phases[i++] as Phase)[0];
    const [end, from, to] = phases[i] as Phase;
    const passed = end === start ? 1 : (this.lastEpoch - start) / (end - start);
    const [a, b] = [marks[from], marks[to]];
    if (this.annealStrategy === "linear") return (b - a) * passed + a;
    return b + ((a - b) / 2) * (cos(Math.PI * passed) + 1);
  }

  protected override rate(_lr: number, _baseLr: number, group: number): number {
    return this.#between(this.#rates[group] as Marks);
  }

  protected override apply(): void {
    super.apply();
    if (!this.cycleMomentum) return;
    this.groups().forEach((group, i) => {
      const cycled = group as Cycled;
      const momentum = this.#between(this.#momenta[i] as Marks);
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

function stepsOf({ epochs, stepsPerEpoch }: OneCycleOptions): number {
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new OptionError("OneCycleLR: expected totalSteps, or epochs and stepsPerEpoch, got neither");
  }
  checkCount("OneCycleLR", "epochs", epochs, 1);
  checkCount("OneCycleLR", "stepsPerEpoch", stepsPerEpoch, 1);
  return epochs * stepsPerEpoch;
}
