/**
 * The recurrent layers: RNN, LSTM, GRU over whole sequences.
 *
 * Letters: T steps, B batch, I input, H hidden, L layers, D directions (1 or 2).
 * Input (T, B, I), (B, T, I) with `batchFirst`, or (T, I) for one sequence. A PackedSequence gives a PackedSequence. With `indices: true`
 * the input holds indices of classes instead, in the same forms without I, and each stands for a one-hot row.
 * Parameters are named as in PyTorch: `weight_ih_l0` (gH, I), `weight_hh_l0` (gH, H), `bias_ih_l0` (gH), `bias_hh_l0` (gH);
 * `l1` (gH, D·H) for the layer above, `_reverse` for the second direction.
 *
 * @module
 */
import { checkChoice, checkOptions, describe, OptionError } from "../errors.js";
import type { RecurrenceKind } from "../kernels/index.js";
import type { Tensor } from "../tensor.js";
import type { PackedSequence } from "./packed.js";
import { type LayerForwardOptions, layerOptionKeys, type Records, type RecurrentOptions, RnnBase } from "./rnn-base.js";

type Recording = LayerForwardOptions & { readonly record: true };

/** Shared by layers whose state is one tensor. */
abstract class SingleStateLayer<Bias extends boolean> extends RnnBase<Bias> {
  protected override stateWidths(): number[] {
    return [this.hiddenSize];
  }

  /**
   * @param input (T, B, I), (B, T, I) with batchFirst, (T, I), or a PackedSequence; without I for `indices: true`
   * @param h0 (L·D, B, H), (L·D, H) for one sequence; zeros when left out
   * @returns output (T, B, D·H), the last layer's states, forward half first; hN (L·D, B, H), states at the true ends;
   *   with `record: true` also every state and gate
   * @throws ShapeError, DTypeError when input, state or lengths do not fit
   */
  override forward(
    input: PackedSequence,
    h0: Tensor | null | undefined,
    options: Recording,
  ): [PackedSequence, Tensor, Records];
  override forward(input: Tensor, h0: Tensor | null | undefined, options: Recording): [Tensor, Tensor, Records];
  override forward(input: PackedSequence, h0?: Tensor | null, options?: LayerForwardOptions): [PackedSequence, Tensor];
  override forward(input: Tensor, h0?: Tensor | null, options?: LayerForwardOptions): [Tensor, Tensor];
  override forward(
    input: Tensor | PackedSequence,
    h0: Tensor | null = null,
    options: LayerForwardOptions = {},
  ): [Tensor | PackedSequence, Tensor] | [Tensor | PackedSequence, Tensor, Records] {
    const { output, states, records } = this.run(input, h0 === null ? null : [h0], options);
    const hN = states[0] as Tensor;
    return records === null ? [output, hN] : [output, hN, records];
  }
}

export interface RnnOptions<Bias extends boolean = boolean> extends RecurrentOptions<Bias> {
  /** act in h′ = act(…): "tanh" (default) or "relu". */
  readonly nonlinearity?: "tanh" | "relu";
}

/**
 * Elman network: h_t = act(x_t·W_ihᵀ + b_ih + h_{t−1}·W_hhᵀ + b_hh).
 *
 * `new nn.RNN(inputSize, hiddenSize, { numLayers: 1, nonlinearity: "tanh", bias: true, batchFirst: false, dropout: 0,
 * bidirectional: false })`. Elman 1990; https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
 *
 * @throws OptionError, ShapeError for options or sizes out of range
 */
export class RNN<Bias extends boolean = true> extends SingleStateLayer<Bias> {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, options: RnnOptions<Bias> = {}) {
    checkOptions("RNN", options, [...layerOptionKeys, "nonlinearity"]);
    const { nonlinearity = "tanh", ...rest } = options;
    checkChoice("RNN", "nonlinearity", nonlinearity, ["tanh", "relu"]);
    super("RNN", 1, inputSize, hiddenSize, rest);
    this.nonlinearity = nonlinearity;
  }

  protected override recurrenceKind(): RecurrenceKind {
    return this.nonlinearity;
  }
}

/**
 * Gated recurrent unit:
 *   r = σ(x·W_irᵀ + b_ir + h·W_hrᵀ + b_hr),  z = σ(x·W_izᵀ + b_iz + h·W_hzᵀ + b_hz),
 *   n = tanh(x·W_inᵀ + b_in + r⊙(h·W_hnᵀ + b_hn)),  h′ = (1 − z)⊙n + z⊙h.
 * Gates stand in the order r z n. Cho et al. 2014, arXiv version 1: the reset gate acts after the product, as in cuDNN;
 * https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
 *
 * @throws OptionError, ShapeError for options or sizes out of range
 */
export class GRU<Bias extends boolean = true> extends SingleStateLayer<Bias> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions<Bias> = {}) {
    checkOptions("GRU", options, layerOptionKeys);
    super("GRU", 3, inputSize, hiddenSize, options);
  }

  protected override recurrenceKind(): RecurrenceKind {
    return "gru";
  }
}

export interface LstmOptions<Bias extends boolean = boolean> extends RecurrentOptions<Bias> {
  /** Projects each h to this size (default 0: not). Sak et al. 2014. */
  readonly projSize?: number;
}

export type LstmState = readonly [Tensor, Tensor];

/**
 * Long short-term memory:
 *   i f g o = split₄(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh);  c′ = σ(f)⊙c + σ(i)⊙tanh(g);  h′ = σ(o)⊙tanh(c′).
 * Gates stand in the order i f g o. With `projSize` P: h′ ← h′·W_hrᵀ, parameter `weight_hr_l0` (P, H).
 * Hochreiter & Schmidhuber 1997, Gers et al. 2000; https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 *
 * @throws OptionError, ShapeError for options or sizes out of range
 */
export class LSTM<Bias extends boolean = true> extends RnnBase<Bias> {
  constructor(inputSize: number, hiddenSize: number, options: LstmOptions<Bias> = {}) {
    checkOptions("LSTM", options, [...layerOptionKeys, "projSize"]);
    super("LSTM", 4, inputSize, hiddenSize, options);
  }

  protected override recurrenceKind(): RecurrenceKind {
    return "lstm";
  }

  protected override stateWidths(): number[] {
    return [this.outputWidth, this.hiddenSize];
  }

  /**
   * @param input (T, B, I), (B, T, I) with batchFirst, (T, I), or a PackedSequence; without I for `indices: true`
   * @param state [h0 (L·D, B, P), c0 (L·D, B, H)], without B for one sequence; zeros when left out
   * @returns output (T, B, D·P), forward half first; [hN, cN] shaped like the state, at the true ends;
   *   with `record: true` also every state and gate
   * @throws ShapeError, DTypeError when input, state or lengths do not fit
   */
  override forward(
    input: PackedSequence,
    state: LstmState | null | undefined,
    options: Recording,
  ): [PackedSequence, [Tensor, Tensor], Records];
  override forward(
    input: Tensor,
    state: LstmState | null | undefined,
    options: Recording,
  ): [Tensor, [Tensor, Tensor], Records];
  override forward(
    input: PackedSequence,
    state?: LstmState | null,
    options?: LayerForwardOptions,
  ): [PackedSequence, [Tensor, Tensor]];
  override forward(input: Tensor, state?: LstmState | null, options?: LayerForwardOptions): [Tensor, [Tensor, Tensor]];
  override forward(
    input: Tensor | PackedSequence,
    state: LstmState | null = null,
    options: LayerForwardOptions = {},
  ): [Tensor | PackedSequence, [Tensor, Tensor]] | [Tensor | PackedSequence, [Tensor, Tensor], Records] {
    checkLstmState("LSTM", state);
    const { output, states, records } = this.run(input, state, options);
    const last = states as [Tensor, Tensor];
    return records === null ? [output, last] : [output, last, records];
  }
}

/** @throws OptionError unless the state is a pair */
export function checkLstmState(where: string, state: unknown): void {
  if (state !== null && (!Array.isArray(state) || state.length !== 2)) {
    throw new OptionError(`${where}: expected the state as a pair [h, c], got ${describe(state)}`);
  }
}
