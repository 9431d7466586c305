import { describe, ShapeError } from "../errors.js";

/** Rows of numbers: `a[i][j]` is row i, column j. */
export type Matrix = number[][];

/** A matrix for each step in time, in the textbook's layout `a[i][j][t]`: (features, batch, time). */
export type Sequence = number[][][];

export function zeros(rows: number, columns: number): Matrix {
  return Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
}

/** C = A·B: c[i][j] = Σₖ a[i][k]·b[k][j]. */
export function matmul(a: Matrix, b: Matrix): Matrix {
  const columns = b[0]?.length ?? 0;
  const c = zeros(a.length, columns);
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < b.length; k++) sum += at(a, i, k) * at(b, k, j);
      row(c, i)[j] = sum;
    }
  }
  return c;
}

export function transpose(a: Matrix): Matrix {
  const columns = a[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, j) => a.map((_, i) => at(a, i, j)));
}

/** A matrix of the same shape whose element (i, j) is f(i, j). */
export function sameShape(a: Matrix, f: (i: number, j: number) => number): Matrix {
  return a.map((values, i) => values.map((_, j) => f(i, j)));
}

export function add(a: Matrix, b: Matrix): Matrix {
  return sameShape(a, (i, j) => at(a, i, j) + at(b, i, j));
}

/** Adds a column to every column, as NumPy's broadcasting does. */
export function addColumn(a: Matrix, column: Matrix): Matrix {
  return sameShape(a, (i, j) => at(a, i, j) + at(column, i, 0));
}

/** The sum of each row, as a column. */
export function rowSums(a: Matrix): Matrix {
  return a.map((values) => [values.reduce((sum, value) => sum + value, 0)]);
}

/** Step t of a sequence, NumPy's `a[:, :, t]`. */
export function stepOf(a: Sequence, t: number): Matrix {
  return a.map((plane) => plane.map((values) => values[t] as number));
}

/** A sequence out of one matrix for each step. */
export function sequenceOf(steps: readonly Matrix[]): Sequence {
  const first = steps[0] ?? [];
  return first.map((values, i) => values.map((_, j) => steps.map((step) => at(step, i, j))));
}

export const at = (a: Matrix, i: number, j: number): number => row(a, i)[j] as number;
const row = (a: Matrix, i: number): number[] => a[i] as number[];

/**
 * The shape of nested arrays.
 *
 * @throws ShapeError unless `value` is arrays in arrays, `letters` deep, of equal and positive lengths, holding numbers
 */
export function shapeOf(where: string, name: string, value: unknown, letters: string): number[] {
  const depth = letters.split(",").length;
  const wrong = (got: string): ShapeError =>
    new ShapeError(`${where}: expected ${name} to be nested arrays of numbers of shape (${letters}), got ${got}`);
  const measure = (part: unknown, level: number): number[] => {
    if (level === depth) {
      if (typeof part !== "number") throw wrong(`${describe(part)} where a number should stand`);
      return [];
    }
    if (!Array.isArray(part) || part.length === 0)
      throw wrong(level === 0 ? describe(part) : `${describe(part)} inside`);
    const [shape, ...others] = part.map((inner) => measure(inner, level + 1)) as [number[], ...number[][]];
    const odd = others.find((other) => other.join() !== shape.join());
    if (odd) throw wrong(`parts of unequal lengths, (${shape.join(", ")}) and (${odd.join(", ")})`);
    return [part.length, ...shape];
  };
  return measure(value, 0);
}

/** @throws ShapeError unless `value` has the lengths `expected`, which `letters` names */
export function checkShape(where: string, name: string, value: unknown, letters: string, expected: number[]): void {
  const shape = shapeOf(where, name, value, letters);
  if (shape.join() !== expected.join()) {
    throw new ShapeError(
      `${where}: expected ${name} of shape (${letters}) = (${expected.join(", ")}), got (${shape.join(", ")})`,
    );
  }
}
