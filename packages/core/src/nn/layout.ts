/**
 * How the sequences of a batch lie over time. Time steps are kept as rows, one step after the other; step t has `sizes[t]` rows,
 * one for each sequence that is still going. With sequences sorted by falling length these are always the first ones, so
 * padding is never computed.
 *
 * @module
 */
import { ShapeError, shapeText } from "../errors.js";
import { type Indices, indicesOf } from "../indices.js";
import type { RecurrenceKind } from "../kernels/index.js";
import { rows as gatherRows, placeRows } from "../ops/gather.js";
import type { RecurrentAttrs } from "../ops/recurrent.js";
import { apply, type Tensor } from "../tensor.js";

/** What tells one recurrent op over a layout from another. */
export interface RecurrentForm {
  readonly kind: RecurrenceKind;
  readonly reverse: boolean;
  readonly I: number;
  readonly H: number;
  readonly P: number;
  readonly biased: boolean;
  readonly given: boolean;
  readonly keep: boolean;
  /** Whether states and gates are looked at. */
  readonly record: boolean;
  /** Whether sequences and states keep their axes; see `RecurrentAttrs`. */
  readonly whole: boolean;
}

export class Layout {
  /** Σ sizes */
  readonly rows: number;
  /** Every sequence has every step, in the caller's order. */
  readonly isFull: boolean;
  private readonly known: { readonly form: RecurrentForm; readonly attrs: RecurrentAttrs }[] = [];

  constructor(
    /** Rows at each time step; not rising. */
    readonly sizes: readonly number[],
    /** Position in the caller's batch of each sequence in falling order of length; null when the order is the caller's. */
    readonly order: readonly number[] | null,
    /** The number of time steps of the padded form, at least `sizes.length`. */
    readonly steps: number,
    readonly batch: number,
  ) {
    let rows = 0;
    for (let t = 0; t < sizes.length; t++) rows += sizes[t] as number;
    this.rows = rows;
    this.isFull = order === null && steps === sizes.length && sizes[steps - 1] === batch;
  }

  /** The attributes of a recurrent op over this layout: one object for each form, so that a repeated call is quickly known as such. */
  attrsFor(form: RecurrentForm): RecurrentAttrs {
    for (const { form: f, attrs } of this.known) {
      if (
        f.kind === form.kind &&
        f.reverse === form.reverse &&
        f.I === form.I &&
        f.H === form.H &&
        f.P === form.P &&
        f.biased === form.biased &&
        f.given === form.given &&
        f.keep === form.keep &&
        f.record === form.record &&
        f.whole === form.whole
      ) {
        return attrs;
      }
    }
    const { kind, reverse, I, H, P, ...rest } = form;
    const { sizes, rows } = this;
    const attrs = { ...rest, recurrence: { kind, sizes, rows, reverse, I, H, P }, projected: P !== H };
    if (this.known.length === FORMS) this.known.length = 0;
    this.known.push({ form, attrs });
    return attrs;
  }
}

/** Forms remembered for one layout, and layouts remembered. */
const FORMS = 16;
const LAYOUTS = 16;

const recent: Layout[] = [];

/** All sequences of the batch have all steps. */
export function fullLayout(steps: number, batch: number): Layout {
  for (let i = 0; i < recent.length; i++) {
    const known = recent[i] as Layout;
    if (known.steps === steps && known.batch === batch) return known;
  }
  const layout = new Layout(new Array<number>(steps).fill(batch), null, steps, batch);
  if (recent.length === LAYOUTS) recent.shift();
  recent.push(layout);
  return layout;
}

/** Whole lengths from 1 to `steps`, one for each sequence. @throws ShapeError naming the first that is not */
export function checkLengths(where: string, lengths: Indices, batch: number, steps: number): number[] {
  const { index, shape } = indicesOf(`${where}: lengths`, lengths);
  if (shape.length !== 1 || index.length !== batch) {
    throw new ShapeError(
      `${where}: expected one length for each of the ${batch} sequences of the batch, got lengths of shape ${shapeText(shape)}`,
    );
  }
  index.forEach((length, b) => {
    if (!(length >= 1 && length <= steps)) {
      throw new ShapeError(
        `${where}: expected lengths from 1 to ${steps}, the number of time steps, got ${length} at position ${b}`,
      );
    }
  });
  return [...index];
}

/** Sequence numbers by falling length; equal lengths keep their order. */
export function fallingOrder(lengths: readonly number[]): number[] {
  return [...lengths.keys()].sort((p, q) => (lengths[q] as number) - (lengths[p] as number) || p - q);
}

/** How many of the lengths reach beyond each time step. */
export function sizesOf(lengths: readonly number[]): number[] {
  const longest = Math.max(...lengths);
  const sizes = new Array<number>(longest).fill(0);
  for (const length of lengths) for (let t = 0; t < length; t++) sizes[t] = (sizes[t] as number) + 1;
  return sizes;
}

export function layoutOf(lengths: readonly number[], steps: number): Layout {
  const order = fallingOrder(lengths);
  return new Layout(sizesOf(lengths), order.every((b, i) => b === i) ? null : order, steps, lengths.length);
}

export function inverse(order: readonly number[]): number[] {
  const result = new Array<number>(order.length);
  order.forEach((from, to) => {
    result[from] = to;
  });
  return result;
}

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
