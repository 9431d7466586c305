import { checkFinite, OptionError } from "../errors.js";
import type { SgdScalars } from "../kernels/index.js";
import type { Update } from "../tensor/session.js";
import { type GroupOptions, Optimizer, type ParamGroup, type ParamsArgument, type State } from "./optimizer.js";

export interface SgdOptions extends GroupOptions {
  /** Learning rate (default 0.001). */
  lr: number;
  /** Share μ of the last direction that is kept (default 0). */
  momentum: number;
  /** Share τ of the gradient that does not go into the direction (default 0). */
  dampening: number;
  /** Factor λ of an L2 penalty (default 0). */
  weightDecay: number;
  /** Nesterov's momentum (default false). */
  nesterov: boolean;
  /** Climb instead of descend (default false). */
  maximize: boolean;
}

const sgdDefaults: SgdOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
};

/**
 * Stochastic gradient descent. With gradient g (plus λp for a penalty λ):
 *
 *   p ← p − lr·g, or with momentum  b ← μb + (1 − τ)g (b = g at the first step);  p ← p − lr·b
 *
 * and with Nesterov's momentum p ← p − lr·(g + μb). Polyak 1964; Sutskever et al. 2013.
 * Defaults and order of rounding are `torch.optim.SGD`'s.
 *
 * @throws OptionError for an empty list, something that is no parameter, or options unknown or out of range
 */
export class SGD extends Optimizer<SgdOptions> {
  constructor(params: ParamsArgument<SgdOptions>, options: Partial<SgdOptions> = {}) {
    super("SGD", params, options, sgdDefaults);
  }

  protected override checkGroup(where: string, group: SgdOptions): void {
    super.checkGroup(where, { ...group, dampening: 0 });
    checkFinite(where, "dampening", group.dampening);
    if (group.nesterov && (group.momentum <= 0 || group.dampening !== 0)) {
      throw new OptionError(
        `${where}: expected momentum > 0 and dampening 0 with nesterov, got momentum ${group.momentum} and dampening ${group.dampening}`,
      );
    }
  }

  protected override stateNames(): readonly string[] {
    return ["momentum_buffer"];
  }

  protected override countsSteps(): boolean {
    return false;
  }

  protected override updateOf(state: State, group: ParamGroup<SgdOptions>): Update {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const firstStep = state.arrays.momentum_buffer === undefined;
    const buffer = momentum === 0 ? null : this.moment(state, "momentum_buffer");
    const scalars: SgdScalars = {
      lr,
      momentum,
      dampening,
      weightDecay,
      nesterov,
      firstStep,
      sign: maximize ? -1 : 1,
    };
    return { kernel: "sgd", moments: [buffer], rest: [scalars] };
  }
}
