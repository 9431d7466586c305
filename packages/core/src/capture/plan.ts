/**
 * What a captured function did, op by op: enough to tell whether it does the same again, and to do it without starting afresh.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import type { DType, TypedArray } from "../dtype.js";
import type { MultiOp, Op } from "../ops/op.js";
import { type Shape, sameShape } from "../shape.js";
import type { MultiOpNode, Node } from "../tape.js";
import type { TensorCore } from "../tensor/core.js";
import type { Call, ListUses, Ref } from "./log.js";

/** A tensor from outside: an argument, a parameter, something made of plain numbers inside. It may be another one each time. */
export interface Outside {
  readonly ref: Ref;
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
  readonly dtype: DType;
  readonly requiresGrad: boolean;
  readonly isLeaf: boolean;
  /** The one of the present run, and its array. */
  tensor: TensorCore;
  array: NdArray;
}

/** Where an input comes from: a tensor made by an earlier event, by its number, or one from outside. */
export type Source = number | Outside;

export interface OpEvent {
  readonly kind: "op";
  readonly op: Op<unknown>;
  readonly sources: readonly Source[];
  attrs: unknown;
  /** The lists of indices that the calls were recorded with, by which places to put others are found. */
  readonly lists: readonly unknown[];
  /** Whether making the calls again is all there is to do; if not, the op itself is run. */
  readonly repeats: boolean;
  /** Whether the tape was recording. */
  readonly recorded: boolean;
  readonly slot: number;
  readonly output: NdArray;
  /** What the node reads in its backward pass. */
  readonly read: readonly NdArray[];
  node: Node | null;
  readonly calls: readonly Call[];
}

export interface MultiOpEvent {
  readonly kind: "multi";
  readonly op: MultiOp<unknown>;
  readonly sources: readonly Source[];
  attrs: unknown;
  /** The lists of indices that the calls were recorded with, by which places to put others are found. */
  readonly lists: readonly unknown[];
  /** Whether making the calls again is all there is to do; if not, the op itself is run. */
  readonly repeats: boolean;
  /** Whether the tape was recording. */
  readonly recorded: boolean;
  /** Slot of the first output; the others follow. */
  readonly slot: number;
  readonly outputs: readonly NdArray[];
  readonly read: readonly NdArray[];
  node: MultiOpNode<unknown> | null;
  readonly calls: readonly Call[];
  /** What the op kept for its backward pass in the present run. */
  kept: unknown;
}

export interface AssignEvent {
  readonly kind: "assign";
  readonly target: Source;
  readonly value: Source;
}

/** A leaf at which a gradient arrived. */
export interface Arrival {
  readonly leaf: Outside;
  readonly added: boolean;
  readonly array: NdArray;
  readonly slot: number;
}

export interface BackwardEvent {
  readonly kind: "backward";
  readonly root: number;
  readonly gradient: Source | null;
  readonly calls: readonly Call[];
  readonly arrivals: readonly Arrival[];
  /** Something happened that cannot be repeated from the list; it is recorded anew each time. */
  readonly once: boolean;
}

/** Ops and changes in place have outputs of their own; a backward pass sets gradients. */
export type Event = OpEvent | MultiOpEvent | AssignEvent | BackwardEvent;

/** The memory of one captured function for one form of arguments, shared by all the ways its runs have gone. */
export interface Memory {
  readonly refs: Map<TypedArray, Ref>;
  readonly lists: ListUses;
}

export interface Plan {
  readonly memory: Memory;
  readonly events: readonly Event[];
  /** How many tensors the events make. */
  readonly slots: number;
}

/** Whether `x` may stand where `known` stood; if so it does from now on. */
export function bind(known: Outside, x: TensorCore, run: number): boolean {
  const { ref } = known;
  const array = x.array;
  if (array === known.array && ref.data === array.data) {
    ref.boundIn = run;
    known.tensor = x;
    return x.requiresGrad === known.requiresGrad && x.isLeaf === known.isLeaf;
  }
  const fits =
    array.dtype === known.dtype &&
    sameShape(array.shape, known.shape) &&
    sameShape(array.strides, known.strides) &&
    x.requiresGrad === known.requiresGrad &&
    x.isLeaf === known.isLeaf;
  if (!fits) return false;
  const shift = array.offset - known.offset;
  if (ref.data !== array.data || ref.shift !== shift) {
    // Two inputs that were one array cannot become two.
    if (ref.boundIn === run || !ref.outside) return false;
    ref.bind(array.data, shift);
  }
  ref.boundIn = run;
  known.tensor = x;
  known.array = array;
  return true;
}

/** Whether two sets of attributes are equal, but for the lists, which need only be equally long. */
export function sameAttrs(a: unknown, b: unknown, lists: readonly unknown[], others: readonly unknown[]): boolean {
  if (a === b) return true;
  const index = lists.indexOf(a);
  if (index >= 0) return (a as ArrayLike<number>).length === (others[index] as ArrayLike<number> | undefined)?.length;
  if (typeof a !== typeof b || a === null || b === null || typeof a !== "object") return Object.is(a, b);
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const [p, q] = [a as unknown as ArrayLike<unknown>, b as unknown as ArrayLike<unknown>];
    if (p.length !== q.length) return false;
    for (let i = 0; i < p.length; i++) if (!sameAttrs(p[i], q[i], lists, others)) return false;
    return true;
  }
  const keys = Object.keys(a as object);
  if (keys.length !== Object.keys(b as object).length) return false;
  return keys.every((key) =>
    sameAttrs((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], lists, others),
  );
}
