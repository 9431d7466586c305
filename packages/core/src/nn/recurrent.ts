import { stack } from "../creation.js";
import type { DType } from "../dtype.js";
import { checkOptions, describe, OptionError, ShapeError, shapeText } from "../errors.js";
import { checkProbability } from "../functional.js";
import { defaultGenerator } from "../random/index.js";
import { sameShape } from "../shape.js";
import { checkTensor, noGrad, type Tensor } from "../tensor.js";
import { prepareInput, restoreOutput, rowsOf } from "./input.js";
import { type Layout, reorder } from "./layout.js";
import { checkBoolean, checkCount, Module } from "./module.js";
import type { PackedSequence } from "./packed.js";
import type { ForwardOptions, Records } from "./rnn-base.js";
import { type StepFunction, scan } from "./scan.js";
import { runStack } from "./stack.js";
import { type CellState, leafNames, leaves, rebuild } from "./state.js";

/**
 * A cell of one's own: an `nn.Module` with these three methods works in {@link Recurrent} with layers, directions, lengths and records.
 */
export interface Cell<S extends CellState> extends Module {
  /** The state before the first step, for `batch` sequences. Also the place to draw what is drawn once a sequence. */
  initialState(batch: number, options: { readonly dtype: DType }): S;
  /** One time step: input (B, I) and state → next state. */
  step(x: Tensor, state: S): S;
  /** What is passed on of a state: (B, H). */
  output(state: S): Tensor;
}

export interface RecurrentCellOptions {
  /** Width of the input. When left out it is taken from the first input, and there are no parameters before that. */
  readonly inputSize?: number;
  readonly numLayers?: number;
  readonly batchFirst?: boolean;
  readonly dropout?: number;
  readonly bidirectional?: boolean;
}

/**
 * Runs any cell over time, with all that the built-in layers offer: several layers, two directions, dropout between layers, lengths,
 * packed sequences, unbatched input, given states, records.
 *
 * ```ts
 * class MyCell extends nn.Module {
 *   readonly i2h: nn.Linear;
 *   readonly h2h: nn.Linear;
 *   constructor(inputSize: number, readonly hiddenSize: number) {
 *     super();
 *     this.i2h = new nn.Linear(inputSize, hiddenSize);
 *     this.h2h = new nn.Linear(hiddenSize, hiddenSize);
 *   }
 *   initialState(batch: number) { return zeros([batch, this.hiddenSize]); }
 *   step(x: Tensor, h: Tensor) { return this.i2h.forward(x).add(this.h2h.forward(h)).tanh(); }
 *   output(h: Tensor) { return h; }
 *   forward(x: Tensor, h: Tensor) { return this.step(x, h); }
 * }
 * const rnn = new nn.Recurrent((inputSize) => new MyCell(inputSize, 8), { inputSize: 4, numLayers: 2, bidirectional: true });
 * const [output, hN] = rnn.forward(x);           // (T, B, 16), (4, B, 8)
 * ```
 *
 * The state given and returned has the form of the cell's state, each tensor with a first axis L·D before the batch.
 *
 * @throws OptionError when `makeCell` returns something that is no cell, or the same cell twice
 */
export class Recurrent<S extends CellState> extends Module {
  readonly numLayers: number;
  readonly batchFirst: boolean;
  dropout: number;
  readonly bidirectional: boolean;

  readonly #makeCell: (inputSize: number) => Cell<S>;

  constructor(makeCell: (inputSize: number) => Cell<S>, options: RecurrentCellOptions = {}) {
    super();
    if (typeof makeCell !== "function" || makeCell.prototype instanceof Module) {
      throw new OptionError(
        `Recurrent: expected a function such as (inputSize) => new MyCell(inputSize, …), got ${describe(makeCell)}. Each layer and direction needs a fresh cell`,
      );
    }
    checkOptions("Recurrent", options, ["inputSize", "numLayers", "batchFirst", "dropout", "bidirectional"]);
    const { inputSize = null, numLayers = 1, batchFirst = false, dropout = 0, bidirectional = false } = options;
    if (inputSize !== null) checkCount("Recurrent", "inputSize", inputSize, 1);
    checkCount("Recurrent", "numLayers", numLayers, 1);
    checkBoolean("Recurrent", "batchFirst", batchFirst);
    checkBoolean("Recurrent", "bidirectional", bidirectional);
    checkProbability("Recurrent: dropout", dropout);
    if (dropout > 0 && numLayers === 1) {
      throw new OptionError(
        `Recurrent: dropout ${dropout} would do nothing: it acts between layers, and numLayers is 1. Expected numLayers of at least 2`,
      );
    }
    this.#makeCell = makeCell;
    this.numLayers = numLayers;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    if (inputSize !== null) this.#build(inputSize);
  }

  /** The cells, named `cell_l0`, `cell_l0_reverse`, `cell_l1`, … in state dictionaries. */
  override children(): [string, Module][] {
    const found = super.children();
    if (found.length === 0) {
      throw new OptionError(
        "Recurrent: its cells do not exist yet, because the input size is not known. Pass { inputSize }, or run forward once first",
      );
    }
    return found;
  }

  /** Before the first input, when there are no cells to show, it says so. */
  override toString(): string {
    return this.#isBuilt() ? super.toString() : "Recurrent(no cells before the first input)";
  }

  #build(inputSize: number): void {
    let width = inputSize;
    const seen = new Set<unknown>();
    for (let layer = 0; layer < this.numLayers; layer++) {
      let cell: Cell<S> | null = null;
      for (const direction of this.#directions()) {
        cell = this.#makeCell(width);
        checkCell(cell);
        if (seen.has(cell))
          throw new OptionError(
            "Recurrent: expected a fresh cell for each layer and direction, got the same one twice. Make it inside the function",
          );
        seen.add(cell);
        (this as unknown as Record<string, unknown>)[cellName(layer, direction)] = cell;
      }
      if (layer < this.numLayers - 1) width = outputWidth(cell as Cell<S>) * this.#directions().length;
    }
  }

  #directions(): readonly (0 | 1)[] {
    return this.bidirectional ? [0, 1] : [0];
  }

  #cell(layer: number, direction: 0 | 1): Cell<S> {
    return (this as unknown as Record<string, Cell<S>>)[cellName(layer, direction)] as Cell<S>;
  }

  /**
   * @param input (T, B, I), (B, T, I) with batchFirst, (T, I), or a PackedSequence
   * @param state the cell's state with first axis L·D before the batch; the cells' initial states when left out
   * @returns output (T, B, D·H); the last state in the form of the cell's; with `record: true` also the states of every step,
   *   name → (L·D, T, B, …): `state` for a tensor, the record's names, or `state0`, `state1`, … for a list
   */
  override forward(
    input: PackedSequence,
    state: S | null | undefined,
    options: ForwardOptions & { readonly record: true },
  ): [PackedSequence, S, Records];
  override forward(
    input: Tensor,
    state: S | null | undefined,
    options: ForwardOptions & { readonly record: true },
  ): [Tensor, S, Records];
  override forward(input: PackedSequence, state?: S | null, options?: ForwardOptions): [PackedSequence, S];
  override forward(input: Tensor, state?: S | null, options?: ForwardOptions): [Tensor, S];
  override forward(
    input: Tensor | PackedSequence,
    state: S | null = null,
    options: ForwardOptions = {},
  ): [Tensor | PackedSequence, S] | [Tensor | PackedSequence, S, Records] {
    checkOptions("Recurrent.forward", options, ["lengths", "record"]);
    const prepared = prepareInput("Recurrent", input, this.batchFirst, options.lengths);
    const { layout, batched } = prepared;
    const rows = rowsOf(prepared);
    if (!this.#isBuilt()) this.#build(rows.shape[1] as number);
    const first = this.#cell(0, 0);
    const form = first.initialState(layout.batch, { dtype: rows.dtype });
    const names = leafNames(form);
    const given = state === null ? null : this.#checkState(state, form, batched, layout);
    const D = this.#directions().length;
    const result = runStack(rows, layout, {
      layers: this.numLayers,
      bidirectional: this.bidirectional,
      dropout: this.training ? this.dropout : 0,
      run: (below, layer, direction) => {
        const cell = this.#cell(layer, direction);
        const start = layer + direction === 0 ? form : cell.initialState(layout.batch, { dtype: rows.dtype });
        const initial = given === null ? leaves(start) : given.map((x) => x.select(0, layer * D + direction));
        return scan(stepOf(cell, form, names), below, layout, initial, direction === 1, options.record ?? false);
      },
    });
    const last = names.map((_, i) => {
      const all = stack(result.last.map((s) => reorder(s[i] as Tensor, layout, true)));
      return batched ? all : all.squeeze(1);
    });
    const output = restoreOutput(input, result.rows, layout, batched, this.batchFirst);
    if (result.records === null) return [output, rebuild(form, last)];
    const records = batched
      ? result.records
      : Object.fromEntries(Object.entries(result.records).map(([name, x]) => [name, x.squeeze(2)]));
    return [output, rebuild(form, last), records];
  }

  #isBuilt(): boolean {
    return cellName(0, 0) in this;
  }

  #checkState(state: S, form: S, batched: boolean, layout: Layout): Tensor[] {
    const lead = this.numLayers * this.#directions().length;
    const wanted = leaves(form);
    const names = leafNames(form);
    checkForm("Recurrent", state, names);
    return leaves(state).map((x, i) => {
      const rest = (wanted[i] as Tensor).shape.slice(1);
      const shape = batched ? [lead, layout.batch, ...rest] : [lead, ...rest];
      if (!sameShape(x.shape, shape))
        throw new ShapeError(`Recurrent: expected ${names[i]} of shape ${shapeText(shape)}, got ${shapeText(x.shape)}`);
      const full = batched ? x : x.unsqueeze(1);
      return layout.order === null ? full : full.indexSelect(1, layout.order);
    });
  }
}

const cellName = (layer: number, direction: 0 | 1): string => `cell_l${layer}${direction === 1 ? "_reverse" : ""}`;

function checkCell(cell: unknown): void {
  const missing = ["initialState", "step", "output"].filter(
    (name) => typeof (cell as Record<string, unknown> | null)?.[name] !== "function",
  );
  if (!(cell instanceof Module) || missing.length > 0) {
    throw new OptionError(
      `Recurrent: expected a cell, an nn.Module with the methods initialState(batch), step(x, state) and output(state), got ${describe(cell)}` +
        (cell instanceof Module ? ` without ${missing.join(", ")}` : ""),
    );
  }
}

/** The width of a cell's output, found on a state for one sequence; random numbers drawn on the way are given back. */
function outputWidth<S extends CellState>(cell: Cell<S>): number {
  const generator = defaultGenerator();
  const before = generator.getState();
  const width = noGrad(() => cell.output(cell.initialState(1, { dtype: "float32" }))).shape.at(-1) as number;
  generator.setState(before);
  return width;
}

/** @throws OptionError unless a state has tensors of these names */
function checkForm(where: string, state: unknown, names: readonly string[]): asserts state is CellState {
  if (state !== null && typeof state === "object" && leafNames(state as CellState).join() === names.join()) return;
  throw new OptionError(
    `${where}: expected a state like initialState's, with ${names.join(", ")}, got ${describe(state)}`,
  );
}

/** @throws OptionError, ShapeError unless a step made a state like the one it was given */
function checkNext(cell: object, next: unknown, names: readonly string[], state: readonly Tensor[]): void {
  const where = `Recurrent: ${cell.constructor.name}.step`;
  checkForm(where, next, names);
  leaves(next).forEach((x, i) => {
    checkTensor(where, x);
    const before = (state[i] as Tensor).shape;
    if (!sameShape(x.shape, before)) {
      throw new ShapeError(
        `${where}: expected ${names[i]} to keep its shape ${shapeText(before)}, got ${shapeText(x.shape)}. Does initialState give the batch as first axis?`,
      );
    }
  });
}

function stepOf<S extends CellState>(cell: Cell<S>, form: S, names: readonly string[]): StepFunction {
  return {
    stateNames: names,
    advance: (x, state) => {
      const next = cell.step(x, rebuild(form, state));
      checkNext(cell, next, names, state);
      return leaves(next);
    },
    output: (state) => cell.output(rebuild(form, state)),
  };
}
