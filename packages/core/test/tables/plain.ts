/**
 * Arrays of plain numbers and the simplest code that does something with them: what the library's results are compared with.
 * Everything is float64, row-major, one index at a time.
 *
 * @module
 */

export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** The index of element number k, row-major. */
export function indexOf(shape: readonly number[], k: number): number[] {
  const index = shape.map(() => 0);
  let rest = k;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    index[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return index;
}

/** The element at an index. */
export function at(x: Plain, index: readonly number[]): number {
  let k = 0;
  x.shape.forEach((length, axis) => {
    k = k * length + (index[axis] as number);
  });
  return x.data[k] as number;
}

/** An array whose elements are worked out from their index. */
export function build(shape: readonly number[], element: (index: number[]) => number): Plain {
  return { shape, data: Array.from({ length: sizeOf(shape) }, (_, k) => element(indexOf(shape, k))) };
}

export const scalar = (value: number): Plain => ({ shape: [], data: [value] });

export const map = (x: Plain, f: (value: number) => number): Plain => ({ shape: x.shape, data: x.data.map(f) });

/** The element that an index of the broadcast result reads. */
export function broadcastAt(x: Plain, index: readonly number[]): number {
  const lead = index.length - x.shape.length;
  return at(
    x,
    x.shape.map((length, axis) => (length === 1 ? 0 : (index[axis + lead] as number))),
  );
}

export function broadcastShape(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return lengths.find((length) => length !== 1) ?? 1;
  });
}

/** f of corresponding elements, shapes broadcast. */
export function zip(x: Plain, y: Plain, f: (a: number, b: number) => number): Plain {
  return build(broadcastShape(x.shape, y.shape), (index) => f(broadcastAt(x, index), broadcastAt(y, index)));
}

/** f of all elements that differ in `axes` only, in row-major order. */
export function reduce(x: Plain, axes: readonly number[], keepdim: boolean, f: (values: number[]) => number): Plain {
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const gathered: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  const places = build(kept, (index) => index.reduce((k, i, axis) => k * (kept[axis] as number) + i, 0));
  x.data.forEach((value, k) => {
    const index = indexOf(x.shape, k).map((i, axis) => (axes.includes(axis) ? 0 : i));
    gathered[at(places, index)]?.push(value);
  });
  return { shape: keepdim ? kept : x.shape.filter((_, axis) => !axes.includes(axis)), data: gathered.map(f) };
}

export const allAxes = (x: Plain): number[] => x.shape.map((_, axis) => axis);

/** f of each line along an axis, which gives a line of any length. */
export function alongAxis(x: Plain, axis: number, f: (line: number[]) => number[]): Plain {
  const rest = x.shape.map((length, a) => (a === axis ? 1 : length));
  const lines = new Map<string, number[]>();
  for (let k = 0; k < sizeOf(rest); k++) {
    const index = indexOf(rest, k);
    const line = Array.from({ length: x.shape[axis] as number }, (_, i) => at(x, index.with(axis, i)));
    lines.set(String(index), f(line));
  }
  const length = lines.values().next().value?.length ?? (x.shape[axis] as number);
  return build(
    x.shape.with(axis, length),
    (index) => lines.get(String(index.with(axis, 0)))?.[index[axis] as number] as number,
  );
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The matrix product of two arrays of two dimensions. */
export function product(x: Plain, y: Plain): Plain {
  return build([x.shape[0] as number, y.shape[1] as number], ([i, j]) =>
    sum(Array.from({ length: x.shape[1] as number }, (_, k) => at(x, [i as number, k]) * at(y, [k, j as number]))),
  );
}

/** log softmax of a line. */
export function logSoftmax(line: readonly number[]): number[] {
  const most = Math.max(...line);
  const logSum = Math.log(sum(line.map((value) => Math.exp(value - most))));
  return line.map((value) => value - most - logSum);
}
