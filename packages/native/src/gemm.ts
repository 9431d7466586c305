/**
 * The products that a BLAS offers, by whichever names it has.
 *
 * @module
 */
import type { LibraryHandle } from "koffi";

/** The C interface's names for row-major, as it is, transposed. https://netlib.org/blas/#_cblas */
export const ROW_MAJOR = 101;
export const PLAIN = 111;
export const TRANSPOSED = 112;

/** `cblas_?gemm` on arrays or on addresses: row-major C ← alpha·op(A)·op(B) + beta·C. */
export type Gemm<A extends Float32Array | Float64Array | number> = (
  order: number,
  transA: number,
  transB: number,
  M: number,
  N: number,
  K: number,
  alpha: number,
  a: A,
  lda: number,
  b: A,
  ldb: number,
  beta: number,
  c: A,
  ldc: number,
) => void;

export interface Products {
  readonly sgemm: Gemm<Float32Array>;
  readonly dgemm: Gemm<Float64Array>;
  /** `sgemm` on addresses. */
  readonly sgemmAt: Gemm<number>;
}

export type Address = (x: ArrayBufferView) => number;

/** How the factors and the product of a precision are declared: as arrays, or as addresses. */
const arrays = (real: string): readonly [string, string] => [`const ${real} *`, `_Inout_ ${real} *`];
const addresses: readonly [string, string] = ["uintptr_t", "uintptr_t"];

/** The products of a library under their C names. Throws koffi's error when it has none. */
export function cProducts(handle: LibraryHandle): Products {
  const gemm = (name: string, real: string, [factor, product]: readonly [string, string]): unknown =>
    handle.func(
      `void ${name}(int order, int transA, int transB, int m, int n, int k, ${real} alpha, ${factor} a, int lda, ` +
        `${factor} b, int ldb, ${real} beta, ${product} c, int ldc)`,
    );
  return {
    sgemm: gemm("cblas_sgemm", "float", arrays("float")) as Gemm<Float32Array>,
    dgemm: gemm("cblas_dgemm", "double", arrays("double")) as Gemm<Float64Array>,
    sgemmAt: gemm("cblas_sgemm", "float", addresses) as Gemm<number>,
  };
}

/**
 * The products of a library under their Fortran names, for one that has no others, such as PyTorch's own, which carries MKL.
 *
 * Fortran counts columns first and takes everything by address. A row-major product is the column-major one of the transposed factors
 * in the other order, C = A·B is Cᵀ = Bᵀ·Aᵀ, and what lies there read by columns is the transpose already.
 * https://netlib.org/lapack/explore-html/dd/d09/group__gemm.html
 */
export function fortranProducts(handle: LibraryHandle, addressOf: Address): Products {
  const numbers = new ArrayBuffer(64);
  const sizes = new Int32Array(numbers, 0, 6);
  const letters = new Uint8Array(numbers, 24, 2);
  letters.set([..."NT"].map((letter) => letter.charCodeAt(0)));
  const at = addressOf(sizes);

  function gemm(name: string, real: string, [factor, product]: readonly [string, string]): unknown {
    const scales = real === "float" ? new Float32Array(numbers, 32, 2) : new Float64Array(numbers, 32, 2);
    const [alphaAt, betaAt] = [at + 32, at + 32 + scales.BYTES_PER_ELEMENT];
    const call = handle.func(
      `void ${name}(uintptr_t transA, uintptr_t transB, uintptr_t m, uintptr_t n, uintptr_t k, uintptr_t alpha, ` +
        `${factor} a, uintptr_t lda, ${factor} b, uintptr_t ldb, uintptr_t beta, ${product} c, uintptr_t ldc)`,
    );
    const letter = (trans: number): number => at + 24 + +(trans === TRANSPOSED);
    const rowMajor: Gemm<never> = (_, transA, transB, M, N, K, alpha, a, lda, b, ldb, beta, c, ldc) => {
      sizes[0] = N;
      sizes[1] = M;
      sizes[2] = K;
      sizes[3] = ldb;
      sizes[4] = lda;
      sizes[5] = ldc;
      scales[0] = alpha;
      scales[1] = beta;
      call(letter(transB), letter(transA), at, at + 4, at + 8, alphaAt, b, at + 12, a, at + 16, betaAt, c, at + 20);
    };
    return rowMajor;
  }
  return {
    sgemm: gemm("sgemm_", "float", arrays("float")) as Gemm<Float32Array>,
    dgemm: gemm("dgemm_", "double", arrays("double")) as Gemm<Float64Array>,
    sgemmAt: gemm("sgemm_", "float", addresses) as Gemm<number>,
  };
}
