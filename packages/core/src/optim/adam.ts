import { checkBelowOne, describe, OptionError } from "../errors.js";
import type { AdamScalars } from "../kernels/index.js";
import { powInteger } from "../math/power.js";
import type { Update } from "../tensor/session.js";
import { type GroupOptions, Optimizer, type ParamGroup, type ParamsArgument, type State } from "./optimizer.js";

export interface AdamOptions extends GroupOptions {
  /** Learning rate (default 0.001). */
  lr: number;
  /** How much of the two moments is kept from step to step (default [0.9, 0.999]). */
  betas: readonly [number, number];
  /** Added to the denominator (default 1e−8). */
  eps: number;
  /** Adam: factor λ of an L2 penalty (default 0). AdamW: share of a parameter taken off at each step, times lr (default 0.01). */
  weightDecay: number;
  /** Divide by the largest second moment so far (default false). */
  amsgrad: boolean;
  /** Climb instead of descend (default false). */
  maximize: boolean;
}

const adamDefaults: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** 1 − βᵗ. Parameters of one group share β and mostly t, so the last answer is kept. */
export function biasCorrection(): (beta: number, t: number) => number {
  let [lastBeta, lastT, last] = [Number.NaN, 0, 0];
  return (beta, t) => {
    // βᵗ ≤ e^(t(β − 1)), and what is less than e^−38 is lost beside 1.
    if (t * (beta - 1) < -38) return 1;
    if (beta !== lastBeta || t !== lastT) [lastBeta, lastT, last] = [beta, t, 1 - powInteger(beta, t)];
    return last;
  };
}

/** What Adam and AdamW share: all but where the decay goes. */
abstract class AdamFamily extends Optimizer<AdamOptions> {
  readonly #correction1 = biasCorrection();
  readonly #correction2 = biasCorrection();

  /** The decay's two forms: a penalty λ on the gradient, or a factor on the parameter. */
  protected abstract decay(group: AdamOptions): { readonly weightDecay: number; readonly shrink: number };

  protected override checkGroup(where: string, group: AdamOptions): void {
    super.checkGroup(where, group);
    if (!Array.isArray(group.betas) || group.betas.length !== 2) {
      throw new OptionError(`${where}: expected betas to be two numbers in [0, 1), got ${describe(group.betas)}`);
    }
    checkBelowOne(where, "betas[0]", group.betas[0]);
    checkBelowOne(where, "betas[1]", group.betas[1]);
  }

  protected override stateNames(): readonly string[] {
    return ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];
  }

  protected override updateOf(state: State, group: ParamGroup<AdamOptions>): Update {
    const [beta1, beta2] = group.betas;
    const m = this.moment(state, "exp_avg");
    const v = this.moment(state, "exp_avg_sq");
    const largest = group.amsgrad ? this.moment(state, "max_exp_avg_sq") : null;
    const { weightDecay, shrink } = this.decay(group);
    const scalars: AdamScalars = {
      beta1,
      beta2,
      eps: group.eps,
      stepSize: group.lr / this.#correction1(beta1, state.step),
      bias2Root: Math.sqrt(this.#correction2(beta2, state.step)),
      weightDecay,
      shrink,
      sign: group.maximize ? -1 : 1,
    };
    return { kernel: "adam", moments: [m, v, largest], rest: [scalars] };
  }
}

/**
 * Adam. With gradient g (plus λp for a penalty λ) at step t = 1, 2, …:
 *
 *   m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  p ← p − lr·m̂/(√v̂ + eps)
 *
 * where m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ); with amsgrad, v̂ is made of the largest v so far.
 * Kingma & Ba 2015; Reddi, Kale & Kumar 2018 (amsgrad). Defaults and order of rounding are `torch.optim.Adam`'s.
 *
 * @throws OptionError for an empty list, something that is no parameter, or options unknown or out of range
 */
export class Adam extends AdamFamily {
  constructor(params: ParamsArgument<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super("Adam", params, options, adamDefaults);
  }

  protected override decay({ weightDecay }: AdamOptions): { weightDecay: number; shrink: number } {
    return { weightDecay, shrink: 1 };
  }
}

/**
 * AdamW: {@link Adam} whose decay does not go through the moments: p ← p·(1 − lr·λ) first, then Adam's step.
 * Loshchilov & Hutter 2019. Defaults and order of rounding are `torch.optim.AdamW`'s.
 *
 * @throws OptionError for an empty list, something that is no parameter, or options unknown or out of range
 */
export class AdamW extends AdamFamily {
  constructor(params: ParamsArgument<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super("AdamW", params, options, { ...adamDefaults, weightDecay: 1e-2 });
  }

  protected override decay({ lr, weightDecay }: AdamOptions): { weightDecay: number; shrink: number } {
    return { weightDecay: 0, shrink: 1 - lr * weightDecay };
  }
}
