/**
 * What a captured function does to numbers: a list of calls of kernels, copies and additions, ready to be made again.
 *
 * Calls name their arrays through {@link Ref}s, so that a call recorded with one input can be repeated with another.
 *
 * @module
 */
import { type ArrayObserver, addStrided, copyInto, type NdArray, viewOf } from "../array.js";
import type { TypedArray } from "../dtype.js";
import type { Kernels } from "../kernels/index.js";

/** A place in the argument list of a call where an array stands; its offset, if it has one, stands behind it. */
interface Use {
  readonly args: unknown[];
  readonly at: number;
  readonly offset: number | null;
}

/** An array of numbers that calls speak of. Inputs of the captured function may stand on other arrays the next time. */
export class Ref {
  /** How far offsets have moved since the recording. */
  shift = 0;
  /** The call of the captured function in which this was bound last. */
  boundIn = -1;
  private readonly uses: Use[] = [];

  constructor(
    public data: TypedArray,
    /** Made outside of the recorded calls: its numbers are not brought back before each run. */
    readonly outside: boolean,
  ) {}

  use(use: Use): void {
    if (this.outside) this.uses.push(use);
  }

  bind(data: TypedArray, shift: number): void {
    this.data = data;
    this.shift = shift;
    for (const { args, at, offset } of this.uses) {
      args[at] = data;
      if (offset !== null) args[at + 1] = offset + shift;
    }
  }
}

export type Call = () => void;

/** Brings back what stood in an array when it was first read; nothing at all unless the array is changed later. */
class Restore {
  private readonly before: TypedArray;
  private readonly zero: boolean;
  needed = false;

  constructor(private readonly data: TypedArray) {
    this.zero = data.every((value) => value === 0);
    this.before = this.zero ? data.slice(0, 0) : data.slice();
  }

  readonly call: Call = () => {
    if (!this.needed) return;
    if (this.zero) this.data.fill(0);
    else this.data.set(this.before);
  };
}

/** For each kernel the argument that it writes and how many elements, to tell a fresh result from something added to. */
const written: {
  readonly [K in keyof Kernels]?: (args: readonly unknown[]) => { readonly at: number; readonly fills: number };
} = {
  unary: (a) => ({ at: 4, fills: a[1] as number }),
  binary: (a) => ({ at: 7, fills: a[2] as number }),
  gemm: (a) => ({ at: 11, fills: a[14] ? -1 : (a[2] as number) * (a[3] as number) }),
  sum: (a) => ({ at: 5, fills: (a[0] as number) * (a[2] as number) }),
  softmax: (a) => ({ at: 4, fills: (a[0] as number) * (a[1] as number) }),
  softmaxGrad: (a) => ({ at: 6, fills: (a[0] as number) * (a[1] as number) }),
  logSoftmax: (a) => ({ at: 4, fills: (a[0] as number) * (a[1] as number) }),
  logSoftmaxGrad: (a) => ({ at: 6, fills: (a[0] as number) * (a[1] as number) }),
  gatherRows: (a) => ({ at: 5, fills: (a[0] as number) * (a[1] as number) }),
};

const isNumbers = (value: unknown): value is Float32Array | Float64Array =>
  value instanceof Float32Array || value instanceof Float64Array;

/** Where lists of indices stand in calls, so that they can be exchanged. */
export type ListUses = Map<unknown, { readonly args: unknown[]; readonly at: number }[]>;

/** Writes the list of calls while ops run, and makes them at the same time. */
export class Log implements ArrayObserver {
  readonly kernels: Kernels;
  private calls: Call[] = [];
  private readonly restores = new Map<TypedArray, Restore>();

  constructor(
    private readonly base: Kernels,
    private readonly refs: Map<TypedArray, Ref>,
    private readonly lists: ListUses,
  ) {
    const kernels: Record<string, unknown> = { name: base.name };
    for (const name of Object.keys(base) as (keyof Kernels)[]) {
      if (typeof base[name] === "function") kernels[name] = (...args: unknown[]): unknown => this.kernel(name, args);
    }
    this.kernels = kernels as unknown as Kernels;
  }

  /** The calls since the last time, in order. */
  take(): Call[] {
    const { calls } = this;
    this.calls = [];
    return calls;
  }

  /** Something that is neither kernel nor copy, to be done again as it is. */
  add(call: Call): void {
    this.calls.push(call);
  }

  /** Makes an array known as the result of something that is done again anyway. */
  produced(array: NdArray): void {
    if (!this.refs.has(array.data)) this.refs.set(array.data, new Ref(array.data, false));
  }

  /** The array as it is in the present run. */
  live(array: NdArray): NdArray {
    const ref = this.refs.get(array.data);
    if (ref === undefined || ref.data === array.data) return array;
    return { ...viewOf(array, array.shape, array.strides, array.offset + ref.shift), data: ref.data };
  }

  copied(from: NdArray, to: NdArray): void {
    this.read(from.data);
    this.write(to.data, to.offset === 0 && from.shape.reduce((a, b) => a * b, 1) === to.data.length);
    this.calls.push(() => copyInto(this.live(from), this.live(to)));
  }

  added(from: NdArray, to: NdArray): void {
    this.read(from.data);
    this.write(to.data, false);
    this.calls.push(() => addStrided(this.live(from), this.live(to)));
  }

  private kernel(name: keyof Kernels, args: unknown[]): unknown {
    const output = written[name]?.(args);
    args.forEach((arg, at) => {
      if (!isNumbers(arg)) return;
      const fills = output?.at === at && output.fills === arg.length && args[at + 1] === 0;
      if (output === undefined || output.at === at) this.write(arg, fills);
      else this.read(arg);
    });
    const f = this.base[name] as (...args: unknown[]) => unknown;
    const result = f.apply(this.base, args);
    args.forEach((arg, at) => {
      if (isNumbers(arg)) {
        const offset = typeof args[at + 1] === "number" ? (args[at + 1] as number) : null;
        this.refs.get(arg)?.use({ args, at, offset });
      } else if (Array.isArray(arg)) {
        const uses = this.lists.get(arg) ?? [];
        uses.push({ args, at });
        this.lists.set(arg, uses);
      }
    });
    this.calls.push(() => f.apply(this.base, args));
    return result;
  }

  private read(data: TypedArray): void {
    if (!this.refs.has(data)) this.remember(data);
  }

  private write(data: TypedArray, fills: boolean): void {
    if (!this.refs.has(data)) {
      if (fills) this.refs.set(data, new Ref(data, false));
      else this.remember(data);
    }
    const restore = this.restores.get(data);
    if (restore !== undefined) restore.needed = true;
  }

  /** An array that was neither made here nor given: its numbers are constants unless something changes them. */
  private remember(data: TypedArray): void {
    this.refs.set(data, new Ref(data, false));
    const restore = new Restore(data);
    this.restores.set(data, restore);
    this.calls.push(restore.call);
  }
}
