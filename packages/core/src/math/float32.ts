/**
 * exp, log, tanh and sigmoid in float32: the definition that every engine follows bit for bit.
 *
 * Each is worked out in float64 with additions, multiplications and divisions only, which IEEE 754 fixes, and rounded
 * once at the end. The float64 steps have so many bits to spare that the approximation is nearly the whole error:
 *
 * | function | largest error over all 2^32 inputs |
 * |---|---|
 * | exp     | 0.543 ulp |
 * | log     | 0.514 ulp |
 * | tanh    | 0.518 ulp |
 * | sigmoid | 0.544 ulp |
 *
 * (0.5 is what rounding alone costs; `npm run verify:math` measures them.) Zeros keep their sign, overflow gives ∞,
 * results below the smallest normal number are rounded to the nearest subnormal, NaN gives NaN.
 *
 * Reduction and scaling are Cody and Waite's (Software Manual for the Elementary Functions, 1980), with ln 2 in one
 * piece because float64 has room for it. The coefficients are minimax: found by Remez exchange at 50 digits, minimising
 * the relative error over the reduced range. Polynomials are summed as Estrin does, in pairs and pairs of pairs, which
 * makes a shorter chain of dependent operations than Horner's rule; a recurrent step waits for that chain.
 *
 * @module
 */

const LOG2_E = 1.4426950408889634;
const LN2 = 0.6931471805599453;
/**
 * 1.5·2^52: a float64 of this size has no room for a fraction, so adding and subtracting it rounds to a whole number.
 */
const ROUND = 6755399441055744;

/** e^−104 rounds to zero, e^89 to infinity; σ is 0 resp. 1 beyond ±104. */
const EXP_LOW = -104;
const EXP_HIGH = 89;
const SIGMOID_LIMIT = 104;
/** tanh 9.05 = 1 − 2.8e−8, which rounds to 1. */
const TANH_LIMIT = 9.05;

const SMALLEST_POWER = -151;
const LARGEST_POWER = 151;
/** 2^n for n = −151 … 151. */
const powers = /* @__PURE__ */ powersOfTwo();

function powersOfTwo(): Float64Array {
  const table = new Float64Array(LARGEST_POWER - SMALLEST_POWER + 1);
  for (let n = 0, up = 1, down = 1; n <= LARGEST_POWER; n++, up *= 2, down /= 2) {
    table[n - SMALLEST_POWER] = up;
    table[-n - SMALLEST_POWER] = down;
  }
  return table;
}

/**
 * e^x, in float64, to a relative error of 2^−28: x = n·ln 2 + r with |r| ≤ ln(2)/2, e^x = 2^n·e^r,
 * e^r = 1 + r + r²·E(r).
 */
function expWide(x: number): number {
  const n = x * LOG2_E + ROUND - ROUND;
  const r = x - n * LN2;
  const r2 = r * r;
  const low = 1 + r + r2 * (0.4999999344901002 + 0.16666520630327156 * r);
  const high = 0.04166838772993288 + 0.008368717021038757 * r + r2 * 0.001381461674274569;
  return (low + r2 * r2 * high) * (powers[(n | 0) - SMALLEST_POWER] as number);
}

/** e^x of a float32. */
export function exp(x: number): number {
  return Math.fround(expWide(x > EXP_HIGH ? EXP_HIGH : x < EXP_LOW ? EXP_LOW : x));
}

/** σ(x) = 1 / (1 + e^−x) of a float32. */
export function sigmoid(x: number): number {
  const held = x > SIGMOID_LIMIT ? SIGMOID_LIMIT : x < -SIGMOID_LIMIT ? -SIGMOID_LIMIT : x;
  return Math.fround(1 / (1 + expWide(-held)));
}

/** tanh x of a float32: x·P(x²)/Q(x²), relative error 2^−29 on [−9.05, 9.05]. */
export function tanh(x: number): number {
  const held = x > TANH_LIMIT ? TANH_LIMIT : x < -TANH_LIMIT ? -TANH_LIMIT : x;
  const t = held * held;
  const t2 = t * t;
  const p =
    1 + 0.13785531540442963 * t + t2 * (0.004008696753383325 + 3.159145754121508e-5 * t + t2 * 5.076062856525053e-8);
  const q =
    1 +
    0.47118864233572133 * t +
    t2 * (0.027738256654633524 + 0.00042076900581515666 * t + t2 * (1.6175701098371668e-6 + 7.372903864603838e-10 * t));
  return Math.fround((held * p) / q);
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
