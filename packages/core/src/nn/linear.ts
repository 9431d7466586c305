import type { DType } from "../dtype.js";
import { checkOptions } from "../errors.js";
import { linear } from "../functional.js";
import type { Tensor } from "../tensor.js";
import { drawnParameter } from "./drawn-parameter.js";
import {
  checkBoolean,
  checkCount,
  checkFloatDType,
  type MaybeBias,
  Module,
  type Parameter,
  pythonBoolean,
} from "./module.js";

export interface LinearOptions<Bias extends boolean = boolean> {
  /** Whether b is added (default true). */
  readonly bias?: Bias;
  /** float32 (default) or float64. */
  readonly dtype?: DType;
}

/**
 * y = x·Wᵀ + b for x (…, I), y (…, O).
 *
 * `weight` (O, I) is drawn from U(−√3·g/√I, √3·g/√I) with g = √(2/(1 + √5²)), which is ±1/√I up to rounding; then
 * `bias` (O), or null, from U(−1/√I, 1/√I). The order and the bits are PyTorch's `torch.nn.Linear`.
 *
 * @throws ShapeError when a size is no whole number ≥ 0, or an input's last axis is not I
 */
export class Linear<Bias extends boolean = true> extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: MaybeBias<Bias>;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions<Bias> = {}) {
    super();
    checkCount("Linear", "inFeatures", inFeatures, 0);
    checkCount("Linear", "outFeatures", outFeatures, 0);
    checkOptions("Linear", options, ["bias", "dtype"]);
    const { bias = true as boolean, dtype = "float32" } = options;
    checkBoolean("Linear", "bias", bias);
    checkFloatDType("Linear", dtype);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    // Kaiming's bound with slope √5, in PyTorch's order of operations: the last bit may differ from 1/√I.
    const slope = Math.sqrt(5);
    const std = Math.sqrt(2 / (1 + slope * slope)) / Math.sqrt(inFeatures);
    this.weight = drawnParameter([outFeatures, inFeatures], Math.sqrt(3) * std, dtype);
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    this.bias = (bias ? drawnParameter([outFeatures], bound, dtype) : null) as MaybeBias<Bias>;
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { inFeatures, outFeatures, bias } = this;
    return `in_features=${inFeatures}, out_features=${outFeatures}, bias=${pythonBoolean(bias !== null)}`;
  }
}
