import { functional, rand, randint, type Tensor } from "@unroll/core";

/** Two tasks about sequences of 2n digits: does the second half repeat the first, and is the last digit the first one again? */
export type Task = "halves" | "ends";

/**
 * A batch of sequences of one length, half of which match.
 *
 * In `halves` both the distance and the number of digits to remember grow with the length: n of each. In `ends` only the distance
 * does: one digit must be kept for 2n − 1 steps, and what stands between is of no consequence.
 *
 * @returns x, one-hot (2n, batch, 10); y, 1 for a match
 */
export function makeBatch(task: Task, n: number, batch: number): { x: Tensor; y: number[] } {
  const length = 2 * n;
  const codes = randint(0, 10, [length, batch]).toTypedArray();
  const chance = rand([batch]).toTypedArray();
  const at = (t: number, b: number): number => codes[t * batch + b] as number;
  const [from, to] = task === "halves" ? [0, n] : [0, length - 1];
  const compared = task === "halves" ? n : 1;
  const y = Array.from({ length: batch }, (_, b) => {
    const same = (i: number): boolean => at(from + i, b) === at(to + i, b);
    if ((chance[b] as number) >= 0.5) {
      for (let i = 0; i < compared; i++) codes[(to + i) * batch + b] = at(from + i, b);
      return 1;
    }
    // Equal by chance: another last digit makes them different.
    if (Array.from({ length: compared }, (_, i) => same(i)).every(Boolean)) {
      codes[(length - 1) * batch + b] = (at(length - 1, b) + 1) % 10;
    }
    return 0;
  });
  const x = functional.oneHot(Array.from(codes), 10, { dtype: "float32" }).reshape([length, batch, 10]);
  return { x, y };
}
