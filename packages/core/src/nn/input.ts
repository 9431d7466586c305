/** How recurrent layers read their input and give their output back: batched or not, batch or time first, padded or packed. */
import type { DType } from "../dtype.js";
import { describe, OptionError, ShapeError, shapeText } from "../errors.js";
import { type Indices, indicesOf, oneHotRows } from "../indices.js";
import { checkIndices } from "../ops/gather.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { checkLengths, fullLayout, type Layout, layoutOf, toPadded, toRows } from "./layout.js";
import { layoutOfPacked, PackedSequence } from "./packed.js";

/** Input by time: (T, B, I), for one sequence (T, I), packed (rows, I). */
export interface Prepared {
  readonly x: Tensor;
  readonly layout: Layout;
  readonly batched: boolean;
}

/** Input as rows, step after step. */
export const rowsOf = ({ x, layout }: Prepared): Tensor => (x.ndim === 3 ? toRows(x, layout) : x);

/**
 * Checks and turns input that is (T, B, I), (B, T, I), (T, I) or packed.
 *
 * @throws ShapeError, OptionError when the input or its lengths do not fit
 */
export function prepareInput(
  kind: string,
  input: Tensor | PackedSequence,
  batchFirst: boolean,
  lengths: Indices | undefined,
): Prepared {
  if (input instanceof PackedSequence) {
    if (lengths !== undefined) {
      throw new OptionError(
        `${kind}: expected either a PackedSequence or lengths, got both (lengths ${describe(lengths)}). A PackedSequence knows its lengths`,
      );
    }
    const { data } = input;
    if (data.ndim !== 2)
      throw new ShapeError(`${kind}: expected packed data of shape [rows, inputSize], got ${shapeText(data.shape)}`);
    return { x: data, layout: layoutOfPacked(input), batched: true };
  }
  checkTensor(kind, input);
  if (input.ndim !== 2 && input.ndim !== 3) {
    throw new ShapeError(
      `${kind}: expected input to be 2D (T, I) or 3D (${batchFirst ? "B, T" : "T, B"}, I), got ${input.ndim}D, shape ${shapeText(input.shape)}`,
    );
  }
  const batched = input.ndim === 3;
  const x = batched && batchFirst ? input.transpose(0, 1) : input;
  const [steps, batch] = batched ? (x.shape as [number, number]) : [x.shape[0] as number, 1];
  if (steps === 0)
    throw new ShapeError(`${kind}: expected at least one time step, got shape ${shapeText(input.shape)}`);
  if (lengths !== undefined && !batched) {
    throw new ShapeError(
      `${kind}: expected a batch (3D input) with lengths, got shape ${shapeText(input.shape)}. Cut the sequence, or unsqueeze it`,
    );
  }
  const layout =
    lengths === undefined ? fullLayout(steps, batch) : layoutOf(checkLengths(kind, lengths, batch, steps), steps);
  return { x, layout, batched };
}

/**
 * Indices of classes (T), (T, B), (B, T) or packed as the one-hot rows that stand for them. The kernels recognise those, and pick rows of
 * weights instead of multiplying.
 *
 * @throws DTypeError, ShapeError when they are not whole, of another shape or out of range
 */
export function oneHotInput(
  kind: string,
  input: Tensor | PackedSequence,
  classes: number,
  dtype: DType,
): Tensor | PackedSequence {
  const isPacked = input instanceof PackedSequence;
  const index: Tensor = isPacked ? input.data : input;
  const where = `${kind}: indices`;
  checkTensor(where, index);
  if (index.ndim < 1 || index.ndim > (isPacked ? 1 : 2)) {
    throw new ShapeError(
      `${where}: expected shape ${isPacked ? "[rows] in the PackedSequence" : "(T), or (T, B) or (B, T) for a batch"}, got ${shapeText(index.shape)}`,
    );
  }
  const list = indicesOf(where, index).index;
  checkIndices(where, list, classes);
  const rows = oneHotRows(list, index.shape, classes, dtype);
  return isPacked ? input.withData(rows) : rows;
}

/** Rows → the form the input came in. */
export function restoreOutput(
  input: Tensor | PackedSequence,
  rows: Tensor,
  layout: Layout,
  batched: boolean,
  batchFirst: boolean,
): Tensor | PackedSequence {
  if (input instanceof PackedSequence) return input.withData(rows);
  if (!batched) return rows;
  const padded = toPadded(rows, layout);
  return batchFirst ? padded.transpose(0, 1) : padded;
}
