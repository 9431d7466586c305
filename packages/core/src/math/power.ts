import { type DoubleDouble, multiply } from "./double-double.js";

/**
 * base^n for 0 ≤ base ≤ 1 and a whole n ≥ 0, as Python's `base ** n` gives it: the correctly rounded float64 in all but about one case
 * in 2^40 (results below 2^−900 may lose their last bits). Powering by squaring in double-double arithmetic.
 */
export function powInteger(base: number, n: number): number {
  let power: DoubleDouble = [1, 0];
  let square: DoubleDouble = [base, 0];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power[0];
}
