/**
 * Variants of the LSTM, ready to run in `nn.Recurrent`.
 *
 * Letters: B batch, I input, H hidden. Gates stand in the order i f g o.
 *
 * @module
 */
import { zeros } from "../creation.js";
import type { DType } from "../dtype.js";
import { checkOptions } from "../errors.js";
import { layerNorm, linear } from "../functional.js";
import type { Tensor } from "../tensor.js";
import type { CellOptions } from "./cell.js";
import { recurrentParameter } from "./drawn-parameter.js";
import { checkCount, checkFloatDType, Module } from "./module.js";
import { LayerNorm } from "./normalization.js";
import type { Cell } from "./recurrent.js";

/** State of an LSTM by name. */
export interface HiddenAndCell {
  readonly [name: string]: Tensor;
  readonly h: Tensor;
  readonly c: Tensor;
}

abstract class LstmVariant extends Module implements Cell<HiddenAndCell> {
  constructor(
    kind: string,
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: CellOptions,
  ) {
    super();
    checkOptions(kind, options, ["bias", "dtype"]);
    checkCount(kind, "inputSize", inputSize, 1);
    checkCount(kind, "hiddenSize", hiddenSize, 1);
  }

  /** Zeros (B, H) for h and c. */
  initialState(batch: number, { dtype }: { readonly dtype: DType }): HiddenAndCell {
    return { h: zeros([batch, this.hiddenSize], { dtype }), c: zeros([batch, this.hiddenSize], { dtype }) };
  }

  abstract step(x: Tensor, state: HiddenAndCell): HiddenAndCell;

  output({ h }: HiddenAndCell): Tensor {
    return h;
  }

  override forward(x: Tensor, state: HiddenAndCell | null = null): HiddenAndCell {
    return this.step(x, state ?? this.initialState(x.shape[0] as number, { dtype: x.dtype }));
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}`;
  }
}

/**
 * LSTM with layer normalisation, Ba, Kiros & Hinton 2016 (equations 20–22):
 *   i f g o = split₄(LN(x·W_ihᵀ) + LN(h·W_hhᵀ) + b);  c′ = σ(f)⊙c + σ(i)⊙tanh(g);  h′ = σ(o)⊙tanh(LN(c′)).
 *
 * Parameters `weight_ih` (4H, I), `weight_hh` (4H, H), `bias` (4H), and weight and bias of `norm_ih`, `norm_hh` (4H), `norm_c` (H).
 */
export class LayerNormLSTMCell extends LstmVariant {
  readonly weight_ih;
  readonly weight_hh;
  readonly bias;
  readonly norm_ih: LayerNorm;
  readonly norm_hh: LayerNorm;
  readonly norm_c: LayerNorm;

  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super("LayerNormLSTMCell", inputSize, hiddenSize, options);
    const { bias = true, dtype = "float32" } = options;
    checkFloatDType("LayerNormLSTMCell", dtype);
    this.weight_ih = recurrentParameter([4 * hiddenSize, inputSize], hiddenSize, dtype);
    this.weight_hh = recurrentParameter([4 * hiddenSize, hiddenSize], hiddenSize, dtype);
    this.bias = bias ? recurrentParameter([4 * hiddenSize], hiddenSize, dtype) : null;
    this.norm_ih = new LayerNorm(4 * hiddenSize, { dtype, bias: false });
    this.norm_hh = new LayerNorm(4 * hiddenSize, { dtype, bias: false });
    this.norm_c = new LayerNorm(hiddenSize, { dtype });
  }

  override step(x: Tensor, { h, c }: HiddenAndCell): HiddenAndCell {
    const H = this.hiddenSize;
    const fromInput = this.norm_ih.forward(linear(x, this.weight_ih));
    const sum = this.norm_hh.forward(linear(h, this.weight_hh)).add(fromInput);
    const pre = this.bias === null ? sum : sum.add(this.bias);
    const gate = (k: number): Tensor => pre.slice(1, k * H, (k + 1) * H);
    const next = gate(1)
      .sigmoid()
      .mul(c)
      .add(gate(0).sigmoid().mul(gate(2).tanh()));
    const normal = layerNorm(next, [H], this.norm_c.weight, this.norm_c.bias);
    return { h: gate(3).sigmoid().mul(normal.tanh()), c: next };
  }
}

/**
 * LSTM whose gates see the cell, Gers & Schmidhuber 2000:
 *   i = σ(a_i + p_i⊙c), f = σ(a_f + p_f⊙c), c′ = f⊙c + i⊙tanh(a_g), o = σ(a_o + p_o⊙c′), h′ = o⊙tanh(c′),
 * with a = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh.
 *
 * Parameters as `nn.LSTMCell`'s and `weight_peephole` (3, H): p_i, p_f, p_o.
 */
export class PeepholeLSTMCell extends LstmVariant {
  readonly weight_ih;
  readonly weight_hh;
  readonly bias_ih;
  readonly bias_hh;
  readonly weight_peephole;

  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super("PeepholeLSTMCell", inputSize, hiddenSize, options);
    const { bias = true, dtype = "float32" } = options;
    checkFloatDType("PeepholeLSTMCell", dtype);
    this.weight_ih = recurrentParameter([4 * hiddenSize, inputSize], hiddenSize, dtype);
    this.weight_hh = recurrentParameter([4 * hiddenSize, hiddenSize], hiddenSize, dtype);
    this.bias_ih = bias ? recurrentParameter([4 * hiddenSize], hiddenSize, dtype) : null;
    this.bias_hh = bias ? recurrentParameter([4 * hiddenSize], hiddenSize, dtype) : null;
    this.weight_peephole = recurrentParameter([3, hiddenSize], hiddenSize, dtype);
  }

  override step(x: Tensor, { h, c }: HiddenAndCell): HiddenAndCell {
    const H = this.hiddenSize;
    const pre = linear(h, this.weight_hh, this.bias_hh).add(linear(x, this.weight_ih, this.bias_ih));
    const gate = (k: number): Tensor => pre.slice(1, k * H, (k + 1) * H);
    const peephole = (k: number, cell: Tensor): Tensor => cell.mul(this.weight_peephole.select(0, k));
    const i = gate(0).add(peephole(0, c)).sigmoid();
    const f = gate(1).add(peephole(1, c)).sigmoid();
    const next = f.mul(c).add(i.mul(gate(2).tanh()));
    const o = gate(3).add(peephole(2, next)).sigmoid();
    return { h: o.mul(next.tanh()), c: next };
  }
}
