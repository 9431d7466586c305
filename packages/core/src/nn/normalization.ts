import { fullArray } from "../array.js";
import type { DType } from "../dtype.js";
import { checkAtLeastZero, checkBoolean, checkOptions, ShapeError } from "../errors.js";
import { layerNorm } from "../functional.js";
import { tuple } from "../print.js";
import { checkShape } from "../shape.js";
import { Tensor } from "../tensor.js";
import { checkFloatDType, Module, Parameter, pythonBoolean } from "./module.js";

export interface LayerNormOptions {
  /** Added to the variance (default 1e−5). */
  readonly eps?: number;
  /** Whether to learn a weight, and a bias unless that is switched off (default true). */
  readonly elementwiseAffine?: boolean;
  /** Whether to learn a bias (default true; nothing without `elementwiseAffine`). */
  readonly bias?: boolean;
  /** float32 (default) or float64. */
  readonly dtype?: DType;
}

/**
 * y = (x − mean)/√(var + eps)·w + b, mean and (biased) variance over the trailing axes `normalizedShape`.
 *
 * `weight` starts as ones and `bias` as zeros, both of shape `normalizedShape`, or null. Ba, Kiros & Hinton 2016.
 *
 * @throws ShapeError unless an input's shape ends in `normalizedShape`
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    const shape = Array.isArray(normalizedShape)
      ? [...(normalizedShape as readonly number[])]
      : [normalizedShape as number];
    if (shape.length === 0)
      throw new ShapeError("LayerNorm: expected at least one axis to normalise over, got shape []");
    checkShape("LayerNorm: normalizedShape", shape);
    checkOptions("LayerNorm", options, ["eps", "elementwiseAffine", "bias", "dtype"]);
    const { eps = 1e-5, elementwiseAffine = true, bias = true, dtype = "float32" } = options;
    checkAtLeastZero("LayerNorm", "eps", eps);
    checkBoolean("LayerNorm", "elementwiseAffine", elementwiseAffine);
    checkBoolean("LayerNorm", "bias", bias);
    checkFloatDType("LayerNorm", dtype);
    this.normalizedShape = shape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(new Tensor(fullArray(dtype, shape, 1))) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(new Tensor(fullArray(dtype, shape, 0))) : null;
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, { eps: this.eps });
  }

  override extraRepr(): string {
    const affine = pythonBoolean(this.elementwiseAffine);
    const bias = pythonBoolean(this.bias !== null);
    return `${tuple(this.normalizedShape)}, eps=${pythonFloat(this.eps)}, elementwise_affine=${affine}, bias=${bias}`;
  }
}

/** A number as Python prints it: 1e-05 where JavaScript has 0.00001. */
function pythonFloat(x: number): string {
  if (x === 0 || x >= 1e-4) return Number.isInteger(x) ? `${x}.0` : String(x);
  return x.toExponential().replace(/e-(\d)$/, "e-0$1");
}
