/**
 * Losses as modules: options given once, `forward(input, target)` many times. Weights are buffers, as in PyTorch: they follow
 * `to("float64")` and are part of the state dictionary.
 *
 * @module
 */
import { checkOptions, checkShare, OptionError } from "../errors.js";
import type { Indices } from "../indices.js";
import {
  type BceWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type CrossEntropyOptions,
  checkReduction,
  l1Loss,
  likelihood,
  mseLoss,
  type NllOptions,
  type Reduction,
  type ReductionOptions,
} from "../losses.js";
import type { Tensor } from "../tensor.js";
import { Module } from "./module.js";

/** What all losses have: how the losses of single elements are put together. */
abstract class Loss extends Module {
  readonly reduction: Reduction;

  constructor(where: string, options: ReductionOptions, known: readonly string[]) {
    super();
    checkOptions(where, options, known);
    const { reduction = "mean" } = options;
    checkReduction(where, reduction);
    this.reduction = reduction;
  }

  protected keep(name: string, weight: Tensor | null | undefined): void {
    if (weight !== null && weight !== undefined) this.registerBuffer(name, weight);
  }
}

/**
 * −ln softmax(x)[target] for logits x (N, C), (N, C, d…) or (C).
 *
 * Target: classes (N), (N, d…) or a number, or probabilities (one-hot among them) in the shape of the input. Options: `weight` (C),
 * `ignoreIndex` (default −100), `labelSmoothing` (default 0), `reduction` (default "mean").
 *
 * @throws ShapeError when target and input do not fit together or a class lies outside [0, C)
 */
export class CrossEntropyLoss extends Loss {
  declare readonly weight?: Tensor;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyOptions = {}) {
    super("CrossEntropyLoss", options, ["weight", "ignoreIndex", "labelSmoothing", "reduction"]);
    const { weight, ignoreIndex = -100, labelSmoothing = 0 } = options;
    checkIgnored("CrossEntropyLoss", ignoreIndex);
    checkShare("CrossEntropyLoss", "labelSmoothing", labelSmoothing);
    this.ignoreIndex = ignoreIndex;
    this.labelSmoothing = labelSmoothing;
    this.keep("weight", weight);
  }

  override forward(input: Tensor, target: Indices): Tensor {
    const { weight = null, ignoreIndex, labelSmoothing, reduction } = this;
    return likelihood("crossEntropy", input, target, reduction, weight, ignoreIndex, labelSmoothing);
  }
}

/**
 * −lp[target] for log-probabilities lp (N, C), (N, C, d…) or (C) and classes as target.
 * Options: `weight` (C), `ignoreIndex` (default −100), `reduction` (default "mean").
 *
 * @throws ShapeError when target and input do not fit together or a class lies outside [0, C)
 */
export class NLLLoss extends Loss {
  declare readonly weight?: Tensor;
  readonly ignoreIndex: number;

  constructor(options: NllOptions = {}) {
    super("NLLLoss", options, ["weight", "ignoreIndex", "reduction"]);
    const { weight, ignoreIndex = -100 } = options;
    checkIgnored("NLLLoss", ignoreIndex);
    this.ignoreIndex = ignoreIndex;
    this.keep("weight", weight);
  }

  override forward(input: Tensor, target: Indices): Tensor {
    const { weight = null, ignoreIndex, reduction } = this;
    return likelihood("nllLoss", input, target, reduction, weight, ignoreIndex, 0);
  }
}

function checkIgnored(where: string, ignoreIndex: unknown): void {
  if (!Number.isInteger(ignoreIndex))
    throw new OptionError(`${where}: expected ignoreIndex to be a whole number, got ${ignoreIndex}`);
}

/**
 * −y·ln x − (1 − y)·ln(1 − x) for probabilities x and targets y of one shape, logarithms held at −100.
 * Options: `weight`, broadcast over the elements; `reduction` (default "mean").
 *
 * @throws OptionError when an x lies outside [0, 1]
 */
export class BCELoss extends Loss {
  declare readonly weight?: Tensor;

  constructor(options: ReductionOptions & { readonly weight?: Tensor | null } = {}) {
    super("BCELoss", options, ["weight", "reduction"]);
    this.keep("weight", options.weight);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight = null, reduction } = this;
    return binaryCrossEntropy(input, target, { weight, reduction });
  }
}

/**
 * (1 − y)·x + (1 + (p − 1)·y)·ln(1 + e⁻ˣ) for logits x and targets y of one shape: binary cross-entropy of σ(x), without overflow.
 * Options: `weight`; `posWeight` p, the weight of the positive class; both broadcast; `reduction` (default "mean").
 */
export class BCEWithLogitsLoss extends Loss {
  declare readonly weight?: Tensor;
  /** Saved under this name; PyTorch's is `pos_weight`. */
  declare readonly pos_weight?: Tensor;

  constructor(options: BceWithLogitsOptions = {}) {
    super("BCEWithLogitsLoss", options, ["weight", "posWeight", "reduction"]);
    this.keep("weight", options.weight);
    this.keep("pos_weight", options.posWeight);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight = null, pos_weight: posWeight = null, reduction } = this;
    return binaryCrossEntropyWithLogits(input, target, { weight, posWeight, reduction });
  }
}

/** (x − y)² for x and y of one shape; `reduction` "mean" (default), "sum" or "none". */
export class MSELoss extends Loss {
  constructor(options: ReductionOptions = {}) {
    super("MSELoss", options, ["reduction"]);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, { reduction: this.reduction });
  }
}

/** |x − y| for x and y of one shape; `reduction` "mean" (default), "sum" or "none". */
export class L1Loss extends Loss {
  constructor(options: ReductionOptions = {}) {
    super("L1Loss", options, ["reduction"]);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, { reduction: this.reduction });
  }
}
