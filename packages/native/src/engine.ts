/**
 * Engine "native": matrix products by the system's BLAS, everything else by the default engine.
 *
 * BLAS adds in an order of its own and with fused multiply-adds, so the bits differ from the default engine's and from
 * one BLAS to the next. What holds instead, for elements of K products in float32 (float64: 2⁻⁵³ for 2⁻²⁴):
 *
 *   |computed − true| ≤ (K + 2)·2⁻²⁴·(Σ|a·b| + |c|),   c what stood there before, with `accumulate`
 *
 * Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.5.
 *
 * @module
 */
import { engineKernels, type Kernels, recurrenceOf } from "@unroll/core/engine";
import type { Blas } from "./blas.js";
import { PLAIN, ROW_MAJOR, TRANSPOSED } from "./gemm.js";
import { nativeRecurrent } from "./recurrent.js";

/** The smallest products that go to BLAS, in multiplications. Below, calling it costs more than it saves. */
export interface Limits {
  readonly float32: number;
  readonly float64: number;
}

/** A call costs 0.2 to 0.4 µs. Node 20 on x86-64 with OpenBLAS 0.3.21, against the default engine. */
export const measuredLimits: Limits = { float32: 1000, float64: 200 };

export function nativeKernels(blas: Blas, limits: Limits = measuredLimits): Kernels {
  const rest = engineKernels("wasm");
  const products: Kernels = {
    ...rest,
    name: "native",
    gemm(transA, transB, M, N, K, a, ao, lda, b, bo, ldb, c, co, ldc, accumulate) {
      const isFloat32 = a instanceof Float32Array;
      // Some libraries end the process when a size is zero or a leading dimension less than a row, though of a single row.
      const fits = lda >= (transA ? M : K) && ldb >= (transB ? K : N) && ldc >= N;
      const size = M * N * K;
      if (!fits || size === 0 || size < (isFloat32 ? limits.float32 : limits.float64)) {
        rest.gemm(transA, transB, M, N, K, a, ao, lda, b, bo, ldb, c, co, ldc, accumulate);
        return;
      }
      const gemm = (isFloat32 ? blas.sgemm : blas.dgemm) as (...values: unknown[]) => void;
      gemm(
        ROW_MAJOR,
        transA ? TRANSPOSED : PLAIN,
        transB ? TRANSPOSED : PLAIN,
        M,
        N,
        K,
        1,
        ao === 0 ? a : a.subarray(ao),
        lda,
        bo === 0 ? b : b.subarray(bo),
        ldb,
        accumulate ? 1 : 0,
        co === 0 ? c : c.subarray(co),
        ldc,
      );
    },
  };
  return { ...products, ...nativeRecurrent(blas, rest, recurrenceOf(products)) };
}
