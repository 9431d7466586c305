/** What compares with PyTorch's numbers must itself be strict. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { camelCase, checkFixture, distance, expectClose, indices, pattern } from "./fixture-loader.js";

const sound = { torch: "2.13.0+cpu", script: "reference/layers.py", cases: [{}] };

test("a fixture without the version of PyTorch, its script or its cases is refused", () => {
  expect(checkFixture("sound", sound)).toEqual(sound);
  expect(() => checkFixture("a", { script: sound.script, cases: [{}] })).toThrow(
    'expected the version of PyTorch in "torch", got undefined',
  );
  expect(() => checkFixture("a", { ...sound, torch: "unknown" })).toThrow('got "unknown"');
  expect(() => checkFixture("a", { torch: sound.torch, cases: [{}] })).toThrow(
    'expected an existing reference/….py in "script"',
  );
  expect(() => checkFixture("a", { ...sound, script: "reference/nowhere.py" })).toThrow('got "reference/nowhere.py"');
  expect(() => checkFixture("a", { ...sound, cases: [] })).toThrow("expected a list of cases");
});

test("every fixture names an existing script and is smaller than 1.5 MB", () => {
  const folder = new URL("./fixtures/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  expect(names.length).toBeGreaterThanOrEqual(5);
  for (const name of names) {
    const text = readFileSync(new URL(name, folder), "utf8");
    expect(text.length, name).toBeLessThan(1_500_000);
    expect((JSON.parse(text) as { script: string }).script, name).toMatch(/^reference\/\w+\.py$/);
  }
});

test("NaN, infinities and missing numbers never pass for close", () => {
  expect(distance([1, 2 + 1e-9], [1, 2])).toBeCloseTo(5e-10, 15);
  expect(distance([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY);
  expect(distance([1], ["NaN"])).toBe(Number.POSITIVE_INFINITY);
  expect(distance([Number.NEGATIVE_INFINITY], ["Infinity"])).toBe(Number.POSITIVE_INFINITY);
  expect(distance([1], ["Infinity"])).toBe(Number.POSITIVE_INFINITY);
  expect(distance([Number.POSITIVE_INFINITY], [1])).toBe(Number.POSITIVE_INFINITY);
  expect(distance([1, 2], [1])).toBe(Number.POSITIVE_INFINITY);
  expect(distance([Number.NaN, Number.POSITIVE_INFINITY, 2], ["NaN", "Infinity", 4])).toBe(0.5);
  expect(() => expectClose("x", [Number.NaN], [1], 1)).toThrow("x: Infinity away from PyTorch");
  expect(() => expectClose("x", null, [1], 1)).toThrow("x: expected 1 numbers, got null");
});

test("names and numbers by formula are those of reference/fixture.py", () => {
  expect(["num_layers", "T_max", "bias", "kaiming_uniform_"].map(camelCase)).toEqual([
    "numLayers",
    "tMax",
    "bias",
    "kaimingUniform_",
  ]);
  expect([...pattern([2, 2], 1).toTypedArray()]).toEqual([-0.046875, 0.4375, -0.71875, 0.109375]);
  expect([...indices([4], 2, 3).toTypedArray()]).toEqual([1, 1, 1, 0]);
});
