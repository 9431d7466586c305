/**
 * exp, log, tanh and sigmoid in float32: the definition that every engine follows bit for bit.
 *
 * | function | largest error over all 2^32 inputs |
 * |---|---|
 * | exp     | 1.02 ulp |
 * | log     | 0.514 ulp |
 * | tanh    | 2.01 ulp |
 * | sigmoid | 2.41 ulp |
 *
 * (0.5 is what rounding alone costs; `npm run verify:math` measures them.) Zeros keep their sign, overflow gives ∞,
 * results below the smallest normal number are rounded to the nearest subnormal, NaN gives NaN; tanh is odd and within ±1, sigmoid
 * within 0 and 1.
 *
 * exp, tanh and sigmoid are worked out in float32, every operation rounded: four lanes of float32 take half the time of two pairs of
 * float64, and recurrent layers spend most of what is not a matrix product here. log is worked out in float64 and rounded once.
 *
 * Reduction and scaling are Cody and Waite's (Software Manual for the Elementary Functions, 1980). The coefficients are minimax: found
 * by Remez exchange, minimising the relative error over the reduced range. Polynomials are summed as Estrin does, in pairs and pairs of
 * pairs, which makes a shorter chain of dependent operations than Horner's rule; a recurrent step waits for that chain.
 *
 * @module
 */

const { fround } = Math;

const LOG2_E = /* @__PURE__ */ fround(1.4426950408889634);
const TWO_LOG2_E = /* @__PURE__ */ fround(2.8853900817779268);
const LN2 = 0.6931471805599453;
const LN2_ROUNDED = /* @__PURE__ */ fround(LN2);
/** ln 2 in two pieces; the first has so few bits that its products with exponents are exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = /* @__PURE__ */ fround(1.428606765330187e-6);
/** 1.5·2^23: a float32 of this size has no room for a fraction, so adding and subtracting it rounds to a whole number. */
const ROUND = 12582912;

/** e^−104 rounds to zero, e^89 to infinity; σ is 0 resp. 1 beyond ±104. */
const EXP_LOW = -104;
const EXP_HIGH = 89;
const SIGMOID_LIMIT = 104;
/** Far above 9.02, from where on tanh rounds to 1, and below 64·ln 2, so that 2^n stays finite. */
const TANH_LIMIT = 40;

const LARGEST_POWER = 151;
/** 2^n for n = −151 … 151. */
const powers = /* @__PURE__ */ powersOfTwo();

function powersOfTwo(): Float64Array {
  const table = new Float64Array(2 * LARGEST_POWER + 1);
  for (let n = 0, up = 1, down = 1; n <= LARGEST_POWER; n++, up *= 2, down /= 2) {
    table[LARGEST_POWER + n] = up;
    table[LARGEST_POWER - n] = down;
  }
  return table;
}

const power = (n: number): number => powers[n + LARGEST_POWER] as number;

/** A float32 rounded to a whole number. (Differences without `fround` are exact.) */
const whole = (x: number): number => fround(x + ROUND) - ROUND;

const E2 = 0.5;
const E3 = /* @__PURE__ */ fround(0.166665338);
const E4 = /* @__PURE__ */ fround(0.04166723877);
const E5 = /* @__PURE__ */ fround(0.008367509161);
const E6 = /* @__PURE__ */ fround(0.001386375685);

/** e^r − 1 = r + r²·E(r) for |r| ≤ ln(2)/2, to 2^−28 of e^r before rounding. */
function expLess1(r: number): number {
  const r2 = fround(r * r);
  const low = fround(r2 * fround(E2 + fround(E3 * r)));
  const high = fround(fround(E4 + fround(E5 * r)) + fround(r2 * E6));
  return fround(r + fround(low + fround(fround(r2 * r2) * high)));
}

/** e^x of a float32: x = n·ln 2 + r, e^x = 2^n·e^r. */
export function exp(x: number): number {
  const held = x > EXP_HIGH ? EXP_HIGH : x < EXP_LOW ? EXP_LOW : x;
  const n = whole(fround(held * LOG2_E));
  const r = fround(held - n * LN2_HIGH - fround(n * LN2_LOW));
  return fround(fround(1 + expLess1(r)) * power(n | 0));
}

/**
 * σ(x) = 1 / (1 + e^−x) of a float32. With |x| = n·ln 2 − r, e^−|x| = 2^−n·p and p = e^r it is 2^n / (2^n + p) for x ≥ 0 and
 * p / (2^n + p) below. Everything is 2^−24 times as large, which keeps 2^n finite and leaves the quotient as it is.
 */
export function sigmoid(x: number): number {
  const size = Math.abs(x);
  const held = size > SIGMOID_LIMIT ? SIGMOID_LIMIT : size;
  const n = whole(fround(held * LOG2_E));
  const r = fround(n * LN2_HIGH - held + fround(n * LN2_LOW));
  const p = fround(1 + expLess1(r)) * 2 ** -24;
  const w = power((n | 0) - 24);
  return fround((x < 0 ? p : w) / fround(w + p));
}

/**
 * tanh x of a float32. With 2|x| = n·ln 2 − r, e^(−2|x|) = 2^−n·(1 + e) and e = e^r − 1 it is ((2^n − 1) − e) / ((2^n + 1) + e), and
 * near 0, where n = 0, −e / (2 + e), which loses nothing.
 */
export function tanh(x: number): number {
  const size = Math.abs(x);
  const held = size > TANH_LIMIT ? TANH_LIMIT : size;
  const n = whole(fround(held * TWO_LOG2_E));
  const e = expLess1(fround(fround(n * LN2_ROUNDED) - 2 * held));
  const w = power(n | 0);
  const y = fround(fround(fround(w - 1) - e) / fround(fround(w + 1) + e));
  return x > 0 ? y : x < 0 ? -y : x;
}

const SMALLEST_NORMAL = 1.1754943508222875e-38;
/** 2^24 lifts every subnormal number into the normal range. */
const LIFT = 16777216;
/** From the bits of the float32 just below √½ to those of 1: added, it carries mantissas above √½ to the next exponent. */
const TO_ONE = 0x3f800000 - 0x3f3504f3;

const asFloat = /* @__PURE__ */ new Float32Array(1);
const asBits = /* @__PURE__ */ new Int32Array(asFloat.buffer);

/**
 * ln x of a float32: x = 2^n·m with m from √½ to √2, ln x = n·ln 2 + ln m, and with s = (m−1)/(m+1), z = s²
 * ln m = 2·artanh s = 2s + 2s·z·L(z).
 */
export function log(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x > 0 ? x : NaN;
  const subnormal = x < SMALLEST_NORMAL;
  asFloat[0] = subnormal ? x * LIFT : x;
  const bits = asBits[0] as number;
  const exponent = ((bits + TO_ONE) >> 23) - 127;
  asBits[0] = bits - (exponent << 23);
  const n = subnormal ? exponent - 24 : exponent;
  const f = (asFloat[0] as number) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const twice = s + s;
  return Math.fround(
    n * LN2 + (twice + twice * z * (0.33333388224911054 + 0.19988766129871702 * z + z * z * 0.1493599986190527)),
  );
}
