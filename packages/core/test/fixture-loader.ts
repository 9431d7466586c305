/**
 * Reads the fixtures, which are results of real PyTorch written by the scripts in `reference/`, and compares with them.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { type DType, type Tensor, tensor } from "../src/index.js";

/** A number as JSON holds it: "NaN", "Infinity" and "-Infinity" are strings. */
export type Stored = number | string;

export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: number[];
  readonly data: Stored[];
}

export interface Fixture<Case> {
  /** The version of PyTorch that computed the numbers. */
  readonly torch: string;
  /** The script that wrote the file, from the root of the repository. */
  readonly script: string;
  readonly cases: Case[];
}

/**
 * Reads `fixtures/NAME.json`. Numbers of unknown origin prove nothing, so a fixture must say which PyTorch computed it
 * and name the script that can do it again.
 *
 * @throws Error when either is missing
 */
export function loadFixture<Case>(name: string): Fixture<Case> {
  return checkFixture(name, JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")));
}

export function checkFixture<Case>(name: string, fixture: Partial<Fixture<Case>>): Fixture<Case> {
  const { torch, script, cases } = fixture;
  if (typeof torch !== "string" || !/^2\.\d+/.test(torch)) {
    throw new Error(`fixture ${name}: expected the version of PyTorch in "torch", got ${JSON.stringify(torch)}`);
  }
  const root = new URL("../../../", import.meta.url);
  if (typeof script !== "string" || !/^reference\/\w+\.py$/.test(script) || !existsSync(new URL(script, root))) {
    throw new Error(`fixture ${name}: expected an existing reference/….py in "script", got ${JSON.stringify(script)}`);
  }
  if (!Array.isArray(cases) || cases.length === 0) throw new Error(`fixture ${name}: expected a list of cases`);
  return { torch, script, cases };
}

/** `num_layers` → `numLayers`: fixtures keep PyTorch's names. */
export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/^[A-Z]/, (c) => c.toLowerCase());
}

/** Options under PyTorch's names as Unroll takes them. */
export function camelOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));
}

/** The tensor that a stored one describes. */
export function restore(stored: StoredTensor): Tensor {
  const values = stored.data.map((value) => (stored.dtype === "bool" ? Number(value) !== 0 : Number(value)));
  return tensor(values, { dtype: stored.dtype }).reshape(stored.shape);
}

/** Element k is (k³ + salt·k² + 29k + 53·salt) mod 113: `formula` of reference/fixture.py. */
function formula(shape: readonly number[], salt: number): number[] {
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: size }, (_, k) => (k * k * k + salt * k * k + 29 * k + 53 * salt) % 113);
}

/** (formula − 56) / 64 · scale, exact in both dtypes when the scale is a power of two. */
export function pattern(
  shape: readonly number[],
  salt: number,
  scale = 1,
  dtype: "float32" | "float64" = "float64",
): Tensor {
  const values = formula(shape, salt).map((value) => ((value - 56) / 64) * scale);
  return tensor(values, { dtype }).reshape(shape);
}

/** formula mod end: whole numbers from 0 to end − 1. */
export function indices(shape: readonly number[], salt: number, end: number): Tensor {
  const values = formula(shape, salt).map((value) => value % end);
  return tensor(values, { dtype: "int64" }).reshape(shape);
}

/** The largest |a − b| over max(1, largest |b|), NaN and infinities counting as equal to themselves only. */
export function distance(actual: ArrayLike<number>, expected: readonly Stored[]): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 1;
  let apart = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] as number;
    const b = Number(expected[i]);
    if (Object.is(a, b)) continue;
    const error = Math.abs(a - b);
    if (!Number.isFinite(b) || !(error <= Number.MAX_VALUE)) return Number.POSITIVE_INFINITY;
    apart = Math.max(apart, error);
    largest = Math.max(largest, Math.abs(b));
  }
  return apart / largest;
}

/** Fails unless every number lies within `tolerance` · max(1, largest expected entry) of the expected one. */
export function expectClose(
  what: string,
  actual: Tensor | ArrayLike<number> | null,
  expected: readonly Stored[],
  tolerance: number,
): void {
  if (actual === null) throw new Error(`${what}: expected ${expected.length} numbers, got null`);
  const values = "toTypedArray" in actual ? actual.toTypedArray() : actual;
  const apart = distance(values, expected);
  if (!(apart <= tolerance)) {
    expect.fail(
      `${what}: ${apart.toExponential(1)} away from PyTorch, allowed ${tolerance}\n` +
        `  expected ${expected.slice(0, 12).join(", ")}\n  got      ${Array.from(values).slice(0, 12).join(", ")}`,
    );
  }
}
