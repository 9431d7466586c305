/**
 * Tensors that a captured function gets from outside: arguments, parameters, tensors made inside from plain numbers. They may be
 * other ones, with other numbers, at every call, so what is written down never speaks of them, but of copies with a place of their own.
 *
 * @module
 */
import { changes, countChange, type Memory, type NdArray, settled } from "../array.js";
import { allocate, type TypedArray } from "../dtype.js";
import type { Op } from "../ops/op.js";
import { contiguousStrides, type Shape, sameShape } from "../shape.js";
import { LeafNode, type Node } from "../tape.js";
import type { TensorCore } from "../tensor/core.js";
import { sameAttrs } from "./attributes.js";

/** Which tensor plays one part; another one perhaps at the next call, but the same throughout a call. */
export class Role {
  /** The call in which it was given out last. */
  run = -1;

  constructor(public tensor: TensorCore) {}
}

/** How a view was taken, last step first. */
export type Path = readonly { readonly op: Op<unknown>; readonly attrs: unknown }[];

export const samePath = (a: Path, b: Path): boolean =>
  a.length === b.length && a.every(({ op, attrs }, i) => op === b[i]?.op && sameAttrs(attrs, b[i]?.attrs, [], []));

/** Who plays what in one call. Two roles that may get gradients or changes are never played by one tensor. */
export class Cast {
  /** Who plays a role alone; null while everybody plays what they played the last time. */
  private players: Map<TensorCore, Role> | null = null;
  private readonly usual: Role[] = [];

  constructor(readonly run: number) {}

  mayPlay(x: TensorCore, role: Role, alone: boolean): boolean {
    if (role.run === this.run) return role.tensor === x;
    return !alone || !this.known().has(x);
  }

  give(x: TensorCore, role: Role, alone: boolean): void {
    if (role.run === this.run) return;
    role.run = this.run;
    role.tensor = x;
    if (alone) this.known().set(x, role);
  }

  /** Gives a role to who played it the last time, if everybody so far has; then nobody plays two. */
  giveAgain(role: Role, alone: boolean): boolean {
    if (role.run === this.run) return true;
    if (this.players !== null) return false;
    role.run = this.run;
    if (alone) this.usual.push(role);
    return true;
  }

  private known(): Map<TensorCore, Role> {
    this.players ??= new Map(this.usual.map((role) => [role.tensor, role]));
    return this.players;
  }
}

/** The numbers that an array looks at, from its first to its last. */
function spanOf({ shape, strides }: NdArray): number {
  let span = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 0) return 0;
    span += ((shape[axis] as number) - 1) * (strides[axis] as number);
  }
  return span;
}

/** Numbers of a tensor from outside where a captured function works with them. */
export class Copy {
  /** Where they stand, unless that is {@link onDevice}; laid out as in the original, from offset 0. */
  readonly data: TypedArray;
  /** Whether they stand in the memory of a `Device`, at the address of {@link data}. */
  onDevice = false;
  /** The state of the original that was copied last. */
  private original: NdArray | null = null;
  version = -1;

  constructor(
    array: NdArray,
    readonly span: number,
  ) {
    this.data = allocate(array.dtype, span);
  }

  isOf(array: NdArray): boolean {
    return this.original === array && this.version === array.memory.version;
  }

  /** Notes that the copy is as `array` is now. */
  follows(array: NdArray): void {
    this.original = array;
    this.version = array.memory.version;
  }

  /** Before other numbers come here: those that stand nowhere else go where they belong. */
  leave(): void {
    if (this.original !== null && this.original.memory.settle === this.settle) settled(this.original);
  }

  /** Notes that the copy has been changed and the original is to follow when somebody looks at it. */
  leads(array: NdArray, bring: (copy: Copy, to: NdArray) => void): void {
    countChange(array.memory);
    this.follows(array);
    if (this.settle === undefined) this.settle = () => bring(this, this.original as NdArray);
    array.memory.settle = this.settle;
  }

  private settle: (() => void) | undefined = undefined;
}

/** A tensor from outside in one state: with these numbers, requiring a gradient or not. */
export class Outside {
  readonly copy: Copy;
  readonly span: number;
  readonly requiresGrad: boolean;
  readonly isLeaf: boolean;
  /** Where its gradient arrives in the present call. */
  edge: Node | null;
  private readonly shape: Shape;
  private readonly strides: Shape;
  /** The original in the present call. */
  tensor: TensorCore;
  array: NdArray;
  /** The call in which it was last looked at, and how many changes there had been when nothing about it was found to have changed. */
  run = -1;
  private stamp = -1;
  private view: NdArray | null = null;
  /** A tensor that has got a history in this call: how it is a view of what was changed. */
  private readonly path: Path;

  /**
   * @param role played by the tensor itself
   * @param base played by what it is a view of
   */
  constructor(
    readonly role: Role,
    readonly base: Role,
    shared: Copy | undefined,
  ) {
    const { tensor } = role;
    const array = tensor.layout;
    this.tensor = tensor;
    this.array = array;
    this.shape = array.shape;
    this.strides = array.strides;
    this.span = spanOf(array);
    this.copy = shared ?? new Copy(array, this.span);
    this.edge = tensor.edge();
    this.requiresGrad = this.edge !== null;
    this.isLeaf = tensor.isLeaf;
    this.path = this.isLeaf ? [] : tensor.viewSteps();
  }

  /** The copy as an array. It shares the original's count of changes. */
  get standIn(): NdArray {
    const { memory, dtype } = this.array;
    if (this.view === null || this.view.memory !== memory)
      this.view = { dtype, data: this.copy.data, shape: this.shape, strides: this.strides, offset: 0, memory };
    return this.view;
  }

  get memory(): Memory {
    return this.array.memory;
  }

  /** Whether gradients or changes make it matter that no other role is played by the same tensor. */
  get alone(): boolean {
    return this.requiresGrad;
  }

  /** Whether a tensor at `edge` has a history, like this one, whichever it is. */
  isRewritten(edge: Node | null): boolean {
    return !this.isLeaf && edge !== null && !(edge instanceof LeafNode);
  }

  /** Whether `x` stands here in this call already and nothing at all has changed since; every call begins with a change. */
  isUntouched(x: TensorCore): boolean {
    return this.tensor === x && this.stamp === changes;
  }

  /** Whether `x` stands here in this call already, with nothing about it changed. */
  isStill(x: TensorCore, run: number): boolean {
    if (this.isUntouched(x)) return true;
    if (this.tensor !== x || this.run !== run || !x.isStill(this.array, this.edge) || !this.fresh) return false;
    this.stamp = changes;
    return true;
  }

  /** As {@link isStill}, or `x` stood here when this was last looked at, in an earlier call: it is bound again. */
  isAgain(x: TensorCore, cast: Cast): boolean {
    const { run } = cast;
    if (this.run === run) return this.isStill(x, run);
    if (this.tensor !== x || this.role.tensor !== x || !x.isStill(this.array, this.edge) || !this.fresh) return false;
    if (!this.isLeaf || !cast.giveAgain(this.role, this.alone)) return false;
    this.run = run;
    this.stamp = changes;
    return true;
  }

  /** Whether `x` is what was copied last, with the numbers it had then. */
  isCurrent(x: TensorCore): boolean {
    return this.tensor === x && x.layout === this.array && this.fresh;
  }

  /** Whether `x` can stand here in this call. */
  fits(x: TensorCore, cast: Cast): boolean {
    if (x.lease !== null) return false;
    const edge = x.edge();
    const array = x.layout;
    if (this.run === cast.run) {
      return array === this.array && this.role.tensor === x && (edge === this.edge || this.isRewritten(edge));
    }
    if ((edge !== null) !== this.requiresGrad) return false;
    if (x.isLeaf !== this.isLeaf || !cast.mayPlay(x, this.role, this.alone)) return false;
    if (!this.isLeaf && (!cast.mayPlay(x.base, this.base, true) || !samePath(this.path, x.viewSteps()))) return false;
    if (array === this.array) return true;
    return (
      array.dtype === this.array.dtype && sameShape(array.shape, this.shape) && sameShape(array.strides, this.strides)
    );
  }

  /** Puts `x`, which fits, in this place. */
  bind(x: TensorCore, cast: Cast): void {
    cast.give(x, this.role, this.alone);
    if (!this.isLeaf) cast.give(x.base, this.base, true);
    this.tensor = x;
    this.array = x.layout;
    this.edge = x.edge();
    this.stamp = -1;
  }

  get data(): TypedArray {
    return this.copy.data;
  }

  /** How often the original had been changed when it was copied. */
  get version(): number {
    return this.copy.version;
  }

  /** Whether the copy is as the original is now. */
  get fresh(): boolean {
    return this.copy.isOf(this.array);
  }

  /** Notes that the copy is as the original is now. */
  seen(): void {
    this.copy.follows(this.array);
  }

  /** The original's numbers as they lie in memory. */
  numbers(): TypedArray {
    const { data, offset } = settled(this.array);
    return offset === 0 && data.length === this.span ? data : data.subarray(offset, offset + this.span);
  }

  /** The part of the original that corresponds to a part of the copy. */
  original(part: NdArray): NdArray {
    const { data, offset, memory } = settled(this.array);
    return { dtype: part.dtype, data, shape: part.shape, strides: part.strides, offset: offset + part.offset, memory };
  }
}

/** Whether an array is row-major over the whole of its data. */
export const fills = (x: NdArray): boolean =>
  x.offset === 0 &&
  x.shape.reduce((a, b) => a * b, 1) === x.data.length &&
  sameShape(x.strides, contiguousStrides(x.shape));

/** An array as it is, or a copy of one that lies in the memory of `outside`. */
export const apartFrom = ({ array }: Outside, value: NdArray): NdArray =>
  value.data === array.data ? { ...value, data: value.data.slice() } : value;
