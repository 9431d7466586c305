/**
 * One time step of the three classical cells, as functions of their weights. Cells call them once, layers once a time step.
 *
 * Letters: B batch, I input size, H hidden size, P projected size (P = H without projection).
 *
 * @module
 */
import { linear } from "../functional.js";
import type { RecurrenceKind } from "../kernels/index.js";
import { gruGates, lstmGates } from "../ops/gates.js";
import { recurrent } from "../ops/recurrent.js";
import { isRecording } from "../tape.js";
import { applyMulti, type Tensor } from "../tensor.js";
import type { Layout } from "./layout.js";

/** Named tensors of one step, for looking at: gates (B, H) each. */
export type StepRecord = Record<string, Tensor>;

/** What a recurrent layer does in one time step. The state is a list of tensors, each with the batch as first axis. */
export interface StepFunction {
  /** Names of the state's tensors, for records. */
  readonly stateNames: readonly string[];
  /** Their widths, for a state of zeros. */
  readonly stateWidths: readonly number[];
  /** The part of the step that needs only the input; works on the rows of many steps at once: (N, I) → (N, …). */
  project(rows: Tensor): Tensor;
  /** The rest of the step: projected input (B, …) and state → next state. Fills `record` when there is one. */
  advance(projected: Tensor, state: readonly Tensor[], record: StepRecord | null): readonly Tensor[];
  /** What the layer above sees of a state: (B, P). */
  output(state: readonly Tensor[]): Tensor;
  /**
   * All time steps as one op, where there is one: rows (N, I) and the first state, null for zeros → all outputs (N, P) and the last
   * state. The same numbers as step by step, bit for bit; gradients of weights are added up in another order. `cell`: there is one
   * step, and its output and last state may be one tensor.
   */
  readonly whole?: (
    rows: Tensor,
    layout: Layout,
    initial: readonly Tensor[] | null,
    reverse: boolean,
    cell: boolean,
  ) => Whole;
}

/** A step that is also there as one op over all time steps. */
export type WholeStep = StepFunction & Required<Pick<StepFunction, "whole">>;

export interface Whole {
  readonly output: Tensor;
  readonly last: readonly Tensor[];
}

export interface StepWeights {
  /** (gH, I) */
  readonly weightIh: Tensor;
  /** (gH, P) */
  readonly weightHh: Tensor;
  /** (gH), both or neither */
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  /** (P, H), LSTM with projection only */
  readonly weightHr?: Tensor | null;
}

/** A classical layer, or one step of it, as one op. */
const wholeOf =
  (kind: RecurrenceKind, w: StepWeights): WholeStep["whole"] =>
  (rows, layout, initial, reverse, cell) => {
    const inputs = [rows, w.weightIh, w.weightHh];
    const { biasIh, biasHh, weightHr } = w;
    const biased = biasIh !== null && biasHh !== null;
    if (biased) inputs.push(biasIh, biasHh);
    if (weightHr) inputs.push(weightHr);
    if (initial !== null) inputs.push(...initial);
    const P = w.weightHh.shape[1] as number;
    const attrs = layout.attrsFor({
      kind,
      I: rows.shape[1] as number,
      H: weightHr ? (weightHr.shape[1] as number) : P,
      P,
      reverse,
      biased,
      given: initial !== null,
      keep: isRecording() && inputs.some((x) => x.requiresGrad),
      cell,
    });
    const outputs = applyMulti(recurrent, inputs, attrs);
    return { output: outputs[0] as Tensor, last: cell ? outputs : outputs.slice(1) };
  };

const first = (state: readonly Tensor[]): Tensor => state[0] as Tensor;

/** h′ = act(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh). Elman 1990. */
export function rnnStep(w: StepWeights, nonlinearity: "tanh" | "relu"): WholeStep {
  return {
    stateNames: ["hidden"],
    stateWidths: [w.weightHh.shape[1] as number],
    project: (rows) => linear(rows, w.weightIh, w.biasIh),
    advance: (projected, state) => {
      const sum = linear(first(state), w.weightHh, w.biasHh).add(projected);
      return [nonlinearity === "tanh" ? sum.tanh() : sum.relu()];
    },
    output: first,
    whole: wholeOf(nonlinearity, w),
  };
}

function splitGates(gates: Tensor, names: readonly string[], record: StepRecord): void {
  const width = (gates.shape[1] as number) / names.length;
  names.forEach((name, i) => {
    record[name] = gates.slice(1, i * width, (i + 1) * width).detach();
  });
}

/**
 * i f g o = split₄(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh);  c′ = σ(f)⊙c + σ(i)⊙tanh(g);  h′ = σ(o)⊙tanh(c′), and with a projection
 * h′ ← h′·W_hrᵀ. Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000; projection: Sak et al. 2014.
 */
export function lstmStep(w: StepWeights): WholeStep {
  return {
    stateNames: ["hidden", "cell"],
    stateWidths: [w.weightHh.shape[1] as number, (w.weightHr ?? w.weightHh).shape[1] as number],
    project: (rows) => linear(rows, w.weightIh, w.biasIh),
    advance: (projected, state, record) => {
      const sum = linear(first(state), w.weightHh, w.biasHh).add(projected);
      const [h, c, gates] = applyMulti(lstmGates, [sum, state[1] as Tensor], undefined) as [Tensor, Tensor, Tensor];
      if (record !== null) splitGates(gates, ["inputGate", "forgetGate", "candidate", "outputGate"], record);
      return [w.weightHr ? linear(h, w.weightHr) : h, c];
    },
    output: first,
    whole: wholeOf("lstm", w),
  };
}

/**
 * r z n as in PyTorch: r = σ(x_r + h_r), z = σ(x_z + h_z), n = tanh(x_n + r⊙h_n), h′ = (h − n)⊙z + n, where
 * x = x·W_ihᵀ + b_ih and h = h·W_hhᵀ + b_hh. The reset gate acts after the product (Cho et al. 2014, arXiv v1).
 */
export function gruStep(w: StepWeights): WholeStep {
  return {
    stateNames: ["hidden"],
    stateWidths: [w.weightHh.shape[1] as number],
    project: (rows) => linear(rows, w.weightIh, w.biasIh),
    advance: (projected, state, record) => {
      const h = first(state);
      const [next, gates] = applyMulti(gruGates, [projected, linear(h, w.weightHh, w.biasHh), h], undefined) as [
        Tensor,
        Tensor,
      ];
      if (record !== null) splitGates(gates, ["resetGate", "updateGate", "newGate"], record);
      return [next];
    },
    output: first,
    whole: wholeOf("gru", w),
  };
}
