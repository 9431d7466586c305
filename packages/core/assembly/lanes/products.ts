/** Products of matrices for four networks at once: each element a vector, each a single chain over k that starts from 0. */

/** C (M×N) = or += op(A)·op(B); strides in vectors. */
export function gemm(
  transA: bool,
  transB: bool,
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  lda: usize,
  b: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  adds: bool,
): void {
  const rowA = (transA ? <usize>1 : lda) << 4;
  const stepA = (transA ? lda : <usize>1) << 4;
  const columnB = (transB ? ldb : <usize>1) << 4;
  const stepB = (transB ? <usize>1 : ldb) << 4;
  for (; M > 0; M--, a += rowA, c += ldc << 4) {
    let q = b;
    let out = c;
    let j = 0;
    for (; j + 4 <= N; j += 4, q += columnB << 2, out += 64) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let p = a;
      let r = q;
      for (let k = 0; k < K; k++, p += stepA, r += stepB) {
        const x = v128.load(p);
        s0 = f32x4.add(s0, f32x4.mul(x, v128.load(r)));
        s1 = f32x4.add(s1, f32x4.mul(x, v128.load(r + columnB)));
        s2 = f32x4.add(s2, f32x4.mul(x, v128.load(r + (columnB << 1))));
        s3 = f32x4.add(s3, f32x4.mul(x, v128.load(r + columnB * 3)));
      }
      v128.store(out, adds ? f32x4.add(v128.load(out), s0) : s0);
      v128.store(out, adds ? f32x4.add(v128.load(out, 16), s1) : s1, 16);
      v128.store(out, adds ? f32x4.add(v128.load(out, 32), s2) : s2, 32);
      v128.store(out, adds ? f32x4.add(v128.load(out, 48), s3) : s3, 48);
    }
    const left = N - j;
    if (left == 0) continue;
    // Columns that are not there repeat the last one.
    const second = left > 1 ? columnB : 0;
    const third = left > 2 ? columnB << 1 : second;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    for (let k = K, p = a, r = q; k > 0; k--, p += stepA, r += stepB) {
      const x = v128.load(p);
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(r)));
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(r + second)));
      s2 = f32x4.add(s2, f32x4.mul(x, v128.load(r + third)));
    }
    v128.store(out, adds ? f32x4.add(v128.load(out), s0) : s0);
    if (left > 1) v128.store(out, adds ? f32x4.add(v128.load(out, 16), s1) : s1, 16);
    if (left > 2) v128.store(out, adds ? f32x4.add(v128.load(out, 32), s2) : s2, 32);
  }
}

/** y = W·x + b for W (O×I). */
export function affine(O: i32, I: i32, x: usize, w: usize, b: usize, y: usize): void {
  gemm(false, true, 1, O, I, x, I, w, I, y, O, false);
  for (; O > 0; O--, b += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(b)));
}

/** y = (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ, as `../cell.ts`. */
export function cellSum(
  G: i32,
  I: i32,
  H: i32,
  x: usize,
  wIh: usize,
  wHh: usize,
  h: usize,
  bIh: usize,
  bHh: usize,
  y: usize,
): void {
  gemm(false, true, 1, G, I, x, I, wIh, I, y, G, false);
  if (bIh) {
    for (let g: usize = 0; g < <usize>G << 4; g += 16)
      v128.store(y + g, f32x4.add(v128.load(y + g), f32x4.add(v128.load(bIh + g), v128.load(bHh + g))));
  }
  gemm(false, true, 1, G, H, h, H, wHh, H, y, G, true);
}

/** C (O×I) += Σ gᵀ·x, as `../sum-outer.ts`; an array at address p stands at `base` + 4·p. */
export function sumOuter(plain: bool, O: i32, I: i32, count: i32, list: usize, c: usize, base: usize): void {
  const zero = f32x4.splat(plain ? -0.0 : 0);
  const end = list + (<usize>count << 5);
  for (let o: usize = 0; o < <usize>O << 4; o += 16) {
    for (let i: usize = 0; i < <usize>I << 4; i += 16, c += 16) {
      let s = f32x4.add(v128.load(c), zero);
      for (let p = list; p < end; p += 32) {
        const g = base + o + (<usize>load<u32>(p) << 2);
        const x = base + i + (<usize>load<u32>(p, 16) << 2);
        s = f32x4.add(f32x4.mul(v128.load(g), v128.load(x)), s);
      }
      v128.store(c, s);
    }
  }
}
