/**
 * Reading what users pass: nested arrays, typed arrays, and anything with `toArray()` or `tolist()` (tensors).
 *
 * @module
 */
import { describe, FigureError } from "./errors.js";

/** Anything that can give its numbers as nested arrays: a tensor, for instance. */
export type ArrayGiver = { toArray(): unknown } | { tolist(): unknown };

/** A row of numbers (booleans count as 0 and 1). */
export type Vector = ArrayLike<number | boolean> | ArrayGiver;

/** Rows of numbers, all of one length. */
export type Matrix = ArrayLike<ArrayLike<number | boolean>> | ArrayGiver;

type Nested = ArrayLike<unknown>;

/** The nested array inside a tensor-like value; arrays come back as they are. */
export function unwrap(value: unknown): unknown {
  if (value !== null && typeof value === "object" && !isArrayLike(value)) {
    const giver = value as { toArray?: unknown; tolist?: unknown };
    if (typeof giver.toArray === "function") return giver.toArray();
    if (typeof giver.tolist === "function") return giver.tolist();
  }
  return value;
}

function isArrayLike(value: unknown): value is Nested {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** How many axes a nested array has, judged by its first entries: 0 for a number, 2 for a matrix. */
export function depthOf(value: unknown): number {
  let depth = 0;
  for (let inner = unwrap(value); isArrayLike(inner); inner = unwrap(inner[0])) depth++;
  return depth;
}

/**
 * A plain vector of numbers.
 *
 * @throws FigureError for anything else, naming the first entry that does not fit; for an empty vector
 */
export function toVector(where: string, value: unknown): number[] {
  const list = unwrap(value);
  if (!isArrayLike(list)) {
    throw new FigureError(`${where}: expected a list of numbers (or a 1-D tensor), got ${describe(value)}`);
  }
  if (list.length === 0) throw new FigureError(`${where}: expected at least one number, got an empty list`);
  return Array.from(list, (entry, i) => toNumber(`${where}[${i}]`, entry));
}

/**
 * A plain matrix: rows of numbers, all of one length.
 *
 * @throws FigureError for ragged rows, an empty matrix, another number of axes, an entry that is no number
 */
export function toMatrix(where: string, value: unknown): number[][] {
  const rows = unwrap(value);
  if (!isArrayLike(rows)) {
    throw new FigureError(`${where}: expected a matrix, as rows of numbers or a 2-D tensor, got ${describe(value)}`);
  }
  if (rows.length === 0) throw new FigureError(`${where}: expected at least one row, got an empty matrix`);
  const depth = depthOf(rows);
  if (depth === 1) {
    throw new FigureError(
      `${where}: expected a matrix, as rows of numbers, got a list of ${rows.length} numbers. ` +
        "Wrap it in an array for one row; map each number to an array for one column",
    );
  }
  if (depth > 2) {
    throw new FigureError(
      `${where}: expected a matrix (2 axes), got ${depth} axes. Select or reshape to two axes first`,
    );
  }
  const matrix = Array.from(rows, (row, i) => {
    const entries = unwrap(row);
    if (!isArrayLike(entries))
      throw new FigureError(`${where}: expected row ${i} to be a list of numbers, got ${describe(row)}`);
    return Array.from(entries, (entry, j) => toNumber(`${where}[${i}][${j}]`, entry));
  });
  const columns = (matrix[0] as number[]).length;
  for (const [i, row] of matrix.entries()) {
    if (row.length !== columns) {
      throw new FigureError(
        `${where}: expected rows of one length, got ${columns} numbers in row 0 and ${row.length} in row ${i}. ` +
          "Pad the shorter rows (NaN is drawn as hatched grey)",
      );
    }
  }
  if (columns === 0) throw new FigureError(`${where}: expected at least one column, got rows of length 0`);
  return matrix;
}

function toNumber(where: string, entry: unknown): number {
  if (typeof entry === "number") return entry;
  if (typeof entry === "boolean") return entry ? 1 : 0;
  if (typeof entry === "bigint") return Number(entry);
  throw new FigureError(`${where}: expected a number, got ${describe(entry)}`);
}

/** Checks a list of labels: as many as expected, each text (numbers are written out). */
export function toLabels(where: string, labels: unknown, expected: number, of: string): string[] {
  const list = typeof labels === "string" ? [...labels] : labels;
  if (!Array.isArray(list))
    throw new FigureError(`${where}: expected an array of ${expected} labels, got ${describe(labels)}`);
  if (list.length !== expected) {
    throw new FigureError(`${where}: expected ${expected} labels, one for each ${of}, got ${list.length}`);
  }
  return list.map((label, i) => {
    if (typeof label !== "string" && typeof label !== "number") {
      throw new FigureError(`${where}[${i}]: expected a label (text), got ${describe(label)}`);
    }
    return String(label);
  });
}

/** A finite number, or an error that names the option. */
export function finiteOption(where: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new FigureError(`${where}: expected a finite number, got ${describe(value)}`);
  }
  return value;
}

/** A finite number above zero, or an error that names the option. */
export function positiveOption(where: string, value: unknown): number {
  if (typeof value !== "number" || !(value > 0) || value === Infinity) {
    throw new FigureError(`${where}: expected a finite number above 0, got ${describe(value)}`);
  }
  return value;
}

/** One of a closed list of words, or an error that names the option and the list. */
export function choiceOption<T extends string>(where: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T)) {
    throw new FigureError(
      `${where}: expected one of ${choices.map((c) => `'${c}'`).join(", ")}, got ${describe(value)}`,
    );
  }
  return value as T;
}

/** Smallest and largest finite number of a list; `undefined` when there is none. */
export function extent(values: Iterable<number>): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

/** Whether a value is an object literal. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
