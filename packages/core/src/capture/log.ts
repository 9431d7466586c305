/**
 * What happens to numbers while ops run, written down as steps that can be repeated: kernels, copies, additions, and whatever an op
 * does by itself. All arrays that steps speak of belong to the captured function.
 *
 * @module
 */
import { type ArrayObserver, addStrided, copyInto, type NdArray } from "../array.js";
import type { TypedArray } from "../dtype.js";
import type { Kernels } from "../kernels/index.js";
import { fills } from "./outside.js";
import type { Memory } from "./plan.js";

export interface Step {
  /** Does it where the arrays are. */
  run(): void;
  /** Every array it reads or writes in part. */
  readonly reads: readonly TypedArray[];
  readonly writes: readonly TypedArray[];
}

const isNumbers = (value: unknown): value is Float32Array | Float64Array =>
  value instanceof Float32Array || value instanceof Float64Array;

/** What is read as well as filled has no such number, */
const none = (): number => -1;
/** and what is filled as it is needs none. */
const all = (_: readonly unknown[], array: TypedArray): number => array.length;
const product = (a: readonly unknown[]): number => (a[0] as number) * (a[1] as number);

type Size = (args: readonly unknown[], array: TypedArray) => unknown;

/**
 * What kernels change: which argument, and how many elements it has when they fill it from the first to the last, whatever stood there. Of
 * a kernel that is not here it is taken that it reads and changes all its arrays.
 */
const changed: { readonly [K in keyof Kernels]?: readonly (readonly [at: number, size: Size])[] } = {
  unary: [[4, (a) => a[1]]],
  binary: [[7, (a) => a[2]]],
  axpy: [[4, none]],
  gemm: [[11, (a) => (a[14] ? none() : (a[2] as number) * (a[3] as number))]],
  sum: [[5, (a) => (a[0] as number) * (a[2] as number)]],
  softmax: [[4, product]],
  softmaxGrad: [[6, product]],
  logSoftmax: [[4, product]],
  logSoftmaxGrad: [[6, product]],
  crossEntropy: [
    [10, (a) => (a[9] === "none" ? a[0] : 1)],
    [12, product],
  ],
  gatherRows: [[5, product]],
  cellSum: [[15, (a) => a[0]]],
  lstmStep: [
    [2, none],
    [6, product],
    [8, product],
    [10, product],
  ],
  lstmStepGrad: [
    [4, none],
    [12, (a) => 4 * product(a)],
  ],
  recurrentForward: [13, 14, 15, 16].map((at) => [at, at < 15 ? none : all] as const),
  recurrentBackward: [15, 16, 17, 18, 19, 20, 21, 22].map((at) => [at, at < 17 ? none : all] as const),
};

/** How many arguments stand before the version of weights, where there is one. */
const unversioned: { readonly [K in keyof Kernels]?: number } = { gemm: 15, recurrentForward: 17, cellSum: 17 };

/** A call of a kernel. */
export class KernelStep implements Step {
  constructor(
    readonly name: keyof Kernels,
    readonly args: unknown[],
    readonly kernels: Kernels,
  ) {}

  get reads(): readonly TypedArray[] {
    return this.args.filter(isNumbers);
  }

  get writes(): readonly TypedArray[] {
    return changed[this.name]?.map(([at]) => this.args[at]).filter(isNumbers) ?? this.reads;
  }

  run(): void {
    (this.kernels[this.name] as (...args: unknown[]) => unknown)(...this.args);
  }
}

/** A copy of one array into another. */
export class CopyStep implements Step {
  constructor(
    readonly from: NdArray,
    readonly to: NdArray,
  ) {}

  get reads(): readonly TypedArray[] {
    return [this.from.data, this.to.data];
  }

  get writes(): readonly TypedArray[] {
    return [this.to.data];
  }

  run(): void {
    copyInto(this.from, this.to);
  }
}

/** An addition of one array to another. */
export class AddStep extends CopyStep {
  override run(): void {
    addStrided(this.from, this.to);
  }
}

/** Brings back what stood in an array when it was first met, in case that later steps change it. */
export class ResetStep implements Step {
  readonly reads: readonly TypedArray[] = [];
  readonly writes: readonly TypedArray[];
  /** What stood there; null for zeros. */
  readonly before: TypedArray | null;

  constructor(readonly data: TypedArray) {
    this.writes = [data];
    this.before = data.every((value) => Object.is(value, 0)) ? null : data.slice();
  }

  run(): void {
    if (this.before === null) this.data.fill(0);
    else this.data.set(this.before);
  }
}

/** Something that is neither kernel nor copy. */
export class OtherStep implements Step {
  constructor(
    readonly run: () => void,
    readonly reads: readonly TypedArray[],
    readonly writes: readonly TypedArray[],
  ) {}
}

/** Writes down what kernels and copies do, and lets them do it. */
export class Log implements ArrayObserver {
  readonly kernels: Kernels;
  private steps: Step[] = [];

  constructor(
    readonly base: Kernels,
    private readonly memory: Memory,
  ) {
    const kernels: Record<string, unknown> = { ...base };
    for (const name of Object.keys(base) as (keyof Kernels)[]) {
      if (typeof base[name] === "function") kernels[name] = (...args: unknown[]): unknown => this.kernel(name, args);
    }
    this.kernels = kernels as unknown as Kernels;
  }

  /** The steps since the last time, in order. */
  take(): Step[] {
    const { steps } = this;
    this.steps = [];
    return steps;
  }

  add(step: Step): void {
    this.steps.push(step);
  }

  /** Makes an array known as the result of something that is done again anyway. */
  produced(array: NdArray): void {
    this.know(array.data);
  }

  private know(data: TypedArray): void {
    if (this.memory.known.has(data)) return;
    this.memory.known.add(data);
    this.memory.bytes += data.byteLength;
  }

  copied(from: NdArray, to: NdArray): void {
    this.meet(from.data);
    if (fills(to)) this.produced(to);
    else this.meet(to.data);
    this.steps.push(new CopyStep(from, to));
  }

  added(from: NdArray, to: NdArray): void {
    this.meet(from.data);
    this.meet(to.data);
    this.steps.push(new AddStep(from, to));
  }

  private kernel(name: keyof Kernels, given: unknown[]): unknown {
    // When a step is repeated, nobody promises that arrays hold what they held.
    const args = given.slice(0, unversioned[name]);
    const outputs = changed[name];
    args.forEach((arg, at) => {
      if (!isNumbers(arg)) return;
      const size = outputs?.find(([to]) => to === at)?.[1];
      const fresh = size !== undefined && (size === all || args[at + 1] === 0) && size(args, arg) === arg.length;
      if (fresh && args.indexOf(arg) === at) this.know(arg);
      else this.meet(arg);
    });
    const step = new KernelStep(name, args, this.base);
    step.run();
    this.steps.push(step);
    return undefined;
  }

  /** An array that was neither made by a step nor stands for a tensor from outside comes with numbers of its own. */
  meet(data: TypedArray): void {
    if (this.memory.known.has(data)) return;
    this.know(data);
    this.steps.push(new ResetStep(data));
  }
}
