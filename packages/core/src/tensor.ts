/**
 * Tensor: numbers, a shape and, when asked for, a gradient. Methods check their arguments and hand over to ops.
 *
 * The class is built in storeys, a file each: `tensor/numbers.ts`, `tensor/core.ts` (gradients, changes in place), `tensor/views.ts`,
 * `tensor/arithmetic.ts`, and here what makes one number out of many.
 *
 * @module
 */
import type { NdArray } from "./array.js";
import { checkFloating } from "./dtype.js";
import { checkBoolean, checkOptions, checkPositive } from "./errors.js";
import { gather } from "./ops/gather.js";
import type { Op } from "./ops/op.js";
import * as reduce from "./ops/reduce.js";
import { logSoftmax, softmax } from "./ops/softmax.js";
import { checkAxis } from "./shape.js";
import { TensorArithmetic } from "./tensor/arithmetic.js";
import { apply } from "./tensor/core.js";
import { axisList } from "./tensor/views.js";

export { checkedValue } from "./tensor/arithmetic.js";
export { apply, applyMulti, checkTensor, enableGrad, noGrad, recall, recallMulti } from "./tensor/core.js";
export type { Index, NestedArray, Slice } from "./tensor/numbers.js";

/**
 * An array of numbers with a shape, a dtype and, when asked for, a gradient; PyTorch's `torch.Tensor` with its names in camelCase.
 * Made by `tensor`, `zeros`, `rand`, …; never needs to be disposed of.
 */
export class Tensor extends TensorArithmetic {
  override create(array: NdArray): Tensor {
    return new Tensor(array);
  }

  sum(axis?: number | readonly number[], options?: { readonly keepdim?: boolean }): Tensor {
    return apply(reduce.sum, [this], reduceAttrs("sum", this, axis, options));
  }

  mean(axis?: number | readonly number[], options?: { readonly keepdim?: boolean }): Tensor {
    checkFloating("mean", this.dtype);
    const attrs = reduceAttrs("mean", this, axis, options);
    return apply(reduce.sum, [this], attrs).div(reduce.countOver(this.shape, attrs.axes));
  }

  /** Variance, divided by n − correction (default 1: unbiased). */
  var(
    axis?: number | readonly number[],
    options?: { readonly keepdim?: boolean; readonly correction?: number },
  ): Tensor {
    checkOptions("var", options, ["keepdim", "correction"]);
    checkFloating("var", this.dtype);
    const { correction = 1, ...rest } = options ?? {};
    return apply(reduce.variance, [this], { ...reduceAttrs("var", this, axis, rest), correction });
  }

  std(
    axis?: number | readonly number[],
    options?: { readonly keepdim?: boolean; readonly correction?: number },
  ): Tensor {
    return this.var(axis, options).sqrt();
  }

  /** (Σ |x|ᵖ)^(1/p); p = 2 by default, Infinity for the largest size. */
  norm(options?: {
    readonly p?: number;
    readonly axis?: number | readonly number[];
    readonly keepdim?: boolean;
  }): Tensor {
    checkOptions("norm", options, ["p", "axis", "keepdim"]);
    const { p = 2, axis, keepdim = false } = options ?? {};
    checkPositive("norm", "p", p);
    const attrs = reduceAttrs("norm", this, axis, { keepdim });
    if (p === 2) return apply(reduce.euclideanNorm, [this.floating()], attrs);
    if (p === 1) return this.floating().abs().sum(axis, { keepdim });
    return apply(reduce.powerNorm, [this.floating()], { ...attrs, p });
  }

  cumsum(axis: number): Tensor {
    return apply(reduce.cumulativeSum, [this], { axis: checkAxis("cumsum", axis, this.ndim) });
  }

  /** The largest element, or with an axis the largest along it and where each stands (the first at a tie). */
  max(): Tensor;
  max(axis: number, options?: { readonly keepdim?: boolean }): { values: Tensor; indices: Tensor };
  max(axis?: number, options?: { readonly keepdim?: boolean }): Tensor | { values: Tensor; indices: Tensor } {
    return axis === undefined ? apply(reduce.maxOfAll, [this], undefined) : alongAxis("max", this, axis, options);
  }

  /** The smallest element, or with an axis the smallest along it and where each stands (the first at a tie). */
  min(): Tensor;
  min(axis: number, options?: { readonly keepdim?: boolean }): { values: Tensor; indices: Tensor };
  min(axis?: number, options?: { readonly keepdim?: boolean }): Tensor | { values: Tensor; indices: Tensor } {
    return axis === undefined ? apply(reduce.minOfAll, [this], undefined) : alongAxis("min", this, axis, options);
  }

  /** Where the largest element stands: in the flattened tensor, or along an axis. */
  argmax(axis?: number, options?: { readonly keepdim?: boolean }): Tensor {
    return argument("argmax", this, axis, options);
  }

  argmin(axis?: number, options?: { readonly keepdim?: boolean }): Tensor {
    return argument("argmin", this, axis, options);
  }

  softmax(axis: number): Tensor {
    return alongLast("softmax", this, axis, softmax);
  }

  logSoftmax(axis: number): Tensor {
    return alongLast("logSoftmax", this, axis, logSoftmax);
  }
}

function reduceAttrs(
  where: string,
  x: Tensor,
  axis: number | readonly number[] | undefined,
  options: { readonly keepdim?: boolean } | undefined,
): reduce.ReduceAttrs {
  const listed = axis === undefined ? [] : axisList(where, axis, x.ndim);
  // As in PyTorch, no axis at all means all of them.
  return { axes: listed.length === 0 ? [...x.shape.keys()] : listed, keepdim: keepdimOf(where, options) };
}

function keepdimOf(where: string, options: { readonly keepdim?: boolean } | undefined): boolean {
  checkOptions(where, options, ["keepdim"]);
  const { keepdim = false } = options ?? {};
  checkBoolean(where, "keepdim", keepdim);
  return keepdim;
}

function argument(
  name: "argmax" | "argmin",
  x: Tensor,
  axis: number | undefined,
  options: { readonly keepdim?: boolean } | undefined,
): Tensor {
  const keepdim = keepdimOf(name, options);
  if (axis === undefined) return new Tensor(reduce.argExtremum(name, x.detach().flatten().array, 0, false));
  return new Tensor(reduce.argExtremum(name, x.array, checkAxis(name, axis, x.ndim), keepdim));
}

function alongAxis(
  name: "max" | "min",
  x: Tensor,
  axis: number,
  options: { readonly keepdim?: boolean } | undefined,
): { values: Tensor; indices: Tensor } {
  const a = checkAxis(name, axis, x.ndim);
  const keepdim = keepdimOf(name, options);
  const index = reduce.argExtremum(name === "max" ? "argmax" : "argmin", x.array, a, true);
  const values = apply(gather, [x], { axis: a, index });
  const indices = new Tensor(index);
  return keepdim || x.ndim === 0 ? { values, indices } : { values: values.squeeze(a), indices: indices.squeeze(a) };
}

/** Runs an op that works on rows along any axis. */
function alongLast(where: string, x: Tensor, axis: number, op: Op): Tensor {
  checkFloating(where, x.dtype);
  const a = checkAxis(where, axis, x.ndim);
  if (x.ndim === 0 || a === x.ndim - 1) return apply(op, [x], undefined);
  return apply(op, [x.transpose(a, -1)], undefined).transpose(a, -1);
}
