/**
 * A call of a layer: the default engine's memory, in which everything lies, and BLAS on addresses in it.
 *
 * @module
 */
import type { FloatArray, WasmExports, WasmMachine } from "@unroll/core/engine";
import type { Blas } from "./blas.js";
import { PLAIN, ROW_MAJOR, TRANSPOSED } from "./gemm.js";
import type { Packing } from "./packing.js";

/**
 * OpenBLAS works out products of up to so many multiplications without packing the factors first, with few rows twice as fast: wide
 * ones are cut into blocks of columns.
 */
const UNPACKED = 1_000_000;
const LEAST_COLUMNS = 32;
/** Wide weights that every time step is multiplied with are laid out in panels of so many columns, where that is few enough. */
const PANEL = 64;
const WIDE = 512;

type F32 = Float32Array;

/** A factor B (K×N) of the products of every time step: C (M×N) = A·B, or with `beta` 1 +=. Addresses and leading dimensions as below. */
export type StepProduct = (M: number, a: number, lda: number, beta: number, c: number, ldc: number) => void;

export class Call {
  readonly exports: WasmExports;
  private readonly base: number;
  /** How many factors have been packed. */
  private packed = 0;

  constructor(
    private readonly m: WasmMachine,
    private readonly blas: Blas,
  ) {
    this.exports = m.exports;
    this.base = blas.addressOf(m.floats);
  }

  /** C (M×N) = A·B, or with `beta` 1 +=; with `turned` the transpose of A. Addresses in bytes, leading dimensions in elements. */
  product(
    turned: boolean,
    M: number,
    N: number,
    K: number,
    a: number,
    lda: number,
    b: number,
    ldb: number,
    beta: number,
    c: number,
    ldc: number,
  ): void {
    const columns = Math.floor(UNPACKED / (M * K * LEAST_COLUMNS)) * LEAST_COLUMNS;
    const width = this.blas.unpacksSmall && !turned && columns >= LEAST_COLUMNS ? columns : N;
    const { base } = this;
    for (let j = 0; j < N; j += width) {
      this.blas.sgemmAt(
        ROW_MAJOR,
        turned ? TRANSPOSED : PLAIN,
        PLAIN,
        M,
        Math.min(width, N - j),
        K,
        1,
        base + a,
        lda,
        base + b + j * 4,
        ldb,
        beta,
        base + c + j * 4,
        ldc,
      );
    }
  }

  /** C (M×N) = A·Bᵀ, with many rows, or with `beta` 1 +=. */
  productWithTurned(M: number, N: number, K: number, a: number, b: number, beta: number, c: number, ldc: number): void {
    const { base } = this;
    this.blas.sgemmAt(ROW_MAJOR, PLAIN, TRANSPOSED, M, N, K, 1, base + a, K, base + b, K, beta, base + c, ldc);
  }

  /** Where an array outside of the memory stands from an element on, as products count; what is null stands nowhere. */
  outside(x: FloatArray | null, xo: number): number {
    return x === null ? 0 : this.blas.addressOf(x) + xo * 4 - this.base;
  }

  take(n: number): number {
    return this.m.take(n);
  }

  /** Copies n elements in; what is null stands nowhere. */
  in(n: number, x: FloatArray | null, xo: number): number {
    return x === null ? 0 : this.m.copyIn(n, x as F32, xo);
  }

  put(at: number, n: number, x: FloatArray | null, xo: number): void {
    if (x !== null) this.m.put(at, n, x as F32, xo);
  }

  /** Copies n elements out, to where they stand in x from an element on. */
  out(at: number, n: number, x: FloatArray | null, xo = 0): void {
    if (x !== null) this.m.copyOut(at, n, x as F32, xo);
  }

  fill(at: number, n: number, value: number): void {
    this.m.floats.fill(value, at >> 2, (at >> 2) + n);
  }

  /** Copies n elements to `times` places one behind the other. */
  repeat(from: number, n: number, times: number, to: number): void {
    this.copy(from, to, n);
    for (let done = 1; done < times; done *= 2) this.copy(to, to + done * n * 4, n * Math.min(done, times - done));
  }

  /** Copies n elements within the memory. */
  copy(from: number, to: number, n: number): void {
    this.m.floats.copyWithin(to >> 2, from >> 2, (from >> 2) + n);
  }

  /** Whether factors are packed once for all time steps, and then had better be large. */
  get packs(): boolean {
    return this.blas.packing !== null;
  }

  /** Products with a weight (K×N) of up to M rows; with `turned` with the transpose of one (N×K). */
  stepProduct(turned: boolean, M: number, N: number, K: number, w: FloatArray, wo: number): StepProduct {
    const { packing } = this.blas;
    if (packing) return this.packedProduct(packing, turned, M, N, K, w as F32, wo);
    const from = this.in(K * N, w, wo);
    if (!turned) return (rows, a, lda, beta, c, ldc) => this.product(false, rows, N, K, a, lda, from, N, beta, c, ldc);
    const panel = this.blas.unpacksSmall && N >= WIDE && M * PANEL * K <= UNPACKED ? PANEL : N;
    const to = this.take(N * K);
    for (let j = 0; j < N; j += panel) this.exports.turn(K, Math.min(panel, N - j), from + j * K * 4, to + j * K * 4);
    return (rows, a, lda, beta, c, ldc) => {
      for (let j = 0; j < N; j += panel) {
        const columns = Math.min(panel, N - j);
        this.product(false, rows, columns, K, a, lda, to + j * K * 4, columns, beta, c + j * 4, ldc);
      }
    };
  }

  /** What is packed is packed for exactly M rows; with fewer the weight is taken as it stands. */
  private packedProduct(
    packing: Packing,
    turned: boolean,
    M: number,
    N: number,
    K: number,
    w: F32,
    wo: number,
  ): StepProduct {
    const { base, blas } = this;
    const at = blas.addressOf(w) + wo * 4;
    const ldw = turned ? K : N;
    const packed = packing.pack(this.packed++, turned, M, N, K, at, ldw);
    return (rows, a, lda, beta, c, ldc) => {
      if (rows === M) packing.product(M, N, K, base + a, lda, packed, beta, base + c, ldc);
      else {
        const trans = turned ? TRANSPOSED : PLAIN;
        blas.sgemmAt(ROW_MAJOR, PLAIN, trans, rows, N, K, 1, base + a, lda, at, ldw, beta, base + c, ldc);
      }
    };
  }
}
