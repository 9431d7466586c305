const { fround } = Math;

/** C = op(A)·op(B) in float32; see `Kernels.gemm`. Four columns run side by side, each its own chain over k. */
export function gemm(
  transA: boolean,
  transB: boolean,
  M: number,
  N: number,
  K: number,
  a: Float32Array,
  ao: number,
  lda: number,
  b: Float32Array,
  bo: number,
  ldb: number,
  c: Float32Array,
  co: number,
  ldc: number,
  accumulate: boolean,
): void {
  if (K === 1) {
    outer(M, N, a, ao, transA ? 1 : lda, b, bo, transB ? ldb : 1, c, co, ldc, accumulate);
    return;
  }
  const rowA = transA ? 1 : lda;
  const stepA = transA ? lda : 1;
  const columnB = transB ? ldb : 1;
  const stepB = transB ? 1 : ldb;
  for (let i = 0; i < M; i++) {
    const startA = ao + i * rowA;
    const out = co + i * ldc;
    let j = 0;
    for (; j + 4 <= N; j += 4) {
      let p = startA;
      let q0 = bo + j * columnB;
      let q1 = q0 + columnB;
      let q2 = q1 + columnB;
      let q3 = q2 + columnB;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < K; k++) {
        const x = a[p] as number;
        s0 = fround(s0 + fround(x * (b[q0] as number)));
        s1 = fround(s1 + fround(x * (b[q1] as number)));
        s2 = fround(s2 + fround(x * (b[q2] as number)));
        s3 = fround(s3 + fround(x * (b[q3] as number)));
        p += stepA;
        q0 += stepB;
        q1 += stepB;
        q2 += stepB;
        q3 += stepB;
      }
      c[out + j] = accumulate ? (c[out + j] as number) + s0 : s0;
      c[out + j + 1] = accumulate ? (c[out + j + 1] as number) + s1 : s1;
      c[out + j + 2] = accumulate ? (c[out + j + 2] as number) + s2 : s2;
      c[out + j + 3] = accumulate ? (c[out + j + 3] as number) + s3 : s3;
    }
    for (; j < N; j++) {
      let s = 0;
      for (let k = 0, p = startA, q = bo + j * columnB; k < K; k++, p += stepA, q += stepB) {
        s = fround(s + fround((a[p] as number) * (b[q] as number)));
      }
      c[out + j] = accumulate ? (c[out + j] as number) + s : s;
    }
  }
}

/** The product of a column and a row. */
function outer(
  M: number,
  N: number,
  a: Float32Array,
  ao: number,
  rowA: number,
  b: Float32Array,
  bo: number,
  columnB: number,
  c: Float32Array,
  co: number,
  ldc: number,
  accumulate: boolean,
): void {
  for (let i = 0; i < M; i++, co += ldc, ao += rowA) {
    const x = a[ao] as number;
    for (let j = 0, q = bo; j < N; j++, q += columnB) {
      // A chain starts from 0, which makes 0 of −0.
      const s = fround(x * (b[q] as number)) + 0;
      c[co + j] = accumulate ? (c[co + j] as number) + s : s;
    }
  }
}
