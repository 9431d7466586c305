/** Views of a tensor: other shapes, parts, orders of axes; and the copies that belong to them. */
import { cast, toFlat } from "../array.js";
import { checkDType, type DType, isFloat } from "../dtype.js";
import { checkCount, checkOptions, DTypeError, describe, OptionError, ShapeError, shapeText } from "../errors.js";
import { convert } from "../ops/cast.js";
import { checkIndices, gather, indexSelect } from "../ops/gather.js";
import * as view from "../ops/view.js";
import { broadcastShapes, checkAxis, checkIndex, checkShape, type Shape, sameShape, sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { apply, checkTensor, recall, TensorCore } from "./core.js";
import type { Index, Slice } from "./numbers.js";

/** A tensor that can be seen in other ways. */
export abstract class TensorViews extends TensorCore {
  /** Runs over the first axis: `for (const row of matrix)`. */
  *[Symbol.iterator](): Generator<Tensor> {
    checkSomeAxis("iteration", this.ndim);
    for (let i = 0; i < (this.shape[0] as number); i++) yield this.select(0, i);
  }
  /** `h.getItem(t)` is PyTorch's `h[t]`; `h.getItem([null, { start: 1, stop: 3 }])` is `h[:, 1:3]`. A view. */
  getItem(index: Index): Tensor {
    if (typeof index === "number") return this.select(0, index);
    if (!Array.isArray(index)) throw noIndex(index);
    if (index.length > this.ndim) {
      throw new ShapeError(
        `getItem: expected at most ${this.ndim} indices for shape ${shapeText(this.shape)}, got ${index.length}`,
      );
    }
    let result = this.self;
    let axis = 0;
    for (const entry of index as readonly (number | Slice | null)[]) {
      if (entry === null) axis++;
      else if (typeof entry === "number") result = result.select(axis, entry);
      else {
        checkSlice(entry);
        result = result.slice(axis++, entry.start, entry.stop, entry.step);
      }
    }
    return result === this.self ? this.slice(0) : result;
  }
  /** The same elements in the same order; one entry may be −1 (worked out). A view when the memory allows, else a copy. */
  reshape(shape: readonly number[]): Tensor {
    return this.takeView(view.reshape, { shape: inferShape("reshape", this.shape, shape) });
  }

  /** As `reshape`, but never copies. @throws ShapeError when the memory does not allow a view */
  view(shape: readonly number[]): Tensor {
    if (!this.isContiguous()) {
      throw new ShapeError(
        `view: expected row-major memory, got strides ${shapeText(this.stride())} for shape ${shapeText(this.shape)}. Use reshape, which copies when needed`,
      );
    }
    return this.reshape(shape);
  }

  flatten(): Tensor {
    return this.reshape([-1]);
  }

  permute(order: readonly number[]): Tensor {
    checkList("permute", order);
    const axes = order.map((axis) => checkAxis("permute", axis, this.ndim));
    if (axes.length !== this.ndim || new Set(axes).size !== axes.length) {
      throw new ShapeError(`permute: expected each of the ${this.ndim} axes once, got ${shapeText(order)}`);
    }
    return this.takeView(view.permute, { order: axes });
  }

  transpose(a: number, b: number): Tensor {
    const [p, q] = [checkAxis("transpose", a, this.ndim), checkAxis("transpose", b, this.ndim)];
    const order = this.shape.map((_, axis) => (axis === p ? q : axis === q ? p : axis));
    return this.takeView(view.permute, { order });
  }

  /** The transpose of a matrix (a vector or scalar is its own). */
  get T(): Tensor {
    if (this.ndim > 2)
      throw new ShapeError(
        `T: expected at most 2 dimensions, got shape ${shapeText(this.shape)}. Use transpose(a, b) or permute`,
      );
    return this.ndim < 2 ? this.self : this.transpose(0, 1);
  }

  /** Drops axis `axis` if it has length 1, or every axis of length 1. */
  squeeze(axis?: number): Tensor {
    const axes = axis === undefined ? [...this.shape.keys()] : [checkAxis("squeeze", axis, this.ndim)];
    const dropped = axes.filter((i) => this.shape[i] === 1);
    if (this.isContiguous())
      return this.takeView(view.reshape, { shape: this.shape.filter((_, i) => !dropped.includes(i)) });
    return dropped.reduceRight((x, i) => x.select(i, 0), this.self);
  }

  /** Adds an axis of length 1 before axis `axis`. */
  unsqueeze(axis: number): Tensor {
    const known = recall(view.unsqueeze, axis, this);
    return known ?? this.takeView(view.unsqueeze, { axis: checkAxis("unsqueeze", axis, this.ndim + 1) });
  }

  /** Axes of length 1 stretched without copying; −1 keeps an axis. */
  expand(shape: readonly number[]): Tensor {
    checkList("expand", shape);
    const lead = shape.length - this.ndim;
    const full = shape.map((length, axis) =>
      length === -1 && axis >= lead ? (this.shape[axis - lead] as number) : length,
    );
    checkShape("expand", full);
    if (lead < 0 || !sameShape(broadcastShapes("expand", this.shape, full), full)) {
      throw new ShapeError(
        `expand: expected a shape that ${shapeText(this.shape)} stretches to, got ${shapeText(shape)}`,
      );
    }
    return this.takeView(view.expand, { shape: full });
  }

  select(axis: number, index: number): Tensor {
    const known = recall(view.select, view.selectKey(axis, index), this);
    if (known !== null) return known;
    const a = checkAxis("select", axis, this.ndim);
    checkSomeAxis("select", this.ndim);
    return this.takeView(view.select, { axis: a, index: checkIndex("select", index, this.shape[a] as number) });
  }

  /** start:stop:step of an axis by Python's rules (negative from the end, held within the axis); the step is positive. */
  slice(axis: number, start = 0, stop = Number.POSITIVE_INFINITY, step = 1): Tensor {
    const a = checkAxis("slice", axis, this.ndim);
    checkSomeAxis("slice", this.ndim);
    checkCount("slice", "step (flip reverses)", step, 1);
    const n = this.shape[a] as number;
    const hold = (i: number): number => {
      if (!Number.isInteger(i) && Math.abs(i) !== Infinity)
        throw new ShapeError(`slice: expected whole bounds, got ${describe(i)}`);
      return Math.min(Math.max(i < 0 ? i + n : i, 0), n);
    };
    const [from, to] = [hold(start), hold(stop)];
    return this.takeView(view.slice, {
      axis: a,
      start: from,
      length: Math.max(Math.ceil((to - from) / step), 0),
      step,
    });
  }

  /** The slices of an axis in the order of `index`; a copy. */
  indexSelect(axis: number, index: readonly number[] | Tensor): Tensor {
    const a = checkAxis("indexSelect", axis, this.ndim);
    const list = indexList("indexSelect", index);
    checkIndices("indexSelect", list, this.shape[a] ?? 0);
    return apply(indexSelect, [this], { axis: a, index: list });
  }

  /** y[i][j] = x[index[i][j]][j] for axis 0, x[i][index[i][j]] for axis 1, and so on. */
  gather(axis: number, index: Tensor): Tensor {
    const a = checkAxis("gather", axis, this.ndim);
    checkTensor("gather", index);
    checkWhole("gather", index);
    if (index.ndim !== this.ndim || index.shape.some((n, i) => i !== a && n > (this.shape[i] as number))) {
      throw new ShapeError(
        `gather: expected an index with ${this.ndim} dimensions no longer than ${shapeText(this.shape)} off axis ${a}, got ${shapeText(index.shape)}`,
      );
    }
    checkIndices("gather", toFlat(index.array), this.shape[a] ?? 1);
    return apply(gather, [this], { axis: a, index: index.array });
  }

  /** Elements in reverse order along the axes; a copy. */
  flip(axes: number | readonly number[], ...more: never[]): Tensor {
    if (more.length > 0)
      throw new OptionError(`flip: expected all axes in one array, flip([0, 1]), got ${more.length + 1} arguments`);
    const list = axisList("flip", axes, this.ndim);
    return apply(view.flip, [this], { axes: list });
  }

  /** A copy with its own memory; differentiable. */
  clone(): Tensor {
    return apply(view.clone, [this], undefined);
  }

  /** This tensor if it is row-major, else a row-major copy. */
  contiguous(): Tensor {
    return this.isContiguous() ? this.self : this.clone();
  }

  /** The same values in another dtype: floats are cut toward zero, integers wrap around. Differentiable between floats. */
  to(dtype: DType): Tensor {
    checkDType("to", dtype);
    if (dtype === this.dtype) return this.self;
    if (!isFloat(dtype)) return this.create(cast(this.array, dtype));
    return apply(convert, [this], { dtype });
  }
}

/** Axes within range, each once, in rising order. */
export function axisList(where: string, axes: number | readonly number[], rank: number): number[] {
  const given = typeof axes === "number" ? [axes] : axes;
  if (!Array.isArray(given))
    throw new OptionError(`${where}: expected an axis or an array of axes such as [0, 1], got ${describe(axes)}`);
  const list = given.map((axis) => checkAxis(where, axis, rank));
  if (new Set(list).size !== list.length)
    throw new ShapeError(`${where}: expected each axis once, got ${describe(axes)}`);
  return rank === 0 ? [] : list.sort((p, q) => p - q);
}

/** Whole numbers from an array or an integer tensor of one dimension. */
function indexList(where: string, index: readonly number[] | Tensor): number[] {
  if (Array.isArray(index)) return [...(index as readonly number[])];
  checkTensor(where, index);
  checkWhole(where, index);
  if (index.ndim > 1)
    throw new ShapeError(`${where}: expected indices in one dimension, got shape ${shapeText(index.shape)}`);
  return Array.from(toFlat(index.array));
}

function noIndex(x: unknown): OptionError {
  return new OptionError(
    `getItem: expected a whole number, a slice such as { start: 1, stop: 3 }, null for the whole axis, or an array of these, got ${describe(x)}. ` +
      "Rows by a list or tensor of indices are indexSelect(axis, list)",
  );
}

function checkSomeAxis(where: string, rank: number): void {
  if (rank === 0) throw new ShapeError(`${where}: expected at least one dimension, got a tensor of shape []`);
}

/** @throws DTypeError unless the tensor's numbers are whole and more than true and false */
export function checkWhole(where: string, { dtype }: Tensor): void {
  if (isFloat(dtype) || dtype === "bool") {
    throw new DTypeError(
      `${where}: expected whole indices, got a ${dtype} tensor. Make it with tensor(…, { dtype: "int64" }) or convert it with .to("int64")`,
    );
  }
}

/** @throws OptionError unless `entry` is a slice and nothing else, where PyTorch would take a list of indices or a mask */
function checkSlice(entry: unknown): asserts entry is Slice {
  if (entry === undefined || typeof entry !== "object" || Array.isArray(entry) || entry instanceof TensorCore)
    throw noIndex(entry);
  checkOptions("getItem: slice", entry, ["start", "stop", "step"]);
}

/** @throws ShapeError unless `list` is one array, where PyTorch takes several numbers too */
function checkList(where: string, list: unknown): asserts list is readonly number[] {
  if (!Array.isArray(list))
    throw new ShapeError(
      `${where}: expected one array of whole numbers such as ${where}([2, 3]), got ${describe(list)}`,
    );
}

function inferShape(where: string, from: Shape, wanted: readonly number[]): Shape {
  checkList(where, wanted);
  const size = sizeOf(from);
  const open = wanted.indexOf(-1);
  const rest = wanted.reduce((product, n, axis) => (axis === open ? product : product * n), 1);
  const shape = open < 0 ? wanted : wanted.map((n, axis) => (axis === open ? (rest === 0 ? 0 : size / rest) : n));
  if (!shape.every((n) => Number.isInteger(n) && n >= 0) || sizeOf(shape) !== size) {
    throw new ShapeError(
      `${where}: expected a shape of ${size} elements (one entry may be −1) for ${shapeText(from)}, got ${shapeText(wanted)}`,
    );
  }
  return shape;
}
