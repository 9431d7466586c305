/**
 * From a step to a layer: scanning over time, in both directions, over sequences of different lengths, in several layers.
 * Written once for every cell.
 *
 * Time steps are kept as rows, one step after the other; step t has `sizes[t]` rows, one for each sequence that is
 * still going. With sequences sorted by falling length these are always the first ones, so padding is never computed.
 *
 * @module
 */
import { cat, stack, zeros } from "../creation.js";
import { dropout } from "../functional.js";
import { rows as gatherRows, placeRows } from "../ops/gather.js";
import { apply, noGrad, type Tensor } from "../tensor.js";
import { inverse, type Layout } from "./layout.js";
import type { StepFunction, StepRecord, Whole } from "./step.js";

/** Places of all rows in the padded form (steps, batch), flattened. */
function placesOf(layout: Layout): number[] {
  const places: number[] = [];
  layout.sizes.forEach((size, t) => {
    for (let i = 0; i < size; i++)
      places.push(t * layout.batch + (layout.order === null ? i : (layout.order[i] as number)));
  });
  return places;
}

/** (T, B, I) → (rows, I) */
export function toRows(x: Tensor, layout: Layout): Tensor {
  const flat = x.reshape([(x.shape[0] as number) * (x.shape[1] as number), x.shape[2] as number]);
  if (layout.isFull) return flat;
  const index = placesOf(layout);
  return apply(gatherRows, [flat], { index, indexShape: [index.length], paddingIndex: -1 });
}

/** (rows, H) → (T, B, H), zeros after each sequence's end. */
export function toPadded(rows: Tensor, layout: Layout): Tensor {
  const shape = [layout.steps, layout.batch, rows.shape[1] as number];
  if (layout.isFull) return rows.reshape(shape);
  return apply(placeRows, [rows], { index: placesOf(layout), count: layout.steps * layout.batch }).reshape(shape);
}

/** Rows of a state (B, …) from the caller's order into falling order of length, or back. */
export function reorder(state: Tensor, layout: Layout, back: boolean): Tensor {
  if (layout.order === null) return state;
  const index = back ? inverse(layout.order) : layout.order;
  return state.indexSelect(0, index);
}

/** Collects what each step looked like: name → one tensor (rows of the step, width) for each time step. */
type Recorder = Map<string, Tensor[]>;

function note(recorder: Recorder, record: StepRecord, t: number): void {
  for (const [name, x] of Object.entries(record)) {
    const steps = recorder.get(name) ?? [];
    steps[t] = x.detach();
    recorder.set(name, steps);
  }
}

/**
 * Runs one direction of one layer over all time steps: as one op where the step offers that and nobody wants records, else step by
 * step. A first state of null is zeros.
 *
 * Forward, a finished sequence leaves the batch and its last state is kept; in reverse, each sequence joins at its own end with
 * its own initial state.
 */
export function scan(
  step: StepFunction,
  rows: Tensor,
  layout: Layout,
  given: readonly Tensor[] | null,
  reverse: boolean,
  recorder: Recorder | null,
): Whole {
  if (step.whole && recorder === null) return step.whole(rows, layout, given, reverse, false);
  const { sizes } = layout;
  const initial = given ?? step.stateWidths.map((width) => zeros([layout.batch, width], { dtype: rows.dtype }));
  const projected = step.project(rows);
  const starts = startsOf(sizes);
  const outputs = new Array<Tensor>(sizes.length);
  const finished: (readonly Tensor[])[] = [];
  const firstSize = reverse ? (sizes.at(-1) as number) : layout.batch;
  let state = firstSize === layout.batch ? initial : initial.map((x) => x.slice(0, 0, firstSize));
  let active = firstSize;
  for (let k = 0; k < sizes.length; k++) {
    const t = reverse ? sizes.length - 1 - k : k;
    const size = sizes[t] as number;
    if (size < active) {
      finished.push(state.map((x) => x.slice(0, size)));
      state = state.map((x) => x.slice(0, 0, size));
    } else if (size > active) {
      const from = active;
      state = state.map((x, i) => cat([x, (initial[i] as Tensor).slice(0, from, size)]));
    }
    active = size;
    const start = starts[t] as number;
    const input = sizes.length === 1 ? projected : projected.slice(0, start, start + size);
    const record: StepRecord | null = recorder === null ? null : {};
    state = step.advance(input, state, record);
    outputs[t] = step.output(state);
    if (recorder !== null && record !== null) {
      state.forEach((x, i) => {
        record[step.stateNames[i] as string] = x;
      });
      note(recorder, record, t);
    }
  }
  const last =
    finished.length === 0 ? state : state.map((x, i) => cat([x, ...finished.map((s) => s[i] as Tensor).reverse()]));
  return { output: outputs.length === 1 ? (outputs[0] as Tensor) : cat(outputs), last };
}

function startsOf(sizes: readonly number[]): number[] {
  const starts = new Array<number>(sizes.length);
  let start = 0;
  sizes.forEach((size, t) => {
    starts[t] = start;
    start += size;
  });
  return starts;
}

export interface StackOptions {
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Probability of zeroing, between layers only; 0 when not training. */
  readonly dropout: number;
  readonly record: boolean;
  readonly step: (layer: number, direction: 0 | 1) => StepFunction;
  /** Initial state of one layer and direction, in falling order of length; null for zeros. */
  readonly initial: (layer: number, direction: 0 | 1) => readonly Tensor[] | null;
}

export interface StackResult {
  /** (rows, D·P) of the last layer, forward half first. */
  readonly rows: Tensor;
  /** Last states, index layer·D + direction, in falling order of length. */
  readonly last: readonly (readonly Tensor[])[];
  /** name → (L·D, T, B, width), in the caller's order; null unless asked for. */
  readonly records: Record<string, Tensor> | null;
}

/** Runs layers one above the other, each in one or both directions. */
export function runStack(input: Tensor, layout: Layout, options: StackOptions): StackResult {
  const directions = options.bidirectional ? ([0, 1] as const) : ([0] as const);
  const last: (readonly Tensor[])[] = [];
  const recorders: Recorder[] = [];
  let rows = input;
  for (let layer = 0; layer < options.layers; layer++) {
    const outputs = directions.map((direction) => {
      const recorder: Recorder | null = options.record ? new Map() : null;
      const run = scan(
        options.step(layer, direction),
        rows,
        layout,
        options.initial(layer, direction),
        direction === 1,
        recorder,
      );
      last.push(run.last);
      if (recorder !== null) recorders.push(recorder);
      return run.output;
    });
    rows = outputs.length === 1 ? (outputs[0] as Tensor) : cat(outputs, 1);
    if (options.dropout > 0 && layer < options.layers - 1) rows = dropout(rows, { p: options.dropout });
  }
  return { rows, last, records: options.record ? recordsOf(recorders, layout) : null };
}

function recordsOf(recorders: readonly Recorder[], layout: Layout): Record<string, Tensor> {
  const names = [...(recorders[0] as Recorder).keys()];
  return noGrad(() =>
    Object.fromEntries(
      names.map((name) => [
        name,
        stack(recorders.map((recorder) => toPadded(cat(recorder.get(name) as Tensor[]), layout))),
      ]),
    ),
  );
}
