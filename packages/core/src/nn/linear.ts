import { emptyArray } from "../array.js";
import type { DType } from "../dtype.js";
import { checkOptions } from "../errors.js";
import { linear } from "../functional.js";
import { Tensor } from "../tensor.js";
import * as init from "./init.js";
import {
  checkBoolean,
  checkCount,
  checkFloatDType,
  type MaybeBias,
  Module,
  Parameter,
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
    this.weight = new Parameter(new Tensor(emptyArray(dtype, [outFeatures, inFeatures])));
    const b = bias ? new Parameter(new Tensor(emptyArray(dtype, [outFeatures]))) : null;
    this.bias = b as MaybeBias<Bias>;
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (b === null) return;
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    init.uniform_(b, { a: -bound, b: bound });
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { inFeatures, outFeatures, bias } = this;
    return `in_features=${inFeatures}, out_features=${outFeatures}, bias=${pythonBoolean(bias !== null)}`;
  }
}
