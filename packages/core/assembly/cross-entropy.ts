/**
 * Cross-entropy with four rows in the lanes: each lane has its own maximum, sum and chain over the classes. The last lanes repeat a row
 * when there are not four left.
 */
import { exponentials, logarithms } from "./elementwise";
import { lowerHalf, narrowed, upperHalf } from "./math";
import { gathered } from "./panels";
import { rowMax, shifted } from "./rows";

/** Four rows of n elements, `o1`, `o2`, `o3` behind the first, as n vectors. */
function intoLanes(size: usize, x: usize, o1: usize, o2: usize, o3: usize, to: usize): void {
  for (let j: usize = 0; j < size; j += 4, x += 4) {
    v128.store(to + (j << 2), gathered(x, x + o1, x + o2, x + o3));
  }
}

/**
 * Adds the losses of the rows to `total`; f scales the slopes. One of `target` and `index` is 0; `weight`, `losses` and `slope` may
 * be. `room`: 12·n + 24 elements.
 */
export function crossEntropy(
  rows: i32,
  n: i32,
  x: usize,
  target: usize,
  index: usize,
  weight: usize,
  losses: usize,
  slope: usize,
  f: f32,
  room: usize,
  total: f64,
): f64 {
  const size = <usize>n << 2;
  const wide = size << 2;
  const factor = f32x4.splat(f);
  /** For each lane its weight, the weight times f, and its loss in float64. */
  const weights = room + 16;
  const scaled = room + 32;
  const results = room + 48;
  const logits = room + 96;
  const terms = logits + wide;
  const shares = terms + wide;
  for (let left = rows; left > 0; left -= 4, x += wide) {
    const o1 = left > 1 ? size : 0;
    const o2 = o1 + (left > 2 ? size : 0);
    const o3 = o2 + (left > 3 ? size : 0);
    let u = f32x4.splat(1);
    if (weight) {
      const w1 = weight + (left > 1 ? 4 : 0);
      const w2 = w1 + (left > 2 ? 4 : 0);
      u = gathered(weight, w1, w2, w2 + (left > 3 ? 4 : 0));
      weight += 16;
    }
    const counts = f32x4.ne(u, f32x4.splat(0));
    let all = f32x4.mul(u, factor);
    v128.store(weights, u);
    v128.store(scaled, all);

    intoLanes(size, x, o1, o2, o3, logits);
    let max = f32x4.splat(-Infinity);
    for (let j: usize = 0; j < wide; j += 16) max = f32x4.pmax(max, v128.load(logits + j));
    for (let j: usize = 0; j < wide; j += 16) v128.store(terms + j, f32x4.sub(v128.load(logits + j), max));
    exponentials(n << 2, terms, terms);
    let s01 = f64x2.splat(0);
    let s23 = s01;
    for (let j: usize = 0; j < wide; j += 16) {
      const e = v128.load(terms + j);
      s01 = f64x2.add(s01, lowerHalf(e));
      s23 = f64x2.add(s23, upperHalf(e));
    }
    v128.store(room, narrowed(s01, s23));
    logarithms(4, room, room);
    const logSum = v128.load(room);
    for (let j: usize = 0; j < wide; j += 16) {
      v128.store(logits + j, f32x4.sub(f32x4.sub(v128.load(logits + j), max), logSum));
    }

    if (target) {
      intoLanes(size, target, o1, o2, o3, shares);
      target += wide;
      s01 = f64x2.splat(0);
      s23 = s01;
      let a01 = s01;
      let a23 = s01;
      for (let j: usize = 0; j < wide; j += 16) {
        const lp = v128.load(logits + j);
        const a = v128.load(shares + j);
        s01 = f64x2.sub(s01, f64x2.mul(lowerHalf(a), lowerHalf(lp)));
        s23 = f64x2.sub(s23, f64x2.mul(upperHalf(a), upperHalf(lp)));
        const b = f32x4.mul(a, factor);
        v128.store(shares + j, b);
        a01 = f64x2.add(a01, lowerHalf(b));
        a23 = f64x2.add(a23, upperHalf(b));
      }
      all = narrowed(a01, a23);
      v128.store(results, s01);
      v128.store(results, s23, 16);
    }
    const lanes = <usize>min(left, 4);
    for (let k: usize = 0; k < lanes; k++) {
      const w = load<f32>(weights + (k << 2));
      let loss: f64 = 0;
      if (w != 0) {
        if (target) loss = load<f64>(results + (k << 3));
        else loss = -(<f64>load<f32>(logits + (<usize>load<u32>(index + (k << 2)) << 4) + (k << 2))) * <f64>w;
      }
      total += loss;
      if (losses) {
        store<f32>(losses, <f32>loss);
        losses += 4;
      }
    }

    if (slope) {
      exponentials(n << 2, logits, terms);
      for (let j: usize = 0; j < wide; j += 16) {
        let d = f32x4.mul(v128.load(terms + j), all);
        if (target) d = f32x4.sub(d, v128.load(shares + j));
        v128.store(terms + j, v128.and(d, counts));
      }
      for (let k: usize = 0; k < lanes; k++) {
        if (!target && load<f32>(weights + (k << 2)) != 0) {
          const at = terms + (<usize>load<u32>(index + (k << 2)) << 4) + (k << 2);
          store<f32>(at, load<f32>(at) - load<f32>(scaled + (k << 2)));
        }
        for (let j: usize = 0; j < size; j += 4) store<f32>(slope + j, load<f32>(terms + (j << 2) + (k << 2)));
        slope += size;
      }
    }
    if (index) index += 16;
  }
  return total;
}

/** One row by itself, its classes in the lanes; t is its class when there is no `target`, u its weight. `room`: 2·n + 8 elements. */
export function crossEntropyRow(
  n: i32,
  x: usize,
  target: usize,
  t: i32,
  u: f32,
  slope: usize,
  f: f32,
  room: usize,
): f64 {
  const size = <usize>n << 2;
  const terms = room + ((size + 15) & ~15);
  const max = rowMax(n, x);
  shifted(size, x, max, room);
  exponentials(n, room, terms);
  let sum: f64 = 0;
  for (let j: usize = 0; j < size; j += 4) sum += load<f32>(terms + j);
  store<f32>(terms, <f32>sum);
  logarithms(1, terms, terms);
  shifted(size, room, v128.load_splat<f32>(terms), room);
  if (slope) exponentials(n, room, terms);
  let loss: f64 = 0;
  let scale = u * f;
  if (target) {
    let all: f64 = 0;
    for (let j: usize = 0; j < size; j += 4) {
      const a = load<f32>(target + j);
      loss -= <f64>a * <f64>load<f32>(room + j);
      all += a * f;
    }
    scale = <f32>all;
  } else if (u != 0) {
    loss = -(<f64>load<f32>(room + (<usize>t << 2))) * <f64>u;
  }
  if (slope) {
    for (let j: usize = 0; j < size; j += 4) {
      let d = load<f32>(terms + j) * scale;
      if (target) d -= load<f32>(target + j) * f;
      store<f32>(slope + j, u != 0 ? d : 0);
    }
    if (!target && u != 0) {
      const at = slope + (<usize>t << 2);
      store<f32>(at, load<f32>(at) - scale);
    }
  }
  return u != 0 ? loss : 0;
}
