/**
 * float64 power after fdlibm's e_pow.c.
 *
 * @module
 */
import { clearLowWord, fromWords, highWord, scale, withHighWord } from "./float64-bits.js";

/** 2/(3 ln 2), and in two pieces. */
const CP = 0.9617966939259756;
const CP_HIGH = 0.9617967009544373;
const CP_LOW = -7.028461650952758e-9;
/** log2 1.5 in two pieces. */
const LOG2_1_5_HIGH = 0.5849624872207642;
const LOG2_1_5_LOW = 1.350039202129749e-8;
const LN2_HIGH = 0.6931471824645996;
const LN2_LOW = -1.904654299957768e-9;
/** 1024 − log2 of the largest number that does not round to infinity, negated. */
const OVERFLOW_TAIL = 8.008566259537294e-17;

/** The result of the last log2: log2 x = high + low, `high` having at most 21 significant bits. */
let high = 0;
let low = 0;

/**
 * x^y. Error below 1 ulp, exact for whole numbers whenever the result fits.
 * As in C and PyTorch (and unlike JavaScript's `**`) 1^NaN and (−1)^±∞ are 1.
 *
 * log2 x is found in two pieces, multiplied by y, and 2 is raised to the product.
 */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  if (y === 1) return x;
  if (y === -1) return 1 / x;
  if (y === 2) return x * x;
  if (y === 0.5 && x >= 0) return Math.sqrt(x) + 0;

  const size = Math.abs(x);
  // As far out as this all exponents are even, and every power of what is not 1 is 0 or infinite.
  const n = Math.min(Math.max(y, -(2 ** 70)), 2 ** 70);
  const sign = (x < 0 || Object.is(x, -0)) && Math.abs(n % 2) === 1 ? -1 : 1;
  if (size === 0 || size === Infinity) return sign * (n > 0 ? size : 1 / size);
  if (x < 0 && !Number.isInteger(n)) return NaN;

  log2(size);
  const nHigh = clearLowWord(n);
  const tail = (n - nHigh) * high + n * low;
  const head = nHigh * high;
  const z = tail + head;
  if (z > 1024 || (z === 1024 && tail + OVERFLOW_TAIL > z - head)) return sign * Infinity;
  if (z < -1075 || (z === -1075 && tail <= z - head)) return sign * 0;
  return sign * exp2(head, tail);
}

/**
 * log2 x for finite x > 0: x = 2^n·m with m in [√¾, √3); with b = 1 (m < √1.5) or 1.5 and s = (m − b)/(m + b),
 * log2 m = log2 b + 2/(3 ln 2)·(3s + s³ + …), with the large parts kept in two pieces.
 */
function log2(x: number): void {
  let n = 0;
  let m = x;
  if (m < 2 ** -1022) {
    m *= 2 ** 53;
    n = -53;
  }
  n += (highWord(m) >> 20) - 1023;
  const top = highWord(m) & 0xfffff;
  let upper = top | 0x3ff00000;
  let nearOneAndHalf = false;
  if (top > 0x3988e) {
    if (top < 0xbb67a) {
      nearOneAndHalf = true;
    } else {
      n += 1;
      upper -= 0x100000;
    }
  }
  m = withHighWord(m, upper);
  const b = nearOneAndHalf ? 1.5 : 1;

  const u = m - b;
  const v = 1 / (m + b);
  const s = u * v;
  const sHigh = clearLowWord(s);
  const sumHigh = fromWords(((upper >> 1) | 0x20000000) + 0x80000 + (nearOneAndHalf ? 0x40000 : 0), 0);
  const sumLow = m - (sumHigh - b);
  const sLow = v * (u - sHigh * sumHigh - sHigh * sumLow);

  const z = s * s;
  let r =
    z *
    z *
    (0.5999999999999946 +
      z *
        (0.4285714285785502 +
          z * (0.33333332981837743 + z * (0.272728123808534 + z * (0.23066074577556175 + z * 0.20697501780033842)))));
  r += sLow * (sHigh + s);
  const square = sHigh * sHigh;
  const seriesHigh = clearLowWord(3 + square + r);
  const seriesLow = r - (seriesHigh - 3 - square);

  const p = sHigh * seriesHigh;
  const q = sLow * seriesHigh + seriesLow * s;
  const productHigh = clearLowWord(p + q);
  const productLow = q - (productHigh - p);
  const zHigh = CP_HIGH * productHigh;
  const zLow = CP_LOW * productHigh + productLow * CP + (nearOneAndHalf ? LOG2_1_5_LOW : 0);
  const base = nearOneAndHalf ? LOG2_1_5_HIGH : 0;
  high = clearLowWord(zHigh + zLow + base + n);
  low = zLow - (high - n - base - zHigh);
}

/** 2^(head + tail) for a sum within [−1075, 1024]: 2^n·e^(t·ln 2) with |t| ≤ ½. */
function exp2(head: number, tail: number): number {
  const z = head + tail;
  const n = Math.abs(z) > 0.5 ? Math.sign(z) * Math.floor(Math.abs(z) + 0.5) : 0;
  const part = head - n;
  const t = clearLowWord(tail + part);
  const u = t * LN2_HIGH;
  const v = (tail - (t - part)) * Math.LN2 + t * LN2_LOW;
  const x = u + v;
  const lost = v - (x - u);
  const square = x * x;
  const c =
    x -
    square *
      (0.16666666666666602 +
        square *
          (-0.0027777777777015593 +
            square * (0.00006613756321437934 + square * (-0.0000016533902205465252 + square * 4.1381367970572385e-8))));
  const r = (x * c) / (c - 2) - (lost + x * lost);
  return scale(1 - (r - x), n);
}
