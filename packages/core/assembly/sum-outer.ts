/** Sums of products of a column and a row. */
import { put } from "./partial";

/** The chains of up to four rows and four or eight columns: `o1`, `o2`, `o3` are the other rows' places behind the first. */
@inline
function block(
  wide: bool,
  zero: v128,
  columns: i32,
  count: i32,
  list: usize,
  g: usize,
  x: usize,
  c: usize,
  row: usize,
  o1: usize,
  o2: usize,
  o3: usize,
): void {
  const c1 = c + row * o1;
  const c2 = c + row * o2;
  const c3 = c + row * o3;
  const g1 = g + (o1 << 2);
  const g2 = g + (o2 << 2);
  const g3 = g + (o3 << 2);
  let s0 = f32x4.add(v128.load(c), zero);
  let s1 = f32x4.add(v128.load(c1), zero);
  let s2 = f32x4.add(v128.load(c2), zero);
  let s3 = f32x4.add(v128.load(c3), zero);
  let t0 = zero;
  let t1 = zero;
  let t2 = zero;
  let t3 = zero;
  if (wide) {
    t0 = f32x4.add(v128.load(c, 16), zero);
    t1 = f32x4.add(v128.load(c1, 16), zero);
    t2 = f32x4.add(v128.load(c2, 16), zero);
    t3 = f32x4.add(v128.load(c3, 16), zero);
  }
  for (; count > 0; count--, list += 8) {
    const from = <usize>load<u32>(list);
    const at = <usize>load<u32>(list, 4) + x;
    const v = v128.load(at);
    const w = wide ? v128.load(at, 16) : zero;
    let y = v128.load_splat<f32>(from + g);
    s0 = f32x4.add(f32x4.mul(y, v), s0);
    if (wide) t0 = f32x4.add(f32x4.mul(y, w), t0);
    y = v128.load_splat<f32>(from + g1);
    s1 = f32x4.add(f32x4.mul(y, v), s1);
    if (wide) t1 = f32x4.add(f32x4.mul(y, w), t1);
    y = v128.load_splat<f32>(from + g2);
    s2 = f32x4.add(f32x4.mul(y, v), s2);
    if (wide) t2 = f32x4.add(f32x4.mul(y, w), t2);
    y = v128.load_splat<f32>(from + g3);
    s3 = f32x4.add(f32x4.mul(y, v), s3);
    if (wide) t3 = f32x4.add(f32x4.mul(y, w), t3);
  }
  put(columns, s3, c3);
  put(columns, s2, c2);
  put(columns, s1, c1);
  put(columns, s0, c);
  if (wide) {
    v128.store(c3, t3, 16);
    v128.store(c2, t2, 16);
    v128.store(c1, t1, 16);
    v128.store(c, t0, 16);
  }
}

/**
 * C (O×I) += Σ gᵀ·x, in order. `list`: the addresses of g and x of each member. With `plain` x is 1 and members are added as they are;
 * products are 0 + g·x, which makes 0 of −0, and that matters only where C is −0.
 */
export function sumOuter(plain: bool, O: i32, I: i32, count: i32, list: usize, c: usize): void {
  const zero = f32x4.splat(plain ? -0.0 : 0);
  const row = <usize>I << 2;
  for (let o = 0; o < O; o += 4) {
    // Rows that are not there repeat the last one.
    const o1 = <usize>min(1, O - o - 1);
    const o2 = <usize>min(2, O - o - 1);
    const o3 = <usize>min(3, O - o - 1);
    const g = <usize>o << 2;
    let i = 0;
    for (; i + 8 <= I; i += 8) {
      const x = <usize>i << 2;
      block(true, zero, 4, count, list, g, x, c + x, row, o1, o2, o3);
    }
    for (; i < I; i += 4) {
      const x = <usize>i << 2;
      block(false, zero, I - i, count, list, g, x, c + x, row, o1, o2, o3);
    }
    c += row << 2;
  }
}
