/**
 * Unroll: recurrent neural networks with PyTorch's names and PyTorch's numbers.
 *
 * @module
 */

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
