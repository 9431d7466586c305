import { describe, OptionError } from "../errors.js";
import { type DoubleDouble, divide, multiply } from "./double-double.js";
import { highWord, scale } from "./float64-bits.js";

/**
 * base^n for a whole n, as Python's `base ** n` gives it: the correctly rounded float64 in all but about one case in 2^40
 * (results below the smallest normal number may be off by one ulp).
 *
 * Powering by squaring in double-double arithmetic; exponents are kept apart, so nothing in between over- or underflows.
 *
 * @throws OptionError when n is not a whole number within ±(2^53 − 1)
 */
export function powInteger(base: number, n: number): number {
  if (!Number.isSafeInteger(n)) throw new OptionError(`powInteger: expected a whole exponent, got ${describe(n)}`);
  if (n === 0 || base === 1) return 1;
  const odd = n % 2 !== 0;
  if (base === 0 || !Number.isFinite(base)) {
    const z = n > 0 ? Math.abs(base) : 1 / Math.abs(base);
    return odd && (base < 0 || Object.is(base, -0)) ? -z : z;
  }

  const exponent = exponentOf(base);
  let square: DoubleDouble = [scale(Math.abs(base), -exponent), 0];
  let squareExponent = exponent;
  let power: DoubleDouble = [1, 0];
  let powerExponent = 0;
  for (let rest = Math.abs(n); ; ) {
    if (rest % 2 === 1) {
      power = multiply(power, square);
      powerExponent += squareExponent;
      if (power[0] >= 2) {
        power = [power[0] / 2, power[1] / 2];
        powerExponent += 1;
      }
    }
    rest = Math.floor(rest / 2);
    if (rest === 0) break;
    square = multiply(square, square);
    squareExponent *= 2;
    if (square[0] >= 2) {
      square = [square[0] / 2, square[1] / 2];
      squareExponent += 1;
    }
  }
  const size = n > 0 ? scale(power[0], powerExponent) : scale(divide([1, 0], power)[0], -powerExponent);
  return base < 0 && odd ? -size : size;
}

/** e with 2^e ≤ |x| < 2^(e+1), for finite x ≠ 0. */
function exponentOf(x: number): number {
  const bits = (highWord(x) >> 20) & 0x7ff;
  return bits > 0 ? bits - 1023 : exponentOf(x * 2 ** 54) - 54;
}
