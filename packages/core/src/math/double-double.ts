/**
 * Numbers as unevaluated sums of two float64: about 106 significant bits.
 * T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971).
 *
 * @module
 */

/** [high, low], standing for high + low with |low| at most half a unit in the last place of high. */
export type DoubleDouble = readonly [high: number, low: number];

/** a + b exactly (Knuth's two-sum). */
export function twoSum(a: number, b: number): DoubleDouble {
  const s = a + b;
  const t = s - a;
  return [s, a - (s - t) + (b - t)];
}

/** a + b exactly, for |a| ≥ |b| or a = 0. */
export function quickTwoSum(a: number, b: number): DoubleDouble {
  const s = a + b;
  return [s, b - (s - a)];
}

/** a·b exactly (Veltkamp's split, Dekker's product), unless it over- or underflows. */
export function twoProduct(a: number, b: number): DoubleDouble {
  const p = a * b;
  return [p, productError(a, b, p)];
}

/** a·b − p exactly, where p is a·b rounded. */
export function productError(a: number, b: number, p: number): number {
  const ca = 134217729 * a;
  const aHigh = ca - (ca - a);
  const aLow = a - aHigh;
  const cb = 134217729 * b;
  const bHigh = cb - (cb - b);
  const bLow = b - bHigh;
  return aLow * bLow - (p - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

export function add(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const [s, e] = twoSum(x[0], y[0]);
  const [t, f] = twoSum(x[1], y[1]);
  const [u, g] = quickTwoSum(s, e + t);
  return quickTwoSum(u, g + f);
}

export function multiply(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const [p, e] = twoProduct(x[0], y[0]);
  return quickTwoSum(p, e + (x[0] * y[1] + x[1] * y[0]));
}

export function divide(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const q = x[0] / y[0];
  const [p, e] = multiply(y, [q, 0]);
  const rest = x[0] - p - e + x[1];
  return quickTwoSum(q, rest / y[0]);
}

/** fma(a, b, c) = a·b + c rounded once, correct unless the exact sum lies within 2^−53 of an ulp from halfway between two numbers. */
export function fma(a: number, b: number, c: number): number {
  const p = a * b;
  const e = productError(a, b, p);
  const s = p + c;
  const t = s - p;
  return s + (p - (s - t) + (c - t) + e);
}
