import { checkAtLeastZero, checkBelowOne, checkChoice, checkCount, describe, OptionError } from "../errors.js";
import { Tensor } from "../tensor.js";
import type { Optimizer } from "./optimizer.js";
import { Scheduler } from "./scheduler.js";

export interface PlateauOptions {
  /** Whether the metric shall fall ("min", default) or rise ("max"). */
  readonly mode?: "min" | "max";
  /** Factor on the rate, below 1 (default 0.1). */
  readonly factor?: number;
  /** Epochs without improvement that are put up with (default 10). */
  readonly patience?: number;
  /** How much better counts as better (default 1e−4). */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best ("rel", default) or a difference ("abs"). */
  readonly thresholdMode?: "rel" | "abs";
  /** Epochs after a change in which nothing is counted (default 0). */
  readonly cooldown?: number;
  /** The lowest rate, for all groups or for each (default 0). */
  readonly minLr?: number | readonly number[];
  /** Changes not larger than this are left out (default 1e−8). */
  readonly eps?: number;
}

/** lr ← max(lr·factor, minLr) when a metric has not improved for more than `patience` epochs: `step(metric)` after each. */
export class ReduceLROnPlateau extends Scheduler {
  declare readonly mode: "min" | "max";
  declare readonly factor: number;
  declare readonly patience: number;
  declare readonly threshold: number;
  declare readonly thresholdMode: "rel" | "abs";
  declare readonly cooldown: number;
  declare readonly eps: number;
  declare private readonly minLr: number | readonly number[];
  /** The best metric so far. */
  best: number;
  private readonly minLrs: readonly number[];
  private numBadEpochs = 0;
  private cooldownCounter = 0;

  constructor(optimizer: Optimizer, options: PlateauOptions = {}) {
    super("ReduceLROnPlateau", optimizer, options, {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
    });
    this.best = this.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.minLrs = this.forEachGroup(this.name, "minLr", this.minLr);
    this.check(this.name);
  }

  protected override check(where: string): void {
    checkChoice(where, "mode", this.mode, ["min", "max"]);
    checkChoice(where, "thresholdMode", this.thresholdMode, ["rel", "abs"]);
    checkBelowOne(where, "factor", this.factor);
    checkCount(where, "patience", this.patience, 0);
    checkCount(where, "cooldown", this.cooldown, 0);
    checkAtLeastZero(where, "threshold", this.threshold);
    checkAtLeastZero(where, "eps", this.eps);
    for (const minLr of this.minLrs) checkAtLeastZero(where, "minLr", minLr);
  }

  protected override saved(): readonly string[] {
    const options = ["factor", "minLrs", "patience", "cooldown", "eps", "mode", "threshold", "thresholdMode"];
    return [...options, "best", "numBadEpochs", "cooldownCounter"];
  }

  #isBetter(metric: number): boolean {
    const { best, threshold } = this;
    const relative = this.thresholdMode === "rel";
    if (this.mode === "min") return metric < (relative ? best * (1 - threshold) : best - threshold);
    return metric > (relative ? best * (1 + threshold) : best + threshold);
  }

  /**
   * Looks at the metric of an epoch, such as the validation loss, and lowers the rates when it is time.
   *
   * @throws OptionError when the metric is neither a number nor a tensor of one element
   */
  step(metric: number | Tensor): void {
    const value = metric instanceof Tensor ? metric.item() : metric;
    if (typeof value !== "number")
      throw new OptionError(`ReduceLROnPlateau.step: expected the metric to watch, a number, got ${describe(value)}`);
    const groups = this.groups();
    this.lastEpoch++;
    if (this.#isBetter(value)) {
      this.best = value;
      this.numBadEpochs = 0;
    } else {
      this.numBadEpochs++;
    }
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      groups.forEach((group, i) => {
        const lower = Math.max(group.lr * this.factor, this.minLrs[i] as number);
        if (group.lr - lower > this.eps) group.lr = lower;
      });
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLrs = groups.map(({ lr }) => lr);
  }
}
