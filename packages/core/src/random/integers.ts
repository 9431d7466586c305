import type { TypedArray } from "../dtype.js";
import { describe, OptionError } from "../errors.js";
import type { Generator } from "./generator.js";

/**
 * Fills with whole numbers from low to high − 1, `torch.randint`: v mod (high − low) + low, where v is one word, or two
 * words when the range is 2^28 or wider.
 *
 * @throws OptionError unless low and high are whole, low < high, and both low and high − 1 lie within ±(2^53 − 1)
 */
export function fillRandint(out: Float32Array | Float64Array, low: number, high: number, g: Generator): void {
  if (!(Number.isSafeInteger(low) && Number.isInteger(high) && Number.isSafeInteger(high - 1) && low < high)) {
    throw new OptionError(
      `randint: expected whole numbers low < high with low and high - 1 within ±(2^53 - 1), ` +
        `got low=${describe(low)} and high=${describe(high)}`,
    );
  }
  const range = high - low;
  if (range < 2 ** 28) {
    for (let i = 0; i < out.length; i++) out[i] = (g.random() % range) + low;
  } else {
    const start = BigInt(low);
    const wide = BigInt(high) - start;
    for (let i = 0; i < out.length; i++) out[i] = Number((g.random64() % wide) + start);
  }
}

/**
 * Fills with 0, 1, …, n − 1 in random order, `torch.randperm`: Fisher and Yates's shuffle from the front,
 * one word for each element but the last.
 */
export function randpermInto(out: TypedArray, g: Generator): void {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = i;
  for (let i = 0; i < n - 1; i++) {
    const j = i + (g.random() % (n - i));
    const held = out[i] as number;
    out[i] = out[j] as number;
    out[j] = held;
  }
}
