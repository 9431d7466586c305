/**
 * Kernels that are programs of their own: they are run once on a machine that writes down what it is told instead of doing it.
 *
 * @module
 */
import type { RecurrentKernels } from "../kernels/reference/recurrent.js";
import type { Machine, WasmExports } from "../kernels/wasm-machine.js";
import { wasmRecurrent } from "../kernels/wasm-recurrent.js";
import type { Device } from "./device.js";
import { bitsOf, operations as op } from "./instructions.js";

type Told = Pick<
  WasmExports,
  | "packRows"
  | "packColumns"
  | "copyRows"
  | "product"
  | "forwardSteps"
  | "backwardSteps"
  | "gemm"
  | "sumColumns"
  | "binary"
>;

/** A machine whose calls become instructions. What it lays out is forgotten at the next call. */
class Tracer implements Machine {
  readonly exports: WasmExports;
  private top: number;

  constructor(
    private readonly device: Device,
    elements: number,
  ) {
    this.top = device.scratchFor(elements + 1024);
    const told: Told = {
      packRows: (...a) => device.emit(op.packRows, ...a),
      packColumns: (...a) => device.emit(op.packColumns, ...a),
      copyRows: (...a) => device.emit(op.copyRows, ...a),
      product: (...a) => device.emit(op.product, ...a),
      forwardSteps: (...a) => device.emit(op.forwardSteps, ...a),
      backwardSteps: (...a) => device.emit(op.backwardSteps, ...a),
      gemm: (...a) => device.emit(op.gemm, ...a),
      sumColumns: (...a) => device.emit(op.sumColumns, ...a),
      binary: (f, n, a, _stepA, b, _stepB, y) => device.emit(op.binary, f, n, a, b, y),
    };
    this.exports = told as WasmExports;
  }

  take(n: number): number {
    const at = this.top;
    this.top = (at + n * 4 + 31) & ~15;
    return at;
  }

  copyIn(n: number, x: Float32Array, xo: number): number {
    const at = this.take(n);
    this.put(at, n, x, xo);
    return at;
  }

  put(at: number, n: number, x: Float32Array, xo: number): void {
    this.device.emit(op.copy, n, this.device.addressOf(x) + xo * 4, at);
  }

  copyOut(at: number, n: number, y: Float32Array, yo: number): void {
    this.device.emit(op.copy, n, at, this.device.addressOf(y) + yo * 4);
  }

  clear(at: number, n: number): void {
    this.device.emit(op.zero, n, at);
  }

  fill(at: number, n: number, value: number): void {
    this.device.emit(op.fill, n, at, bitsOf(value));
  }

  move(from: number, to: number, n: number): void {
    this.device.emit(op.copy, n, from, to);
  }

  /** Sizes of steps: they never change. */
  putIndex(at: number, n: number, index: ArrayLike<number>, from: number): void {
    const list = this.device.listOf(Array.from({ length: n }, (_, i) => index[from + i] as number));
    this.device.emit(op.copy, n, list, at);
  }
}

/** Compiles a call of one of the kernels for recurrences; false when it is about nothing. */
export function traced(device: Device, name: keyof RecurrentKernels, args: readonly unknown[]): boolean {
  const { length } = device;
  let untold = false;
  const leave = (): void => {
    untold = true;
  };
  const open = (elements: number): Machine => new Tracer(device, elements);
  const kernels = wasmRecurrent({ recurrentForward: leave, recurrentBackward: leave }, 0, open);
  if (!(name in kernels)) return false;
  (kernels[name] as (...args: readonly unknown[]) => void)(...args);
  if (untold) device.length = length;
  return !untold;
}
