/**
 * A place on which `capture` can stand between tensors and ops. Nothing happens here unless a captured function is running.
 *
 * @module
 */
import type { MultiOp, Op } from "../ops/op.js";
import type { Tensor } from "../tensor.js";
import type { TensorCore } from "./core.js";

/** While it is in force, every op, change in place and backward pass goes through it. */
export interface Session {
  apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor;
  applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[];
  assign(target: TensorCore, value: TensorCore, run: () => void): void;
  backward(root: TensorCore, gradient: TensorCore | null, retainGraph: boolean, run: () => void): void;
  /** A gradient has arrived at a tensor; `added` to one that was there before. */
  received(holder: TensorCore, added: boolean): void;
}

let current: Session | null = null;

export const session = (): Session | null => current;

/** Puts a session in force, or none; returns the one before. */
export function setSession(next: Session | null): Session | null {
  const before = current;
  current = next;
  return before;
}

/** Permission to read a tensor whose memory belongs to a captured function: it ends with the call. */
export interface Lease {
  active: boolean;
}
