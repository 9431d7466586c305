/**
 * From steps to instructions. What there is no instruction for is done where arrays are otherwise, and copied out and in around it.
 *
 * @module
 */
import { addStrided, copyInto, type NdArray } from "../array.js";
import type { BinaryMode, BinaryName, FloatArray, Kernels, UnaryName } from "../kernels/index.js";
import { binaryCodes, gemmRoom, unaryCodes, wasmKernels } from "../kernels/wasm.js";
import { isContiguous, sizeOf } from "../shape.js";
import { type Device, instructions as op } from "./device.js";
import { AddStep, CopyStep, KernelStep, ResetStep, type Step } from "./log.js";
import type { Event } from "./plan.js";

/** Compiles the steps of all events; returns where those of each begin, and where the last ones end. */
export function compile(device: Device, events: readonly Event[]): Int32Array {
  const starts = new Int32Array(events.length + 1);
  events.forEach(({ steps }, at) => {
    starts[at] = device.length;
    for (let i = 0; i < steps.length; ) {
      const fused = fuse(device, steps, i);
      if (fused === 0) compileStep(device, steps[i] as Step);
      i += Math.max(fused, 1);
    }
  });
  starts[events.length] = device.length;
  return starts;
}

const isSingle = (x: unknown): x is Float32Array => x instanceof Float32Array;

function compileStep(device: Device, step: Step): void {
  if (!compileKnown(device, step)) compileOther(device, step);
}

function compileKnown(device: Device, step: Step): boolean {
  if (!step.reads.every(isSingle) || !step.writes.every(isSingle)) return false;
  if (step instanceof KernelStep) return compileKernel(device, step);
  if (step instanceof ResetStep) {
    const at = device.addressOf(step.data as Float32Array);
    if (step.before === null) device.emit(op.zero, step.data.length, at);
    else device.emit(op.copy, step.data.length, device.addressOf(step.before as Float32Array), at);
    return true;
  }
  if (!(step instanceof CopyStep)) return false;
  const { from, to } = step;
  if (!(step instanceof AddStep) && isDense(from) && isDense(to)) {
    device.emit(op.copy, sizeOf(from.shape), place(device, from), place(device, to));
  } else {
    const [a, b] = [device.viewOf(from), device.viewOf(to)];
    device.call(() => (step instanceof AddStep ? addStrided : copyInto)(a, b));
  }
  return true;
}

const isDense = ({ shape, strides }: NdArray): boolean => isContiguous(shape, strides);

/** A step that is carried out with arrays outside of the device's memory. */
function compileOther(device: Device, step: Step): void {
  device.call(() => {
    device.begin();
    for (const data of step.reads) device.bring(data);
    step.run();
    for (const data of step.writes) device.send(data);
  });
}

const place = (device: Device, { data, offset }: { data: unknown; offset: number }): number =>
  device.addressOf(data as Float32Array) + offset * 4;

/** Up to this many weights, a product with one row is one instruction with what goes before or after it. */
const FEW = 64;

type GemmArgs = Parameters<Kernels["gemm"]>;
type Named<K extends "binary" | "axpy"> = Parameters<Kernels[K]>;

function argsOf(step: Step | undefined, name: keyof Kernels): unknown[] | null {
  if (!(step instanceof KernelStep) || step.name !== name || step.kernels !== wasmKernels) return null;
  return step.reads.every(isSingle) ? (step.args as unknown[]) : null;
}

/** Compiles steps that go together as one instruction; returns how many they were. */
function fuse(device: Device, steps: readonly Step[], i: number): number {
  const args = argsOf(steps[i], "gemm") as GemmArgs | null;
  if (args === null) return 0;
  const [transA, transB, M, N, K] = args;
  if (M * N * K > FEW || M * N * K === 0) return 0;
  if (!transA && transB && M === 1) return fuseAffine(device, args, argsOf(steps[i + 1], "binary") as Named<"binary">);
  return transB ? 0 : fuseGrad(device, steps, i);
}

/** y = x·Wᵀ, then y += b. */
function fuseAffine(device: Device, product: GemmArgs, sum: Named<"binary"> | null): number {
  const [, , , N, K, x, xo, , w, wo, ldw, y, yo, , accumulate] = product;
  if (sum === null || accumulate || ldw !== K) return 0;
  const [f, mode, n, left, lo, b, bo, out, oo] = sum;
  if (f !== "add" || mode !== "same" || n !== N || left !== y || lo !== yo || out !== y || oo !== yo) return 0;
  const at = (data: FloatArray, offset: number): number => place(device, { data, offset });
  device.emit(op.affine, N, K, at(x, xo), at(w, wo), at(b, bo), at(y, yo));
  return 2;
}

/** dx = g·W (or none), then dW += gᵀ·x, db += g. */
function fuseGrad(device: Device, steps: readonly Step[], i: number): number {
  const args = (k: number): GemmArgs | null => argsOf(steps[i + k], "gemm") as GemmArgs | null;
  const product = args(0) as GemmArgs;
  const withInput = !product[0];
  const [transA, transB, O, I, rows, g, go, , x, xo, ldx, dw, dwo, ldw, adds] = (withInput ? args(1) : product) ?? [];
  const bias = argsOf(steps[i + (withInput ? 2 : 1)], "axpy") as Named<"axpy"> | null;
  if (!transA || transB || rows !== 1 || !adds || ldx !== I || ldw !== I || bias === null) return 0;
  const [n, alpha, from, fo, db, dbo] = bias;
  if (n !== O || alpha !== 1 || from !== g || fo !== go) return 0;
  const at = (data: unknown, offset: unknown): number => place(device, { data, offset: offset as number });
  let input = [0, 0, 0];
  if (withInput) {
    const [, , M, N, K, g2, go2, , w, wo, ldw2, dx, dxo, , more] = product;
    if (M !== 1 || N !== I || K !== O || g2 !== g || go2 !== go || ldw2 !== I) return 0;
    input = [at(w, wo), at(dx, dxo), +more];
  }
  device.emit(op.affineGrad, O as number, I as number, at(g, go), at(x, xo), ...input, at(dw, dwo), at(db, dbo));
  return withInput ? 3 : 2;
}

type Emitters = { readonly [K in keyof Kernels]?: (emit: Emitter, ...args: never[]) => void };

/** Writes one instruction. */
class Emitter {
  constructor(
    readonly device: Device,
    readonly step: KernelStep,
  ) {}

  at(data: FloatArray | null, offset: number): number {
    return data === null ? 0 : place(this.device, { data, offset });
  }

  room(n: number): number {
    return this.device.scratchFor(n);
  }

  put(instruction: number, ...operands: readonly number[]): void {
    this.device.emit(instruction, ...operands);
  }

  /** An instruction that writes n elements in whole vectors; what stands behind them is kept if it belongs to the same array. */
  fill(y: FloatArray, yo: number, n: number, instruction: number, ...operands: readonly number[]): void {
    const spills = (n & 3) !== 0 && yo + n < y.length;
    if (spills) this.put(op.keepBehind, this.at(y, yo + n));
    this.put(instruction, ...operands);
    if (spills) this.put(op.putBack, this.at(y, yo + n));
  }
}

function compileKernel(device: Device, step: KernelStep): boolean {
  const { name, args, kernels } = step;
  const emitter = emitters[name] as ((emit: Emitter, ...args: readonly unknown[]) => void) | undefined;
  if (kernels !== wasmKernels || emitter === undefined) return false;
  if (name === "gemm" && (args[2] as number) * (args[3] as number) * (args[4] as number) === 0) return false;
  emitter(new Emitter(device, step), ...args);
  return true;
}

const number = new Float32Array(1);
const bits = new Int32Array(number.buffer);

/** The bits of a float32 number, as an operand. */
function bitsOf(value: number): number {
  number[0] = value;
  return bits[0] as number;
}

const update =
  (instruction: number, arrays: number) =>
  (emit: Emitter, n: number, ...args: readonly unknown[]): void => {
    const addresses = args.slice(0, arrays).map((data) => emit.at(data as FloatArray | null, 0));
    emit.put(instruction, n, ...addresses, emit.device.blockFor(emit.step));
  };

const rows =
  (instruction: number) =>
  (emit: Emitter, count: number, n: number, x: FloatArray, xo: number, y: FloatArray, yo: number): void =>
    emit.fill(y, yo, count * n, instruction, count, n, emit.at(x, xo), emit.at(y, yo));

const rowGrads =
  (instruction: number) =>
  (
    emit: Emitter,
    count: number,
    n: number,
    g: FloatArray,
    go: number,
    y: FloatArray,
    yo: number,
    dx: FloatArray,
    dxo: number,
  ): void =>
    emit.fill(dx, dxo, count * n, instruction, count, n, emit.at(g, go), emit.at(y, yo), emit.at(dx, dxo));

const emitters: Emitters = {
  unary(emit, f: UnaryName, n: number, x: FloatArray, xo: number, y: FloatArray, yo: number) {
    emit.fill(y, yo, n, op.unary, unaryCodes[f], n, emit.at(x, xo), emit.at(y, yo));
  },

  binary(
    emit,
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
    const code = binaryCodes[f];
    const operands = [emit.at(a, ao), emit.at(b, bo), emit.at(y, yo)] as const;
    if (mode === "row" && width < n) {
      emit.fill(y, yo, n, op.binaryRows, code, n, width, ...operands, emit.room(Math.max(4 * width, 128)));
    } else {
      const { binary, binaryScalar, binaryScalarLeft } = op;
      const instruction = mode === "scalar" ? binaryScalar : mode === "scalarLeft" ? binaryScalarLeft : binary;
      emit.fill(y, yo, n, instruction, code, n, ...operands);
    }
  },

  axpy(emit, n: number, alpha: number, x: FloatArray, xo: number, y: FloatArray, yo: number) {
    emit.fill(y, yo, n, op.axpy, n, bitsOf(alpha), emit.at(x, xo), emit.at(y, yo));
  },

  gemm(
    emit,
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
    const room = emit.room(gemmRoom(M, N, K, accumulate));
    const factors = [emit.at(a, ao), lda, emit.at(b, bo), ldb] as const;
    emit.put(op.gemm, +transA, +transB, M, N, K, ...factors, emit.at(c, co), ldc, +accumulate, room);
  },

  sum(emit, outer: number, n: number, inner: number, x: FloatArray, xo: number, y: FloatArray, yo: number) {
    const [from, to] = [emit.at(x, xo), emit.at(y, yo)];
    if (n === 1) emit.put(op.sumRows, outer * inner, 1, from, to);
    else if (inner === 1) emit.put(op.sumRows, outer, n, from, to);
    else emit.fill(y, yo, outer * inner, op.sumColumns, outer, n, inner, from, to);
  },

  softmax: rows(op.softmax),
  logSoftmax: rows(op.logSoftmax),
  softmaxGrad: rowGrads(op.softmaxGrad),
  logSoftmaxGrad: rowGrads(op.logSoftmaxGrad),

  crossEntropy(
    emit,
    rows: number,
    n: number,
    x: FloatArray,
    xo: number,
    target: FloatArray | null,
    to: number,
    index: readonly number[] | null,
    weight: FloatArray | null,
    wo: number,
    reduction: "none" | "sum" | "mean",
    loss: FloatArray,
    lo: number,
    slope: FloatArray | null,
    so: number,
  ) {
    const list = index === null ? 0 : emit.device.listOf(index);
    const each = reduction === "none" ? emit.at(loss, lo) : 0;
    const all = reduction === "none" ? 0 : emit.at(loss, lo);
    const operands = [emit.at(x, xo), emit.at(target, to), list, emit.at(weight, wo), each, all, emit.at(slope, so)];
    emit.put(op.crossEntropy, rows, n, ...operands, +(reduction === "mean"), emit.room(12 * n + 24));
  },

  adam: update(op.adam, 5),
  sgd: update(op.sgd, 3),
  rmsprop: update(op.rmsprop, 5),
  adagrad: update(op.adagrad, 3),

  gatherRows(
    emit,
    count: number,
    width: number,
    table: FloatArray,
    to: number,
    index: ArrayLike<number>,
    out: FloatArray,
    oo: number,
  ) {
    emit.put(op.gather, count, width, emit.at(table, to), emit.device.listOf(index), emit.at(out, oo));
  },

  scatterAddRows(
    emit,
    count: number,
    width: number,
    g: FloatArray,
    go: number,
    index: ArrayLike<number>,
    table: FloatArray,
    to: number,
  ) {
    emit.put(op.scatter, count, width, emit.at(g, go), emit.device.listOf(index), emit.at(table, to));
  },
};
