/**
 * What happens between the products of one time step, row by row. The equations stand in `src/kernels/contract.ts`, `Recurrence`.
 *
 * Gates of a row stand in slots of `width` bytes, H rounded up to whole vectors; what is worked out behind the H-th element goes
 * nowhere. y, dy and states as the caller has them are rows without gaps: going upwards, a row overwrites what the one before it wrote
 * too far, and whoever calls takes care of what lies behind the last.
 *
 * Sigmoids and what comes behind them go two vectors at a time: each is a long chain of operations, and while one waits for itself the
 * other goes on.
 */
import { one, sigmoid4, tanh4 } from "./math";

@inline
function sum(p: usize, q: usize): v128 {
  return f32x4.add(v128.load(p), v128.load(q));
}

/** h = f(a) */
export function plainGates(relu: bool, n: i32, width: usize, a: usize, rowA: usize, h: usize, y: usize, rowY: usize): void {
  for (; n > 0; n--, a += rowA, h += width, y += rowY) {
    for (let j: usize = 0; j < width; j += 16) {
      const x = v128.load(a + j);
      const out = relu ? f32x4.pmax(x, f32x4.splat(0)) : tanh4(x);
      v128.store(h + j, out);
      v128.store(y + j, out);
    }
  }
}

@inline
function sigmoids(a: usize): void {
  const first = sigmoid4(v128.load(a));
  const second = sigmoid4(v128.load(a, 16));
  v128.store(a, first);
  v128.store(a, second, 16);
}

/** Where the second of two vectors stands behind the first: when there is none, it is the first once more. */
@inline
function next(j: usize, width: usize): usize {
  return j + 16 < width ? 16 : 0;
}

/** From the slots i f g o before their functions to i f g o, c before the step, tanh c. */
export function lstmGates(n: i32, width: usize, a: usize, rowA: usize, c: usize, h: usize, y: usize, rowY: usize): void {
  const two = width << 1;
  const three = two + width;
  const four = two << 1;
  for (; n > 0; n--, a += rowA, c += width, h += width, y += rowY) {
    // One piece of code for all sigmoids: the gates at `two`, tanh's, are left out. Behind the last there may be a vector of the next slot.
    for (let j: usize = 0; j < four; j += 32) {
      if (j == two) j = three;
      sigmoids(a + j);
    }
    for (let j: usize = 0; j < width; j += 32) {
      const at = a + j;
      const to = at + next(j, width);
      const k = j + next(j, width);
      const g0 = tanh4(v128.load(at + two));
      const g1 = tanh4(v128.load(to + two));
      const before0 = v128.load(c + j);
      const before1 = v128.load(c + k);
      const after0 = f32x4.add(f32x4.mul(v128.load(at + width), before0), f32x4.mul(v128.load(at), g0));
      const after1 = f32x4.add(f32x4.mul(v128.load(to + width), before1), f32x4.mul(v128.load(to), g1));
      const t0 = tanh4(after0);
      const t1 = tanh4(after1);
      const out0 = f32x4.mul(v128.load(at + three), t0);
      const out1 = f32x4.mul(v128.load(to + three), t1);
      v128.store(at + two, g0);
      v128.store(to + two, g1);
      v128.store(at + four, before0);
      v128.store(to + four, before1);
      v128.store(c + j, after0);
      v128.store(c + k, after1);
      v128.store(at + four + width, t0);
      v128.store(to + four + width, t1);
      v128.store(h + j, out0);
      v128.store(h + k, out1);
      v128.store(y + j, out0);
      v128.store(y + k, out1);
    }
  }
}

/** From the slots r z n before their functions, n without p⊙r, and p to r z n p. */
export function gruGates(n: i32, width: usize, a: usize, rowA: usize, h: usize, y: usize, rowY: usize): void {
  const two = width << 1;
  const three = two + width;
  for (; n > 0; n--, a += rowA, h += width, y += rowY) {
    for (let j: usize = 0; j < two; j += 32) sigmoids(a + j);
    for (let j: usize = 0; j < width; j += 32) {
      const at = a + j;
      const to = at + next(j, width);
      const k = j + next(j, width);
      const fresh0 = tanh4(f32x4.add(v128.load(at + two), f32x4.mul(v128.load(at + three), v128.load(at))));
      const fresh1 = tanh4(f32x4.add(v128.load(to + two), f32x4.mul(v128.load(to + three), v128.load(to))));
      const out0 = f32x4.add(f32x4.mul(f32x4.sub(v128.load(h + j), fresh0), v128.load(at + width)), fresh0);
      const out1 = f32x4.add(f32x4.mul(f32x4.sub(v128.load(h + k), fresh1), v128.load(to + width)), fresh1);
      v128.store(at + two, fresh0);
      v128.store(to + two, fresh1);
      v128.store(h + j, out0);
      v128.store(h + k, out1);
      v128.store(y + j, out0);
      v128.store(y + k, out1);
    }
  }
}

@inline
export function tanhGrad(g: v128, y: v128): v128 {
  return f32x4.mul(g, f32x4.sub(one(), f32x4.mul(y, y)));
}

@inline
export function sigmoidGrad(g: v128, y: v128): v128 {
  return f32x4.mul(f32x4.mul(g, y), f32x4.sub(one(), y));
}

/**
 * δ goes to two places: to rows of slots at d, which the products of this step read, and to panels of sixteen columns at `to`, in which
 * the products over all rows read it. `apart` is the distance from one panel of a slot to the next, `slot` from one slot to the next.
 */
@inline
function both(d: usize, to: usize, x: v128): void {
  v128.store(d, x);
  v128.store(to, x);
}

/** Where the vector at j bytes of a slot stands in panels. */
@inline
function inPanel(j: usize, apart: usize): usize {
  return (j >> 6) * apart + (j & 63);
}

/** δ = f′(a)⊙(dy + q) */
export function plainGrads(
  relu: bool,
  n: i32,
  width: usize,
  dy: usize,
  rowDy: usize,
  q: usize,
  y: usize,
  rowY: usize,
  d: usize,
  to: usize,
  apart: usize,
): void {
  for (; n > 0; n--, dy += rowDy, q += width, y += rowY, d += width, to += 64) {
    for (let j: usize = 0; j < width; j += 16) {
      const g = sum(dy + j, q + j);
      const out = v128.load(y + j);
      const delta = relu ? v128.and(g, f32x4.gt(out, f32x4.splat(0))) : tanhGrad(g, out);
      both(d + j, to + inPanel(j, apart), delta);
    }
  }
}

/** dh = dy + q → δ in slots i f g o; dc becomes the gradient of c before the step. */
export function lstmGrads(
  n: i32,
  width: usize,
  dy: usize,
  rowDy: usize,
  q: usize,
  rowQ: usize,
  dc: usize,
  kept: usize,
  d: usize,
  to: usize,
  apart: usize,
  slot: usize,
): void {
  const two = width << 1;
  const three = two + width;
  const four = two << 1;
  for (; n > 0; n--, dy += rowDy, q += rowQ, dc += width, kept += four + two, d += four, to += 64) {
    for (let j: usize = 0; j < width; j += 16) {
      const g = sum(dy + j, q + j);
      const from = kept + j;
      const p = to + inPanel(j, apart);
      const i = v128.load(from);
      const f = v128.load(from + width);
      const fresh = v128.load(from + two);
      const o = v128.load(from + three);
      const t = v128.load(from + four + width);
      const dAfter = f32x4.add(v128.load(dc + j), tanhGrad(f32x4.mul(g, o), t));
      both(d + j, p, sigmoidGrad(f32x4.mul(dAfter, fresh), i));
      both(d + width + j, p + slot, sigmoidGrad(f32x4.mul(dAfter, v128.load(from + four)), f));
      both(d + two + j, p + slot * 2, tanhGrad(f32x4.mul(dAfter, i), fresh));
      both(d + three + j, p + slot * 3, sigmoidGrad(f32x4.mul(g, t), o));
      v128.store(dc + j, f32x4.mul(dAfter, f));
    }
  }
}

/**
 * dh = (dy + direct) + q → δ in slots r z n, and in a fourth what stands for n where p is meant; `direct` becomes what reaches h before
 * the step past the products.
 */
export function gruGrads(
  n: i32,
  width: usize,
  dy: usize,
  rowDy: usize,
  q: usize,
  direct: usize,
  kept: usize,
  before: usize,
  rowBefore: usize,
  d: usize,
  to: usize,
  apart: usize,
  slot: usize,
): void {
  const two = width << 1;
  const three = two + width;
  const four = two << 1;
  for (; n > 0; n--, dy += rowDy, q += width, direct += width, kept += four, before += rowBefore, d += four, to += 64) {
    for (let j: usize = 0; j < width; j += 16) {
      const g = f32x4.add(sum(dy + j, direct + j), v128.load(q + j));
      const from = kept + j;
      const p = to + inPanel(j, apart);
      const reset = v128.load(from);
      const update = v128.load(from + width);
      const fresh = v128.load(from + two);
      const dFresh = tanhGrad(f32x4.mul(g, f32x4.sub(one(), update)), fresh);
      both(d + j, p, sigmoidGrad(f32x4.mul(dFresh, v128.load(from + three)), reset));
      both(d + width + j, p + slot, sigmoidGrad(f32x4.mul(g, f32x4.sub(v128.load(before + j), fresh)), update));
      both(d + two + j, p + slot * 2, dFresh);
      both(d + three + j, p + slot * 3, f32x4.mul(dFresh, reset));
      v128.store(direct + j, f32x4.mul(g, update));
    }
  }
}
