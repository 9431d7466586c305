/**
 * The recurrent cells: one time step of RNN, LSTM, GRU, for loops written by hand.
 *
 * Input (B, I) or (I), states (B, H) or (H). Parameters `weight_ih` (gH, I), `weight_hh` (gH, H), `bias_ih`, `bias_hh` (gH).
 *
 * @module
 */

import { zeros } from "../creation.js";
import type { DType } from "../dtype.js";
import { checkOptions, describe, OptionError, ShapeError, shapeText } from "../errors.js";
import { checkSameDType } from "../functional.js";
import type { RecurrenceKind } from "../kernels/index.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { recurrentParameter } from "./drawn-parameter.js";
import {
  checkBoolean,
  checkCount,
  checkFloatDType,
  type MaybeBias,
  Module,
  type Parameter,
  pythonBoolean,
} from "./module.js";
import { type RecurrentWeights, runCell } from "./recurrence.js";
import { checkLstmState, type LstmState } from "./rnn.js";

export interface CellOptions<Bias extends boolean = boolean> {
  /** Whether there are biases b_ih and b_hh (default true). */
  readonly bias?: Bias;
  readonly dtype?: DType;
}

abstract class CellBase<Bias extends boolean> extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: MaybeBias<Bias>;
  readonly bias_hh: MaybeBias<Bias>;

  protected constructor(
    private readonly kind: string,
    gates: number,
    inputSize: number,
    hiddenSize: number,
    options: CellOptions<Bias>,
  ) {
    super();
    const { bias = true as boolean, dtype = "float32" } = options;
    checkCount(kind, "inputSize", inputSize, 0);
    checkCount(kind, "hiddenSize", hiddenSize, 1);
    checkBoolean(kind, "bias", bias);
    checkFloatDType(kind, dtype);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = bias;
    const make = (shape: number[]): Parameter => recurrentParameter(shape, hiddenSize, dtype);
    const rows = gates * hiddenSize;
    this.weight_ih = make([rows, inputSize]);
    this.weight_hh = make([rows, hiddenSize]);
    this.bias_ih = (bias ? make([rows]) : null) as MaybeBias<Bias>;
    this.bias_hh = (bias ? make([rows]) : null) as MaybeBias<Bias>;
  }

  private weights(): RecurrentWeights {
    return { weightIh: this.weight_ih, weightHh: this.weight_hh, biasIh: this.bias_ih, biasHh: this.bias_hh };
  }

  /** One step with all checks; adds and removes the batch axis of unbatched input. */
  protected stepOnce(recurrence: RecurrenceKind, input: Tensor, given: readonly Tensor[] | null): Tensor[] {
    const { kind } = this;
    checkTensor(kind, input);
    checkSameDType(kind, input, this.weight_ih, "input", "weight");
    if (input.ndim !== 1 && input.ndim !== 2) {
      throw new ShapeError(
        `${kind}: expected input to be 1D (I) or 2D (B, I), got ${input.ndim}D, shape ${shapeText(input.shape)}`,
      );
    }
    if (input.shape.at(-1) !== this.inputSize) {
      throw new ShapeError(
        `${kind}: expected the input's last axis to be inputSize ${this.inputSize}, got ${input.shape.at(-1)} in shape ${shapeText(input.shape)}`,
      );
    }
    const batched = input.ndim === 2;
    const x = batched ? input : input.unsqueeze(0);
    const batch = x.shape[0] as number;
    for (const [i, h] of given?.entries() ?? []) this.checkHidden(h, i, batched, batch);
    const state = given?.map((h) => (batched ? h : h.unsqueeze(0))) ?? null;
    const next = runCell(recurrence, this.weights(), x, state);
    return next.map((h) => (batched ? h : h.squeeze(0)));
  }

  /** Zeros (B, H), for {@link Recurrent}. */
  protected zeroState(batch: number, options: { readonly dtype: DType }): Tensor {
    return zeros([batch, this.hiddenSize], options);
  }

  private checkHidden(h: Tensor, i: number, batched: boolean, batch: number): void {
    const name = `hidden${i}`;
    checkTensor(`${this.kind}: ${name}`, h);
    checkSameDType(this.kind, h, this.weight_ih, name, "weight");
    if (h.ndim !== (batched ? 2 : 1)) {
      throw new ShapeError(
        `${this.kind}: expected ${name} to have as many dimensions as the input, ${batched ? 2 : 1}, got shape ${shapeText(h.shape)}`,
      );
    }
    if (h.shape.at(-1) !== this.hiddenSize) {
      throw new ShapeError(
        `${this.kind}: ${name} has an inconsistent hiddenSize: expected ${this.hiddenSize}, got ${h.shape.at(-1)} in shape ${shapeText(h.shape)}`,
      );
    }
    if (batched && h.shape[0] !== batch) {
      throw new ShapeError(
        `${this.kind}: input batch size ${batch} doesn't match ${name} batch size ${h.shape[0]}: expected them equal. expand() the state if it shall be shared`,
      );
    }
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? "" : `, bias=${pythonBoolean(this.bias)}`}`;
  }
}

/**
 * h′ = act(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh). https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 *
 * `new nn.RNNCell(inputSize, hiddenSize, { bias: true, nonlinearity: "tanh" })`; `h = cell.forward(x, h)`, zeros without h.
 */
export class RNNCell<Bias extends boolean = true> extends CellBase<Bias> {
  readonly nonlinearity: "tanh" | "relu";

  constructor(
    inputSize: number,
    hiddenSize: number,
    options: CellOptions<Bias> & { readonly nonlinearity?: "tanh" | "relu" } = {},
  ) {
    checkOptions("RNNCell", options, ["bias", "dtype", "nonlinearity"]);
    const { nonlinearity = "tanh", ...rest } = options;
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw new OptionError(`RNNCell: unknown nonlinearity ${describe(nonlinearity)}. Select from "tanh" or "relu"`);
    }
    super("RNNCell", 1, inputSize, hiddenSize, rest);
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, h: Tensor | null = null): Tensor {
    return this.stepOnce(this.nonlinearity, input, h === null ? null : [h])[0] as Tensor;
  }

  initialState(batch: number, options: { readonly dtype: DType }): Tensor {
    return this.zeroState(batch, options);
  }

  step(x: Tensor, h: Tensor): Tensor {
    return this.forward(x, h);
  }

  output(h: Tensor): Tensor {
    return h;
  }

  override extraRepr(): string {
    return super.extraRepr() + (this.nonlinearity === "tanh" ? "" : `, nonlinearity=${this.nonlinearity}`);
  }
}

/**
 * i f g o = split₄(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh);  c′ = σ(f)⊙c + σ(i)⊙tanh(g);  h′ = σ(o)⊙tanh(c′).
 * https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 *
 * `[h, c] = cell.forward(x, [h, c])`, zeros without a state.
 */
export class LSTMCell<Bias extends boolean = true> extends CellBase<Bias> {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions<Bias> = {}) {
    checkOptions("LSTMCell", options, ["bias", "dtype"]);
    super("LSTMCell", 4, inputSize, hiddenSize, options);
  }

  override forward(input: Tensor, state: LstmState | null = null): [Tensor, Tensor] {
    checkLstmState("LSTMCell", state);
    return this.stepOnce("lstm", input, state) as [Tensor, Tensor];
  }

  initialState(batch: number, options: { readonly dtype: DType }): LstmState {
    return [this.zeroState(batch, options), this.zeroState(batch, options)];
  }

  step(x: Tensor, state: LstmState): LstmState {
    return this.forward(x, state);
  }

  output([h]: LstmState): Tensor {
    return h;
  }
}

/**
 * r = σ(x_r + h_r), z = σ(x_z + h_z), n = tanh(x_n + r⊙h_n), h′ = (1 − z)⊙n + z⊙h with x = x·W_ihᵀ + b_ih, h = h·W_hhᵀ + b_hh.
 * https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 *
 * `h = cell.forward(x, h)`, zeros without h.
 */
export class GRUCell<Bias extends boolean = true> extends CellBase<Bias> {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions<Bias> = {}) {
    checkOptions("GRUCell", options, ["bias", "dtype"]);
    super("GRUCell", 3, inputSize, hiddenSize, options);
  }

  override forward(input: Tensor, h: Tensor | null = null): Tensor {
    return this.stepOnce("gru", input, h === null ? null : [h])[0] as Tensor;
  }

  initialState(batch: number, options: { readonly dtype: DType }): Tensor {
    return this.zeroState(batch, options);
  }

  step(x: Tensor, h: Tensor): Tensor {
    return this.forward(x, h);
  }

  output(h: Tensor): Tensor {
    return h;
  }
}
