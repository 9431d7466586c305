/**
 * From steps to instructions. What there is no instruction for is done where arrays are otherwise, and copied out and in around it.
 *
 * @module
 */
import { copyInto, type NdArray } from "../array.js";
import type { BinaryMode, BinaryName, FloatArray, Kernels, UnaryName } from "../kernels/index.js";
import type { RecurrentKernels } from "../kernels/reference/recurrent.js";
import { binaryCodes, unaryCodes, wasmKernels } from "../kernels/wasm.js";
import { isContiguous, sizeOf } from "../shape.js";
import type { Code, Device } from "./device.js";
import { bitsOf, operations as op } from "./instructions.js";
import { AddStep, ComputeStep, CopyStep, KernelStep, ResetStep, type Step } from "./log.js";
import { traced } from "./trace.js";

/** Compiles steps behind what there is already. */
export function compile(device: Device, steps: readonly Step[]): Code {
  const from = device.length;
  for (const step of steps) if (!compileStep(device, step)) compileOther(device, step);
  return { from, to: device.length };
}

const isSingle = (x: unknown): x is Float32Array => x instanceof Float32Array;

function compileStep(device: Device, step: Step): boolean {
  if (step instanceof KernelStep) return compileKernel(device, step);
  if (step instanceof ResetStep) return compileReset(device, step);
  if (step instanceof AddStep)
    return compileView(device, step, [step.from], [step.to], ([from], [to]) => add(from, to));
  if (step instanceof CopyStep) return compileCopy(device, step);
  if (step instanceof ComputeStep) return compileView(device, step, step.from, step.to, step.body);
  return false;
}

const isDense = ({ shape, strides }: NdArray): boolean => isContiguous(shape, strides);

function compileCopy(device: Device, { from, to }: CopyStep): boolean {
  if (!isSingle(from.data) || !isSingle(to.data)) return false;
  if (isDense(from) && isDense(to)) {
    const [a, b] = [place(device, from.data, from.offset), place(device, to.data, to.offset)];
    device.emit(op.copy, sizeOf(from.shape), a, b);
  } else {
    const [a, b] = [device.viewOf(from), device.viewOf(to)];
    call(device, () => copyInto(a, b));
  }
  return true;
}

function add(from: NdArray | undefined, to: NdArray | undefined): void {
  new AddStep(from as NdArray, to as NdArray).run();
}

/** A computation on the arrays as they are in the device's memory. */
function compileView(
  device: Device,
  step: Step,
  from: readonly NdArray[],
  to: readonly NdArray[],
  body: (from: readonly NdArray[], to: readonly NdArray[]) => void,
): boolean {
  if (![...step.reads, ...step.writes].every(isSingle)) return false;
  const [sources, targets] = [from.map((x) => device.viewOf(x)), to.map((y) => device.viewOf(y))];
  call(device, () => body(sources, targets));
  return true;
}

function compileReset(device: Device, { data, before }: ResetStep): boolean {
  if (!isSingle(data)) return false;
  const at = device.addressOf(data);
  if (before === null) device.emit(op.zero, data.length, at);
  else device.emit(op.copy, data.length, device.addressOf(before as Float32Array), at);
  return true;
}

/** A step that is carried out with arrays outside of the device's memory. */
function compileOther(device: Device, step: Step): void {
  call(device, () => {
    device.begin();
    for (const data of step.reads) device.bring(data);
    step.run();
    for (const data of step.writes) device.send(data);
  });
}

function call(device: Device, body: () => void): void {
  device.emit(op.call, device.calls.push(body) - 1);
}

const place = (device: Device, data: FloatArray, offset: number): number =>
  device.addressOf(data as Float32Array) + offset * 4;

/**
 * Where a kernel may write n elements in whole vectors: in place, or, when other numbers follow at once, somewhere else.
 * `done` adds the copy from there.
 */
function target(device: Device, data: FloatArray, offset: number, n: number): { at: number; done: () => void } {
  const at = place(device, data, offset);
  if ((n & 3) === 0 || offset + n === data.length) return { at, done: () => {} };
  const aside = device.scratchFor(n + 4);
  return { at: aside, done: () => device.emit(op.copy, n, aside, at) };
}

type Emitters = { readonly [K in keyof Kernels]?: (device: Device, ...args: never[]) => void };

function compileKernel(device: Device, { name, args, kernels }: KernelStep): boolean {
  if (kernels !== wasmKernels || args.some((arg) => ArrayBuffer.isView(arg) && !isSingle(arg))) return false;
  if (name === "gemm" && (args[2] as number) * (args[3] as number) * (args[4] as number) === 0) return false;
  const emitter = emitters[name] as ((device: Device, ...args: readonly unknown[]) => void) | undefined;
  if (emitter === undefined) return traced(device, name as keyof RecurrentKernels, args);
  emitter(device, ...args);
  return true;
}

type RowKernel = "softmax" | "logSoftmax";
type RowGradKernel = "softmaxGrad" | "logSoftmaxGrad";

const rows =
  (name: RowKernel) =>
  (device: Device, count: number, n: number, x: FloatArray, xo: number, y: FloatArray, yo: number): void => {
    const out = target(device, y, yo, count * n);
    device.emit(op[name], count, n, place(device, x, xo), out.at);
    out.done();
  };

const rowGrads =
  (name: RowGradKernel) =>
  (
    device: Device,
    count: number,
    n: number,
    g: FloatArray,
    go: number,
    y: FloatArray,
    yo: number,
    dx: FloatArray,
    dxo: number,
  ): void => {
    const out = target(device, dx, dxo, count * n);
    device.emit(op[name], count, n, place(device, g, go), place(device, y, yo), out.at);
    out.done();
  };

const emitters: Emitters = {
  unary(device, f: UnaryName, n: number, x: FloatArray, xo: number, y: FloatArray, yo: number) {
    const out = target(device, y, yo, n);
    device.emit(op.unary, unaryCodes[f], n, place(device, x, xo), out.at);
    out.done();
  },

  binary(
    device,
    f: BinaryName,
    mode: BinaryMode,
    n: number,
    a: FloatArray,
    ao: number,
    b: FloatArray,
    bo: number,
    y: FloatArray,
    yo: number,
    width: number,
  ) {
    const out = target(device, y, yo, n);
    const operands = [binaryCodes[f], n] as const;
    const [pa, pb] = [place(device, a, ao), place(device, b, bo)];
    if (mode === "same" || (mode === "row" && width === n)) device.emit(op.binary, ...operands, pa, pb, out.at);
    else if (mode === "row") {
      // The row is repeated until it fills whole vectors. Scratch may be the target's already.
      device.emit(op.binaryRows, ...operands, width, pa, pb, out.at, device.take(Math.max(4 * width, 128)));
    } else {
      const name = mode === "scalar" ? op.binaryScalar : op.binaryScalarLeft;
      device.emit(name, ...operands, pa, pb, out.at, device.take(4));
    }
    out.done();
  },

  axpy(device, n: number, alpha: number, x: FloatArray, xo: number, y: FloatArray, yo: number) {
    const out = target(device, y, yo, n);
    const at = place(device, y, yo);
    if (out.at !== at) device.emit(op.copy, n, at, out.at);
    device.emit(op.axpy, n, bitsOf(alpha), place(device, x, xo), out.at);
    out.done();
  },

  gemm(
    device,
    transA: boolean,
    transB: boolean,
    M: number,
    N: number,
    K: number,
    a: FloatArray,
    ao: number,
    lda: number,
    b: FloatArray,
    bo: number,
    ldb: number,
    c: FloatArray,
    co: number,
    ldc: number,
    accumulate: boolean,
  ) {
    const room = device.scratchFor(8 * K + 32 + (accumulate ? M * N : 0));
    const [pa, pb, pc] = [place(device, a, ao), place(device, b, bo), place(device, c, co)];
    device.emit(op.gemm, +transA, +transB, M, N, K, pa, lda, pb, ldb, pc, ldc, +accumulate, room);
  },

  sum(device, outer: number, n: number, inner: number, x: FloatArray, xo: number, y: FloatArray, yo: number) {
    const px = place(device, x, xo);
    if (n === 1) {
      device.emit(op.sumPlain, outer * inner, px, place(device, y, yo));
    } else if (inner === 1) {
      device.emit(op.sumRows, outer, n, px, place(device, y, yo));
    } else {
      const out = target(device, y, yo, outer * inner);
      device.emit(op.sumColumns, outer, n, inner, px, out.at);
      out.done();
    }
  },

  softmax: rows("softmax"),
  logSoftmax: rows("logSoftmax"),
  softmaxGrad: rowGrads("softmaxGrad"),
  logSoftmaxGrad: rowGrads("logSoftmaxGrad"),

  gatherRows(
    device,
    count: number,
    width: number,
    table: FloatArray,
    to: number,
    index: ArrayLike<number>,
    out: FloatArray,
    oo: number,
  ) {
    const list = device.listOf(index);
    device.emit(op.gather, count, width, place(device, table, to), list, place(device, out, oo));
  },

  scatterAddRows(
    device,
    count: number,
    width: number,
    g: FloatArray,
    go: number,
    index: ArrayLike<number>,
    table: FloatArray,
    to: number,
  ) {
    const list = device.listOf(index);
    device.emit(op.scatter, count, width, place(device, g, go), list, place(device, table, to));
  },
};
