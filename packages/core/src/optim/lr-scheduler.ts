/**
 * Schedulers of the learning rate, PyTorch's `torch.optim.lr_scheduler`.
 *
 * Rates follow from the rates before, in PyTorch's recursive forms: a closed form would drift from them in the last digits. So a
 * rate that is set by hand in between is the one that goes on.
 *
 * @module
 */
import { checkCount, checkFinite, checkOptions, describe, OptionError } from "../errors.js";
import { cos } from "../math/float64.js";
import type { Optimizer } from "./optimizer.js";
import { LRScheduler } from "./scheduler.js";

export { OneCycleLR, type OneCycleOptions } from "./one-cycle.js";
export { type PlateauOptions, ReduceLROnPlateau } from "./reduce-on-plateau.js";
export { LRScheduler, type SchedulerStateDict } from "./scheduler.js";

export interface StepOptions {
  /** Epochs from one change to the next. */
  readonly stepSize: number;
  /** Factor at each change (default 0.1). */
  readonly gamma?: number;
}

/** lr ← lr·gamma every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  constructor(optimizer: Optimizer, options: StepOptions) {
    super("StepLR", optimizer);
    checkOptions("StepLR", options ?? null, ["stepSize", "gamma"]);
    this.stepSize = options.stepSize;
    this.gamma = options.gamma ?? 0.1;
    this.check("StepLR");
    this.apply();
  }

  protected override check(where: string): void {
    checkCount(where, "stepSize", this.stepSize, 1);
    checkFinite(where, "gamma", this.gamma);
  }

  protected override saved(): Readonly<Record<string, string>> {
    return { ...super.saved(), step_size: "stepSize", gamma: "gamma" };
  }

  protected override rate(lr: number): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? lr : lr * this.gamma;
  }
}

export interface ExponentialOptions {
  /** Factor at each epoch. */
  readonly gamma: number;
}

/** lr ← lr·gamma every epoch. */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number;

  constructor(optimizer: Optimizer, options: ExponentialOptions) {
    super("ExponentialLR", optimizer);
    checkOptions("ExponentialLR", options ?? null, ["gamma"]);
    this.gamma = options.gamma;
    this.check("ExponentialLR");
    this.apply();
  }

  protected override check(where: string): void {
    checkFinite(where, "gamma", this.gamma);
  }

  protected override saved(): Readonly<Record<string, string>> {
    return { ...super.saved(), gamma: "gamma" };
  }

  protected override rate(lr: number): number {
    return this.lastEpoch === 0 ? lr : lr * this.gamma;
  }
}

export interface CosineOptions {
  /** Epochs from the highest rate to the lowest. */
  readonly tMax: number;
  /** The lowest rate (default 0). */
  readonly etaMin?: number;
}

/** lr = etaMin + (base − etaMin)·(1 + cos(π·epoch/tMax))/2, falling and rising again. Loshchilov & Hutter 2017, without restarts. */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number;
  readonly etaMin: number;

  constructor(optimizer: Optimizer, options: CosineOptions) {
    super("CosineAnnealingLR", optimizer);
    checkOptions("CosineAnnealingLR", options ?? null, ["tMax", "etaMin"]);
    this.tMax = options.tMax;
    this.etaMin = options.etaMin ?? 0;
    this.check("CosineAnnealingLR");
    this.apply();
  }

  protected override check(where: string): void {
    checkCount(where, "tMax", this.tMax, 1);
    checkFinite(where, "etaMin", this.etaMin);
  }

  protected override saved(): Readonly<Record<string, string>> {
    return { ...super.saved(), T_max: "tMax", eta_min: "etaMin" };
  }

  protected override rate(lr: number, baseLr: number): number {
    const { lastEpoch: epoch, tMax: T, etaMin } = this;
    if (epoch === 0) return lr;
    if ((epoch - 1 - T) % (2 * T) === 0) return lr + ((baseLr - etaMin) * (1 - cos(Math.PI / T))) / 2;
    return ((1 + cos((Math.PI * epoch) / T)) / (1 + cos((Math.PI * (epoch - 1)) / T))) * (lr - etaMin) + etaMin;
  }
}

/** A factor for each epoch, counted from 0. */
export type Factor = (epoch: number) => number;

export interface LambdaOptions {
  /** Factor on the base rate by epoch; one for all groups, or one for each. */
  readonly lrLambda: Factor | readonly Factor[];
}

/** lr = base·lrLambda(epoch). */
export class LambdaLR extends LRScheduler {
  private readonly factors: readonly Factor[];

  constructor(optimizer: Optimizer, options: LambdaOptions) {
    super("LambdaLR", optimizer);
    checkOptions("LambdaLR", options ?? null, ["lrLambda"]);
    const { lrLambda } = options;
    this.factors = Array.isArray(lrLambda)
      ? [...(lrLambda as readonly Factor[])]
      : optimizer.paramGroups.map(() => lrLambda as Factor);
    this.check("LambdaLR");
    this.apply();
  }

  protected override check(where: string): void {
    const wrong = this.factors.find((factor) => typeof factor !== "function");
    if (wrong !== undefined || this.factors.length === 0) {
      throw new OptionError(
        `${where}: expected lrLambda to be a function (epoch) => factor, or one for each group, got ${describe(wrong)}`,
      );
    }
    if (this.factors.length === this.lastLrs.length) return;
    throw new OptionError(
      `${where}: expected one lrLambda for each of ${this.lastLrs.length} groups, got ${this.factors.length}`,
    );
  }

  protected override rate(_lr: number, baseLr: number, group: number): number {
    const factor = (this.factors[group] as Factor)(this.lastEpoch);
    checkFinite("LambdaLR.step", `lrLambda(${this.lastEpoch})`, factor);
    return baseLr * factor;
  }
}
