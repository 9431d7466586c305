/**
 * A plain recurrent layer over a single sequence, for four networks at once, or for two times four whose arrays are `apart` from each
 * other: while the ones wait for their state, the others have something to do. With `apart` 0 both are the same.
 */
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

@inline
function activated(relu: bool, x: v128): v128 {
  return relu ? f32x4.pmax(x, f32x4.splat(0)) : tanh4(x);
}

/**
 * Weights of one place as `forward` goes through them, those of the other between them: for three units at a time b_ih + b_hh (−0, which
 * adds nothing, where there are no biases), columns of W_ih and columns of W_hh. The last unit stands in for those that are not there.
 */
function pack(I: i32, H: i32, weightIh: usize, weightHh: usize, biasIh: usize, biasHh: usize, to: usize): void {
  for (let k = 0; k < H; k += 3) {
    for (let i = -1; i < I + H; i++, to += 96) {
      for (let u = 0; u < 3; u++) {
        const unit = min(k + u, H - 1);
        let w = f32x4.splat(-0.0);
        if (i >= I) w = v128.load(weightHh + span(unit * H + i - I));
        else if (i >= 0) w = v128.load(weightIh + span(unit * I + i));
        else if (biasIh) w = f32x4.add(v128.load(biasIh + span(unit)), v128.load(biasHh + span(unit)));
        v128.store(to + span(u), w);
      }
    }
  }
}

/** Three units; of those that go to the same place the first stays. */
@inline
function putThree(to: usize, second: usize, third: usize, v0: v128, v1: v128, v2: v128): void {
  v128.store(to + third, v2);
  v128.store(to + second, v1);
  v128.store(to, v0);
}

/** h after a step, at `to`, of both places. */
@inline
function step(relu: bool, apart: usize, I: i32, H: i32, x: usize, w: usize, h: usize, to: usize): void {
  for (let k = 0; k < H; k += 3, w += 96) {
    const bias = w;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    for (let p = x, end = x + span(I); p < end; p += 16) {
      w += 96;
      const v = v128.load(p);
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(w)));
      s1 = f32x4.add(s1, f32x4.mul(v, v128.load(w, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v, v128.load(w, 32)));
      const u = v128.load(p + apart);
      s3 = f32x4.add(s3, f32x4.mul(u, v128.load(w, 48)));
      s4 = f32x4.add(s4, f32x4.mul(u, v128.load(w, 64)));
      s5 = f32x4.add(s5, f32x4.mul(u, v128.load(w, 80)));
    }
    s0 = f32x4.add(s0, v128.load(bias));
    s1 = f32x4.add(s1, v128.load(bias, 16));
    s2 = f32x4.add(s2, v128.load(bias, 32));
    s3 = f32x4.add(s3, v128.load(bias, 48));
    s4 = f32x4.add(s4, v128.load(bias, 64));
    s5 = f32x4.add(s5, v128.load(bias, 80));
    let t0 = f32x4.splat(0);
    let t1 = t0;
    let t2 = t0;
    let t3 = t0;
    let t4 = t0;
    let t5 = t0;
    for (let p = h, end = h + span(H); p < end; p += 16) {
      w += 96;
      const v = v128.load(p);
      t0 = f32x4.add(t0, f32x4.mul(v, v128.load(w)));
      t1 = f32x4.add(t1, f32x4.mul(v, v128.load(w, 16)));
      t2 = f32x4.add(t2, f32x4.mul(v, v128.load(w, 32)));
      const u = v128.load(p + apart);
      t3 = f32x4.add(t3, f32x4.mul(u, v128.load(w, 48)));
      t4 = f32x4.add(t4, f32x4.mul(u, v128.load(w, 64)));
      t5 = f32x4.add(t5, f32x4.mul(u, v128.load(w, 80)));
    }
    const second: usize = k + 1 < H ? 16 : 0;
    const third: usize = k + 2 < H ? 32 : second;
    const y0 = activated(relu, f32x4.add(s0, t0));
    const y1 = activated(relu, f32x4.add(s1, t1));
    const y2 = activated(relu, f32x4.add(s2, t2));
    putThree(to, second, third, y0, y1, y2);
    if (apart) {
      const y3 = activated(relu, f32x4.add(s3, t3));
      const y4 = activated(relu, f32x4.add(s4, t4));
      const y5 = activated(relu, f32x4.add(s5, t5));
      putThree(to + apart, second, third, y3, y4, y5);
    }
    to += 48;
  }
}

@inline
function forward(
  relu: bool,
  apart: usize,
  reverse: bool,
  steps: i32,
  I: i32,
  H: i32,
  x: usize,
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  packed: usize,
  first: usize,
  y: usize,
): void {
  pack(I, H, weightIh, weightHh, biasIh, biasHh, packed);
  pack(I, H, weightIh + apart, weightHh + apart, biasIh ? biasIh + apart : 0, biasHh + apart, packed + 48);
  let h = first;
  for (let t = 0; t < steps; t++) {
    const at = reverse ? steps - 1 - t : t;
    const to = y + span(at * H);
    step(relu, apart, I, H, x + span(at * I), packed, h, to);
    h = to;
  }
  copy(H, h, first);
  copy(H, h + apart, first + apart);
}

export function tanhForward(
  apart: usize,
  reverse: bool,
  steps: i32,
  I: i32,
  H: i32,
  x: usize,
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  packed: usize,
  first: usize,
  y: usize,
): void {
  forward(false, apart, reverse, steps, I, H, x, weightIh, weightHh, biasIh, biasHh, packed, first, y);
}

export function reluForward(
  apart: usize,
  reverse: bool,
  steps: i32,
  I: i32,
  H: i32,
  x: usize,
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  packed: usize,
  first: usize,
  y: usize,
): void {
  forward(true, apart, reverse, steps, I, H, x, weightIh, weightHh, biasIh, biasHh, packed, first, y);
}

/** Columns of W_hh as `singleBackward` goes through them, as {@link pack}. */
function packColumns(H: i32, weightHh: usize, to: usize): void {
  for (let k = 0; k < H; k += 3) {
    for (let i = 0; i < H; i++, to += 96) {
      for (let u = 0; u < 3; u++) v128.store(to + span(u), v128.load(weightHh + span(i * H + min(k + u, H - 1))));
    }
  }
}

@inline
function deltaAt(relu: bool, dy: usize, y: usize, q: usize): v128 {
  const out = v128.load(y);
  const up = dy ? f32x4.add(v128.load(dy), v128.load(q)) : v128.load(q);
  return relu ? v128.and(up, f32x4.gt(out, f32x4.splat(0))) : tanhGrad(up, out);
}

/** Back through time; q holds the gradient of the last state and afterwards that of the first. */
export function singleBackward(
  apart: usize,
  relu: bool,
  reverse: bool,
  steps: i32,
  H: i32,
  weightHh: usize,
  packed: usize,
  dy: usize,
  y: usize,
  q: usize,
  deltas: usize,
): void {
  packColumns(H, weightHh, packed);
  packColumns(H, weightHh + apart, packed + 48);
  const size = span(H);
  for (let t = steps - 1; t >= 0; t--) {
    const at = size * (reverse ? steps - 1 - t : t);
    const delta = deltas + at;
    for (let k: usize = 0; k < size; k += 16) {
      const up = dy ? dy + at + k : 0;
      const first = deltaAt(relu, up, y + at + k, q + k);
      const second = deltaAt(relu, up ? up + apart : 0, y + at + k + apart, q + k + apart);
      v128.store(delta + k, first);
      v128.store(delta + k + apart, second);
    }
    let w = packed;
    for (let k = 0; k < H; k += 3) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let s4 = s0;
      let s5 = s0;
      for (let p = delta, end = delta + size; p < end; p += 16, w += 96) {
        const v = v128.load(p);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(w)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(w, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(w, 32)));
        const u = v128.load(p + apart);
        s3 = f32x4.add(s3, f32x4.mul(u, v128.load(w, 48)));
        s4 = f32x4.add(s4, f32x4.mul(u, v128.load(w, 64)));
        s5 = f32x4.add(s5, f32x4.mul(u, v128.load(w, 80)));
      }
      const second: usize = k + 1 < H ? 16 : 0;
      const third: usize = k + 2 < H ? 32 : second;
      const to = q + span(k);
      putThree(to, second, third, s0, s1, s2);
      putThree(to + apart, second, third, s3, s4, s5);
    }
  }
}
