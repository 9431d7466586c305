/**
 * One call of a captured function.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import type { TensorCore } from "../tensor/core.js";
import type { Lease } from "../tensor/session.js";
import type { Cast } from "./outside.js";

/** The permission to read what is made inside, for one call. */
export class CallLease implements Lease {
  active = true;
  session: { open(array: NdArray): void; unveil(x: TensorCore): void; flush(): void } | null = null;

  /** Does what has been put off. */
  flush(): void {
    this.session?.flush();
  }

  open(array: NdArray): void {
    this.session?.open(array);
  }

  unveil(x: TensorCore): void {
    this.session?.unveil(x);
  }
}

/** What a call has come to when recording begins, and goes on gathering. */
export interface Progress {
  readonly lease: CallLease;
  readonly cast: Cast;
  /** Tensors from outside at which a gradient has arrived. */
  readonly touched: Set<TensorCore>;
  /** Tensors from outside that have got a history inside. */
  readonly rewritten: Set<TensorCore>;
}
