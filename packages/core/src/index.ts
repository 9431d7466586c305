/**
 * Unroll: recurrent neural networks with PyTorch's names and PyTorch's numbers.
 *
 * @module
 */

// A bundle holds modules in the order in which they are first imported, and packing finds what repeats within 32 kB. So what does not
// pack at all, the kernels' bytes, comes first instead of between the others, kernels beside kernels, and capture after tensors.
import "./kernels/wasm-bytes.generated.js";
import "./kernels/wasm.js";
import "./gradcheck.js";

export { capture } from "./capture/capture.js";
export {
  arange,
  bernoulli,
  cat,
  eye,
  full,
  multinomial,
  ones,
  type RandomOptions,
  rand,
  randint,
  randn,
  randperm,
  stack,
  type TensorOptions,
  tensor,
  zeros,
} from "./creation.js";
export type { DType, TypedArray } from "./dtype.js";
export {
  checkOptions,
  DTypeError,
  FormatError,
  GradientError,
  OptionError,
  ShapeError,
  UnrollError,
} from "./errors.js";

export * as functional from "./functional.js";
export { type GradcheckOptions, gradcheck } from "./gradcheck.js";
export type { Indices } from "./indices.js";
export { engineName, engineNames, setEngine } from "./kernels/index.js";
export * as nn from "./nn/index.js";
export * as optim from "./optim/index.js";
export { type PrintOptions, setPrintOptions } from "./print.js";
export { defaultGenerator, Generator, manualSeed } from "./random/index.js";
export { enableGrad, type Index, type NestedArray, noGrad, type Slice, Tensor } from "./tensor.js";
