import type { Update } from "../tensor/session.js";
import type { Tensor } from "../tensor.js";
import { type GroupOptions, Optimizer, type ParamGroup, type ParamsArgument, type State } from "./optimizer.js";

export interface AdagradOptions extends GroupOptions {
  /** Learning rate (default 0.01). */
  lr: number;
  /** How fast the learning rate falls: lr/(1 + (t − 1)·lrDecay) at step t (default 0). */
  lrDecay: number;
  /** Factor λ of an L2 penalty (default 0). */
  weightDecay: number;
  /** What the sum of squares starts from (default 0). */
  initialAccumulatorValue: number;
  /** Added to the denominator (default 1e−10). */
  eps: number;
  /** Climb instead of descend (default false). */
  maximize: boolean;
}

const adagradDefaults: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
};

/**
 * Adagrad. With gradient g (plus λp for a penalty λ) at step t = 1, 2, …:
 *
 *   s ← s + g²;  p ← p − lr/(1 + (t − 1)·lrDecay) · g/(√s + eps)
 *
 * Duchi, Hazan & Singer 2011. Defaults and order of rounding are `torch.optim.Adagrad`'s.
 *
 * @throws OptionError for an empty list, something that is no parameter, or options unknown or out of range
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(params: ParamsArgument<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super("Adagrad", params, options, adagradDefaults);
  }

  /** Adds a group; its sums of squares are part of the state dictionary from now on, as in PyTorch. */
  override addParamGroup(group: Partial<AdagradOptions> & { readonly params: Tensor | Iterable<Tensor> }): void {
    super.addParamGroup(group);
    const added = this.paramGroups.at(-1) as ParamGroup<AdagradOptions>;
    for (const x of added.params) this.moment(this.stateOf(x), "sum", added.initialAccumulatorValue);
  }

  protected override stateNames(): readonly string[] {
    return ["sum"];
  }

  protected override updateOf(state: State, group: ParamGroup<AdagradOptions>): Update {
    const rate = group.lr / (1 + (state.step - 1) * group.lrDecay);
    const sum = this.moment(state, "sum", group.initialAccumulatorValue);
    const rest = [rate, group.eps, group.weightDecay, group.maximize ? -1 : 1];
    return { kernel: "adagrad", moments: [sum], rest };
  }
}
