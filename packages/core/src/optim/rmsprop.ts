import type { RmspropScalars } from "../kernels/index.js";
import type { Update } from "../tensor/session.js";
import { type GroupOptions, Optimizer, type ParamGroup, type ParamsArgument, type State } from "./optimizer.js";

export interface RmspropOptions extends GroupOptions {
  /** Learning rate (default 0.01). */
  lr: number;
  /** Share α of the mean square that is kept from step to step (default 0.99). */
  alpha: number;
  /** Added to the denominator (default 1e−8). */
  eps: number;
  /** Factor λ of an L2 penalty (default 0). */
  weightDecay: number;
  /** Share μ of the last step that is added to the next (default 0). */
  momentum: number;
  /** Divide by the standard deviation rather than the root of the mean square (default false). */
  centered: boolean;
  /** Climb instead of descend (default false). */
  maximize: boolean;
}

const rmspropDefaults: RmspropOptions = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
};

/**
 * RMSprop. With gradient g (plus λp for a penalty λ):
 *
 *   s ← αs + (1 − α)g²;  p ← p − lr·g/(√s + eps)
 *
 * centred: a ← αa + (1 − α)g and √(s − a²) in the place of √s; with momentum: b ← μb + g/(√s + eps), p ← p − lr·b.
 * Tieleman & Hinton 2012, lecture 6e; Graves 2013 (centred). Defaults and order of rounding are `torch.optim.RMSprop`'s.
 *
 * @throws OptionError for an empty list, something that is no parameter, or options unknown or out of range
 */
export class RMSprop extends Optimizer<RmspropOptions> {
  constructor(params: ParamsArgument<RmspropOptions>, options: Partial<RmspropOptions> = {}) {
    super("RMSprop", params, options, rmspropDefaults);
  }

  protected override stateNames(): readonly string[] {
    return ["square_avg", "momentum_buffer", "grad_avg"];
  }

  protected override updateOf(state: State, group: ParamGroup<RmspropOptions>): Update {
    const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = group;
    const square = this.moment(state, "square_avg");
    const mean = centered ? this.moment(state, "grad_avg") : null;
    const buffer = momentum > 0 ? this.moment(state, "momentum_buffer") : null;
    const scalars: RmspropScalars = { lr, alpha, eps, weightDecay, momentum, sign: maximize ? -1 : 1 };
    return { kernel: "rmsprop", moments: [square, mean, buffer], rest: [scalars] };
  }
}
