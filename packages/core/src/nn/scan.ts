/**
 * Step by step over time, for cells of one's own: sequences of different lengths, in both directions.
 *
 * @module
 */
import { cat } from "../creation.js";
import type { Tensor } from "../tensor.js";
import type { Layout } from "./layout.js";
import type { DirectionRun } from "./stack.js";

/** What a cell does in one time step. The state is a list of tensors, each with the batch as first axis. */
export interface StepFunction {
  /** Names of the state's tensors, for records. */
  readonly stateNames: readonly string[];
  /** Input (B, I) and state → next state. */
  advance(input: Tensor, state: readonly Tensor[]): readonly Tensor[];
  /** What the layer above sees of a state: (B, P). */
  output(state: readonly Tensor[]): Tensor;
}

/**
 * Runs one direction over all time steps.
 *
 * Forward, a finished sequence leaves the batch and its last state is kept; in reverse, each sequence joins at its own end with
 * its own initial state.
 */
export function scan(
  step: StepFunction,
  rows: Tensor,
  layout: Layout,
  initial: readonly Tensor[],
  reverse: boolean,
  record: boolean,
): DirectionRun {
  const { sizes } = layout;
  const starts = startsOf(sizes);
  const states = new Array<readonly Tensor[]>(sizes.length);
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
    state = step.advance(sizes.length === 1 ? rows : rows.slice(0, start, start + size), state);
    states[t] = state;
  }
  const last =
    finished.length === 0 ? state : state.map((x, i) => cat([x, ...finished.map((s) => s[i] as Tensor).reverse()]));
  const outputs = states.map((s) => step.output(s));
  const recorded = (_: string, i: number): Tensor => cat(states.map((s) => (s[i] as Tensor).detach()));
  return {
    output: outputs.length === 1 ? (outputs[0] as Tensor) : cat(outputs),
    last,
    records: record ? Object.fromEntries(step.stateNames.map((name, i) => [name, recorded(name, i)])) : null,
  };
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
