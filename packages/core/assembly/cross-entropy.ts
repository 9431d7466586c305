/**
 * Cross-entropy with four rows in the lanes: each lane has its own maximum, sum and chain over the classes. The last lanes repeat a row
 * when there are not four left. Several such groups go through together, step by step: what one group waits for, others can do
 * something in the meantime.
 */
import { exponentials, logarithms } from "./elementwise";
import { groupsAtOnce, logProbabilities, minusMax } from "./in-lanes";
import { lowerHalf, narrowed, upperHalf } from "./math";
import { gathered, turnBlock } from "./panels";
import { rowMax, shifted } from "./rows";

/**
 * Adds the losses of the rows to `total`; f scales the slopes. One of `target` and `index` is 0; `weight`, `losses` and `slope` may
 * be. `room`: 12·max(n, 32) + 32 elements.
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
  if (rows == 1) {
    const u: f32 = weight ? load<f32>(weight) : 1;
    const loss = crossEntropyRow(n, x, target, index ? load<i32>(index) : 0, u, slope, f, room);
    if (losses) store<f32>(losses, <f32>loss);
    return total + loss;
  }
  const size = <usize>n << 2;
  const wide = size << 2;
  const most = groupsAtOnce(n);
  const terms = room + wide * most;
  const shares = terms + wide * most;
  while (rows > 0) {
    const groups = min((rows + 3) >> 2, most);
    for (let g = 0; g < groups; g++) {
      const left = rows - (g << 2);
      const o1 = left > 1 ? size : 0;
      const o2 = o1 + (left > 2 ? size : 0);
      const o3 = o2 + (left > 3 ? size : 0);
      const to = room + wide * g;
      turnRows(size, x + wide * g, o1, o2, o3, to);
      minusMax(1, wide, to, to);
    }
    logProbabilities(groups, n, room, terms, shares, slope != 0);
    for (let g = 0; g < groups; g++, rows -= 4) {
      total = finish(min(rows, 4), n, room + wide * g, terms + wide * g, shares, target, index, weight, losses, slope, f, total);
      if (target) target += wide;
      if (index) index += 16;
      if (weight) weight += 16;
      if (losses) losses += 16;
      if (slope) slope += wide;
    }
    x += wide * groups;
  }
  return total;
}

/** Four rows, of `size` bytes each, to vectors of what stands one below the other; up to three vectors more are written to. */
@inline
function turnRows(size: usize, from: usize, o1: usize, o2: usize, o3: usize, to: usize): void {
  for (const end = from + size; from < end; from += 16, to += 64) {
    turnBlock(v128.load(from), v128.load(from + o1), v128.load(from + o2), v128.load(from + o3), to, 16, 32, 48);
  }
}

/** Of up to four rows, losses and slopes from lp, the logarithms of their probabilities, and p, these probabilities. */
function finish(
  rows: i32,
  n: i32,
  lp: usize,
  p: usize,
  shares: usize,
  target: usize,
  index: usize,
  weight: usize,
  losses: usize,
  slope: usize,
  f: f32,
  total: f64,
): f64 {
  const size = <usize>n << 2;
  const o1 = rows > 1 ? size : 0;
  const o2 = o1 + (rows > 2 ? size : 0);
  const o3 = o2 + (rows > 3 ? size : 0);
  const factor = f32x4.splat(f);
  let u = f32x4.splat(1);
  if (weight) u = gathered(weight, weight + (o1 ? 4 : 0), weight + (o2 / size << 2), weight + (o3 / size << 2));
  const counts = f32x4.ne(u, f32x4.splat(0));
  const scaled = f32x4.mul(u, factor);
  let all = scaled;
  let s01 = f64x2.splat(0);
  let s23 = s01;
  if (target) {
    let a01 = s01;
    let a23 = s01;
    turnRows(size, target, o1, o2, o3, shares);
    for (let j: usize = 0; j < size; j += 4) {
      const a = v128.load(shares + (j << 2));
      const v = v128.load(lp + (j << 2));
      s01 = f64x2.sub(s01, f64x2.mul(lowerHalf(a), lowerHalf(v)));
      s23 = f64x2.sub(s23, f64x2.mul(upperHalf(a), upperHalf(v)));
      const b = f32x4.mul(a, factor);
      v128.store(shares + (j << 2), b);
      a01 = f64x2.add(a01, lowerHalf(b));
      a23 = f64x2.add(a23, upperHalf(b));
    }
    all = narrowed(a01, a23);
  } else {
    // Classes of rows that are not there, or that do not count, are not looked at.
    let v = v128.load_zero<f32>(lp + classOf(index, 0, counts));
    if (rows > 1) v = v128.load_lane<f32>(lp + classOf(index, 1, counts) + 4, v, 1);
    if (rows > 2) v = v128.load_lane<f32>(lp + classOf(index, 2, counts) + 8, v, 2);
    if (rows > 3) v = v128.load_lane<f32>(lp + classOf(index, 3, counts) + 12, v, 3);
    s01 = f64x2.mul(f64x2.neg(lowerHalf(v)), lowerHalf(u));
    s23 = f64x2.mul(f64x2.neg(upperHalf(v)), upperHalf(u));
  }
  s01 = v128.and(s01, v128.shuffle<f32>(counts, counts, 0, 0, 1, 1));
  s23 = v128.and(s23, v128.shuffle<f32>(counts, counts, 2, 2, 3, 3));
  total += f64x2.extract_lane(s01, 0);
  if (rows > 1) total += f64x2.extract_lane(s01, 1);
  if (rows > 2) total += f64x2.extract_lane(s23, 0);
  if (rows > 3) total += f64x2.extract_lane(s23, 1);
  if (losses) spreadLanes(narrowed(s01, s23), losses, o1 ? 4 : 0, o2 / size << 2, o3 / size << 2);
  if (slope) {
    const minus: usize = target ? shares : 0;
    let j: usize = 0;
    for (; j + 16 <= size; j += 16) {
      const at = j << 2;
      const d0 = slopeAt(p + at, all, minus ? minus + at : 0, counts);
      const d1 = slopeAt(p + at + 16, all, minus ? minus + at + 16 : 0, counts);
      const d2 = slopeAt(p + at + 32, all, minus ? minus + at + 32 : 0, counts);
      const d3 = slopeAt(p + at + 48, all, minus ? minus + at + 48 : 0, counts);
      turnBlock(d0, d1, d2, d3, slope + j, o1, o2, o3);
    }
    for (; j < size; j += 4) {
      const at = j << 2;
      spreadLanes(slopeAt(p + at, all, minus ? minus + at : 0, counts), slope + j, o1, o2, o3);
    }
    if (!target) {
      v128.store(shares, v128.and(scaled, counts));
      for (let k: usize = 0; k < <usize>rows; k++, slope += size) {
        const share = load<f32>(shares + (k << 2));
        if (share == 0) continue;
        const at = slope + (<usize>load<u32>(index + (k << 2)) << 2);
        store<f32>(at, load<f32>(at) - share);
      }
    }
  }
  return total;
}

/** p·all, less what stands at `minus` if that is not 0, in the lanes that count. */
@inline
function slopeAt(p: usize, all: v128, minus: usize, counts: v128): v128 {
  const d = f32x4.mul(v128.load(p), all);
  return v128.and(minus ? f32x4.sub(d, v128.load(minus)) : d, counts);
}

/** The place of a row's class among n vectors. */
@inline
function classOf(index: usize, k: u8, counts: v128): usize {
  const c = k == 0 ? i32x4.extract_lane(counts, 0) : k == 1 ? i32x4.extract_lane(counts, 1) : k == 2 ? i32x4.extract_lane(counts, 2) : i32x4.extract_lane(counts, 3);
  return c ? <usize>load<u32>(index + (<usize>k << 2)) << 4 : 0;
}

/** Four numbers to four places; of those that go to the same place the first stays. */
@inline
function spreadLanes(v: v128, to: usize, o1: usize, o2: usize, o3: usize): void {
  v128.store_lane<f32>(to + o3, v, 3);
  v128.store_lane<f32>(to + o2, v, 2);
  v128.store_lane<f32>(to + o1, v, 1);
  v128.store_lane<f32>(to, v, 0);
}

/** One row by itself, its classes in the lanes; t is its class when there is no `target`, u its weight. `room`: 2·n + 8 elements. */
function crossEntropyRow(
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
