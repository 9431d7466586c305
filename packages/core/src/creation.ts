/**
 * Making tensors: from numbers, from a rule, from random numbers.
 *
 * @module
 */
import { emptyArray, type NdArray, ndarray } from "./array.js";
import {
  arrayTypeOf,
  checkDType,
  checkFloating,
  type DType,
  dtypes,
  type FloatDType,
  type TypedArray,
} from "./dtype.js";
import { checkFinite, checkOptions, DTypeError, describe, OptionError, ShapeError, shapeText } from "./errors.js";

import { concatenate, stackFirst } from "./ops/gather.js";
import {
  multinomial as drawMultinomial,
  fillBernoulliFrom,
  fillNormal,
  fillRandint,
  fillUniform,
  type Generator,
  generatorOf,
  randpermInto,
} from "./random/index.js";
import { checkAxis, checkShape, sameShape } from "./shape.js";
import { apply, checkedValue, checkTensor, type NestedArray, recallMulti, Tensor } from "./tensor.js";

export interface TensorOptions {
  readonly dtype?: DType;
  /** Whether `backward()` shall leave a gradient in it (default false; floating dtypes only). */
  readonly requiresGrad?: boolean;
}

export interface RandomOptions extends TensorOptions {
  /** Where random numbers come from (default: the generator that `manualSeed` seeds). */
  readonly generator?: Generator;
}

const creationKeys = ["dtype", "requiresGrad"];
const randomKeys = [...creationKeys, "generator"];

/** Checks shape and options; zeros to be overwritten. */
function begun(
  where: string,
  shape: readonly number[],
  options: RandomOptions | undefined,
  keys: readonly string[],
  fallback: DType,
): NdArray {
  checkShape(where, shape);
  checkOptions(where, options, keys);
  const dtype = options?.dtype ?? fallback;
  checkDType(where, dtype);
  return emptyArray(dtype, [...shape]);
}

function finish(x: Tensor, options: TensorOptions | undefined): Tensor {
  if (options?.requiresGrad !== undefined) x.requiresGrad = options.requiresGrad;
  return x;
}

/**
 * A tensor from numbers or booleans, nested as deep as it has dimensions; or from a typed array (one dimension, its own dtype).
 * Numbers make float32, booleans bool, unless `dtype` says otherwise.
 *
 * @throws ShapeError when inner arrays differ in length
 * @throws DTypeError when an integer dtype cannot hold a value (`.to` wraps around instead)
 */
export function tensor(data: NestedArray | TypedArray | Tensor, options?: TensorOptions): Tensor {
  checkOptions("tensor", options, creationKeys);
  if (data instanceof Tensor)
    return finish(
      data
        .detach()
        .clone()
        .to(options?.dtype ?? data.dtype),
      options,
    );
  // From the last on: a Float64Array holds float64 rather than int64, a Uint8Array uint8 rather than bool.
  const own = ArrayBuffer.isView(data) && dtypes.findLast((dtype) => data instanceof arrayTypeOf(dtype));
  if (own) return fromFlat(Array.from(data as TypedArray), [(data as TypedArray).length], own, options);
  const shape = shapeOfNested(data as NestedArray);
  const flat: (number | boolean)[] = [];
  flatten(data as NestedArray, shape, 0, flat);
  const booleans = flat.length > 0 && flat.every((value) => typeof value === "boolean");
  return fromFlat(flat, shape, booleans ? "bool" : "float32", options);
}

function fromFlat(
  flat: readonly (number | boolean)[],
  shape: readonly number[],
  own: DType,
  options: TensorOptions | undefined,
): Tensor {
  const y = begun("tensor", shape, options, creationKeys, own);
  flat.forEach((value, i) => {
    y.data[i] = checkedValue("tensor", value, y.dtype);
  });
  return finish(new Tensor(y), options);
}

function shapeOfNested(data: NestedArray): number[] {
  const shape: number[] = [];
  let inner = data;
  while (Array.isArray(inner)) {
    shape.push(inner.length);
    if (inner.length === 0) break;
    inner = inner[0] as NestedArray;
  }
  return shape;
}

function flatten(data: NestedArray, shape: readonly number[], axis: number, into: (number | boolean)[]): void {
  if (axis === shape.length) {
    if (typeof data === "number" || typeof data === "boolean") into.push(data);
    else
      throw Array.isArray(data)
        ? ragged(data, shape, axis)
        : new OptionError(`tensor: expected numbers or booleans, got ${describe(data)}`);
    return;
  }
  if (!Array.isArray(data) || data.length !== shape[axis]) throw ragged(data, shape, axis);
  for (const inner of data as readonly NestedArray[]) flatten(inner, shape, axis + 1, into);
}

function ragged(data: unknown, shape: readonly number[], axis: number): ShapeError {
  const wanted = axis < shape.length ? `an array of length ${shape[axis]}` : "a number";
  return new ShapeError(
    `tensor: expected ${wanted} at depth ${axis}, as in the first entry (shape ${shapeText(shape)}), got ${describe(data)}. Pad rows to one length`,
  );
}

export function zeros(shape: readonly number[], options?: TensorOptions): Tensor {
  return filled("zeros", shape, 0, options);
}

export function ones(shape: readonly number[], options?: TensorOptions): Tensor {
  return filled("ones", shape, 1, options);
}

export function full(shape: readonly number[], value: number, options?: TensorOptions): Tensor {
  return filled("full", shape, value, options);
}

function filled(where: string, shape: readonly number[], value: number, options: TensorOptions | undefined): Tensor {
  const y = begun(where, shape, options, creationKeys, "float32");
  const checked = checkedValue(where, value, y.dtype);
  if (checked !== 0) y.data.fill(checked);
  // Made to be filled, in all likelihood: parts read before the first change count as parts that may be overwritten.
  y.memory.version = 1;
  return finish(new Tensor(y), options);
}

/** `arange(stop)`, `arange(start, stop)`, `arange(start, stop, step)`; int64 when all are whole numbers, else float32. */
export function arange(start: number, stop?: number, step = 1, options?: TensorOptions): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  for (const value of [from, to, step]) checkFinite("arange", "each argument", value);
  if (step === 0 || (to - from) / step < 0) {
    throw new OptionError(`arange: expected a step that leads from ${from} to ${to}, got ${step}`);
  }
  const dtype = [from, to, step].every(Number.isInteger) ? "int64" : "float32";
  const y = begun("arange", [Math.ceil((to - from) / step)], options, creationKeys, dtype);
  for (let i = 0; i < y.data.length; i++) y.data[i] = checkedValue("arange", from + i * step, y.dtype);
  return finish(new Tensor(y), options);
}

/** n×n (or n×m), ones on the diagonal. */
export function eye(n: number, m = n, options?: TensorOptions): Tensor {
  const y = begun("eye", [n, m], options, creationKeys, "float32");
  for (let i = 0; i < Math.min(n, m); i++) y.data[i * m + i] = 1;
  return finish(new Tensor(y), options);
}

function floating(where: string, dtype: DType): asserts dtype is "float32" | "float64" {
  checkFloating(where, dtype, "Use randint for whole numbers");
}

function drawn(
  where: string,
  shape: readonly number[],
  options: RandomOptions | undefined,
  fill: typeof fillUniform,
): Tensor {
  const y = begun(where, shape, options, randomKeys, "float32");
  floating(where, y.dtype);
  fill(y.dtype as FloatDType, y.data as Float32Array, 0, 1, generatorOf(where, options));
  return finish(new Tensor(y), options);
}

/** Uniform on [0, 1), PyTorch's numbers under the same seed. */
export function rand(shape: readonly number[], options?: RandomOptions): Tensor {
  return drawn("rand", shape, options, fillUniform);
}

/** Standard normal, PyTorch's numbers under the same seed. */
export function randn(shape: readonly number[], options?: RandomOptions): Tensor {
  return drawn("randn", shape, options, fillNormal);
}

/** Whole numbers from low (included) to high (not included); int64 unless `dtype` says otherwise. */
export function randint(low: number, high: number, shape: readonly number[], options?: RandomOptions): Tensor {
  const y = begun("randint", shape, options, randomKeys, "int64");
  const drawn = new Float64Array(y.data.length);
  fillRandint(drawn, low, high, generatorOf("randint", options));
  for (let i = 0; i < drawn.length; i++) y.data[i] = checkedValue("randint", drawn[i], y.dtype);
  return finish(new Tensor(y), options);
}

/** 0 … n−1 in random order; int64. */
export function randperm(n: number, options?: RandomOptions): Tensor {
  const y = begun("randperm", [n], options, randomKeys, "int64");
  randpermInto(y.data, generatorOf("randperm", options));
  return finish(new Tensor(y), options);
}

/** 1 with the probability that stands at each place, else 0; dtype of `probabilities`. */
export function bernoulli(probabilities: Tensor, options?: { readonly generator?: Generator }): Tensor {
  checkTensor("bernoulli", probabilities);
  floating("bernoulli", probabilities.dtype);
  checkOptions("bernoulli", options, ["generator"]);
  const y = emptyArray(probabilities.dtype, probabilities.shape);
  fillBernoulliFrom(probabilities.toTypedArray() as Float32Array, y.data, generatorOf("bernoulli", options));
  return new Tensor(y);
}

/** Draws `count` indices from each row of weights (C) or (N, C), which need not sum to one; int64. */
export function multinomial(
  weights: Tensor,
  count: number,
  options?: { readonly replacement?: boolean; readonly generator?: Generator },
): Tensor {
  checkTensor("multinomial", weights);
  floating("multinomial", weights.dtype);
  checkOptions("multinomial", options, ["replacement", "generator"]);
  if (weights.ndim < 1 || weights.ndim > 2)
    throw new ShapeError(`multinomial: expected weights of 1 or 2 dimensions, got shape ${shapeText(weights.shape)}`);
  const rows = weights.ndim === 2 ? (weights.shape[0] as number) : 1;
  const drawn = drawMultinomial(
    weights.toTypedArray() as Float32Array,
    rows,
    count,
    options?.replacement ?? false,
    generatorOf("multinomial", options),
  );
  return new Tensor(ndarray("int64", drawn, weights.ndim === 2 ? [rows, count] : [count]));
}

const tensorsOnly = (list: readonly unknown[]): boolean =>
  Array.isArray(list) && list.every((x) => x instanceof Tensor);

/** That there are tensors to join, all of one dtype. */
export function checkTensors(where: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors) || tensors.length === 0)
    throw new OptionError(`${where}: expected an array of at least one Tensor, got ${describe(tensors)}`);
  const first = tensors[0] as Tensor;
  tensors.forEach((x, i) => {
    checkTensor(where, x);
    if (x.dtype !== first.dtype)
      throw new DTypeError(
        `${where}: expected one dtype, got ${first.dtype} first and ${x.dtype} at position ${i}. Convert with .to("${first.dtype}")`,
      );
  });
}

/** Tensors one after the other along an existing axis. */
export function cat(tensors: readonly Tensor[], axis = 0): Tensor {
  const known = tensorsOnly(tensors) ? recallMulti(concatenate, axis, tensors) : null;
  if (known !== null) return known[0] as Tensor;
  checkTensors("cat", tensors);
  const first = tensors[0] as Tensor;
  const a = checkAxis("cat", axis, first.ndim);
  tensors.forEach((x, i) => {
    const fits = first.ndim > 0 && x.ndim === first.ndim && x.shape.every((n, k) => k === a || n === first.shape[k]);
    if (!fits)
      throw new ShapeError(
        `cat: expected shapes equal to ${shapeText(first.shape)} off axis ${a}, got ${shapeText(x.shape)} at position ${i}`,
      );
  });
  return apply(concatenate, [...tensors], { axis: a });
}

/** Tensors of one shape side by side along a new axis. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors("stack", tensors);
  const first = tensors[0] as Tensor;
  const a = checkAxis("stack", axis, first.ndim + 1);
  tensors.forEach((x, i) => {
    if (!sameShape(x.shape, first.shape))
      throw new ShapeError(
        `stack: expected every shape to be ${shapeText(first.shape)}, got ${shapeText(x.shape)} at position ${i}`,
      );
  });
  if (a === 0) return apply(stackFirst, [...tensors], undefined);
  return cat(
    tensors.map((x) => x.unsqueeze(a)),
    a,
  );
}
