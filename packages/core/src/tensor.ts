/**
 * Tensor: numbers, a shape and, when asked for, a gradient. Methods check their arguments and hand over to ops.
 *
 * @module
 */
import { cast, copyInto, copyOf, fullArray, type NdArray, toFlat } from "./array.js";
import { bytesOf, castValue, checkDType, type DType, isFloat, promote, rangeOf, type TypedArray } from "./dtype.js";
import { checkOptions, DTypeError, describe, GradientError, OptionError, ShapeError, shapeText } from "./errors.js";
import { assignPart, replaceAll } from "./ops/assign.js";
import { convert } from "./ops/cast.js";
import * as elementwise from "./ops/elementwise.js";
import { checkIndices, gather, indexSelect } from "./ops/gather.js";
import { matmul } from "./ops/matmul.js";
import type { MultiOp, Op } from "./ops/op.js";
import * as reduce from "./ops/reduce.js";
import { logSoftmax, softmax } from "./ops/softmax.js";
import * as view from "./ops/view.js";
import { formatTensor } from "./print.js";
import {
  broadcastShapes,
  checkAxis,
  checkIndex,
  checkShape,
  isContiguous,
  type Shape,
  sameShape,
  sizeOf,
} from "./shape.js";
import {
  type GradientHolder,
  isRecording,
  LeafNode,
  MultiOpNode,
  type Node,
  OpNode,
  PickNode,
  runBackward,
  withRecording,
} from "./tape.js";

/** Numbers or booleans, nested as deeply as the tensor has dimensions. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** Part of an axis, as Python's start:stop:step with a positive step. */
export interface Slice {
  readonly start?: number;
  readonly stop?: number;
  readonly step?: number;
}

/** One entry per axis from the left: an index, a slice, or null for the whole axis. */
export type Index = number | readonly (number | Slice | null)[];

/** How a view was taken, so that a change in place of its base can be followed, and the other way round. */
interface ViewSource {
  /** The tensor at the beginning of the chain of views. */
  readonly base: Tensor;
  /** What this view was taken from: the base or another view of it. */
  readonly from: Tensor;
  readonly op: Op<unknown>;
  readonly attrs: unknown;
}

export class Tensor implements GradientHolder {
  /** The plain numbers. For the library's own use: it changes when `data` is assigned. */
  array: NdArray;
  /** The sum of gradients that `backward()` has left here, or null. */
  grad: Tensor | null = null;
  private node: Node | null = null;
  private wantsGrad = false;
  private retains = false;
  private source: ViewSource | null = null;
  /** Counts rewritings of this tensor's history; a view remembers which one it was taken from. */
  private generation = 0;

  /** For the library's own use; tensors are made by `tensor`, `zeros`, `rand`, … */
  constructor(array: NdArray) {
    this.array = array;
  }

  // ---- what it is -------------------------------------------------------------------------------------------------

  get shape(): readonly number[] {
    return this.array.shape;
  }

  get dtype(): DType {
    return this.array.dtype;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.array.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return sizeOf(this.array.shape);
  }

  /** Strides in elements, as `torch.Tensor.stride()`. */
  stride(): number[] {
    return this.array.strides.slice();
  }

  /** Strides in bytes, as NumPy's `ndarray.strides`. */
  get strides(): number[] {
    return this.array.strides.map((step) => step * bytesOf(this.dtype));
  }

  isContiguous(): boolean {
    return isContiguous(this.array.shape, this.array.strides);
  }

  /** Whether `backward()` leaves a gradient here. Settable on leaves of floating dtype only. */
  get requiresGrad(): boolean {
    return this.wantsGrad || this.edge() !== null;
  }

  set requiresGrad(wanted: boolean) {
    if (typeof wanted !== "boolean")
      throw new OptionError(`requiresGrad: expected true or false, got ${describe(wanted)}`);
    if (wanted && !isFloat(this.dtype)) {
      throw new DTypeError(
        `requiresGrad: expected a float32 or float64 tensor, got ${this.dtype}. Convert with .to("float32") first`,
      );
    }
    if (!this.isLeaf) {
      if (wanted) return;
      throw new GradientError(
        "requiresGrad: expected a leaf, got the result of an operation. Use detach() to leave the graph",
      );
    }
    this.wantsGrad = wanted;
    if (!wanted) this.node = null;
  }

  /** Made by the user rather than by a recorded operation. */
  get isLeaf(): boolean {
    const node = this.edge();
    return node === null || node instanceof LeafNode;
  }

  // ---- numbers in and out -------------------------------------------------------------------------------------------

  /**
   * The numbers without their history: a detached alias on the same memory, as in PyTorch.
   * Assigning takes over the memory of another tensor of the same dtype; an optimiser made before goes on with it.
   */
  get data(): Tensor {
    return new Tensor(this.array);
  }

  set data(value: Tensor) {
    if (!(value instanceof Tensor))
      throw new OptionError(`data: expected a Tensor, got ${describe(value)}. Make one with tensor(…)`);
    if (value.dtype !== this.dtype) {
      throw new DTypeError(`data: expected dtype ${this.dtype}, got ${value.dtype}. Convert with .to("${this.dtype}")`);
    }
    this.array = value.array;
  }

  /** The one number of a tensor of one element. */
  item(): number {
    if (this.numel() !== 1) {
      throw new ShapeError(
        `item: expected a tensor of one element, got shape ${shapeText(this.shape)}. Use toArray() for all of them`,
      );
    }
    return toFlat(this.array)[0] as number;
  }

  /** Nested arrays of numbers (of booleans for dtype bool). */
  toArray(): NestedArray {
    const flat = toFlat(this.array);
    const shape = this.shape;
    let at = 0;
    const nest = (axis: number): NestedArray => {
      if (axis === shape.length) {
        const value = flat[at++] as number;
        return this.dtype === "bool" ? value !== 0 : value;
      }
      return Array.from({ length: shape[axis] as number }, () => nest(axis + 1));
    };
    return nest(0);
  }

  /** The numbers in row-major order; a copy. (int64 comes as a Float64Array of whole numbers.) */
  toTypedArray(): TypedArray {
    return toFlat(this.array);
  }

  /** As PyTorch prints it. */
  toString(): string {
    const { dtype, shape } = this;
    return formatTensor({ dtype, shape, values: toFlat(this.array), requiresGrad: this.wantsGrad });
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Runs over the first axis: `for (const row of matrix)`. */
  *[Symbol.iterator](): Generator<Tensor> {
    if (this.ndim === 0) throw new ShapeError("iteration: expected at least one dimension, got a tensor of shape []");
    for (let i = 0; i < (this.shape[0] as number); i++) yield this.select(0, i);
  }

  // ---- gradients ------------------------------------------------------------------------------------------------------

  /** The node at which gradients for this tensor arrive, or null when it has none. */
  private edge(): Node | null {
    if (this.source !== null && this.generation !== this.source.base.generation) this.followBase(this.source.base);
    if (this.node === null && this.wantsGrad) this.node = new LeafNode(this);
    return this.node;
  }

  /** The base's history was rewritten by a change in place: takes the view again from what the base is now. */
  private followBase(base: Tensor): void {
    this.generation = base.generation;
    withRecording(true, () => {
      this.node = this.viewOf(base).edge();
    });
  }

  /** The view that this one is of its base, taken of another tensor. */
  private viewOf(other: Tensor): Tensor {
    const steps: ViewSource[] = [];
    for (let { source } = this as Tensor; source !== null; source = source.from.source) steps.push(source);
    return steps.reduceRight((x, { op, attrs }) => apply(op, [x], attrs), other);
  }

  receiveGradient(g: NdArray, owned: boolean): void {
    if (this.grad !== null) {
      this.grad = new Tensor(elementwise.binary("add", this.grad.array, g, g.shape));
    } else {
      this.grad = new Tensor(owned && isContiguous(g.shape, g.strides) ? g : copyOf(g));
    }
  }

  /**
   * Adds d(this)/d(leaf) into `.grad` of every leaf this tensor was made from. First-order gradients only.
   *
   * @param options.gradient what to start from; needed unless this tensor has one element (default 1)
   * @param options.retainGraph keep what the pass needs, so that it can run again (default false)
   * @throws GradientError without a recorded history, when it has been freed, or when a change in place has spoiled it
   */
  backward(options?: { readonly gradient?: Tensor; readonly retainGraph?: boolean }): void {
    checkOptions("backward", options, ["gradient", "retainGraph"]);
    const root = this.edge();
    if (root === null) {
      throw new GradientError(
        "backward: expected a tensor computed from one with requiresGrad, got one without history. " +
          "Was it made under noGrad(), from detach()ed tensors, or from data only?",
      );
    }
    const gradient = options?.gradient;
    if (gradient === undefined && this.numel() !== 1) {
      throw new GradientError(
        `backward: expected a tensor of one element, such as a loss, got shape ${shapeText(this.shape)}. ` +
          "Reduce it with sum() or mean(), or pass { gradient }",
      );
    }
    if (gradient !== undefined && !sameShape(gradient.shape, this.shape)) {
      throw new ShapeError(
        `backward: expected a gradient of shape ${shapeText(this.shape)}, got ${shapeText(gradient.shape)}`,
      );
    }
    const start = gradient === undefined ? fullArray(this.dtype, this.shape, 1) : cast(gradient.array, this.dtype);
    runBackward(root, start, options?.retainGraph ?? false);
  }

  /** Asks `backward()` to leave a gradient here too, though this tensor is no leaf. */
  retainGrad(): this {
    const node = this.edge();
    if (node === null)
      throw new GradientError("retainGrad: expected a tensor that requires a gradient, got one that does not");
    if (!(node instanceof LeafNode) && !this.retains) {
      this.retains = true;
      node.holder = this;
    }
    return this;
  }

  /** The same numbers in the same memory without history. */
  detach(): Tensor {
    return new Tensor(this.array);
  }

  // ---- changes in place -----------------------------------------------------------------------------------------------

  /**
   * Overwrites all elements with `value`, of equal shape and dtype, history included.
   * A view's base gets a history in which that part was replaced; other views follow when they are next used.
   */
  private assign(where: string, value: Tensor): this {
    const whole = this.source?.base ?? this;
    const record = isRecording();
    if (record && whole.isLeaf && whole.requiresGrad) {
      throw new GradientError(
        `${where}: expected a tensor that may be changed, got ${this.source ? "a view of " : ""}a leaf that requires a gradient. ` +
          "Change it under noGrad(), or change a clone()",
      );
    }
    const from = record ? value.edge() : null;
    const before = record ? whole.edge() : null;
    copyInto(value.array.data === this.array.data ? copyOf(value.array) : value.array, this.array);
    this.array.memory.version++;
    if (from === null && before === null) return this;
    if (this.source === null) {
      this.node = from && new OpNode(replaceAll, [from], [value.array], this.array, { array: this.array });
    } else {
      const partOf = (array: NdArray): NdArray => this.viewOf(new Tensor(array)).array;
      whole.node = new OpNode(assignPart, [before, from], [whole.array, value.array], whole.array, { partOf });
    }
    whole.generation++;
    return this;
  }

  fill_(value: number): this {
    return this.assign(
      "fill_",
      new Tensor(fullArray(this.dtype, this.shape, checkedValue("fill_", value, this.dtype))),
    );
  }

  zero_(): this {
    return this.fill_(0);
  }

  /** Overwrites this tensor with `source`, broadcast and converted to this dtype. */
  copy_(source: Tensor): this {
    checkTensor("copy_", source);
    const converted = source.to(this.dtype);
    return this.assign("copy_", sameShape(converted.shape, this.shape) ? converted : converted.expand(this.shape));
  }

  add_(other: Tensor | number): this {
    return this.inPlace("add_", this.add(other));
  }

  sub_(other: Tensor | number): this {
    return this.inPlace("sub_", this.sub(other));
  }

  mul_(other: Tensor | number): this {
    return this.inPlace("mul_", this.mul(other));
  }

  div_(other: Tensor | number): this {
    return this.inPlace("div_", this.div(other));
  }

  private inPlace(where: string, result: Tensor): this {
    if (!sameShape(result.shape, this.shape)) {
      throw new ShapeError(
        `${where}: expected a result of shape ${shapeText(this.shape)}, got ${shapeText(result.shape)}: what is changed in place keeps its shape`,
      );
    }
    if (result.dtype !== this.dtype && isFloat(result.dtype) && !isFloat(this.dtype)) {
      throw new DTypeError(
        `${where}: expected a result that fits dtype ${this.dtype}, got ${result.dtype}. Convert with .to("${result.dtype}") first`,
      );
    }
    return this.assign(where, result.to(this.dtype));
  }

  /**
   * `h.setItem(t, v)` is PyTorch's `h[t] = v`; `h.setItem([null, 2], v)` is `h[:, 2] = v`. Differentiable in `h` and `v`.
   *
   * @throws ShapeError when the index does not exist or `value` does not broadcast to the part
   */
  setItem(index: Index, value: Tensor | number): this {
    const part = this.getItem(index);
    const source =
      typeof value === "number"
        ? new Tensor(fullArray(this.dtype, [], checkedValue("setItem", value, this.dtype)))
        : value;
    checkTensor("setItem", source);
    part.copy_(source);
    return this;
  }

  /** `h.getItem(t)` is PyTorch's `h[t]`; `h.getItem([null, { start: 1, stop: 3 }])` is `h[:, 1:3]`. A view. */
  getItem(index: Index): Tensor {
    const entries = typeof index === "number" ? [index] : index;
    if (!Array.isArray(entries))
      throw new OptionError(`getItem: expected an index such as 2 or [null, 2], got ${describe(index)}`);
    if (entries.length > this.ndim) {
      throw new ShapeError(
        `getItem: expected at most ${this.ndim} indices for shape ${shapeText(this.shape)}, got ${entries.length}`,
      );
    }
    let result: Tensor = this;
    let axis = 0;
    for (const entry of entries as readonly (number | Slice | null)[]) {
      if (entry === null) axis++;
      else if (typeof entry === "number") result = result.select(axis, entry);
      else result = result.slice(axis++, entry.start, entry.stop, entry.step);
    }
    return result === this ? this.slice(0) : result;
  }

  // ---- views ------------------------------------------------------------------------------------------------------------

  /** Applies a view op and remembers where the view came from. */
  private takeView<A>(op: Op<A>, attrs: A): Tensor {
    const result = apply(op, [this], attrs);
    if (result.array.data === this.array.data) {
      const base = this.source?.base ?? this;
      result.source = { base, from: this, op: op as Op<unknown>, attrs };
      result.generation = base.generation;
    }
    return result;
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
    return this.ndim < 2 ? this : this.transpose(0, 1);
  }

  /** Drops axis `axis` if it has length 1, or every axis of length 1. */
  squeeze(axis?: number): Tensor {
    const one = axis === undefined ? -1 : checkAxis("squeeze", axis, this.ndim);
    const shape = this.shape.filter((length, i) => length !== 1 || (one >= 0 && i !== one));
    const kept = this.shape.flatMap((length, i) => (length !== 1 || (one >= 0 && i !== one) ? [i] : []));
    if (this.isContiguous()) return this.takeView(view.reshape, { shape });
    const dropped = this.shape.flatMap((_, i) => (kept.includes(i) ? [] : [i])).reverse();
    return dropped.reduce<Tensor>((x, i) => x.select(i, 0), this);
  }

  /** Adds an axis of length 1 before axis `axis`. */
  unsqueeze(axis: number): Tensor {
    const at = checkAxis("unsqueeze", axis, this.ndim + 1);
    const shape = this.shape.slice();
    shape.splice(at, 0, 1);
    return this.takeView(view.unsqueeze, { axis: at });
  }

  /** Axes of length 1 stretched without copying; −1 keeps an axis. */
  expand(shape: readonly number[]): Tensor {
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
    const a = checkAxis("select", axis, this.ndim);
    if (this.ndim === 0) throw new ShapeError("select: expected at least one dimension, got a tensor of shape []");
    return this.takeView(view.select, { axis: a, index: checkIndex("select", index, this.shape[a] as number) });
  }

  /** start:stop:step of an axis by Python's rules (negative from the end, held within the axis); the step is positive. */
  slice(axis: number, start = 0, stop = Number.POSITIVE_INFINITY, step = 1): Tensor {
    const a = checkAxis("slice", axis, this.ndim);
    if (this.ndim === 0) throw new ShapeError("slice: expected at least one dimension, got a tensor of shape []");
    if (!Number.isInteger(step) || step < 1)
      throw new ShapeError(`slice: expected a whole step ≥ 1, got ${describe(step)}. Use flip to reverse`);
    const n = this.shape[a] as number;
    const hold = (i: number): number => {
      if (Number.isNaN(i) || (Number.isFinite(i) && !Number.isInteger(i)))
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
    if (isFloat(index.dtype) || index.dtype === "bool") {
      throw new DTypeError(
        `gather: expected whole indices, got dtype ${index.dtype}. Make them with { dtype: "int64" }`,
      );
    }
    if (index.ndim !== this.ndim || index.shape.some((n, i) => i !== a && n > (this.shape[i] as number))) {
      throw new ShapeError(
        `gather: expected an index with ${this.ndim} dimensions no longer than ${shapeText(this.shape)} off axis ${a}, got ${shapeText(index.shape)}`,
      );
    }
    checkIndices("gather", toFlat(index.array), this.shape[a] ?? 1);
    return apply(gather, [this], { axis: a, index: index.array });
  }

  /** Elements in reverse order along the axes; a copy. */
  flip(axes: number | readonly number[]): Tensor {
    const list = axisList("flip", axes, this.ndim);
    return apply(view.flip, [this], { axes: list });
  }

  /** A copy with its own memory; differentiable. */
  clone(): Tensor {
    return apply(view.clone, [this], undefined);
  }

  /** This tensor if it is row-major, else a row-major copy. */
  contiguous(): Tensor {
    return this.isContiguous() ? this : this.clone();
  }

  /** The same values in another dtype: floats are cut toward zero, integers wrap around. Differentiable between floats. */
  to(dtype: DType): Tensor {
    checkDType("to", dtype);
    if (dtype === this.dtype) return this;
    if (!isFloat(dtype)) return new Tensor(cast(this.array, dtype));
    return apply(convert, [this], { dtype });
  }

  // ---- arithmetic -------------------------------------------------------------------------------------------------------

  add(other: Tensor | number): Tensor {
    return arithmetic("add", elementwise.add, this, other);
  }

  sub(other: Tensor | number): Tensor {
    return arithmetic("sub", elementwise.sub, this, other);
  }

  mul(other: Tensor | number): Tensor {
    return arithmetic("mul", elementwise.multiply, this, other);
  }

  /** True division; integers become float32. */
  div(other: Tensor | number): Tensor {
    const left = isFloat(this.dtype) || (other instanceof Tensor && isFloat(other.dtype)) ? this : this.to("float32");
    return arithmetic("div", elementwise.divide, left, other);
  }

  /** The larger of the two, element by element. */
  maximum(other: Tensor | number): Tensor {
    return arithmetic("maximum", elementwise.maximum, this, other);
  }

  /** The smaller of the two, element by element. */
  minimum(other: Tensor | number): Tensor {
    return arithmetic("minimum", elementwise.minimum, this, other);
  }

  /** xⁿ; 2, 0.5 and −1 by square, √ and 1/x. */
  pow(exponent: Tensor | number): Tensor {
    if (exponent === 2 && isFloat(this.dtype)) return apply(elementwise.square, [this], undefined);
    if (exponent === 0.5) return this.sqrt();
    if (exponent === -1) return apply(elementwise.reciprocal, [this.floating()], undefined);
    return arithmetic("pow", elementwise.power, this.floating(), exponent);
  }

  neg(): Tensor {
    return apply(elementwise.negative, [this], undefined);
  }

  abs(): Tensor {
    return apply(elementwise.absolute, [this], undefined);
  }

  /** This tensor, or its float32 copy when it holds integers. */
  private floating(): Tensor {
    return isFloat(this.dtype) ? this : this.to("float32");
  }

  exp(): Tensor {
    return apply(elementwise.exponential, [this.floating()], undefined);
  }

  log(): Tensor {
    return apply(elementwise.logarithm, [this.floating()], undefined);
  }

  sqrt(): Tensor {
    return apply(elementwise.squareRoot, [this.floating()], undefined);
  }

  sin(): Tensor {
    return apply(elementwise.sine, [this.floating()], undefined);
  }

  cos(): Tensor {
    return apply(elementwise.cosine, [this.floating()], undefined);
  }

  tanh(): Tensor {
    return apply(elementwise.hyperbolicTangent, [this.floating()], undefined);
  }

  sigmoid(): Tensor {
    return apply(elementwise.sigmoid, [this.floating()], undefined);
  }

  relu(): Tensor {
    return apply(elementwise.rectifier, [this.floating()], undefined);
  }

  /** Held within [min, max]; either bound may be left out. */
  clamp(bounds: { readonly min?: number; readonly max?: number }): Tensor {
    checkOptions("clamp", bounds, ["min", "max"]);
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds;
    if (!(min <= max)) throw new OptionError(`clamp: expected min ≤ max, got min ${min} and max ${max}`);
    return apply(elementwise.clamp, [this], { min, max });
  }

  /** This tensor where `condition` is true (not zero), `other` elsewhere. */
  where(condition: Tensor, other: Tensor | number): Tensor {
    checkTensor("where", condition);
    const right = operand("where", other, this);
    const dtype = resultDType(this, right);
    return apply(elementwise.where, [this.to(dtype), right.to(dtype)], { condition: condition.array });
  }

  matmul(other: Tensor): Tensor {
    checkTensor("matmul", other);
    return matrixProduct(this, other);
  }

  // ---- comparisons ------------------------------------------------------------------------------------------------------

  eq(other: Tensor | number): Tensor {
    return compare("eq", this, other, (a, b) => a === b);
  }

  ne(other: Tensor | number): Tensor {
    return compare("ne", this, other, (a, b) => a !== b);
  }

  lt(other: Tensor | number): Tensor {
    return compare("lt", this, other, (a, b) => a < b);
  }

  le(other: Tensor | number): Tensor {
    return compare("le", this, other, (a, b) => a <= b);
  }

  gt(other: Tensor | number): Tensor {
    return compare("gt", this, other, (a, b) => a > b);
  }

  ge(other: Tensor | number): Tensor {
    return compare("ge", this, other, (a, b) => a >= b);
  }

  /** Whether shapes and all elements are equal. */
  equal(other: Tensor): boolean {
    checkTensor("equal", other);
    if (!sameShape(this.shape, other.shape)) return false;
    const [a, b] = [toFlat(this.array), toFlat(other.array)];
    return a.every((value, i) => value === b[i]);
  }

  // ---- reductions -------------------------------------------------------------------------------------------------------

  sum(axis?: number | readonly number[], options?: { readonly keepdim?: boolean }): Tensor {
    return apply(reduce.sum, [this], reduceAttrs("sum", this, axis, options));
  }

  mean(axis?: number | readonly number[], options?: { readonly keepdim?: boolean }): Tensor {
    if (!isFloat(this.dtype))
      throw new DTypeError(
        `mean: expected a float32 or float64 tensor, got ${this.dtype}. Convert with .to("float32")`,
      );
    const attrs = reduceAttrs("mean", this, axis, options);
    return apply(reduce.sum, [this], attrs).div(reduce.countOver(this.shape, attrs.axes));
  }

  /** Variance, divided by n − correction (default 1: unbiased). */
  var(
    axis?: number | readonly number[],
    options?: { readonly keepdim?: boolean; readonly correction?: number },
  ): Tensor {
    checkOptions("var", options, ["keepdim", "correction"]);
    if (!isFloat(this.dtype))
      throw new DTypeError(`var: expected a float32 or float64 tensor, got ${this.dtype}. Convert with .to("float32")`);
    const { correction = 1, ...rest } = options ?? {};
    return apply(reduce.variance, [this], { ...reduceAttrs("var", this, axis, rest), correction });
  }

  std(
    axis?: number | readonly number[],
    options?: { readonly keepdim?: boolean; readonly correction?: number },
  ): Tensor {
    return this.var(axis, options).sqrt();
  }

  /** (Σ |x|ᵖ)^(1/p); p = 2 by default, Infinity for the largest size. */
  norm(options?: {
    readonly p?: number;
    readonly axis?: number | readonly number[];
    readonly keepdim?: boolean;
  }): Tensor {
    checkOptions("norm", options, ["p", "axis", "keepdim"]);
    const { p = 2, axis, keepdim = false } = options ?? {};
    if (!(typeof p === "number" && p > 0))
      throw new OptionError(`norm: expected p > 0 or Infinity, got ${describe(p)}`);
    if (p === Number.POSITIVE_INFINITY) {
      const list = axisList("norm", axis ?? [...this.shape.keys()], this.ndim);
      const wide = this.abs().permute([...this.shape.keys()].filter((a) => !list.includes(a)).concat(list));
      const flat = wide.reshape([...wide.shape.slice(0, this.ndim - list.length), -1]).max(-1).values;
      return keepdim ? flat.reshape(reduce.keptShape(this.shape, list)) : flat;
    }
    if (p === 2) return apply(reduce.euclideanNorm, [this.floating()], reduceAttrs("norm", this, axis, { keepdim }));
    if (p === 1) return this.floating().abs().sum(axis, { keepdim });
    return this.floating()
      .abs()
      .pow(p)
      .sum(axis, { keepdim })
      .pow(1 / p);
  }

  cumsum(axis: number): Tensor {
    return apply(reduce.cumulativeSum, [this], { axis: checkAxis("cumsum", axis, this.ndim) });
  }

  /** The largest element, or with an axis the largest along it and where each stands (the first at a tie). */
  max(): Tensor;
  max(axis: number, options?: { readonly keepdim?: boolean }): { values: Tensor; indices: Tensor };
  max(axis?: number, options?: { readonly keepdim?: boolean }): Tensor | { values: Tensor; indices: Tensor } {
    return axis === undefined ? apply(reduce.maxOfAll, [this], undefined) : alongAxis("max", this, axis, options);
  }

  /** The smallest element, or with an axis the smallest along it and where each stands (the first at a tie). */
  min(): Tensor;
  min(axis: number, options?: { readonly keepdim?: boolean }): { values: Tensor; indices: Tensor };
  min(axis?: number, options?: { readonly keepdim?: boolean }): Tensor | { values: Tensor; indices: Tensor } {
    return axis === undefined ? apply(reduce.minOfAll, [this], undefined) : alongAxis("min", this, axis, options);
  }

  /** Where the largest element stands: in the flattened tensor, or along an axis. */
  argmax(axis?: number, options?: { readonly keepdim?: boolean }): Tensor {
    return argument("argmax", this, axis, options);
  }

  argmin(axis?: number, options?: { readonly keepdim?: boolean }): Tensor {
    return argument("argmin", this, axis, options);
  }

  softmax(axis: number): Tensor {
    return alongLast("softmax", this, axis, softmax);
  }

  logSoftmax(axis: number): Tensor {
    return alongLast("logSoftmax", this, axis, logSoftmax);
  }

  // The two below make the tape's bookkeeping reachable for `apply` without making it public.

  /** @internal */
  static edgeOf(x: Tensor): Node | null {
    return x.edge();
  }

  /** @internal */
  static withHistory(array: NdArray, node: Node): Tensor {
    const result = new Tensor(array);
    result.node = node;
    return result;
  }
}

// ---- running ops ----------------------------------------------------------------------------------------------------------

/** Runs an op and records it when any input requires a gradient. The one place where tensors and ops meet. */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  const count = inputs.length;
  const arrays = new Array<NdArray>(count);
  for (let i = 0; i < count; i++) arrays[i] = (inputs[i] as Tensor).array;
  const output = op.forward(arrays, attrs);
  const parents = edgesOf(inputs);
  if (parents === null || !isFloat(output.dtype)) return new Tensor(output);
  return Tensor.withHistory(output, new OpNode(op, parents, arrays, output, attrs));
}

/** As {@link apply}, for an op with several outputs. */
export function applyMulti<A>(op: MultiOp<A>, inputs: readonly Tensor[], attrs: A): Tensor[] {
  const arrays = inputs.map((x) => x.array);
  const { outputs, kept } = op.forward(arrays, attrs);
  const parents = edgesOf(inputs);
  if (parents === null) return outputs.map((output) => new Tensor(output));
  const node = new MultiOpNode(op, parents, arrays, outputs.length, kept, attrs);
  return outputs.map((output, i) => Tensor.withHistory(output, new PickNode(node, i)));
}

/** The node of each input, null where there is none; null altogether when nothing is to be recorded. */
function edgesOf(inputs: readonly Tensor[]): (Node | null)[] | null {
  if (!isRecording()) return null;
  let parents: (Node | null)[] | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const edge = Tensor.edgeOf(inputs[i] as Tensor);
    if (edge === null) continue;
    if (parents === null) parents = new Array<Node | null>(inputs.length).fill(null);
    parents[i] = edge;
  }
  return parents;
}

/** Runs `body` without recording gradients and returns what it returns. */
export const noGrad = <R>(body: () => R): R => withRecording(false, body);

/** Runs `body` with recording switched on again, inside `noGrad`. */
export const enableGrad = <R>(body: () => R): R => withRecording(true, body);

// ---- arguments ------------------------------------------------------------------------------------------------------------

/** @throws OptionError unless `value` is a Tensor */
export function checkTensor(where: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor))
    throw new OptionError(`${where}: expected a Tensor, got ${describe(value)}. Make one with tensor(…)`);
}

/** The second argument of arithmetic as a tensor. A number takes the dtype of the other side, or float32 where that cannot hold it. */
function operand(where: string, other: Tensor | number, like: Tensor): Tensor {
  if (typeof other === "number") {
    const dtype = isFloat(like.dtype)
      ? like.dtype
      : !Number.isInteger(other)
        ? "float32"
        : like.dtype === "bool"
          ? "int64"
          : like.dtype;
    return new Tensor(fullArray(dtype, [], other));
  }
  if (!(other instanceof Tensor))
    throw new OptionError(`${where}: expected a Tensor or a number, got ${describe(other)}`);
  return other;
}

const category = (dtype: DType): number => (isFloat(dtype) ? 2 : dtype === "bool" ? 0 : 1);

/** PyTorch's promotion: a tensor without dimensions does not widen one that has some, within the same category. */
function resultDType(a: Tensor, b: Tensor): DType {
  if (a.dtype === b.dtype) return a.dtype;
  if (a.ndim > 0 && b.ndim === 0 && category(b.dtype) <= category(a.dtype)) return a.dtype;
  if (b.ndim > 0 && a.ndim === 0 && category(a.dtype) <= category(b.dtype)) return b.dtype;
  return promote(a.dtype, b.dtype);
}

function arithmetic(where: string, op: Op, a: Tensor, other: Tensor | number): Tensor {
  const b = operand(where, other, a);
  if (a.dtype === b.dtype) return apply(op, [a, b], undefined);
  const dtype = resultDType(a, b);
  return apply(op, [a.to(dtype), b.to(dtype)], undefined);
}

function compare(where: string, a: Tensor, other: Tensor | number, f: (p: number, q: number) => boolean): Tensor {
  const b = typeof other === "number" ? new Tensor(fullArray("float64", [], other)) : operand(where, other, a);
  return new Tensor(elementwise.mapPair(a.array, b.array, "bool", (p, q) => (f(p, q) ? 1 : 0), where));
}

/** PyTorch's matmul: vectors count as one row on the left, one column on the right, and that axis is dropped again. */
function matrixProduct(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== b.dtype || !isFloat(a.dtype)) {
    throw new DTypeError(
      `matmul: expected two floating tensors of one dtype, got ${a.dtype} and ${b.dtype}. Convert with .to(dtype)`,
    );
  }
  if (a.ndim === 0 || b.ndim === 0)
    throw new ShapeError(
      `matmul: expected at least one dimension on both sides, got shapes ${shapeText(a.shape)} and ${shapeText(b.shape)}`,
    );
  const left = a.ndim === 1 ? a.unsqueeze(0) : a;
  const right = b.ndim === 1 ? b.unsqueeze(1) : b;
  let y = apply(matmul, [left, right], undefined);
  if (a.ndim === 1) y = y.squeeze(-2);
  if (b.ndim === 1) y = y.squeeze(-1);
  return y;
}

function axisList(where: string, axes: number | readonly number[], rank: number): number[] {
  const list = (typeof axes === "number" ? [axes] : [...axes]).map((axis) => checkAxis(where, axis, rank));
  if (new Set(list).size !== list.length)
    throw new ShapeError(`${where}: expected each axis once, got ${describe(axes)}`);
  return rank === 0 ? [] : list.sort((p, q) => p - q);
}

function reduceAttrs(
  where: string,
  x: Tensor,
  axis: number | readonly number[] | undefined,
  options: { readonly keepdim?: boolean } | undefined,
): reduce.ReduceAttrs {
  checkOptions(where, options, ["keepdim"]);
  const axes = axis === undefined ? [...x.shape.keys()] : axisList(where, axis, x.ndim);
  return { axes, keepdim: options?.keepdim ?? false };
}

function argument(
  name: "argmax" | "argmin",
  x: Tensor,
  axis: number | undefined,
  options: { readonly keepdim?: boolean } | undefined,
): Tensor {
  checkOptions(name, options, ["keepdim"]);
  if (axis === undefined) return new Tensor(reduce.argExtremum(name, x.detach().flatten().array, 0, false));
  return new Tensor(reduce.argExtremum(name, x.array, checkAxis(name, axis, x.ndim), options?.keepdim ?? false));
}

function alongAxis(
  name: "max" | "min",
  x: Tensor,
  axis: number,
  options: { readonly keepdim?: boolean } | undefined,
): { values: Tensor; indices: Tensor } {
  checkOptions(name, options, ["keepdim"]);
  const a = checkAxis(name, axis, x.ndim);
  const keepdim = options?.keepdim ?? false;
  const index = reduce.argExtremum(name === "max" ? "argmax" : "argmin", x.array, a, true);
  const values = apply(reduce.pick, [x], { axis: a, index, keepdim });
  const indices = new Tensor(index);
  return { values, indices: keepdim || x.ndim === 0 ? indices : indices.squeeze(a) };
}

/** Runs an op that works on rows along any axis. */
function alongLast(where: string, x: Tensor, axis: number, op: Op): Tensor {
  if (!isFloat(x.dtype))
    throw new DTypeError(`${where}: expected a float32 or float64 tensor, got ${x.dtype}. Convert with .to("float32")`);
  const a = checkAxis(where, axis, x.ndim);
  if (x.ndim === 0 || a === x.ndim - 1) return apply(op, [x], undefined);
  return apply(op, [x.transpose(a, -1)], undefined).transpose(a, -1);
}

/** Whole numbers from an array or an integer tensor of one dimension. */
function indexList(where: string, index: readonly number[] | Tensor): number[] {
  if (Array.isArray(index)) return [...(index as readonly number[])];
  checkTensor(where, index);
  if (isFloat(index.dtype) || index.dtype === "bool" || index.ndim > 1) {
    throw new DTypeError(
      `${where}: expected whole indices in one dimension, got ${index.dtype} of shape ${shapeText(index.shape)}. Make them with { dtype: "int64" }`,
    );
  }
  return Array.from(toFlat(index.array));
}

function inferShape(where: string, from: Shape, wanted: readonly number[]): Shape {
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

/** @throws DTypeError when an integer dtype cannot hold `value` */
export function checkedValue(where: string, value: unknown, dtype: DType): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "number") throw new OptionError(`${where}: expected a number, got ${describe(value)}`);
  if (isFloat(dtype)) return value;
  if (dtype === "bool") return value !== 0 ? 1 : 0;
  const { min, max } = rangeOf(dtype);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new DTypeError(
      `${where}: expected a whole number from ${min} to ${max} for ${dtype}, got ${value}. To wrap around, make it a wider type and convert with .to("${dtype}")`,
    );
  }
  return castValue(value, dtype);
}
