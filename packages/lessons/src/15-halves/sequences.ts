import { functional, rand, randint, type Tensor, tensor } from "@unroll/core";

/**
 * A sequence of digits, 2 to 20 of them, whose second half repeats the first one (or mirrors it) with probability 1/2.
 *
 * @returns x, one-hot (length, 10); target, 1 when the halves match, else 0; the digits
 */
export function generateSequence(
  patternLengthMin = 1,
  patternLengthMax = 10,
  palindrome = false,
): { x: Tensor; target: Tensor; sequence: number[] } {
  const patternLength = randint(patternLengthMin, patternLengthMax + 1, [1]).item();
  const pattern = digits(patternLength);
  const match = rand([1]).item() >= 0.5;

  const wanted = palindrome ? [...pattern].reverse() : pattern;
  let secondHalf = wanted;
  if (!match) {
    do secondHalf = digits(patternLength);
    while (secondHalf.every((digit, i) => digit === wanted[i]));
  }
  const sequence = [...pattern, ...secondHalf];

  const x = functional.oneHot(sequence, 10, { dtype: "float32" });
  const target = tensor([match ? 1 : 0], { dtype: "int64" });
  return { x, target, sequence };
}

const digits = (count: number): number[] => Array.from(randint(0, 10, [count]).toTypedArray());
