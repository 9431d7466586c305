/** Softmax where every lane has a row of its own: n vectors are four rows of n elements. */
import { exponentials, logarithms } from "./elementwise";
import { narrowed, widened } from "./math";

/** How many groups of four rows go through together. */
export function groupsAtOnce(n: i32): i32 {
  return n < 32 ? 32 / n : 1;
}

/** y = x − max of each lane, of groups one after the other; `size` of one in bytes. */
export function minusMax(groups: i32, size: usize, x: usize, y: usize): void {
  for (; groups > 0; groups--) {
    const end = x + size;
    let max = v128.load(x);
    for (let p = x + 16; p < end; p += 16) max = f32x4.pmax(max, v128.load(p));
    for (; x < end; x += 16, y += 16) v128.store(y, f32x4.sub(v128.load(x), max));
  }
}

/**
 * Of groups of n vectors that are x − max, the logarithms of the probabilities, in their place, and if wanted the probabilities at
 * `terms`. `sums`: room for a vector of each group.
 */
export function logProbabilities(groups: i32, n: i32, x: usize, terms: usize, sums: usize, wanted: bool): void {
  exponentials((groups * n) << 2, x, terms);
  const size = <usize>n << 4;
  let p = terms;
  for (let g = 0; g < groups; g++) {
    let s01 = f64x2.splat(0);
    let s23 = s01;
    for (const end = p + size; p < end; p += 16) {
      s01 = f64x2.add(s01, widened(p));
      s23 = f64x2.add(s23, widened(p + 8));
    }
    v128.store(sums + (<usize>g << 4), narrowed(s01, s23));
  }
  logarithms(groups << 2, sums, sums);
  let at = x;
  for (let g = 0; g < groups; g++) {
    const logSum = v128.load(sums + (<usize>g << 4));
    for (const end = at + size; at < end; at += 16) v128.store(at, f32x4.sub(v128.load(at), logSum));
  }
  if (wanted) exponentials((groups * n) << 2, x, terms);
}
