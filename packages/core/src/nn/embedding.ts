import { emptyArray } from "../array.js";
import type { DType } from "../dtype.js";
import { checkOptions, ShapeError, shapeText } from "../errors.js";
import { embedding } from "../functional.js";
import type { Indices } from "../indices.js";
import { checkIndex } from "../shape.js";
import { checkTensor, noGrad, Tensor } from "../tensor.js";
import * as init from "./init.js";
import { checkBoolean, checkCount, checkFloatDType, Module, Parameter } from "./module.js";

export interface EmbeddingOptions {
  /** A row that stands for padding: zero at first, never trained. Negative numbers count from the end (default: none). */
  readonly paddingIdx?: number;
  /** float32 (default) or float64. */
  readonly dtype?: DType;
}

export interface PretrainedOptions {
  /** Whether the rows are left as they are in training (default true). */
  readonly freeze?: boolean;
  /** A row that never gets a gradient (default: none). */
  readonly paddingIdx?: number;
}

/**
 * Rows of a table by index: indices (…) → (…, E). Indices are an int64 tensor or plain (nested) arrays of whole numbers.
 *
 * `weight` (V, E) is drawn from N(0, 1), PyTorch's bits; then the row `paddingIdx` is set to zero.
 *
 * @throws ShapeError when a size is no whole number ≥ 0, or an index lies outside [0, V)
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** The row without gradient, counted from 0, or null. */
  readonly paddingIdx: number | null;
  weight: Parameter;

  /** @param weight @internal the table, for `fromPretrained`: nothing is drawn then */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}, weight?: Parameter) {
    super();
    checkCount("Embedding", "numEmbeddings", numEmbeddings, 0);
    checkCount("Embedding", "embeddingDim", embeddingDim, 0);
    checkOptions("Embedding", options, ["paddingIdx", "dtype"]);
    const { paddingIdx, dtype = "float32" } = options;
    checkFloatDType("Embedding", dtype);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx === undefined ? null : checkIndex("Embedding: paddingIdx", paddingIdx, numEmbeddings);
    this.weight = weight ?? new Parameter(new Tensor(emptyArray(dtype, [numEmbeddings, embeddingDim])));
    if (weight !== undefined) return;
    init.normal_(this.weight);
    const padding = this.paddingIdx;
    if (padding !== null) noGrad(() => this.weight.setItem(padding, 0));
  }

  /**
   * An embedding whose table is `weight` (V, E), on the same memory; draws nothing.
   *
   * @throws ShapeError unless `weight` has two dimensions
   */
  static fromPretrained(weight: Tensor, options: PretrainedOptions = {}): Embedding {
    checkTensor("Embedding.fromPretrained", weight);
    checkOptions("Embedding.fromPretrained", options, ["freeze", "paddingIdx"]);
    const { freeze = true, ...rest } = options;
    checkBoolean("Embedding.fromPretrained", "freeze", freeze);
    if (weight.ndim !== 2) {
      throw new ShapeError(
        `Embedding.fromPretrained: expected a weight of 2 dimensions (rows, width), got shape ${shapeText(weight.shape)}`,
      );
    }
    checkFloatDType("Embedding.fromPretrained", weight.dtype);
    const [rows, width] = weight.shape as [number, number];
    return new Embedding(rows, width, rest, new Parameter(weight, !freeze));
  }

  override forward(input: Indices): Tensor {
    return embedding(input, this.weight, this.paddingIdx === null ? {} : { paddingIdx: this.paddingIdx });
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === null ? "" : `, padding_idx=${this.paddingIdx}`;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`;
  }
}
