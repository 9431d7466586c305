/**
 * A place on which `capture` can stand between tensors and ops. Nothing happens here unless a captured function is running.
 *
 * @module
 */
import { type NdArray, shareBlocks } from "../array.js";
import type { Identified, MultiOp, Op } from "../ops/op.js";
import type { Tensor } from "../tensor.js";
import type { TensorCore } from "./core.js";

/** A change in place, taken apart: `copy` and `rewrite` together are what an ordinary change does. */
export interface Change {
  readonly target: TensorCore;
  /** The tensor that `target` is a view of, or `target` itself. */
  readonly whole: TensorCore;
  readonly value: TensorCore;
  /** Whether the tape was recording. */
  readonly recorded: boolean;
  /** Overwrites the numbers with those of `value`, which stand in `from`. */
  copy(from: NdArray): void;
  /** Counts the change, so that a backward pass that needs what stood there before is an error. */
  count(): void;
  /** Gives `whole` its new history. */
  rewrite(): void;
}

/** One change of a parameter by an optimiser: the kernel that makes it, what is kept from step to step, and all other arguments. */
export interface Update {
  readonly kernel: "adam" | "sgd" | "rmsprop" | "adagrad";
  readonly moments: readonly (TensorCore | null)[];
  readonly rest: readonly unknown[];
}

/** While it is in force, every op, change in place and backward pass goes through it. */
export interface Session {
  /**
   * The result of an op of up to three inputs, if it is known at a glance that it has been done on these before: with no need to check
   * them, or to look at them at all. `key` stands for the attributes, see `Replay`.
   */
  recall(op: Identified, key: number, a: TensorCore, b: TensorCore | null, c: TensorCore | null): Tensor | null;
  /** As {@link recall}, for an op with any number of inputs and several outputs. */
  recallMulti(op: Identified, key: number, inputs: readonly TensorCore[]): Tensor[] | null;
  apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor;
  applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[];
  assign(change: Change): void;
  /** Changes the numbers of a parameter and what an optimiser keeps for it; false when it is to be done as it is done otherwise. */
  update(x: TensorCore, grad: TensorCore, update: Update): boolean;
  backward(root: TensorCore, gradient: TensorCore | null, retainGraph: boolean): void;
  /** The numbers of a gradient that stands at a tensor already and is to be added to. */
  standing(grad: TensorCore): NdArray;
  /** A gradient has arrived at a tensor. */
  received(holder: TensorCore): void;
  /** A tensor made inside has become a leaf, ceased to be one, or asked to retain its gradient. */
  marked(x: TensorCore, what: Mark): void;
}

export type Mark = "leaf" | "no leaf" | "retain";

let current: Session | null = null;

export const session = (): Session | null => current;

/** Puts a session in force, or none. Under a session every array has memory of its own, by which it is known. */
export function setSession(next: Session | null): void {
  current = next;
  shareBlocks(next === null);
}

/** Permission to read tensors whose memory belongs to a captured function: it ends with the call. */
export interface Lease {
  active: boolean;
  /** Gives a tensor that nobody has looked at so far its layout and its place on the tape. */
  unveil(x: TensorCore): void;
  /** Brings an array up to date before it is read. */
  open(array: NdArray): void;
}
