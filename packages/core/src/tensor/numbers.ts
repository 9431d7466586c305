/**
 * The numbers of a tensor: how many, of which type, in which shape; how they come out. Nothing of gradients.
 *
 * @module
 */
import { copyOf, type NdArray, noteChange, settled, toFlat } from "../array.js";
import { bytesOf, type DType, type TypedArray } from "../dtype.js";
import { GradientError, OptionError, ShapeError, shapeText } from "../errors.js";
import type { Op } from "../ops/op.js";
import { isContiguous, sizeOf } from "../shape.js";
import type { Node } from "../tape.js";
import type { Tensor } from "../tensor.js";
import type { TensorCore } from "./core.js";
import type { Lease } from "./session.js";

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
export interface ViewSource {
  /** The tensor at the beginning of the chain of views. */
  readonly base: TensorCore;
  /** What this view was taken from: the base or another view of it. */
  readonly from: TensorCore;
  readonly op: Op<unknown>;
  readonly attrs: unknown;
  /** Which rewriting of the base's history the view was taken after. */
  rewriting: number;
}

/** What a tensor has said yes to, as bits of a number; the number of rewritings of its history stands above them. */
const WANTS_GRAD = 1;
const RETAINS = 2;
const REWRITTEN = 4;

/**
 * The foundation of {@link Tensor}. All fields are set here, also those that the storeys above speak of: V8 takes several times as long to
 * make an object whose fields come from several classes.
 */
export abstract class TensorNumbers {
  /** Null for a tensor of a captured function that nobody has looked at. */
  protected numbers: NdArray | null;
  /** For `capture`: set on tensors whose memory belongs to a captured function, with their number in it. */
  lease: Lease | null;
  slot: number;
  /** The sum of gradients that `backward()` has left here, or null. */
  grad: Tensor | null;
  /** Where this tensor stands on the tape. */
  protected node: Node | null;
  protected source: ViewSource | null;
  /** Several small things in one field: a tensor is made for every op, and the smaller the faster. */
  private state: number;

  /** For the library's own use; tensors are made by `tensor`, `zeros`, `rand`, … */
  constructor(array: NdArray | null) {
    this.numbers = array;
    this.lease = null;
    this.slot = -1;
    this.grad = null;
    this.node = null;
    this.source = null;
    this.state = 0;
  }

  protected get wantsGrad(): boolean {
    return (this.state & WANTS_GRAD) !== 0;
  }

  protected set wantsGrad(wanted: boolean) {
    this.state = wanted ? this.state | WANTS_GRAD : this.state & ~WANTS_GRAD;
  }

  /** Whether `retainGrad()` has been called. */
  protected get retains(): boolean {
    return (this.state & RETAINS) !== 0;
  }

  protected retain(): void {
    this.state |= RETAINS;
  }

  /** How often this tensor's history has been rewritten by changes in place; a view remembers which time it was taken after. */
  protected get rewritings(): number {
    return Math.floor(this.state / REWRITTEN);
  }

  protected countRewriting(): void {
    this.state += REWRITTEN;
  }

  /** The plain numbers. For the library's own use: another array when `data` is assigned. */
  get array(): NdArray {
    if (this.lease === null) return settled(this.numbers as NdArray);
    this.checkLease();
    const { layout } = this;
    this.lease.open(layout);
    return layout;
  }

  set array(array: NdArray) {
    noteChange();
    this.numbers = array;
    this.lease = null;
    this.slot = -1;
  }

  /** For the library's own use: {@link array} when only its shape, strides and memory matter, not what stands in it. */
  get layout(): NdArray {
    if (this.numbers === null) this.lease?.unveil(this as unknown as TensorCore);
    return this.numbers as NdArray;
  }

  /** For the library's own use: an array that may be kept, which no captured function writes to again. */
  ownArray(): NdArray {
    if (this.lease !== null) this.array = copyOf(this.array);
    return this.layout;
  }

  /** @throws GradientError when this tensor was made inside a captured function whose call is over */
  protected checkLease(): void {
    if (this.lease !== null && !this.lease.active) throw leftBehind();
  }

  get shape(): readonly number[] {
    return this.layout.shape;
  }

  get dtype(): DType {
    return this.layout.dtype;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.layout.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return sizeOf(this.layout.shape);
  }

  /** Strides in elements, as `torch.Tensor.stride()`. */
  stride(): number[] {
    return this.layout.strides.slice();
  }

  /** Strides in bytes, as NumPy's `ndarray.strides`. */
  get strides(): number[] {
    return this.layout.strides.map((step) => step * bytesOf(this.dtype));
  }

  isContiguous(): boolean {
    return isContiguous(this.layout.shape, this.layout.strides);
  }

  /** The one number of a tensor of one element. */
  item(): number {
    if (this.numel() !== 1) {
      throw new ShapeError(
        `item: expected a tensor of one element, got shape ${shapeText(this.shape)}. Use toArray() for all of them`,
      );
    }
    const { data, offset } = this.array;
    return data[offset] as number;
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

  /** For `JSON.stringify`: the numbers as {@link toArray} gives them (JSON has neither NaN nor infinity and writes null). */
  toJSON(): NestedArray {
    return this.toArray();
  }

  /**
   * Operators know no tensors: what `x * 2`, `-x` and `x < y` would make of one is an error. In a text, as in `${x}`, it is printed.
   *
   * @throws OptionError where JavaScript asks for a number
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint !== "number") return this.toString();
    throw new OptionError(
      `operator: expected a number in arithmetic or a comparison, got a Tensor of shape ${shapeText(this.shape)}. ` +
        "Use its methods, x.mul(2), x.lt(y), or item() for the one number it holds",
    );
  }

  /** The numbers in row-major order; a copy. (int64 comes as a Float64Array of whole numbers.) */
  toTypedArray(): TypedArray {
    return toFlat(this.array);
  }
}

function leftBehind(): GradientError {
  return new GradientError(
    "a tensor made inside a captured function was used after the call, or in a later one, when its memory holds other numbers. " +
      "Expected it to be returned from the function, by itself or in arrays and plain objects, which copies it, or read inside",
  );
}
