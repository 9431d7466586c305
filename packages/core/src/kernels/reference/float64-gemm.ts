/** The product in float64, the ground truth: written to be read. See `Kernels.gemm`. */
export function gemm(
  transA: boolean,
  transB: boolean,
  M: number,
  N: number,
  K: number,
  a: Float64Array,
  ao: number,
  lda: number,
  b: Float64Array,
  bo: number,
  ldb: number,
  c: Float64Array,
  co: number,
  ldc: number,
  accumulate: boolean,
): void {
  const rowA = transA ? 1 : lda;
  const stepA = transA ? lda : 1;
  const columnB = transB ? ldb : 1;
  const stepB = transB ? 1 : ldb;
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      let s = 0;
      for (let k = 0, p = ao + i * rowA, q = bo + j * columnB; k < K; k++, p += stepA, q += stepB) {
        s += (a[p] as number) * (b[q] as number);
      }
      const at = co + i * ldc + j;
      c[at] = accumulate ? (c[at] as number) + s : s;
    }
  }
}
