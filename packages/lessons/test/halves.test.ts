/** Lesson 15 in full length: 100,000 sequences to learn from and 100,000 fresh ones to be judged. */
import { manualSeed } from "@unroll/core";
import { beforeAll, describe, expect, test } from "vitest";
import { test as judged, lesson, train } from "../src/15-halves/lesson.js";
import { generateSequence } from "../src/15-halves/sequences.js";

function last<T>(program: Generator<unknown, T>): T {
  let next = program.next();
  while (!next.done) next = program.next();
  return next.value;
}

test("no palindrome is labelled wrong, nor any other sequence, and half of them match", () => {
  manualSeed(1);
  for (const palindrome of [false, true]) {
    let matching = 0;
    for (let i = 0; i < 20_000; i++) {
      const { sequence, target } = generateSequence(1, 10, palindrome);
      const n = sequence.length / 2;
      const second = palindrome ? sequence.slice(n).reverse() : sequence.slice(n);
      const same = String(second) === String(sequence.slice(0, n));
      if (same !== (target.item() === 1)) expect.fail(`[${sequence}] was labelled ${target.item()}`);
      matching += same ? 1 : 0;
    }
    expect(Math.abs(matching / 20_000 - 0.5)).toBeLessThan(0.02);
  }
});

describe("the whole protocol", () => {
  let lossAverages: readonly number[];
  let accAverages: readonly number[];
  let total: readonly number[];
  let correct: readonly number[];
  let shares: readonly number[];
  beforeAll(() => {
    const training = last(train(false, 100_000, lesson.seed, ""));
    ({ lossAverages, accAverages } = training);
    ({ total, correct } = last(judged(training.model, false, 100_000, "")));
    shares = correct.map((count, i) => count / (total[i] as number));
  }, 600_000);

  test("averages are cumulative, one in a thousand iterations, and end near the notes' 0.5191 and 0.7129", async () => {
    expect([lossAverages.length, accAverages.length]).toEqual([99, 99]);
    const [loss, accuracy] = [lossAverages.at(-1) as number, accAverages.at(-1) as number];
    expect(Math.abs(loss - 0.52)).toBeLessThan(0.02);
    expect(Math.abs(accuracy - 0.71)).toBeLessThan(0.02);
    const { en, ko } = await lesson.text();
    for (const text of [en, ko]) for (const value of [loss, accuracy]) expect(text).toContain(value.toFixed(4));
  });

  test("the curve has no jump: no thousand iterations cost much more than a thousand guesses", () => {
    const sums = lossAverages.map((average, i) => average * (1000 * (i + 1) + 1));
    const added = sums.slice(1).map((sum, i) => sum - (sums[i] as number));
    expect(Math.max(...added)).toBeLessThan(1.1 * 1000 * Math.LN2);
  });

  test("the test counts 100,000 fresh sequences of all lengths from 2 to 20, and gets worse with length", async () => {
    expect(total).toHaveLength(10);
    expect(total.reduce((sum, count) => sum + count, 0)).toBe(100_000);
    for (const count of total) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(shares[0]).toBeGreaterThan(0.98);
    expect(shares[9]).toBeLessThan(0.8);
    for (let i = 1; i < 10; i++) expect(shares[i]).toBeLessThan((shares[i - 1] as number) + 0.01);
    const { en, ko } = await lesson.text();
    const longest = Math.round(100 * (shares[9] as number));
    const mean = Math.round(100 * (correct.reduce((sum, count) => sum + count, 0) / 100_000));
    for (const words of [`${longest} of 100 cases`, `it is ${mean} %`]) expect(en).toContain(words);
    for (const words of [`100번에 ${longest}번`, `평균하면 ${mean}%`]) expect(ko).toContain(words);
    const told = [accAverages.at(-1), shares[0], shares[9]].map((value) => (value as number).toFixed(2));
    for (const text of [en, ko]) {
      const rows = [...text.matchAll(/^\|.*\d \|$/gm)].map(([row]) => row.split("|").map((cell) => cell.trim()));
      const column = rows[0]?.indexOf(String(lesson.seed)) as number;
      expect(rows.slice(1).map((row) => row[column])).toEqual(told);
    }
  });
});
