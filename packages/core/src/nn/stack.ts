/**
 * Layers one above the other, each in one or both directions; written once for all recurrent layers.
 *
 * @module
 */
import { cat, stack } from "../creation.js";
import { dropout } from "../functional.js";
import { noGrad, type Tensor } from "../tensor.js";
import { type Layout, toPadded } from "./layout.js";

/** What running one direction of one layer over all time steps has given. */
export interface DirectionRun {
  /** (rows, P) */
  readonly output: Tensor;
  /** Last states, in falling order of length. */
  readonly last: readonly Tensor[];
  /** name → (rows, width); null unless asked for. */
  readonly records: Record<string, Tensor> | null;
}

export interface StackOptions {
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Probability of zeroing, between layers only; 0 when not training. */
  readonly dropout: number;
  readonly run: (rows: Tensor, layer: number, direction: 0 | 1) => DirectionRun;
}

export interface StackResult {
  /** (rows, D·P) of the last layer, forward half first. */
  readonly rows: Tensor;
  /** Last states, index layer·D + direction, in falling order of length. */
  readonly last: readonly (readonly Tensor[])[];
  /** name → (L·D, T, B, width), in the caller's order; null unless asked for. */
  readonly records: Record<string, Tensor> | null;
}

/** Runs the layers. */
export function runStack(input: Tensor, layout: Layout, options: StackOptions): StackResult {
  const directions = options.bidirectional ? ([0, 1] as const) : ([0] as const);
  const runs: DirectionRun[] = [];
  let rows = input;
  for (let layer = 0; layer < options.layers; layer++) {
    const both = directions.map((direction) => options.run(rows, layer, direction));
    runs.push(...both);
    rows =
      both.length === 1
        ? (both[0] as DirectionRun).output
        : cat(
            both.map((run) => run.output),
            1,
          );
    if (options.dropout > 0 && layer < options.layers - 1) rows = dropout(rows, { p: options.dropout });
  }
  return { rows, last: runs.map((run) => run.last), records: recordsOf(runs, layout) };
}

function recordsOf(runs: readonly DirectionRun[], layout: Layout): Record<string, Tensor> | null {
  const first = (runs[0] as DirectionRun).records;
  if (first === null) return null;
  const all = (name: string): Tensor[] =>
    runs.map(({ records }) => toPadded((records as Record<string, Tensor>)[name] as Tensor, layout));
  return noGrad(() => Object.fromEntries(Object.keys(first).map((name) => [name, stack(all(name))])));
}
