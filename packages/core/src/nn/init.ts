/**
 * Filling tensors with initial values, PyTorch's `torch.nn.init`: the same numbers under the same seed.
 *
 * Every function overwrites its tensor in place without recording, and returns it. Where a fan is meant, a weight is
 * (fanOut, fanIn, …): fanIn = shape[1]·rest, fanOut = shape[0]·rest.
 *
 * @module
 */
import { copyInto, countChange, emptyArray, type NdArray, ndarray } from "../array.js";
import { eye } from "../creation.js";
import { checkFloating, type FloatDType } from "../dtype.js";
import { checkChoice, checkCount, checkFinite, checkOptions, OptionError, ShapeError, shapeText } from "../errors.js";
import type { FloatArray } from "../kernels/index.js";
import { permuted } from "../ops/view.js";
import { fillNormal, fillUniform, type Generator, generatorOf } from "../random/index.js";
import { isContiguous, sizeOf } from "../shape.js";
import { checkTensor, noGrad, Tensor } from "../tensor.js";
import type { Module } from "./module.js";
import { orthonormalColumns } from "./orthonormal.js";

export interface DrawOptions {
  /** Where random numbers come from (default: the generator that `manualSeed` seeds). */
  readonly generator?: Generator;
}

export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** The axes in the order of memory, outermost first: PyTorch fills dense tensors in this order however they are viewed. */
function inMemoryOrder(x: NdArray): NdArray {
  const axes = [...x.shape.keys()].sort((a, b) => (x.strides[b] as number) - (x.strides[a] as number));
  const dense = permuted(x, axes);
  return isContiguous(dense.shape, dense.strides) ? dense : x;
}

/** Overwrites a tensor with what `draw` writes into an array of its size. */
function fill(
  where: string,
  tensor: Tensor,
  options: DrawOptions,
  draw: (dtype: FloatDType, out: FloatArray, generator: Generator, rowMajor: boolean) => void,
): Tensor {
  checkTensor(where, tensor);
  const { array, dtype } = tensor;
  checkFloating(where, dtype);
  const generator = generatorOf(where, options);
  const n = sizeOf(array.shape);
  if (n === 0) return tensor;
  if (isContiguous(array.shape, array.strides)) {
    draw(dtype, array.data.subarray(array.offset, array.offset + n) as FloatArray, generator, true);
  } else {
    const target = inMemoryOrder(array);
    const drawn = emptyArray(dtype, target.shape);
    draw(dtype, drawn.data as FloatArray, generator, false);
    copyInto(drawn, target);
  }
  countChange(array.memory);
  return tensor;
}

const uniform = (where: string, tensor: Tensor, options: DrawOptions, a: number, b: number): Tensor =>
  fill(where, tensor, options, (dtype, out, generator) => fillUniform(dtype, out, a, b, generator));

/** Uniform with mean 0 and the given standard deviation. */
function uniformOf(where: string, tensor: Tensor, options: DrawOptions, std: number): Tensor {
  const bound = Math.sqrt(3) * std;
  return uniform(where, tensor, options, -bound, bound);
}

const normal = (where: string, tensor: Tensor, options: DrawOptions, mean: number, std: number): Tensor =>
  fill(where, tensor, options, (dtype, out, generator, rowMajor) =>
    fillNormal(dtype, out, mean, std, generator, rowMajor),
  );

/**
 * U(a, b), by default U(0, 1).
 *
 * @throws OptionError when a > b
 */
export function uniform_(
  tensor: Tensor,
  options: DrawOptions & { readonly a?: number; readonly b?: number } = {},
): Tensor {
  checkOptions("uniform_", options, ["a", "b", "generator"]);
  const { a = 0, b = 1 } = options;
  checkFinite("uniform_", "a", a);
  checkFinite("uniform_", "b", b);
  return uniform("uniform_", tensor, options, a, b);
}

/**
 * N(mean, std²), by default N(0, 1).
 *
 * @throws OptionError when std < 0
 */
export function normal_(
  tensor: Tensor,
  options: DrawOptions & { readonly mean?: number; readonly std?: number } = {},
): Tensor {
  checkOptions("normal_", options, ["mean", "std", "generator"]);
  const { mean = 0, std = 1 } = options;
  checkFinite("normal_", "mean", mean);
  checkFinite("normal_", "std", std);
  return normal("normal_", tensor, options, mean, std);
}

/** `value` everywhere. */
export function constant_(tensor: Tensor, value: number): Tensor {
  checkTensor("constant_", tensor);
  return noGrad(() => tensor.fill_(value));
}

export const zeros_ = (tensor: Tensor): Tensor => constant_(tensor, 0);
export const ones_ = (tensor: Tensor): Tensor => constant_(tensor, 1);

/** The identity matrix, cut or padded with zeros to the tensor's two dimensions. */
export function eye_(tensor: Tensor): Tensor {
  checkTensor("eye_", tensor);
  if (tensor.ndim !== 2)
    throw new ShapeError(`eye_: expected a tensor of 2 dimensions, got shape ${shapeText(tensor.shape)}`);
  const [rows, columns] = tensor.shape as [number, number];
  return noGrad(() => tensor.copy_(eye(rows, columns)));
}

/** Gains that are constants. */
const gains = { linear: 1, sigmoid: 1, tanh: 5 / 3, relu: Math.SQRT2, selu: 3 / 4 };

/**
 * The factor by which a nonlinearity wants its weights' standard deviation multiplied: linear and sigmoid 1, tanh 5/3,
 * relu √2, leakyRelu √(2/(1 + slope²)) with slope 0.01 unless given, selu 3/4.
 *
 * @throws OptionError for an unknown nonlinearity
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  if (nonlinearity in gains) return gains[nonlinearity as keyof typeof gains];
  checkChoice("calculateGain", "nonlinearity", nonlinearity, [...Object.keys(gains), "leakyRelu"]);
  checkFinite("calculateGain", "slope", slope);
  return Math.sqrt(2 / (1 + slope * slope));
}

function fans(where: string, tensor: Tensor): { fanIn: number; fanOut: number } {
  checkTensor(where, tensor);
  if (tensor.ndim < 2) {
    throw new ShapeError(
      `${where}: expected a weight of at least 2 dimensions (out, in), got shape ${shapeText(tensor.shape)}. ` +
        "Biases are filled with uniform_ or zeros_",
    );
  }
  const [fanOut, fanIn] = tensor.shape as [number, number];
  const rest = sizeOf(tensor.shape.slice(2));
  return { fanIn: fanIn * rest, fanOut: fanOut * rest };
}

export interface XavierOptions extends DrawOptions {
  /** Factor on the standard deviation (default 1); see {@link calculateGain}. */
  readonly gain?: number;
}

function xavierStd(where: string, tensor: Tensor, options: XavierOptions): number {
  checkOptions(where, options, ["gain", "generator"]);
  const { gain = 1 } = options;
  checkFinite(where, "gain", gain);
  const { fanIn, fanOut } = fans(where, tensor);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** U(−√3·std, √3·std) with std = gain·√(2/(fanIn + fanOut)). Glorot & Bengio 2010. */
export function xavierUniform_(tensor: Tensor, options: XavierOptions = {}): Tensor {
  return uniformOf("xavierUniform_", tensor, options, xavierStd("xavierUniform_", tensor, options));
}

/** N(0, std²) with std = gain·√(2/(fanIn + fanOut)). Glorot & Bengio 2010. */
export function xavierNormal_(tensor: Tensor, options: XavierOptions = {}): Tensor {
  return normal("xavierNormal_", tensor, options, 0, xavierStd("xavierNormal_", tensor, options));
}

export interface KaimingOptions extends DrawOptions {
  /** Negative slope, used with leakyRelu only (default 0). */
  readonly a?: number;
  /** Whose fan to divide by: "fanIn" (default) keeps the size of activations, "fanOut" that of gradients. */
  readonly mode?: "fanIn" | "fanOut";
  /** What follows the weight (default "leakyRelu"). */
  readonly nonlinearity?: Nonlinearity;
}

function kaimingStd(where: string, tensor: Tensor, options: KaimingOptions): number {
  checkOptions(where, options, ["a", "mode", "nonlinearity", "generator"]);
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  checkChoice(where, "mode", mode, ["fanIn", "fanOut"]);
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(where, tensor)[mode]);
}

/** U(−√3·std, √3·std) with std = gain/√fan. He et al. 2015. */
export function kaimingUniform_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  return uniformOf("kaimingUniform_", tensor, options, kaimingStd("kaimingUniform_", tensor, options));
}

/** N(0, std²) with std = gain/√fan. He et al. 2015. */
export function kaimingNormal_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  return normal("kaimingNormal_", tensor, options, 0, kaimingStd("kaimingNormal_", tensor, options));
}

/**
 * A random matrix with orthonormal columns (rows, when there are fewer rows), times gain: Q of the QR factorisation of a normal
 * matrix, signs chosen so that R has a positive diagonal. Axes behind the first are flattened. Saxe, McClelland & Ganguli 2014.
 *
 * The same under the same seed on every machine, and PyTorch's up to rounding.
 */
export function orthogonal_(tensor: Tensor, options: XavierOptions = {}): Tensor {
  checkOptions("orthogonal_", options, ["gain", "generator"]);
  const { gain = 1 } = options;
  checkFinite("orthogonal_", "gain", gain);
  fans("orthogonal_", tensor);
  const rows = tensor.shape[0] as number;
  const columns = rows === 0 ? 0 : tensor.numel() / rows;
  const drawn = normal("orthogonal_", new Tensor(emptyArray(tensor.dtype, [rows, columns])), options, 0, 1);
  const tall = rows >= columns ? drawn : drawn.T;
  const q = orthonormalColumns(Float64Array.from(tall.toTypedArray()), ...(tall.shape as [number, number]));
  const made = new Tensor(ndarray("float64", q, tall.shape));
  const wide = rows >= columns ? made : made.T;
  return noGrad(() => tensor.copy_(wide.mul(gain).reshape(tensor.shape)));
}

/**
 * {@link orthogonal_} for each of the `gates` blocks of rows of a recurrent weight (gates·H, H) by itself, which is what keeps
 * the size of the state: an orthogonal (4H, H) matrix as a whole does not.
 *
 * @throws ShapeError when the rows do not divide into `gates` blocks
 */
export function orthogonalPerGate_(weight: Tensor, gates: number, options: XavierOptions = {}): Tensor {
  checkCount("orthogonalPerGate_", "gates", gates, 1);
  fans("orthogonalPerGate_", weight);
  const rows = weight.shape[0] as number;
  if (rows % gates !== 0) {
    throw new ShapeError(
      `orthogonalPerGate_: expected the first axis to divide into ${gates} gates, got shape ${shapeText(weight.shape)}. ` +
        "RNN has 1, GRU 3, LSTM 4",
    );
  }
  const height = rows / gates;
  for (let gate = 0; gate < gates; gate++) {
    orthogonal_(weight.detach().slice(0, gate * height, (gate + 1) * height), options);
  }
  return weight;
}

/**
 * Lets an LSTM remember from the start: for every layer and direction of an LSTM or LSTMCell, the forget gate's part of
 * b_ih becomes `value` and that of b_hh zero, so that their sum is `value`. Gers et al. 2000, Jozefowicz et al. 2015 (with value 1).
 *
 * @throws OptionError when the module has no LSTM's biases
 */
export function forgetGateBias_<M extends Module>(module: M, value: number): M {
  checkFinite("forgetGateBias_", "value", value);
  const { hiddenSize: H } = module as { readonly hiddenSize?: unknown };
  const biases = Array.from(module.namedParameters()).filter(([name]) =>
    /^bias_(ih|hh)(_l\d+(_reverse)?)?$/.test(name),
  );
  if (typeof H !== "number" || biases.length === 0 || biases.some(([, bias]) => bias.shape[0] !== 4 * H)) {
    throw new OptionError(
      `forgetGateBias_: expected an LSTM or LSTMCell with biases, got ${module}. ` +
        "Only an LSTM has a forget gate; build it with { bias: true }",
    );
  }
  for (const [name, bias] of biases)
    constant_(bias.detach().slice(0, H, 2 * H), name.startsWith("bias_ih") ? value : 0);
  return module;
}
