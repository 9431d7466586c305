/**
 * float64 logarithm, sine and cosine that are correctly rounded but for about one argument in 2^20: their Taylor
 * series summed in double-double. Slower than `float64.ts` and used where results are compared with those of a
 * C library to the last bit.
 *
 * @module
 */
import { add, type DoubleDouble, divide, multiply, productError, twoProduct, twoSum } from "./double-double.js";
import { highWord, withHighWord } from "./float64-bits.js";

const LN2: DoubleDouble = [Math.LN2, 2.3190468138462996e-17];
/** π/2 in three pieces. */
const HALF_PI = [Math.PI / 2, 6.123233995736766e-17, -1.4973849048591833e-33] as const;

const reciprocal = (n: number): DoubleDouble => divide([1, 0], [n, 0]);
/** 1, 1/3, 1/5, … of the series of artanh. */
const ODD: readonly DoubleDouble[] = /* @__PURE__ */ Array.from({ length: 18 }, (_, i) => reciprocal(2 * i + 1));
/** ±1/0!, 1/1!, 1/2!, …, signed as in the series of sine and cosine. */
const FACTORIAL: readonly DoubleDouble[] = /* @__PURE__ */ (() => {
  const terms: DoubleDouble[] = [[1, 0]];
  for (let n = 1; n < 28; n++) terms.push(multiply(terms[n - 1] as DoubleDouble, reciprocal(n)));
  return terms.map(([high, low], n) => ((n & 2) === 0 ? [high, low] : [-high, -low]));
})();

/** c[first] + c[first + step]·z + … of n terms: the terms from `switchTo` on are too small to need more than float64. */
function series(
  c: readonly DoubleDouble[],
  first: number,
  step: number,
  n: number,
  switchTo: number,
  z: DoubleDouble,
): DoubleDouble {
  let tail = 0;
  let i = n - 1;
  for (; i >= switchTo; i--) tail = tail * z[0] + (c[first + i * step] as DoubleDouble)[0];
  let sum: DoubleDouble = [tail, 0];
  for (; i >= 0; i--) sum = add(multiply(sum, z), c[first + i * step] as DoubleDouble);
  return sum;
}

/** log x for normal finite x > 0: x = 2^k·m, and log m = 2·artanh(s) with s = (m − 1)/(m + 1), |s| < 0.172. */
export function logAccurate(x: number): number {
  let k = (highWord(x) >> 20) - 1023;
  let m = withHighWord(x, (highWord(x) & 0xfffff) | 0x3ff00000);
  if (m > Math.SQRT2) {
    m *= 0.5;
    k += 1;
  }
  const s = divide([m - 1, 0], twoSum(m, 1));
  const half = multiply(s, series(ODD, 0, 1, 16, 7, multiply(s, s)));
  const [high, low] = add(multiply([k, 0], LN2), [2 * half[0], 2 * half[1]]);
  return high + low;
}

/** [sin x, cos x] for 0 ≤ x ≤ 2π: x less a multiple of π/2, then Taylor's series on |r| ≤ π/4. */
export function sinCosAccurate(x: number): readonly [sine: number, cosine: number] {
  const n = Math.floor(x * (2 / Math.PI) + 0.5);
  const product = n * HALF_PI[0];
  let r = add(twoSum(x, -product), [-productError(n, HALF_PI[0], product), 0]);
  r = add(r, twoProduct(-n, HALF_PI[1]));
  r = add(r, [-n * HALF_PI[2], 0]);
  const z = multiply(r, r);
  const s = multiply(r, series(FACTORIAL, 1, 2, 13, 5, z))[0];
  const c = series(FACTORIAL, 0, 2, 13, 5, z)[0];
  const [sine, cosine] = (n & 1) === 0 ? [s, c] : [c, s];
  return [(n & 2) === 0 ? sine : -sine, ((n + 1) & 2) === 0 ? cosine : -cosine];
}
