/**
 * Schedulers of the learning rate, PyTorch's `torch.optim.lr_scheduler`.
 *
 * Rates follow from the rates before, in PyTorch's recursive forms: a closed form would drift from them in the last digits. So a
 * rate that is set by hand in between is the one that goes on.
 *
 * @module
 */
import { checkCount, checkFinite, describe, OptionError } from "../errors.js";
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
  declare readonly stepSize: number;
  declare readonly gamma: number;

  constructor(optimizer: Optimizer, options: StepOptions) {
    super("StepLR", optimizer, options, { stepSize: undefined, gamma: 0.1 });
    this.start();
  }

  protected override check(where: string): void {
    checkCount(where, "stepSize", this.stepSize, 1);
    checkFinite(where, "gamma", this.gamma);
  }

  protected override saved(): readonly string[] {
    return [...super.saved(), "stepSize", "gamma"];
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
  declare readonly gamma: number;

  constructor(optimizer: Optimizer, options: ExponentialOptions) {
    super("ExponentialLR", optimizer, options, { gamma: undefined });
    this.start();
  }

  protected override check(where: string): void {
    checkFinite(where, "gamma", this.gamma);
  }

  protected override saved(): readonly string[] {
    return [...super.saved(), "gamma"];
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
  declare readonly tMax: number;
  declare readonly etaMin: number;

  constructor(optimizer: Optimizer, options: CosineOptions) {
    super("CosineAnnealingLR", optimizer, options, { tMax: undefined, etaMin: 0 });
    this.start();
  }

  protected override check(where: string): void {
    checkCount(where, "tMax", this.tMax, 1);
    checkFinite(where, "etaMin", this.etaMin);
  }

  protected override saved(): readonly string[] {
    return [...super.saved(), "tMax", "etaMin"];
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
  declare private readonly lrLambda: Factor | readonly Factor[];
  #factors!: readonly Factor[];

  constructor(optimizer: Optimizer, options: LambdaOptions) {
    super("LambdaLR", optimizer, options, { lrLambda: undefined });
    this.start();
  }

  protected override check(where: string): void {
    this.#factors = this.forEachGroup(where, "lrLambda", this.lrLambda);
    for (const factor of this.#factors) {
      if (typeof factor === "function") continue;
      throw new OptionError(
        `${where}: expected lrLambda to be a function (epoch) => factor, or one for each group, got ${describe(factor)}`,
      );
    }
  }

  protected override rate(_lr: number, baseLr: number, group: number): number {
    const factor = (this.#factors[group] as Factor)(this.lastEpoch);
    checkFinite("LambdaLR.step", `lrLambda(${this.lastEpoch})`, factor);
    return baseLr * factor;
  }
}
