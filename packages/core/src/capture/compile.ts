/**
 * From steps to instructions. What there is no instruction for is done where arrays are otherwise, and copied out and in around it.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import type { BinaryName, FloatArray, Kernels, Recurrence, UnaryName } from "../kernels/index.js";
import { binaryCodes, crossEntropyRoom, gemmRoom, unaryCodes, wasmKernels } from "../kernels/wasm.js";
import { LEAST_PACKED, PACKED, ROOM, shapeOf } from "../kernels/wasm-recurrent.js";
import { isContiguous, sizeOf } from "../shape.js";
import { type Device, instructions as op } from "./device.js";
import { AddStep, CopyStep, KernelStep, ResetStep, type Step } from "./log.js";
import { Losses } from "./losses.js";
import { PackedWeights } from "./packed.js";
import type { Event } from "./plan.js";
import { argsOf, isSingle, place, Sums } from "./sums.js";

/** Compiles the steps of some events; returns where they begin and where they end. */
export function compile(device: Device, events: readonly Event[]): { readonly from: number; readonly to: number } {
  const from = device.length;
  const steps = events.flatMap((event) => event.steps);
  const written = new Set(steps.flatMap((step) => step.writes));
  for (const data of written) device.willWrite(data);
  const packed = new PackedWeights(device, steps);
  const compileStep = (step: Step): void => {
    if (!packed.take(step) && !compileKnown(device, step)) compileOther(device, step);
  };
  const sums = new Sums(compileStep, device);
  const before = (step: Step): void => sums.before(step);
  const losses = new Losses(before, compileStep, device);
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as Step;
    if (losses.take(step) || sums.take(step)) continue;
    sums.before(step);
    const next = steps[i + 1];
    if (next !== undefined && !losses.touches(next) && fuseAffine(device, step, next, before)) i++;
    else compileStep(step);
  }
  losses.finish();
  sums.finish();
  for (const data of written) device.emitChanged(data);
  return { from, to: device.length };
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
  return step instanceof CopyStep && compileCopy(device, step);
}

/** Axes of an instruction for arrays that are not row-major. */
const AXES = 4;

function compileCopy(device: Device, step: CopyStep): boolean {
  const { from, to } = step;
  const adds = step instanceof AddStep;
  const { shape } = from;
  if (!adds && isDense(from) && isDense(to)) {
    device.emit(op.copy, sizeOf(shape), place(device, from), place(device, to));
    return true;
  }
  if (shape.length > AXES) return false;
  const axes: number[] = [];
  for (let missing = AXES - shape.length; missing > 0; missing--) axes.push(1, 0, 0);
  shape.forEach((length, axis) => {
    axes.push(length, from.strides[axis] as number, to.strides[axis] as number);
  });
  device.emit(op.strided, +adds, place(device, from), place(device, to), ...axes);
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

/** Up to this many weights, a product with one row is one instruction with what goes before or after it. */
const FEW = 64;

type Named<K extends "gemm" | "binary"> = Parameters<Kernels[K]>;

/** y = x·Wᵀ, then y += b as one instruction; false when the steps are something else. */
function fuseAffine(device: Device, step: Step, next: Step, before: (step: Step) => void): boolean {
  const product = argsOf(step, "gemm") as Named<"gemm"> | null;
  const sum = argsOf(next, "binary") as Named<"binary"> | null;
  if (product === null || sum === null) return false;
  const [transA, transB, M, N, K, x, xo, , w, wo, ldw, y, yo, , accumulate] = product;
  if (transA || !transB || M !== 1 || N * K > FEW || N * K === 0 || accumulate || ldw !== K) return false;
  const [f, mode, n, left, lo, b, bo, out, oo] = sum;
  if (f !== "add" || mode !== "same" || n !== N || left !== y || lo !== yo || out !== y || oo !== yo) return false;
  before(next);
  const at = (data: FloatArray, offset: number): number => place(device, { data, offset });
  device.emit(op.affine, N, K, at(x, xo), at(w, wo), at(b, bo), at(y, yo));
  return true;
}

/** Writes one instruction. */
class Emitter {
  constructor(
    readonly device: Device,
    readonly step: KernelStep,
  ) {}

  at(data: unknown, offset: unknown): number {
    return data === null ? 0 : place(this.device, { data, offset: offset as number });
  }

  /**
   * The arguments of a kernel as operands, by a letter each: n a number or a truth, f a number in its bits, u and b a function's name,
   * i a list, a an array with its offset, p one without.
   */
  operands(letters: string, args: readonly unknown[]): number[] {
    let k = 0;
    return Array.from(letters, (letter) => {
      const arg = args[k++];
      if (letter === "a") return this.at(arg, args[k++]);
      if (letter === "p") return this.at(arg, 0);
      if (letter === "i") return arg === null ? 0 : this.device.listOf(arg as readonly number[]);
      if (letter === "u") return unaryCodes[arg as UnaryName];
      if (letter === "b") return binaryCodes[arg as BinaryName];
      return letter === "f" ? bitsOf(arg as number) : Number(arg);
    });
  }

  /** An instruction that writes n elements of y in whole vectors: it is told where they end, to keep what stands behind. */
  fill(y: unknown, yo: unknown, n: number, instruction: number, ...operands: readonly number[]): void {
    this.device.emit(instruction, this.at(y, (yo as number) + n), ...operands);
  }
}

function compileKernel(device: Device, step: KernelStep): boolean {
  const { name, args, kernels } = step;
  const emit = emitters[name];
  if (kernels !== wasmKernels || emit === undefined) return false;
  if (name === "gemm" && args.slice(2, 5).includes(0)) return false;
  emit(new Emitter(device, step), args);
  return true;
}

/** What only a backward pass has, and weights that are packed already. */
const NONE = new Array<number>(10).fill(0);

/** A list of what a recurrence works on. */
function describe(device: Device, recurrence: Recurrence, places: readonly number[]): number {
  return device.listOf([...shapeOf(recurrence, (sizes) => device.listOf(sizes)), ...places]);
}

function emitRecurrence(device: Device, { rows, I, H, P }: Recurrence, backward: boolean, at: number): void {
  // Many networks at once keep the state before every row, and pack weights for three units at a time and two places.
  const more = 2 * (H + 2) * (1 + I + H) + (backward ? rows * P : 0);
  device.put(at + ROOM * 4, device.scratchForRecurrence(at, backward, more));
  device.emit(backward ? op.recurrentBackward : op.recurrentForward, at);
}

const number = new Float32Array(1);
const bits = new Int32Array(number.buffer);

/** The bits of a float32 number, as an operand. */
function bitsOf(value: number): number {
  number[0] = value;
  return bits[0] as number;
}

type Emit = (emit: Emitter, args: readonly unknown[]) => void;

/** A kernel whose arguments are the operands; the last array is what it writes, as many elements as the first numbers say. */
const filling =
  (instruction: number, letters: string, size: (args: readonly unknown[]) => number): Emit =>
  (emit, args) => {
    const [y, yo] = args.slice(letters.length + (letters.match(/a/g)?.length ?? 0) - 2);
    emit.fill(y, yo, size(args), instruction, ...emit.operands(letters, args));
  };

/** A kernel that writes no more than it should. */
const exact =
  (instruction: number, letters: string): Emit =>
  (emit, args) =>
    emit.device.emit(instruction, ...emit.operands(letters, args));

const update =
  (instruction: number, letters: string): Emit =>
  (emit, args) =>
    emit.device.emit(instruction, ...emit.operands(letters, args), emit.device.blockFor(emit.step));

const second = (args: readonly unknown[]): number => args[1] as number;
const first = (args: readonly unknown[]): number => args[0] as number;
const area = (args: readonly unknown[]): number => first(args) * second(args);

const emitters: { readonly [K in keyof Kernels]?: Emit } = {
  unary: filling(op.unary, "unaa", second),
  axpy: filling(op.axpy, "nfaa", first),
  softmax: filling(op.softmax, "nnaa", area),
  logSoftmax: filling(op.logSoftmax, "nnaa", area),
  softmaxGrad: filling(op.softmaxGrad, "nnaaa", area),
  logSoftmaxGrad: filling(op.logSoftmaxGrad, "nnaaa", area),
  cellSum: exact(op.cellSum, "nnnaaaaaaa"),
  lstmStep: exact(op.lstmStep, "nnaaaaa"),
  lstmStepGrad: exact(op.lstmStepGrad, "nnaaaaaa"),
  gatherRows: exact(op.gather, "nnaia"),
  scatterAddRows: exact(op.scatter, "nnaia"),
  adam: update(op.adam, "nppppp"),
  sgd: update(op.sgd, "nppp"),
  rmsprop: update(op.rmsprop, "nppppp"),
  adagrad: update(op.adagrad, "nppp"),

  binary(emit, [f, mode, n, a, ao, b, bo, y, yo, width]) {
    const operands = emit.operands("bnaaa", [f, n, a, ao, b, bo, y, yo]);
    const size = n as number;
    if (mode === "row" && (width as number) < size) {
      const room = emit.device.scratchFor(Math.max(4 * (width as number), 128));
      operands.splice(2, 0, width as number);
      emit.fill(y, yo, size, op.binaryRows, ...operands, room);
    } else {
      const { binary, binaryScalar, binaryScalarLeft } = op;
      const instruction = mode === "scalar" ? binaryScalar : mode === "scalarLeft" ? binaryScalarLeft : binary;
      emit.fill(y, yo, size, instruction, ...operands);
    }
  },

  gemm(emit, args) {
    const [M, N, K, accumulate] = [args[2], args[3], args[4], args[14]] as [number, number, number, boolean];
    const room = emit.device.scratchFor(gemmRoom(M, N, K, accumulate));
    emit.device.emit(op.gemm, ...emit.operands("nnnnnananann", args), room);
  },

  recurrentForward(emit, [r, ...args]) {
    const places = emit.operands("aaaaaapppp", args);
    const [h, c] = places.slice(6) as [number, number];
    const { device } = emit;
    const recurrence = r as Recurrence;
    const { kind, I, H, P } = recurrence;
    // x, weights, biases; first states, y, what is kept, scratch, last states
    const all = [...places.slice(0, 6), h, c, ...places.slice(8), 0, h, c, ...NONE];
    const at = describe(device, recurrence, all);
    const weights = [args[2], args[4], args[10]] as [Float32Array, Float32Array, Float32Array | null];
    if (H >= LEAST_PACKED) device.pack(at, PACKED, `${kind} ${I} ${H} ${P} ${places.slice(1, 3)}`, weights);
    emitRecurrence(device, recurrence, false, at);
  },

  recurrentBackward(emit, [r, ...args]) {
    const [x, wIh, wHh, wHr, h0, y, kept, dy, dh, dc, ...wanted] = emit.operands("aaaaappapppppppp", args) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      ...number[],
    ];
    const places = [x, wIh, wHh, 0, 0, wHr, h0, 0, y, kept, 0, dh, dc, dy, dh, dc, ...wanted, 0];
    emitRecurrence(emit.device, r as Recurrence, true, describe(emit.device, r as Recurrence, places));
  },

  sum(emit, [outer, n, inner, x, xo, y, yo]) {
    const [from, to] = emit.operands("aa", [x, xo, y, yo]) as [number, number];
    const [rows, length, width] = [outer, n, inner] as [number, number, number];
    if (length === 1) emit.device.emit(op.sumRows, rows * width, 1, from, to);
    else if (width === 1) emit.device.emit(op.sumRows, rows, length, from, to);
    else emit.fill(y, yo, rows * width, op.sumColumns, rows, length, width, from, to);
  },

  crossEntropy(emit, [rows, n, x, xo, target, to, index, weight, wo, reduction, loss, lo, slope, so]) {
    const [before, after] = [
      emit.operands("nna", [rows, n, x, xo]),
      emit.operands("aia", [target, to, index, weight, wo]),
    ];
    const place = emit.at(loss, lo);
    const each = reduction === "none" ? [place, 0] : [0, place];
    const room = emit.device.scratchFor(crossEntropyRoom(n as number));
    emit.device.emit(op.crossEntropy, ...before, ...after, ...each, emit.at(slope, so), +(reduction === "mean"), room);
  },
};
