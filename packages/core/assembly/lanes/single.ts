/** A plain recurrent layer over a single sequence, for four networks at once. */
import { one, tanh4 } from "../math";

/** n vectors, in bytes. */
@inline
export function span(n: i32): usize {
  return <usize>n << 4;
}

/** n vectors, few: a loop is through before the host's copy has begun. */
@inline
export function copy(n: i32, from: usize, to: usize): void {
  for (let j: usize = 0; j < span(n); j += 16) v128.store(to + j, v128.load(from + j));
}

@inline
export function tanhGrad(g: v128, y: v128): v128 {
  return f32x4.mul(g, f32x4.sub(one(), f32x4.mul(y, y)));
}

/** n products one after the other, a chain from 0. */
@inline
function dot(n: i32, p: usize, q: usize, stepQ: usize): v128 {
  let s = f32x4.splat(0);
  for (; n > 0; n--, p += 16, q += stepQ) s = f32x4.add(s, f32x4.mul(v128.load(p), v128.load(q)));
  return s;
}

@inline
function activated(relu: bool, x: v128): v128 {
  return relu ? f32x4.pmax(x, f32x4.splat(0)) : tanh4(x);
}

/** A bias, or a second one added to it; −0, which adds nothing, where there is none. */
@inline
function biasAt(ih: usize, hh: usize, offset: usize): v128 {
  return ih ? f32x4.add(v128.load(ih + offset), v128.load(hh + offset)) : f32x4.splat(-0.0);
}

/**
 * A plain layer over a single sequence. Three units share the loops, a round of which takes as long as many operations; the last one stands
 * in for those that are not there.
 */
export function singleForward(
  relu: bool,
  reverse: bool,
  steps: i32,
  I: i32,
  H: i32,
  x: usize,
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  h: usize,
  y: usize,
): void {
  const first = h;
  for (let t = 0; t < steps; t++) {
    const at = reverse ? steps - 1 - t : t;
    const from = x + span(at * I);
    const to = y + span(at * H);
    for (let k = 0; k < H; k += 3) {
      const second = k + 1 < H ? 1 : 0;
      const third = k + 2 < H ? 2 : second;
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      for (let i = I, p = from, w = weightIh + span(k * I); i > 0; i--, p += 16, w += 16) {
        const v = v128.load(p);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(w)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(w + span(second * I))));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(w + span(third * I))));
      }
      const at0 = span(k);
      const at1 = span(k + second);
      const at2 = span(k + third);
      let t0 = f32x4.splat(0);
      let t1 = t0;
      let t2 = t0;
      for (let i = H, p = h, w = weightHh + span(k * H); i > 0; i--, p += 16, w += 16) {
        const v = v128.load(p);
        t0 = f32x4.add(t0, f32x4.mul(v, v128.load(w)));
        t1 = f32x4.add(t1, f32x4.mul(v, v128.load(w + span(second * H))));
        t2 = f32x4.add(t2, f32x4.mul(v, v128.load(w + span(third * H))));
      }
      v128.store(to + at0, activated(relu, f32x4.add(f32x4.add(s0, biasAt(biasIh, biasHh, at0)), t0)));
      if (second) v128.store(to + at1, activated(relu, f32x4.add(f32x4.add(s1, biasAt(biasIh, biasHh, at1)), t1)));
      if (third > 1) v128.store(to + at2, activated(relu, f32x4.add(f32x4.add(s2, biasAt(biasIh, biasHh, at2)), t2)));
    }
    h = to;
  }
  copy(H, h, first);
}

/** Back through time; q holds the gradient of the last state and afterwards that of the first. */
export function singleBackward(
  relu: bool,
  reverse: bool,
  steps: i32,
  H: i32,
  weightHh: usize,
  dy: usize,
  y: usize,
  q: usize,
  deltas: usize,
): void {
  for (let t = steps - 1; t >= 0; t--) {
    const at = span((reverse ? steps - 1 - t : t) * H);
    const delta = deltas + at;
    for (let k: usize = 0; k < span(H); k += 16) {
      const up = dy ? f32x4.add(v128.load(dy + at + k), v128.load(q + k)) : v128.load(q + k);
      const out = v128.load(y + at + k);
      v128.store(delta + k, relu ? v128.and(up, f32x4.gt(out, f32x4.splat(0))) : tanhGrad(up, out));
    }
    for (let k: usize = 0; k < span(H); k += 16) v128.store(q + k, dot(H, delta, weightHh + k, span(H)));
  }
}
