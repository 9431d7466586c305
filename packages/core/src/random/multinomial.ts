import { checkAtLeastZero, describe, OptionError } from "../errors.js";
import { log1p } from "../math/float64.js";
import type { Generator } from "./generator.js";

/** Fills with exponentially distributed numbers of rate λ > 0, `Tensor.exponential_`: −1/λ·log(1 − u), two words an element. */
export function fillExponential(out: Float32Array | Float64Array, lambda: number, g: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = (-1 / lambda) * log1p(-g.uniform53());
}

/**
 * Draws `count` class indices for each row of `probabilities` (rows × n, row-major, need not sum to 1),
 * `torch.multinomial`. Returns rows × count indices, row-major.
 *
 * Without replacement, or for a single draw: each class gets the score p/q with q exponentially distributed, and those with
 * the largest scores are taken, largest first. With replacement: a uniform is looked up in the row's cumulative sum.
 *
 * @throws OptionError when count < 1, when a probability is negative, infinite or NaN, when a row sums to 0, or when a row has
 * fewer than `count` classes to draw without replacement
 */
export function multinomial(
  probabilities: Float32Array | Float64Array,
  rows: number,
  count: number,
  replacement: boolean,
  g: Generator,
): Float64Array {
  const n = rows > 0 ? probabilities.length / rows : 0;
  if (!Number.isInteger(count) || count < 1) {
    throw new OptionError(`multinomial: expected a whole number of samples > 0, got ${describe(count)}`);
  }
  for (let row = 0; row < rows; row++) checkRow(probabilities.subarray(row * n, row * n + n), count, replacement);
  const out = new Float64Array(rows * count);
  if (replacement && count > 1) drawWithReplacement(probabilities, n, count, out, g);
  else race(probabilities, n, count, out, g);
  return out;
}

function checkRow(p: Float32Array | Float64Array, count: number, replacement: boolean): void {
  let positive = 0;
  for (let i = 0; i < p.length; i++) {
    const value = p[i] as number;
    checkAtLeastZero("multinomial", "a probability", value);
    if (value > 0) positive += 1;
  }
  const least = replacement ? 1 : count;
  if (positive < least) {
    throw new OptionError(
      `multinomial: expected at least ${least} classes with probability > 0 in each row, got ${positive}. Draw fewer or with replacement`,
    );
  }
}

/** The exponential race (Efraimidis & Spirakis 2006): the `count` classes with the largest p/q. */
function race(p: Float32Array | Float64Array, n: number, count: number, out: Float64Array, g: Generator): void {
  const score = p instanceof Float32Array ? new Float32Array(p.length) : new Float64Array(p.length);
  fillExponential(score, 1, g);
  for (let i = 0; i < p.length; i++) score[i] = (p[i] as number) / (score[i] as number);
  const order = new Array<number>(n);
  for (let start = 0, o = 0; start < p.length; start += n, o += count) {
    if (count === 1) {
      let best = 0;
      for (let i = 1; i < n; i++) if ((score[start + i] as number) > (score[start + best] as number)) best = i;
      out[o] = best;
      continue;
    }
    for (let i = 0; i < n; i++) order[i] = i;
    order.sort((a, b) => (score[start + b] as number) - (score[start + a] as number));
    for (let k = 0; k < count; k++) out[o + k] = order[k] as number;
  }
}

/** The first class whose cumulative probability, summed in the dtype, reaches a uniform. */
function drawWithReplacement(
  p: Float32Array | Float64Array,
  n: number,
  count: number,
  out: Float64Array,
  g: Generator,
): void {
  const cumulative = p instanceof Float32Array ? new Float32Array(n) : new Float64Array(n);
  for (let start = 0, o = 0; start < p.length; start += n) {
    cumulative[0] = p[start] as number;
    for (let i = 1; i < n; i++) cumulative[i] = (cumulative[i - 1] as number) + (p[start + i] as number);
    const total = cumulative[n - 1] as number;
    for (let i = 0; i < n; i++) cumulative[i] = (cumulative[i] as number) / total;
    cumulative[n - 1] = 1;
    for (let k = 0; k < count; k++, o++) {
      const u = g.uniform53();
      let left = 0;
      let right = n;
      while (left < right) {
        const middle = (left + right) >> 1;
        if ((cumulative[middle] as number) < u) left = middle + 1;
        else right = middle;
      }
      out[o] = left;
    }
  }
}
