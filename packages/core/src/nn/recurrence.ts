/**
 * The classical layers as one op for all time steps of one direction. Their equations stand in the kernels' `Recurrence`.
 *
 * Letters: N rows, B batch, I input size, H hidden size, P projected size (P = H without projection), g gates.
 *
 * @module
 */
import type { RecurrenceKind } from "../kernels/index.js";
import { recurrent } from "../ops/recurrent.js";
import { isRecording } from "../tape.js";
import { applyMulti, noGrad, type Tensor } from "../tensor.js";
import type { Layout } from "./layout.js";
import type { DirectionRun } from "./stack.js";

export interface RecurrentWeights {
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

function run(
  kind: RecurrenceKind,
  w: RecurrentWeights,
  rows: Tensor,
  layout: Layout,
  initial: readonly Tensor[] | null,
  reverse: boolean,
  record: boolean,
  whole: boolean,
): Tensor[] {
  const inputs = [rows, w.weightIh, w.weightHh];
  const { biasIh, biasHh, weightHr } = w;
  const biased = biasIh !== null && biasHh !== null;
  if (biased) inputs.push(biasIh, biasHh);
  if (weightHr) inputs.push(weightHr);
  if (initial !== null) inputs.push(...initial);
  const P = w.weightHh.shape[1] as number;
  const attrs = layout.attrsFor({
    kind,
    I: rows.shape.at(-1) as number,
    H: weightHr ? (weightHr.shape[1] as number) : P,
    P,
    reverse,
    biased,
    given: initial !== null,
    keep: record || (isRecording() && inputs.some((x) => x.requiresGrad)),
    record,
    whole,
  });
  return applyMulti(recurrent, inputs, attrs);
}

/**
 * One direction of a layer over all time steps: rows (N, I) and the first state, null for zeros; with `whole` in the form in which a layer
 * gets them, all sequences of one length.
 */
export function runLayer(
  kind: RecurrenceKind,
  weights: RecurrentWeights,
  rows: Tensor,
  layout: Layout,
  initial: readonly Tensor[] | null,
  reverse: boolean,
  record: boolean,
  whole = false,
): DirectionRun {
  const outputs = run(kind, weights, rows, layout, initial, reverse, record, whole);
  const output = outputs[0] as Tensor;
  const states = kind === "lstm" ? 2 : 1;
  return {
    output,
    last: outputs.slice(1, states + 1),
    records: record ? noGrad(() => recordsOf(kind, output, outputs[states + 1], weights)) : null,
  };
}

/** States and gates of all rows by name, from the output and the slots that the kernel keeps. */
function recordsOf(
  kind: RecurrenceKind,
  output: Tensor,
  slots: Tensor | undefined,
  { weightHh, weightHr }: RecurrentWeights,
): Record<string, Tensor> {
  const hidden = output.detach();
  if (slots === undefined) return { hidden };
  const H = (weightHr ?? weightHh).shape[1] as number;
  const width = (slots.shape[1] as number) / (kind === "lstm" ? 6 : 4);
  const slot = (i: number): Tensor => slots.slice(1, i * width, i * width + H);
  if (kind === "gru") return { hidden, resetGate: slot(0), updateGate: slot(1), newGate: slot(2) };
  const [inputGate, forgetGate, candidate, outputGate, before] = [slot(0), slot(1), slot(2), slot(3), slot(4)];
  const cell = forgetGate.mul(before).add(inputGate.mul(candidate));
  return { hidden, cell, inputGate, forgetGate, candidate, outputGate };
}
