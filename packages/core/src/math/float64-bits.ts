/**
 * The bit pattern of a float64: sign, 11 bits of exponent, 52 bits of fraction, seen as two 32-bit words.
 *
 * @module
 */

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
double[0] = 1;
/** Where the word with sign and exponent stands: at 1 on a little-endian machine. */
const HIGH = words[1] !== 0 ? 1 : 0;
const LOW = 1 - HIGH;

/** Sign, exponent and the upper 20 bits of the fraction, as a signed 32-bit integer. */
export function highWord(x: number): number {
  double[0] = x;
  return words[HIGH] as number;
}

export function fromWords(high: number, low: number): number {
  words[HIGH] = high;
  words[LOW] = low;
  return double[0] as number;
}

/** x with its upper word replaced. */
export function withHighWord(x: number, high: number): number {
  double[0] = x;
  words[HIGH] = high;
  return double[0] as number;
}

/** x with the lower 32 bits of its fraction cleared: a number of at most 21 significant bits. */
export function clearLowWord(x: number): number {
  double[0] = x;
  words[LOW] = 0;
  return double[0] as number;
}

/** 2^k for −1022 ≤ k ≤ 1023. */
export function powerOfTwo(k: number): number {
  return fromWords((k + 1023) << 20, 0);
}

/** x·2^k with a single rounding, for any whole k. */
export function scale(x: number, k: number): number {
  let y = x;
  let n = Math.min(Math.max(k, -4000), 4000);
  while (n > 1023) {
    y *= powerOfTwo(1023);
    n -= 1023;
  }
  // A step of 2^−969 leaves 53 bits above the smallest normal number, so only the last multiplication rounds.
  while (n < -1022) {
    y *= powerOfTwo(-969);
    n += 969;
  }
  return y * powerOfTwo(n);
}
