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

  test("the jump near 16,000 is one loss: what it adds to the sum of all", () => {
    const [before, after] = [lossAverages[15] as number, lossAverages[16] as number];
    const added = after * 17_001 - before * 16_001;
    expect(added).toBeGreaterThan(343 + 600);
    expect(added).toBeLessThan(343 + 760);
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
  });
});
