/**
 * Dropout that suits recurrence: wrappers around any cell, to be run in `nn.Recurrent`.
 *
 * @module
 */
import { emptyArray } from "../array.js";
import type { DType } from "../dtype.js";
import { checkOptions, ShapeError } from "../errors.js";
import { checkProbability } from "../functional.js";
import { defaultGenerator, fillBernoulli } from "../random/index.js";
import { Tensor } from "../tensor.js";
import { Module } from "./module.js";
import type { Cell } from "./recurrent.js";
import { type CellState, leaves, rebuild } from "./state.js";

/** 1 with probability `keep`, else 0. */
function mask(shape: readonly number[], dtype: DType, keep: number): Tensor {
  const array = emptyArray(dtype, shape);
  fillBernoulli(array.data, keep, defaultGenerator());
  return new Tensor(array);
}

abstract class CellWrapper<S extends CellState> extends Module implements Cell<S> {
  constructor(readonly cell: Cell<S>) {
    super();
  }

  initialState(batch: number, options: { readonly dtype: DType }): S {
    return this.cell.initialState(batch, options);
  }

  abstract step(x: Tensor, state: S): S;

  output(state: S): Tensor {
    return this.cell.output(state);
  }

  override forward(x: Tensor, state: S | null = null): S {
    return this.step(x, state ?? this.initialState(x.shape[0] as number, { dtype: x.dtype }));
  }
}

/**
 * Zoneout, Krueger et al. 2017: each unit keeps its old value with probability p, a new draw at every step:
 *   s′ = m⊙s + (1 − m)⊙ŝ with ŝ the cell's proposal; in `eval()` the expectation p·s + (1 − p)·ŝ.
 *
 * @param p one probability for every tensor of the state, or one for each (an LSTM's h and c)
 */
export class ZoneoutCell<S extends CellState> extends CellWrapper<S> {
  readonly p: number | readonly number[];

  constructor(cell: Cell<S>, p: number | readonly number[]) {
    super(cell);
    for (const value of typeof p === "number" ? [p] : p) checkProbability("ZoneoutCell", value);
    this.p = p;
  }

  override step(x: Tensor, state: S): S {
    const before = leaves(state);
    const proposed = leaves(this.cell.step(x, state));
    const p = Array.isArray(this.p) ? this.p : before.map(() => this.p);
    if (p.length !== before.length) {
      throw new ShapeError(
        `ZoneoutCell: expected one probability for each of the state's ${before.length} tensors, got ${p.length}`,
      );
    }
    const mixed = proposed.map((next, i) => {
      const keep = p[i] as number;
      if (keep === 0) return next;
      const old = before[i] as Tensor;
      if (!this.training) return old.mul(keep).add(next.mul(1 - keep));
      return old.where(mask(next.shape, "bool", keep), next);
    });
    return rebuild(state, mixed);
  }

  override extraRepr(): string {
    return `p=${String(this.p)}`;
  }
}

export interface VariationalDropoutOptions {
  /** Probability of dropping an input, the same ones at every step (default 0). */
  readonly input?: number;
  /** Probability of dropping a unit of the recurrent state, the same ones at every step (default 0). */
  readonly state?: number;
}

/**
 * Variational dropout, Gal & Ghahramani 2016: one mask for inputs and one for the state's first tensor (h), drawn once a sequence
 * (in `initialState`), used at every step; kept units are divided by 1 − p. Nothing is dropped in `eval()`.
 */
export class VariationalDropoutCell<S extends CellState> extends CellWrapper<S> {
  readonly p: Required<VariationalDropoutOptions>;
  #batch = 0;
  #inputMask: Tensor | null = null;
  #stateMask: Tensor | null = null;

  constructor(cell: Cell<S>, options: VariationalDropoutOptions) {
    super(cell);
    checkOptions("VariationalDropoutCell", options, ["input", "state"]);
    this.p = { input: options.input ?? 0, state: options.state ?? 0 };
    checkProbability("VariationalDropoutCell: input", this.p.input);
    checkProbability("VariationalDropoutCell: state", this.p.state);
  }

  /** Begins a sequence: draws a new mask for the state, and lets the first step draw one for the input. */
  override initialState(batch: number, options: { readonly dtype: DType }): S {
    const state = this.cell.initialState(batch, options);
    this.#batch = batch;
    this.#inputMask = null;
    const h = leaves(state)[0] as Tensor;
    this.#stateMask = this.training && this.p.state > 0 ? scaledMask(h.shape, h.dtype, this.p.state) : null;
    return state;
  }

  override step(x: Tensor, state: S): S {
    if (!this.training) return this.cell.step(x, state);
    if (this.#inputMask === null && this.p.input > 0) {
      this.#inputMask = scaledMask([this.#batch, x.shape[1] as number], x.dtype, this.p.input);
    }
    const [h, ...rest] = leaves(state) as [Tensor, ...Tensor[]];
    const dropped = rebuild(state, [masked(h, this.#stateMask), ...rest]);
    return this.cell.step(masked(x, this.#inputMask), dropped);
  }

  override extraRepr(): string {
    return `input=${this.p.input}, state=${this.p.state}`;
  }
}

function scaledMask(shape: readonly number[], dtype: DType, p: number): Tensor {
  return mask(shape, dtype, 1 - p).mul(p === 1 ? 0 : 1 / (1 - p));
}

/** x⊙mask; sequences that have ended are the last rows of the mask, so its first rows fit. */
function masked(x: Tensor, m: Tensor | null): Tensor {
  if (m === null) return x;
  const rows = x.shape[0] as number;
  if (rows > (m.shape[0] as number)) {
    throw new ShapeError(
      `VariationalDropoutCell: expected at most ${m.shape[0]} sequences, as in initialState(batch), got ${rows}`,
    );
  }
  return x.mul(m.slice(0, 0, rows));
}
