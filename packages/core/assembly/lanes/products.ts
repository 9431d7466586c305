/** Products of matrices for four networks at once: each element a vector, each a single chain over k that starts from 0. */

/** C = or += s. */
@inline
function put(c: usize, s: v128, adds: bool): void {
  v128.store(c, adds ? f32x4.add(v128.load(c), s) : s);
}

/** C (M×N) = or += op(A)·op(B), two rows at a time, so that chains do not wait for themselves; strides in vectors. */
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
  const rowC = ldc << 4;
  for (; M > 0; M -= 2, a += rowA << 1, c += rowC << 1) {
    // A second row or columns that are not there repeat the last ones.
    const pair = M > 1;
    const below = pair ? rowA : 0;
    let q = b;
    let out = c;
    let j = 0;
    for (; j + 4 <= N; j += 4, q += columnB << 2, out += 64) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let t0 = s0;
      let t1 = s0;
      let t2 = s0;
      let t3 = s0;
      for (let k = K, p = a, r = q; k > 0; k--, p += stepA, r += stepB) {
        const x = v128.load(p);
        const y = v128.load(p + below);
        const w0 = v128.load(r);
        s0 = f32x4.add(s0, f32x4.mul(x, w0));
        t0 = f32x4.add(t0, f32x4.mul(y, w0));
        const w1 = v128.load(r + columnB);
        s1 = f32x4.add(s1, f32x4.mul(x, w1));
        t1 = f32x4.add(t1, f32x4.mul(y, w1));
        const w2 = v128.load(r + (columnB << 1));
        s2 = f32x4.add(s2, f32x4.mul(x, w2));
        t2 = f32x4.add(t2, f32x4.mul(y, w2));
        const w3 = v128.load(r + columnB * 3);
        s3 = f32x4.add(s3, f32x4.mul(x, w3));
        t3 = f32x4.add(t3, f32x4.mul(y, w3));
      }
      put(out, s0, adds);
      put(out + 16, s1, adds);
      put(out + 32, s2, adds);
      put(out + 48, s3, adds);
      if (!pair) continue;
      const next = out + rowC;
      put(next, t0, adds);
      put(next + 16, t1, adds);
      put(next + 32, t2, adds);
      put(next + 48, t3, adds);
    }
    const left = N - j;
    if (left == 0) continue;
    const second = left > 1 ? columnB : 0;
    const third = left > 2 ? columnB << 1 : second;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let t0 = s0;
    let t1 = s0;
    let t2 = s0;
    for (let k = K, p = a, r = q; k > 0; k--, p += stepA, r += stepB) {
      const x = v128.load(p);
      const y = v128.load(p + below);
      const w0 = v128.load(r);
      s0 = f32x4.add(s0, f32x4.mul(x, w0));
      t0 = f32x4.add(t0, f32x4.mul(y, w0));
      const w1 = v128.load(r + second);
      s1 = f32x4.add(s1, f32x4.mul(x, w1));
      t1 = f32x4.add(t1, f32x4.mul(y, w1));
      const w2 = v128.load(r + third);
      s2 = f32x4.add(s2, f32x4.mul(x, w2));
      t2 = f32x4.add(t2, f32x4.mul(y, w2));
    }
    put(out, s0, adds);
    if (left > 1) put(out + 16, s1, adds);
    if (left > 2) put(out + 32, s2, adds);
    if (!pair) continue;
    const next = out + rowC;
    put(next, t0, adds);
    if (left > 1) put(next + 16, t1, adds);
    if (left > 2) put(next + 32, t2, adds);
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
