/** The seven lessons that a seed or weights set by hand determine, as they are run, against PyTorch's float32 runs. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rows, runLesson } from "./run.js";

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Case {
  readonly lesson: string;
  readonly epochs: readonly number[];
  readonly float32: { readonly losses: readonly number[]; readonly tables: Readonly<Record<string, Stored>> };
}
const file = new URL("../../core/test/fixtures/lessons.json", import.meta.url);
const { torch, cases } = JSON.parse(readFileSync(file, "utf8")) as { torch: string; cases: readonly Case[] };

function expectNear(what: string, actual: number, expected: number, relative: number): void {
  const bound = relative * Math.max(Math.abs(expected), 1e-3);
  if (!(Math.abs(actual - expected) <= bound)) expect.fail(`${what}: PyTorch has ${expected}, got ${actual}`);
}

test("all seven are there, from PyTorch 2.13", () => {
  expect(torch).toMatch(/^2\.13/);
  expect(cases.map(({ lesson }) => lesson)).toEqual(["01", "02", "03", "04", "05", "09", "12"]);
});

describe.each(cases.map((one) => [one.lesson, one] as const))("lesson %s", (id, { epochs, float32 }) => {
  const result = runLesson(id, { fast: true });
  // Lesson 09 is sensitive: losses between jumps agree, entries to 15 %.
  const relative = id === "09" ? 0.15 : 1e-3;

  test("losses", () => {
    for (const [i, epoch] of epochs.entries()) {
      const [ours, theirs] = [result.losses[epoch] as number, float32.losses[i] as number];
      expectNear(`epoch ${epoch}`, ours, theirs, relative);
    }
  });

  test("tables", () => {
    for (const [name, { shape, data }] of Object.entries(float32.tables)) {
      const [count, columns] = shape as [number, number];
      const ours = rows(result, name);
      const shown = Math.min(count, ours.length);
      expect(shown).toBeGreaterThan(0);
      for (let t = 0; t < shown; t++) {
        for (let k = 0; k < columns; k++) {
          const value = (ours[t] as number[])[k] as number;
          expectNear(`${name}[${t}][${k}]`, value, data[t * columns + k] as number, relative);
        }
      }
    }
  });
});
