/**
 * Factors laid out once for many products, as MKL offers. What a recurrent layer multiplies every time step's rows with is a weight
 * that stays as it is, and a product of few rows otherwise spends half of its time on laying it out.
 * https://www.intel.com/content/www/us/en/docs/onemkl/developer-reference-c/2024-2/cblas-gemm-pack.html
 *
 * @module
 */
import { type Address, PLAIN, ROW_MAJOR, TRANSPOSED } from "./gemm.js";

const B_MATRIX = 162;
const PACKED = 151;
/** What MKL lays out begins at a multiple of so many bytes. */
const ALIGNMENT = 64;

export interface Packing {
  /**
   * Lays out op(B) (K×N), which stands at an address, for products with exactly M rows. Each place holds one factor at a time, and
   * its memory is kept.
   *
   * @returns the address for `product`
   */
  pack(place: number, turned: boolean, M: number, N: number, K: number, b: number, ldb: number): number;
  /** C (M×N) = A·op(B) + beta·C. Addresses, leading dimensions in elements. */
  product(
    M: number,
    N: number,
    K: number,
    a: number,
    lda: number,
    packed: number,
    beta: number,
    c: number,
    ldc: number,
  ): void;
}

/** Null for a library that cannot; `lookUp` finds its functions. */
export function packingOf(
  lookUp: (prototype: string) => ((...values: unknown[]) => unknown) | undefined,
  addressOf: Address,
): Packing | null {
  const size = lookUp("size_t cblas_sgemm_pack_get_size(int identifier, int m, int n, int k)");
  const pack = lookUp(
    "void cblas_sgemm_pack(int order, int identifier, int trans, int m, int n, int k, float alpha, uintptr_t src, int ld, uintptr_t dest)",
  );
  const compute = lookUp(
    "void cblas_sgemm_compute(int order, int transA, int transB, int m, int n, int k, uintptr_t a, int lda, " +
      "uintptr_t b, int ldb, float beta, uintptr_t c, int ldc)",
  );
  if (!size || !pack || !compute) return null;
  const places: Uint8Array[] = [];
  return {
    pack(place, turned, M, N, K, b, ldb) {
      const bytes = Number(size(B_MATRIX, M, N, K)) + ALIGNMENT;
      if ((places[place]?.length ?? 0) < bytes) places[place] = new Uint8Array(bytes);
      const at = Math.ceil(addressOf(places[place] as Uint8Array) / ALIGNMENT) * ALIGNMENT;
      pack(ROW_MAJOR, B_MATRIX, turned ? TRANSPOSED : PLAIN, M, N, K, 1, b, ldb, at);
      return at;
    },
    product(M, N, K, a, lda, packed, beta, c, ldc) {
      compute(ROW_MAJOR, PLAIN, PACKED, M, N, K, a, lda, packed, N, beta, c, ldc);
    },
  };
}
