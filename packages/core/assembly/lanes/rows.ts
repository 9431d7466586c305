/**
 * Sums and losses for four networks at once: lane l of every vector belongs to network l, and each lane goes through the chains that
 * `src/kernels/contract.ts` prescribes for one.
 */
import { groupsAtOnce, logProbabilities, minusMax } from "../in-lanes";
import { exp4, log4, lowerHalf, narrowed, upperHalf } from "../math";

/** Σ of n vectors, `step` bytes apart, as a single chain in float64. */
export function chain(n: i32, x: usize, step: usize): v128 {
  let low = f64x2.splat(0);
  let high = low;
  for (; n > 0; n--, x += step) {
    const v = v128.load(x);
    low = f64x2.add(low, lowerHalf(v));
    high = f64x2.add(high, upperHalf(v));
  }
  return narrowed(low, high);
}

/** y[r] = Σ of row r: element i goes to chain i mod 4, and they are joined as (s0 + s1) + (s2 + s3). */
export function sumRows(rows: i32, n: i32, x: usize, y: usize): void {
  for (; rows > 0; rows--, y += 16) {
    const zero = f64x2.splat(0);
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let b0 = zero;
    let b1 = zero;
    let b2 = zero;
    let b3 = zero;
    for (let i = 0; i < n; i++, x += 16) {
      const v = v128.load(x);
      const low = lowerHalf(v);
      const high = upperHalf(v);
      const k = i & 3;
      if (k == 0) {
        a0 = f64x2.add(a0, low);
        b0 = f64x2.add(b0, high);
      } else if (k == 1) {
        a1 = f64x2.add(a1, low);
        b1 = f64x2.add(b1, high);
      } else if (k == 2) {
        a2 = f64x2.add(a2, low);
        b2 = f64x2.add(b2, high);
      } else {
        a3 = f64x2.add(a3, low);
        b3 = f64x2.add(b3, high);
      }
    }
    const low = f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3));
    const high = f64x2.add(f64x2.add(b0, b1), f64x2.add(b2, b3));
    v128.store(y, narrowed(low, high));
  }
}

/** y[r, j] = Σ over i of x[r, i, j], each a single chain. */
export function sumColumns(outer: i32, n: i32, inner: i32, x: usize, y: usize): void {
  const row = <usize>inner << 4;
  for (; outer > 0; outer--, x += row * n, y += row) {
    for (let j: usize = 0; j < row; j += 16) v128.store(y + j, chain(n, x + j, row));
  }
}

@inline
function rowMax(size: usize, x: usize): v128 {
  let max = f32x4.splat(-Infinity);
  for (let j: usize = 0; j < size; j += 16) max = f32x4.pmax(max, v128.load(x + j));
  return max;
}

/** As `sumRows` for one row, of what stands at `x`. */
@inline
function rowSum(n: i32, x: usize): v128 {
  sumRows(1, n, x, scratch);
  return v128.load(scratch);
}

const scratch: usize = memory.data(16, 16);

export function softmax(rows: i32, n: i32, x: usize, y: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, x += size, y += size) {
    const max = rowMax(size, x);
    for (let j: usize = 0; j < size; j += 16) v128.store(y + j, exp4(f32x4.sub(v128.load(x + j), max)));
    const total = rowSum(n, y);
    for (let j: usize = 0; j < size; j += 16) v128.store(y + j, f32x4.div(v128.load(y + j), total));
  }
}

export function logSoftmax(rows: i32, n: i32, x: usize, y: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, x += size, y += size) {
    const max = rowMax(size, x);
    for (let j: usize = 0; j < size; j += 16) v128.store(y + j, exp4(f32x4.sub(v128.load(x + j), max)));
    const logTotal = log4(rowSum(n, y));
    for (let j: usize = 0; j < size; j += 16)
      v128.store(y + j, f32x4.sub(f32x4.sub(v128.load(x + j), max), logTotal));
  }
}

export function softmaxGrad(rows: i32, n: i32, g: usize, y: usize, dx: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, g += size, y += size, dx += size) {
    for (let j: usize = 0; j < size; j += 16) v128.store(dx + j, f32x4.mul(v128.load(g + j), v128.load(y + j)));
    const dot = rowSum(n, dx);
    for (let j: usize = 0; j < size; j += 16)
      v128.store(dx + j, f32x4.mul(v128.load(y + j), f32x4.sub(v128.load(g + j), dot)));
  }
}

export function logSoftmaxGrad(rows: i32, n: i32, g: usize, y: usize, dx: usize): void {
  const size = <usize>n << 4;
  for (; rows > 0; rows--, g += size, y += size, dx += size) {
    const total = rowSum(n, g);
    for (let j: usize = 0; j < size; j += 16)
      v128.store(dx + j, f32x4.sub(v128.load(g + j), f32x4.mul(exp4(v128.load(y + j)), total)));
  }
}

/** Sums of losses in float64, two lanes each, and what they are divided by. */
const totals: usize = memory.data(32, 16);

/** See `Kernels.crossEntropy`. `index` is a list that all networks share; addresses that are 0 are not there. `room`: 2·max(n, 32) + 32 vectors. */
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
    for (let r: usize = 0; r < <usize>rows << 4; r += 16) {
      low = f64x2.add(low, lowerHalf(v128.load(weight + r)));
      high = f64x2.add(high, upperHalf(v128.load(weight + r)));
    }
  }
  const one = f64x2.splat(1);
  const none = f32x4.eq(narrowed(low, high), f32x4.splat(0));
  const f = v128.andnot(narrowed(f64x2.div(one, low), f64x2.div(one, high)), none);
  v128.store(totals, f64x2.splat(0));
  v128.store(totals, f64x2.splat(0), 16);
  const most = groupsAtOnce(n);
  const terms = room + size * most;
  let lp = room;
  let p = terms;
  for (let ready = 0; rows > 0; rows--, ready--, lp += size, p += size) {
    if (ready == 0) {
      ready = min(rows, most);
      for (let g = 0; g < ready; g++, x += size) minusMax(size, x, room + size * g);
      logProbabilities(ready, n, room, terms, terms + size * most, slope != 0);
      lp = room;
      p = terms;
    }
    const u = weight ? v128.load(weight) : f32x4.splat(1);
    const counts = f32x4.ne(u, f32x4.splat(0));
    let scale = f32x4.mul(u, f);
    let lossLow = f64x2.splat(0);
    let lossHigh = lossLow;
    const t = index ? <usize>load<i32>(index) << 4 : 0;
    if (target) {
      let allLow = lossLow;
      let allHigh = lossLow;
      for (let j: usize = 0; j < size; j += 16) {
        const a = v128.load(target + j);
        const v = v128.load(lp + j);
        lossLow = f64x2.sub(lossLow, f64x2.mul(lowerHalf(a), lowerHalf(v)));
        lossHigh = f64x2.sub(lossHigh, f64x2.mul(upperHalf(a), upperHalf(v)));
        const b = f32x4.mul(a, f);
        allLow = f64x2.add(allLow, lowerHalf(b));
        allHigh = f64x2.add(allHigh, upperHalf(b));
      }
      scale = narrowed(allLow, allHigh);
    } else if (v128.any_true(counts)) {
      const v = v128.load(lp + t);
      lossLow = f64x2.mul(f64x2.neg(lowerHalf(v)), lowerHalf(u));
      lossHigh = f64x2.mul(f64x2.neg(upperHalf(v)), upperHalf(u));
    }
    lossLow = v128.and(lossLow, v128.shuffle<f32>(counts, counts, 0, 0, 1, 1));
    lossHigh = v128.and(lossHigh, v128.shuffle<f32>(counts, counts, 2, 2, 3, 3));
    v128.store(totals, f64x2.add(v128.load(totals), lossLow));
    v128.store(totals, f64x2.add(v128.load(totals, 16), lossHigh), 16);
    if (losses) {
      v128.store(losses, narrowed(lossLow, lossHigh));
      losses += 16;
    }
    if (slope) {
      for (let j: usize = 0; j < size; j += 16) {
        let d = f32x4.mul(v128.load(p + j), scale);
        if (target) d = f32x4.sub(d, f32x4.mul(v128.load(target + j), f));
        v128.store(slope + j, v128.and(d, counts));
      }
      if (!target && v128.any_true(counts))
        v128.store(slope + t, v128.and(f32x4.sub(v128.load(slope + t), scale), counts));
      slope += size;
    }
    if (target) target += size;
    if (index) index += 16;
    if (weight) weight += 16;
  }
  if (loss) v128.store(loss, narrowed(f64x2.div(v128.load(totals), low), f64x2.div(v128.load(totals, 16), high)));
}
