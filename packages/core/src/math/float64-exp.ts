/**
 * float64 exponential and logarithm after fdlibm's e_exp.c, s_expm1.c, s_tanh.c, e_log.c and s_log1p.c.
 *
 * @module
 */
import { highWord, powerOfTwo, scale, withHighWord } from "./float64-bits.js";

/** ln 2 in two pieces; the first has 21 trailing zeros, so that k·LN2_HIGH is exact for |k| < 2^20. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** The largest x with a finite e^x. */
const EXP_MAX = 709.782712893384;
/** Below this e^x rounds to 0. */
const EXP_MIN = -745.1332191019411;

/**
 * e^x. Error below 1 ulp.
 *
 * x = k·ln 2 + r with |r| ≤ ½ ln 2; e^r = 1 + r + r·c/(2 − c), where c = r − r²·P(r²); then 2^k·e^r.
 */
export function exp(x: number): number {
  if (!(x <= EXP_MAX)) return x > 0 ? Infinity : NaN;
  if (x < EXP_MIN) return 0;
  const size = Math.abs(x);
  if (size < 2 ** -28) return 1 + x;
  if (x === 1) return Math.E;

  let k = 0;
  let high = x;
  let low = 0;
  if (size > 0.5 * Math.LN2) {
    k = size < 1.5 * Math.LN2 ? Math.sign(x) : Math.trunc(Math.LOG2E * x + (x < 0 ? -0.5 : 0.5));
    high = x - k * LN2_HIGH;
    low = k * LN2_LOW;
  }
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return k > -1022 && k < 1024 ? y * powerOfTwo(k) : scale(y, k);
}

/**
 * e^x − 1 without cancellation near 0. Error below 1 ulp.
 *
 * x = k·ln 2 + r as in {@link exp}; with R(r²/2) ≈ 6/r·((e^r + 1)/(e^r − 1) − 2/r) a polynomial,
 * e^r − 1 = r + r²/2 + … is formed so that each rounding falls on a small term.
 */
export function expm1(x: number): number {
  if (!(x <= EXP_MAX)) return x > 0 ? Infinity : NaN;
  if (x < -56 * Math.LN2) return -1;
  const size = Math.abs(x);
  if (size < 2 ** -54) return x;

  let k = 0;
  let r = x;
  /** What rounding x − k·ln 2 to r has lost. */
  let lost = 0;
  if (size > 0.5 * Math.LN2) {
    k = size < 1.5 * Math.LN2 ? Math.sign(x) : Math.trunc(Math.LOG2E * x + (x < 0 ? -0.5 : 0.5));
    const high = x - k * LN2_HIGH;
    const low = k * LN2_LOW;
    r = high - low;
    lost = high - r - low;
  }

  const half = 0.5 * r;
  const h = r * half;
  const q =
    1 +
    h *
      (-0.03333333333333313 +
        h *
          (0.0015873015872548146 +
            h * (-0.0000793650757867488 + h * (0.000004008217827329362 + h * -2.0109921818362437e-7))));
  const t = 3 - q * half;
  let e = h * ((q - t) / (6 - r * t));
  if (k === 0) return r - (r * e - h);
  e = r * (e - lost) - lost;
  e -= h;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  if (k <= -2 || k > 56) return scale(1 - (e - r), k) - 1;
  if (k < 20) return (1 - powerOfTwo(-k) - (e - r)) * powerOfTwo(k);
  return (r - (e + powerOfTwo(-k)) + 1) * powerOfTwo(k);
}

/** Hyperbolic tangent: 1 − 2/(e^{2x} − 1 + 2) for x ≥ 1, −t/(t + 2) with t = e^{−2x} − 1 below; odd. Error below 2.3 ulp. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -28) return x;
  if (!(size < 22)) return Math.sign(x);
  const t = expm1(size < 1 ? -2 * size : 2 * size);
  const z = size < 1 ? -t / (t + 2) : 1 - 2 / (t + 2);
  return x < 0 ? -z : z;
}

/**
 * Natural logarithm; −∞ at 0, NaN below. Error below 1 ulp.
 *
 * x = 2^k·(1 + f) with √2/2 < 1 + f < √2; log x = k·ln 2 + log(1 + f), and with s = f/(2 + f)
 * log(1 + f) = 2s + s·R, R a polynomial in s².
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  let y = x;
  if (y < 2 ** -1022) {
    k = -54;
    y *= 2 ** 54;
  }
  const high = highWord(y);
  const top = high & 0xfffff;
  // 0x6a09f is where √2 begins: mantissas above are halved and the exponent counts one more.
  const upper = (top + 0x95f64) & 0x100000;
  k += (high >> 20) - 1023 + (upper >> 20);
  const f = withHighWord(y, top | (upper ^ 0x3ff00000)) - 1;

  if (Math.abs(f) < 2 ** -20) {
    if (f === 0) return k * LN2_HIGH + k * LN2_LOW;
    const r = f * f * (0.5 - (1 / 3) * f);
    return k === 0 ? f - r : k * LN2_HIGH - (r - k * LN2_LOW - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const r = odd + even;
  if (top >= 0x6147a && top <= 0x6b851) {
    // 1 + f in [1.38, 1.42]: splitting off f²/2 keeps the large terms exact enough near √2.
    const square = 0.5 * f * f;
    if (k === 0) return f - (square - s * (square + r));
    return k * LN2_HIGH - (square - (s * (square + r) + k * LN2_LOW) - f);
  }
  if (k === 0) return f - s * (f - r);
  return k * LN2_HIGH - (s * (f - r) - k * LN2_LOW - f);
}

/**
 * log(1 + x) without cancellation near 0; −∞ at −1, NaN below. Error below 1 ulp.
 *
 * 1 + x = 2^k·(1 + f) as in {@link log}, with a term for what 1 + x loses when it is rounded.
 */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const size = Math.abs(x);
  if (size < 2 ** -54) return x;
  if (size < 2 ** -29) return x - x * x * 0.5;

  let k = 0;
  let f = x;
  let correction = 0;
  if (x <= -0.2928932309150696 || x >= 0.41421353816986084) {
    const u = 1 + x;
    const high = highWord(u);
    k = (high >> 20) - 1023;
    if (x < 2 ** 53) correction = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    const top = high & 0xfffff;
    if (top < 0x6a09e) {
      f = withHighWord(u, top | 0x3ff00000) - 1;
    } else {
      k += 1;
      f = withHighWord(u, top | 0x3fe00000) - 1;
    }
  }
  const square = 0.5 * f * f;
  if (Math.abs(f) < 2 ** -20) {
    if (f === 0) return k * LN2_HIGH + (correction + k * LN2_LOW);
    const r = square * (1 - (2 / 3) * f);
    return k === 0 ? f - r : k * LN2_HIGH - (r - (k * LN2_LOW + correction) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const r =
    z *
    (0.6666666666666735 +
      z *
        (0.3999999999940942 +
          z *
            (0.2857142874366239 +
              z *
                (0.22222198432149784 +
                  z * (0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586))))));
  if (k === 0) return f - (square - s * (square + r));
  return k * LN2_HIGH - (square - (s * (square + r) + (k * LN2_LOW + correction)) - f);
}
