import { emptyArray } from "../array.js";
import type { FloatDType } from "../dtype.js";
import { defaultGenerator, fillUniform } from "../random/index.js";
import { Tensor } from "../tensor.js";
import { Parameter } from "./module.js";

/** A parameter drawn from U(−bound, bound) by the generator that `manualSeed` seeds. */
export function drawnParameter(shape: readonly number[], bound: number, dtype: FloatDType): Parameter {
  const array = emptyArray(dtype, shape);
  if (array.data.length > 0) fillUniform(dtype, array.data as Float32Array, -bound, bound, defaultGenerator());
  return new Parameter(new Tensor(array));
}

/** A parameter drawn from U(−k, k) with k = 1/√hiddenSize, as all weights and biases of PyTorch's recurrent layers are. */
export function recurrentParameter(shape: readonly number[], hiddenSize: number, dtype: FloatDType): Parameter {
  return drawnParameter(shape, 1 / Math.sqrt(hiddenSize), dtype);
}
