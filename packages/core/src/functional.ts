/**
 * Layers and losses as functions, PyTorch's `torch.nn.functional`.
 *
 * Shapes: N batch, C classes, I input, O output; `…` any number of axes. Wherever whole indices are meant, a plain
 * (nested) `number[]` does as well as an integer tensor.
 *
 * @module
 */
import { emptyArray, fullArray } from "./array.js";
import { checkDType, type DType, isFloat } from "./dtype.js";
import {
  checkChoice,
  checkOptions,
  checkShare,
  DTypeError,
  describe,
  OptionError,
  ShapeError,
  shapeText,
} from "./errors.js";
import { type Indices, indicesOf, oneHotRows } from "./indices.js";
import { checkIndices, rows } from "./ops/gather.js";
import { linear as linearOp } from "./ops/matmul.js";
import * as norm from "./ops/norm.js";
import { fillBernoulli, type Generator, generatorOf } from "./random/index.js";
import { checkIndex, checkShape, sameShape, sizeOf } from "./shape.js";
import { apply, checkTensor, recall, Tensor } from "./tensor.js";

export { binaryCrossEntropy, binaryCrossEntropyWithLogits, crossEntropy, l1Loss, mseLoss, nllLoss } from "./losses.js";

/** y = x·Wᵀ + b for x (…, I), weight (O, I), bias (O); y (…, O). */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const known = recall(linearOp, 0, x, weight, bias ?? null);
  if (known !== null) return known;
  checkTensor("linear", x);
  checkTensor("linear", weight);
  checkSameDType("linear", x, weight, "input", "weight");
  if (x.ndim === 0 || weight.ndim !== 2 || x.shape.at(-1) !== weight.shape[1]) {
    throw new ShapeError(
      `linear: expected shapes […, I] and [O, I] of input and weight, got ${shapeText(x.shape)} and ${shapeText(weight.shape)}, which cannot be multiplied`,
    );
  }
  if (!bias) return apply(linearOp, [x, weight], undefined);
  if (bias.ndim !== 1 || bias.shape[0] !== weight.shape[0]) {
    throw new ShapeError(`linear: expected a bias of shape [${weight.shape[0]}], got ${shapeText(bias.shape)}`);
  }
  return apply(linearOp, [x, weight, bias], undefined);
}

/** @throws DTypeError in PyTorch's words when two dtypes differ; `orElse` is what else helps when the first holds whole numbers */
export function checkSameDType(where: string, a: Tensor, b: Tensor, nameA: string, nameB: string, orElse = ""): void {
  if (a.dtype === b.dtype && isFloat(a.dtype)) return;
  const wanted = isFloat(b.dtype) ? b.dtype : "float32";
  throw new DTypeError(
    `${where}: ${nameA} dtype (${a.dtype}) does not match ${nameB} dtype (${b.dtype}). ` +
      `Convert the ${nameA} with .to("${wanted}")${isFloat(a.dtype) ? `, or the module with .to("${a.dtype}")` : orElse}`,
  );
}

/** Rows of `weight` (V, E) by index; the result has the indices' shape followed by E. The row `paddingIdx` gets no gradient. */
export function embedding(input: Indices, weight: Tensor, options?: { readonly paddingIdx?: number }): Tensor {
  checkOptions("embedding", options, ["paddingIdx"]);
  checkTensor("embedding", weight);
  if (weight.ndim !== 2)
    throw new ShapeError(`embedding: expected a weight of 2 dimensions, got shape ${shapeText(weight.shape)}`);
  const { index, shape } = indicesOf("embedding", input);
  const V = weight.shape[0] as number;
  checkIndices("embedding", index, V);
  const { paddingIdx } = options ?? {};
  const paddingIndex = paddingIdx === undefined ? -1 : checkIndex("embedding: paddingIdx", paddingIdx, V);
  return apply(rows, [weight], { index, indexShape: shape, paddingIndex });
}

/** 1 at each index, 0 elsewhere: indices (…) → (…, C), int64 unless `dtype` says otherwise. C is the largest index + 1 by default. */
export function oneHot(input: Indices, numClasses?: number, options?: { readonly dtype?: DType }): Tensor {
  checkOptions("oneHot", options, ["dtype"]);
  const { index, shape } = indicesOf("oneHot", input);
  const classes = numClasses ?? index.reduce((most, i) => Math.max(most, i + 1), Math.min(index.length, 1));
  const dtype = options?.dtype ?? "int64";
  checkDType("oneHot", dtype);
  if (!Number.isInteger(classes) || classes < 1)
    throw new OptionError(`oneHot: expected at least one class, got ${describe(numClasses)}`);
  checkIndices("oneHot", index, classes);
  return oneHotRows(index, shape, classes, dtype);
}

/** e^(xᵢ)/Σ e^(xₖ) along an axis. */
export const softmax = (x: Tensor, axis: number): Tensor => asTensor("softmax", x).softmax(axis);

/** xᵢ − ln Σ e^(xₖ) along an axis. */
export const logSoftmax = (x: Tensor, axis: number): Tensor => asTensor("logSoftmax", x).logSoftmax(axis);

export const relu = (x: Tensor): Tensor => asTensor("relu", x).relu();
export const tanh = (x: Tensor): Tensor => asTensor("tanh", x).tanh();
export const sigmoid = (x: Tensor): Tensor => asTensor("sigmoid", x).sigmoid();

function asTensor(where: string, x: Tensor): Tensor {
  checkTensor(where, x);
  return x;
}

/** x·Φ(x), or its tanh approximation with { approximate: "tanh" }. */
export function gelu(x: Tensor, options?: { readonly approximate?: "none" | "tanh" }): Tensor {
  checkTensor("gelu", x);
  checkOptions("gelu", options, ["approximate"]);
  const { approximate = "none" } = options ?? {};
  checkChoice("gelu", "approximate", approximate, ["none", "tanh"]);
  return apply(approximate === "tanh" ? norm.geluTanh : norm.gelu, [x], undefined);
}

export interface DropoutOptions {
  /** Probability of an element being zeroed (default 0.5). */
  readonly p?: number;
  /** Whether to drop at all (default true). */
  readonly training?: boolean;
  readonly generator?: Generator;
}

/** Zeroes each element with probability p and divides the others by 1 − p; PyTorch's masks under the same seed. */
export function dropout(x: Tensor, options?: DropoutOptions): Tensor {
  checkTensor("dropout", x);
  checkOptions("dropout", options, ["p", "training", "generator"]);
  const { p = 0.5, training = true } = options ?? {};
  checkProbability("dropout", p);
  if (!training || p === 0 || x.numel() === 0) return x;
  if (p === 1) return x.mul(0);
  const noise = emptyArray(x.dtype, x.shape);
  fillBernoulli(noise.data, 1 - p, generatorOf("dropout", options));
  const scale = x.dtype === "float32" ? Math.fround(1 - p) : 1 - p;
  for (let i = 0; i < noise.data.length; i++) noise.data[i] = (noise.data[i] as number) / scale;
  return x.mul(new Tensor(noise));
}

/** @throws OptionError unless 0 ≤ p ≤ 1 */
export function checkProbability(where: string, p: unknown): asserts p is number {
  checkShare(where, "p, the probability of an element being zeroed,", p);
}

/** (x − mean)/√(var + eps)·weight + bias over the trailing axes `normalizedShape`. */
export function layerNorm(
  x: Tensor,
  normalizedShape: readonly number[],
  weight?: Tensor | null,
  bias?: Tensor | null,
  options?: { readonly eps?: number },
): Tensor {
  checkTensor("layerNorm", x);
  checkOptions("layerNorm", options, ["eps"]);
  checkShape("layerNorm: normalizedShape", normalizedShape);
  const trailing = x.shape.slice(Math.max(x.ndim - normalizedShape.length, 0));
  if (normalizedShape.length === 0 || !sameShape(trailing, normalizedShape)) {
    throw new ShapeError(
      `layerNorm: expected an input ending in ${shapeText(normalizedShape)}, got ${shapeText(x.shape)}`,
    );
  }
  for (const [name, value] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (!value) continue;
    checkSameDType("layerNorm", x, value, "input", name);
    if (!sameShape(value.shape, normalizedShape)) {
      throw new ShapeError(
        `layerNorm: expected a ${name} of shape ${shapeText(normalizedShape)}, got ${shapeText(value.shape)}`,
      );
    }
  }
  const affine = weight ?? (bias ? new Tensor(fullArray(x.dtype, normalizedShape, 1)) : null);
  const inputs = [x, affine, bias].filter((input) => input) as Tensor[];
  const attrs = {
    width: sizeOf(normalizedShape),
    eps: options?.eps ?? 1e-5,
    affine: affine !== null,
    bias: Boolean(bias),
  };
  return apply(norm.layerNorm, inputs, attrs);
}
