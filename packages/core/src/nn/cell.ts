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
import { gruCell, lstmCell, plainCell } from "../ops/cell.js";
import { apply, applyMulti, checkTensor, recallMulti, Tensor } from "../tensor.js";
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

  /** What a cell's op is given: x, weights, the state and biases. */
  protected inputsOf(x: Tensor, h: Tensor, c: Tensor | null): Tensor[] {
    const { weight_ih, weight_hh, bias_ih, bias_hh } = this;
    if (bias_ih === null) return c === null ? [x, weight_ih, weight_hh, h] : [x, weight_ih, weight_hh, h, c];
    const b = bias_hh as Tensor;
    return c === null ? [x, weight_ih, weight_hh, h, bias_ih, b] : [x, weight_ih, weight_hh, h, c, bias_ih, b];
  }

  /** The state before the first step. */
  protected zerosFor(x: Tensor): Tensor {
    checkTensor(this.kind, x);
    return zeros([...x.shape.slice(0, -1), this.hiddenSize], { dtype: this.weight_ih.dtype });
  }

  /** @throws ShapeError, DTypeError when input or states do not fit */
  protected check(input: Tensor, h: Tensor | null, c: Tensor | null): void {
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
    if (h !== null) this.checkHidden(h, "hidden0", input);
    if (c !== null) this.checkHidden(c, "hidden1", input);
  }

  /** Zeros (B, H), for {@link Recurrent}. */
  protected zeroState(batch: number, options: { readonly dtype: DType }): Tensor {
    return zeros([batch, this.hiddenSize], options);
  }

  private checkHidden(h: Tensor, name: string, input: Tensor): void {
    const batched = input.ndim === 2;
    const batch = input.shape[0] as number;
    // In a loop, not even the text of a message is put together in vain.
    if (!(h instanceof Tensor)) checkTensor(`${this.kind}: ${name}`, h);
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

const tanh = { f: "tanh" } as const;
const relu = { f: "relu" } as const;

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
    const inputs = this.inputsOf(input, h ?? this.zerosFor(input), null);
    const attrs = this.nonlinearity === "tanh" ? tanh : relu;
    const known = recallMulti(plainCell, attrs === tanh ? 0 : 1, inputs);
    if (known !== null) return known[0] as Tensor;
    this.check(input, h, null);
    return apply(plainCell, inputs, attrs);
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
    const h = state === null ? this.zerosFor(input) : state[0];
    const inputs = this.inputsOf(input, h, state === null ? this.zerosFor(input) : state[1]);
    const known = recallMulti(lstmCell, 0, inputs);
    if (known !== null) return known as [Tensor, Tensor];
    this.check(input, state === null ? null : h, state === null ? null : state[1]);
    return applyMulti(lstmCell, inputs, undefined) as [Tensor, Tensor];
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
    const inputs = this.inputsOf(input, h ?? this.zerosFor(input), null);
    const known = recallMulti(gruCell, 0, inputs);
    if (known !== null) return known[0] as Tensor;
    this.check(input, h, null);
    return applyMulti(gruCell, inputs, undefined)[0] as Tensor;
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
