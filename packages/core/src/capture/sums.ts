/**
 * Sums of many products of a column and a row, as the gradients of weights are in a loop over time steps: put off until somebody
 * needs the sum or changes what it is made of, and then worked out at once. Each element is the same chain of additions.
 *
 * @module
 */
import type { TypedArray } from "../dtype.js";
import type { Kernels } from "../kernels/index.js";
import { wasmKernels } from "../kernels/wasm.js";
import { type Device, instructions } from "./device.js";
import { KernelStep, type Step } from "./log.js";

export const isSingle = (x: unknown): x is Float32Array => x instanceof Float32Array;

/** The arguments of a step that calls a kernel of this name on float32 numbers in WebAssembly; null for any other step. */
export function argsOf(step: Step | undefined, name: keyof Kernels): unknown[] | null {
  if (!(step instanceof KernelStep) || step.name !== name || step.kernels !== wasmKernels) return null;
  return step.reads.every(isSingle) ? step.args : null;
}

export const place = (device: Device, { data, offset }: { data: unknown; offset: number }): number =>
  device.addressOf(data as Float32Array) + offset * 4;

/** C (O×I) += Σ gᵀ·x over all members. */
interface Sum {
  /** Whether x is 1. */
  readonly plain: boolean;
  readonly O: number;
  readonly I: number;
  readonly target: number;
  readonly steps: Step[];
  /** Addresses of g and x, one member after the other, */
  readonly members: number[];
  /** and the arrays that they are. */
  readonly operands: Set<TypedArray>;
}

/** The bits of 1. */
const ONE: readonly number[] = [0x3f800000];

export class Sums {
  private readonly open = new Map<TypedArray, Sum>();

  constructor(
    private readonly compile: (step: Step) => void,
    private readonly device: Device,
  ) {}

  /** Puts a step off, if it is of this kind. */
  take(step: Step): boolean {
    const { device } = this;
    const product = argsOf(step, "gemm") as Parameters<Kernels["gemm"]> | null;
    if (product !== null) {
      const [transA, transB, M, N, K, a, ao, , b, bo, , c, co, ldc, accumulate] = product;
      if (!transA || transB || K !== 1 || !accumulate || ldc !== N || M * N === 0) return false;
      const at = [a, ao, b, bo, c, co] as const;
      const [g, x, target] = [0, 2, 4].map((i) => place(device, { data: at[i], offset: at[i + 1] as number }));
      this.add(step, false, M, N, c, target as number, [g as number, x as number], [a, b]);
      return true;
    }
    const sum = argsOf(step, "axpy") as Parameters<Kernels["axpy"]> | null;
    if (sum === null) return false;
    const [n, alpha, data, offset, to, too] = sum;
    if (alpha !== 1 || n === 0) return false;
    const g = place(device, { data, offset });
    this.add(step, true, n, 1, to, place(device, { data: to, offset: too }), [g, device.listOf(ONE)], [data]);
    return true;
  }

  private add(
    step: Step,
    plain: boolean,
    O: number,
    I: number,
    data: TypedArray,
    target: number,
    member: readonly number[],
    operands: readonly TypedArray[],
  ): void {
    for (const operand of operands) this.close(operand);
    for (const [other, sum] of this.open) if (sum.operands.has(data)) this.close(other);
    const known = this.open.get(data);
    if (known !== undefined && (known.plain !== plain || known.O !== O || known.I !== I || known.target !== target))
      this.close(data);
    let sum = this.open.get(data);
    if (sum === undefined) {
      sum = { plain, O, I, target, steps: [], members: [], operands: new Set() };
      this.open.set(data, sum);
    }
    sum.steps.push(step);
    sum.members.push(...member);
    for (const operand of operands) sum.operands.add(operand);
  }

  /** Before another step: works out the sums that it may look at, or whose members it may change. */
  before(step: Step): void {
    if (this.open.size === 0) return;
    for (const data of step.reads) this.close(data);
    for (const data of step.writes) this.close(data);
    for (const [data, sum] of this.open) if (step.writes.some((changed) => sum.operands.has(changed))) this.close(data);
  }

  finish(): void {
    for (const data of [...this.open.keys()]) this.close(data);
  }

  private close(data: TypedArray): void {
    const sum = this.open.get(data);
    if (sum === undefined) return;
    this.open.delete(data);
    const { plain, O, I, target, steps, members } = sum;
    if (steps.length === 1) this.compile(steps[0] as Step);
    else this.device.emit(instructions.sumOuter, +plain, O, I, steps.length, this.device.listOf(members), target);
  }
}
