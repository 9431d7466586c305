import {
  checkAtLeastZero,
  checkBelowOne,
  checkChoice,
  checkCount,
  checkOptions,
  describe,
  OptionError,
} from "../errors.js";
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

const known = ["mode", "factor", "patience", "threshold", "thresholdMode", "cooldown", "minLr", "eps"];

/** lr ← max(lr·factor, minLr) when a metric has not improved for more than `patience` epochs: `step(metric)` after each. */
export class ReduceLROnPlateau extends Scheduler {
  readonly mode: "min" | "max";
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: "rel" | "abs";
  readonly cooldown: number;
  readonly eps: number;
  /** The best metric so far. */
  best: number;
  private readonly minLrs: readonly number[];
  private badEpochs = 0;
  private cooldownLeft = 0;

  constructor(optimizer: Optimizer, options: PlateauOptions = {}) {
    super("ReduceLROnPlateau", optimizer);
    checkOptions("ReduceLROnPlateau", options, known);
    const { minLr = 0 } = options;
    this.mode = options.mode ?? "min";
    this.factor = options.factor ?? 0.1;
    this.patience = options.patience ?? 10;
    this.threshold = options.threshold ?? 1e-4;
    this.thresholdMode = options.thresholdMode ?? "rel";
    this.cooldown = options.cooldown ?? 0;
    this.eps = options.eps ?? 1e-8;
    this.best = this.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.minLrs = Array.isArray(minLr) ? [...(minLr as readonly number[])] : this.lastLrs.map(() => minLr as number);
    this.check("ReduceLROnPlateau");
  }

  protected override check(where: string): void {
    checkChoice(where, "mode", this.mode, ["min", "max"]);
    checkChoice(where, "thresholdMode", this.thresholdMode, ["rel", "abs"]);
    checkBelowOne(where, "factor", this.factor);
    checkCount(where, "patience", this.patience, 0);
    checkCount(where, "cooldown", this.cooldown, 0);
    checkAtLeastZero(where, "threshold", this.threshold);
    checkAtLeastZero(where, "eps", this.eps);
    if (this.minLrs.length !== this.lastLrs.length) {
      throw new OptionError(
        `${where}: expected one minLr for each of ${this.lastLrs.length} groups, got ${this.minLrs.length}`,
      );
    }
    for (const minLr of this.minLrs) checkAtLeastZero(where, "minLr", minLr);
  }

  protected override saved(): Readonly<Record<string, string>> {
    return {
      factor: "factor",
      min_lrs: "minLrs",
      patience: "patience",
      cooldown: "cooldown",
      eps: "eps",
      mode: "mode",
      threshold: "threshold",
      threshold_mode: "thresholdMode",
      best: "best",
      num_bad_epochs: "badEpochs",
      cooldown_counter: "cooldownLeft",
    };
  }

  private isBetter(metric: number): boolean {
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
    if (this.isBetter(value)) {
      this.best = value;
      this.badEpochs = 0;
    } else {
      this.badEpochs++;
    }
    if (this.cooldownLeft > 0) {
      this.cooldownLeft--;
      this.badEpochs = 0;
    }
    if (this.badEpochs > this.patience) {
      groups.forEach((group, i) => {
        const lower = Math.max(group.lr * this.factor, this.minLrs[i] as number);
        if (group.lr - lower > this.eps) group.lr = lower;
      });
      this.cooldownLeft = this.cooldown;
      this.badEpochs = 0;
    }
    this.lastLrs = groups.map(({ lr }) => lr);
  }
}
