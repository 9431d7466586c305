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

/** For each kernel the arguments that it writes and how many elements, to tell a fresh result from something added to. */
const written: {
  readonly [K in keyof Kernels]?: (args: readonly unknown[]) => readonly (readonly [at: number, fills: number])[];
} = {
  unary: (a) => [[4, a[1] as number]],
  binary: (a) => [[7, a[2] as number]],
  gemm: (a) => [[11, a[14] ? -1 : (a[2] as number) * (a[3] as number)]],
  axpy: () => [[4, -1]],
  sum: (a) => [[5, (a[0] as number) * (a[2] as number)]],
  softmax: (a) => [[4, (a[0] as number) * (a[1] as number)]],
  softmaxGrad: (a) => [[6, (a[0] as number) * (a[1] as number)]],
  logSoftmax: (a) => [[4, (a[0] as number) * (a[1] as number)]],
  logSoftmaxGrad: (a) => [[6, (a[0] as number) * (a[1] as number)]],
  crossEntropy: (a) => [
    [10, a[9] === "none" ? (a[0] as number) : 1],
    [12, (a[0] as number) * (a[1] as number)],
  ],
  adam: () => [
    [1, -1],
    [3, -1],
    [4, -1],
    [5, -1],
  ],
  sgd: () => [
    [1, -1],
    [3, -1],
  ],
  rmsprop: () => [
    [1, -1],
    [3, -1],
    [4, -1],
    [5, -1],
  ],
  adagrad: () => [
    [1, -1],
    [3, -1],
  ],
  gatherRows: (a) => [[5, (a[0] as number) * (a[1] as number)]],
};

/** A call of a kernel. */
export class KernelStep implements Step {
  readonly reads: readonly TypedArray[];
  readonly writes: readonly TypedArray[];
  private readonly f: (...args: unknown[]) => unknown;

  constructor(
    readonly name: keyof Kernels,
    readonly args: unknown[],
    readonly kernels: Kernels,
  ) {
    this.f = kernels[name] as (...args: unknown[]) => unknown;
    const outputs = written[name]?.(args);
    this.reads = args.filter(isNumbers);
    this.writes = outputs?.map(([at]) => args[at]).filter(isNumbers) ?? this.reads;
  }

  run(): void {
    this.f.apply(this.kernels, this.args as unknown[]);
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

  private kernel(name: keyof Kernels, args: unknown[]): unknown {
    const outputs = written[name]?.(args) ?? [];
    args.forEach((arg, at) => {
      if (!isNumbers(arg)) return;
      const fresh = outputs.some(([output, fills]) => output === at && fills === arg.length) && args[at + 1] === 0;
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
