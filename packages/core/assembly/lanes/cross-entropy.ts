/** Cross-entropy for four networks at once. */
import { groupsAtOnce, logProbabilities, minusMax } from "../in-lanes";
import { lowerHalf, narrowed, upperHalf, widened } from "../math";

/** Sums of losses in float64, two lanes each. */
const totals: usize = memory.data(32, 16);

@inline
function addToTotals(low: v128, high: v128): void {
  v128.store(totals, f64x2.add(v128.load(totals), low));
  v128.store(totals, f64x2.add(v128.load(totals, 16), high), 16);
}

/** Which lanes count: those whose weight is not 0. */
@inline
function countsOf(weight: usize): v128 {
  return weight ? f32x4.ne(v128.load(weight), f32x4.splat(0)) : i32x4.splat(-1);
}

@inline
function lowerMask(counts: v128): v128 {
  return v128.shuffle<f32>(counts, counts, 0, 0, 1, 1);
}

@inline
function upperMask(counts: v128): v128 {
  return v128.shuffle<f32>(counts, counts, 2, 2, 3, 3);
}

/**
 * See `Kernels.crossEntropy`. `index` is a list that all networks share; addresses that are 0 are not there. `room`: 2·max(n, 32) + 32
 * vectors.
 */
export function crossEntropy(
  rows: i32,
  n: i32,
  x: usize,
  target: usize,
  index: usize,
  weight: usize,
  losses: usize,
  loss: usize,
  slope: usize,
  mean: bool,
  room: usize,
): void {
  const size = <usize>n << 4;
  let low = f64x2.splat(mean ? (weight ? 0 : <f64>rows) : 1);
  let high = low;
  if (mean && weight) {
    const end = weight + (<usize>rows << 4);
    for (let p = weight; p < end; p += 16) {
      low = f64x2.add(low, widened(p));
      high = f64x2.add(high, widened(p + 8));
    }
  }
  const one = f64x2.splat(1);
  const none = f32x4.eq(narrowed(low, high), f32x4.splat(0));
  const f = v128.andnot(narrowed(f64x2.div(one, low), f64x2.div(one, high)), none);
  v128.store(totals, f64x2.splat(0));
  v128.store(totals, f64x2.splat(0), 16);
  const most = groupsAtOnce(n);
  const terms = room + size * most;
  while (rows > 0) {
    const ready = min(rows, most);
    minusMax(ready, size, x, room);
    logProbabilities(ready, n, room, terms, terms + size * most, slope != 0);
    const block = <usize>ready << 4;
    if (target) {
      ofProbabilities(ready, size, room, terms, target, weight, losses, slope, f);
      target += size * ready;
    } else {
      ofClasses(ready, size, room, terms, index, weight, losses, slope, f);
      index += block;
    }
    if (weight) weight += block;
    if (losses) losses += block;
    if (slope) slope += size * ready;
    x += size * ready;
    rows -= ready;
  }
  if (loss) v128.store(loss, narrowed(f64x2.div(v128.load(totals), low), f64x2.div(v128.load(totals, 16), high)));
}

/** Losses and slopes of rows from lp, the logarithms of their probabilities, and p, these probabilities, with shares as targets. */
function ofProbabilities(
  rows: i32,
  size: usize,
  lp: usize,
  p: usize,
  target: usize,
  weight: usize,
  losses: usize,
  slope: usize,
  f: v128,
): void {
  for (; rows > 0; rows--) {
    let low = f64x2.splat(0);
    let high = low;
    let allLow = low;
    let allHigh = low;
    for (let j: usize = 0; j < size; j += 16) {
      low = f64x2.sub(low, f64x2.mul(widened(target + j), widened(lp + j)));
      high = f64x2.sub(high, f64x2.mul(widened(target + j + 8), widened(lp + j + 8)));
      const share = f32x4.mul(v128.load(target + j), f);
      allLow = f64x2.add(allLow, lowerHalf(share));
      allHigh = f64x2.add(allHigh, upperHalf(share));
    }
    const counts = countsOf(weight);
    low = v128.and(low, lowerMask(counts));
    high = v128.and(high, upperMask(counts));
    addToTotals(low, high);
    if (losses) {
      v128.store(losses, narrowed(low, high));
      losses += 16;
    }
    if (slope) {
      const all = narrowed(allLow, allHigh);
      for (let j: usize = 0; j < size; j += 16) {
        const share = f32x4.mul(v128.load(target + j), f);
        v128.store(slope + j, v128.and(f32x4.sub(f32x4.mul(v128.load(p + j), all), share), counts));
      }
      slope += size;
    }
    if (weight) weight += 16;
    lp += size;
    p += size;
    target += size;
  }
}

/** The same with classes as targets. */
function ofClasses(
  rows: i32,
  size: usize,
  lp: usize,
  p: usize,
  index: usize,
  weight: usize,
  losses: usize,
  slope: usize,
  f: v128,
): void {
  for (; rows > 0; rows--) {
    const u = weight ? v128.load(weight) : f32x4.splat(1);
    const counts = countsOf(weight);
    const scale = f32x4.mul(u, f);
    const counted = v128.any_true(counts);
    // The class of a row that does not count is not looked at.
    const t = counted ? <usize>load<i32>(index) << 4 : 0;
    const v = v128.load(lp + t);
    const low = v128.and(f64x2.mul(f64x2.neg(lowerHalf(v)), lowerHalf(u)), lowerMask(counts));
    const high = v128.and(f64x2.mul(f64x2.neg(upperHalf(v)), upperHalf(u)), upperMask(counts));
    addToTotals(low, high);
    if (losses) {
      v128.store(losses, narrowed(low, high));
      losses += 16;
    }
    if (slope) {
      for (let j: usize = 0; j < size; j += 16) v128.store(slope + j, v128.and(f32x4.mul(v128.load(p + j), scale), counts));
      if (counted) v128.store(slope + t, v128.and(f32x4.sub(v128.load(slope + t), scale), counts));
      slope += size;
    }
    if (weight) weight += 16;
    index += 16;
    lp += size;
    p += size;
  }
}
