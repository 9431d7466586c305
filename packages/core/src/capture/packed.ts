/**
 * Weights that one row after the other is multiplied with, as in a loop over time steps: packed before the first of these products, which
 * then take half the time. The bits are the same.
 *
 * @module
 */
import type { TypedArray } from "../dtype.js";
import type { Kernels } from "../kernels/index.js";
import { type Device, instructions } from "./device.js";
import type { Step } from "./log.js";
import { argsOf, place } from "./sums.js";

/** So many products are worth the packing; with fewer columns there is nothing to gain. */
const LEAST_PRODUCTS = 4;
const LEAST_COLUMNS = 16;

type Product = Parameters<Kernels["gemm"]>;

/** y (1×N) = or += x·Wᵀ with W (N×K) without gaps. */
function rowProduct(step: Step): Product | null {
  const args = argsOf(step, "gemm") as Product | null;
  if (args === null) return null;
  const [transA, transB, M, N, K, , , , , , ldw] = args;
  return !transA && transB && M === 1 && N >= LEAST_COLUMNS && K > 1 && ldw === K ? args : null;
}

const formOf = ([, , , N, K, , , , , offset]: Product): string => `${N} ${K} ${offset}`;

interface Weights {
  readonly form: string;
  readonly products: Set<Step>;
  packed: number;
}

export class PackedWeights {
  private readonly weights = new Map<TypedArray, Weights>();

  /** Of steps that are going to be compiled in this order, finds those that multiply with the same weights before these are written to. */
  constructor(
    private readonly device: Device,
    steps: readonly Step[],
  ) {
    const changed = new Set<TypedArray>();
    for (const step of steps) {
      const product = rowProduct(step);
      if (product !== null && !changed.has(product[8])) this.note(step, product);
      for (const data of step.writes) changed.add(data);
    }
  }

  private note(step: Step, product: Product): void {
    const data = product[8];
    const form = formOf(product);
    const known = this.weights.get(data);
    if (known === undefined) this.weights.set(data, { form, products: new Set([step]), packed: 0 });
    else if (known.form === form) known.products.add(step);
  }

  /** Compiles a step, if it is of this kind. */
  take(step: Step): boolean {
    const product = rowProduct(step);
    if (product === null) return false;
    const [, , , N, K, x, xo, , w, wo, , y, yo, , accumulate] = product;
    const weights = this.weights.get(w);
    if (weights === undefined || weights.products.size < LEAST_PRODUCTS || !weights.products.has(step)) return false;
    const { device } = this;
    const [from, at, to] = [
      place(device, { data: x, offset: xo }),
      place(device, { data: w, offset: wo }),
      place(device, { data: y, offset: yo }),
    ];
    if (weights.packed === 0) {
      weights.packed = device.besides(w, Math.ceil(N / 16) * 16 * K);
      device.emit(instructions.packRows, N, K, at, weights.packed);
    }
    device.emit(instructions.packedRow, N, K, from, at, weights.packed, to, +accumulate);
    return true;
  }
}
