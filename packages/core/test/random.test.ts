import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FloatDType } from "../src/dtype.js";
import { FormatError, OptionError, type UnrollError } from "../src/errors.js";
import {
  defaultGenerator,
  fillBernoulli,
  fillBernoulliFrom,
  fillExponential,
  fillNormal,
  fillRandint,
  fillUniform,
  Generator,
  manualSeed,
  multinomial,
  randpermInto,
} from "../src/random/index.js";

interface Draw {
  readonly op: string;
  readonly n: number;
  readonly dtype?: FloatDType;
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  readonly std: number;
  readonly contiguous: boolean;
  readonly low: number;
  readonly high: number;
  readonly p: number;
  readonly lambda: number;
  readonly rows: number;
  readonly count: number;
  readonly replacement: boolean;
  readonly out: string | readonly number[] | readonly string[];
}
interface Case {
  readonly seed: number | string;
  readonly initialSeed?: string;
  readonly draws: readonly Draw[];
}
interface Fixture {
  readonly torch: string;
  readonly cases: readonly Case[];
  readonly states: readonly { readonly state: string; readonly draws: readonly Draw[] }[];
}
const fixture: Fixture = JSON.parse(readFileSync(new URL("./fixtures/random-numbers.json", import.meta.url), "utf8"));

function floats(dtype: FloatDType, base64: string): Float32Array | Float64Array {
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  return dtype === "float32" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}
const empty = (dtype: FloatDType, n: number): Float32Array | Float64Array =>
  dtype === "float32" ? new Float32Array(n) : new Float64Array(n);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The formula of `weights` in reference/random_numbers.py. */
function weights(n: number, dtype: FloatDType): Float32Array | Float64Array {
  return empty(dtype, n).map((_, k) => Math.max((7 * k * k + 3 * k + 1) % 11, 0.25));
}

/** Float64 numbers that PyTorch makes with the C library's log, log1p, sin and cos: how many were drawn, how many differ in the last bits. */
const viaLibrary = { drawn: 0, off: 0 };

function replay(g: Generator, draw: Draw): void {
  const { op, n, dtype = "float32", out } = draw;
  const label = JSON.stringify({ ...draw, out: undefined });
  const whole = new Float64Array(n ?? 0);
  const float = empty(dtype, n ?? 0);
  const expectFloats = (): void => {
    const expected = floats(dtype, out as string);
    expect(float.length, label).toBe(expected.length);
    if (dtype === "float64" && /randn|normal|exponential/.test(op)) {
      float.forEach((x, i) => {
        const y = expected[i] as number;
        viaLibrary.drawn += 1;
        if (x === y) return;
        viaLibrary.off += 1;
        expect(!(Math.abs(x - y) <= 5e-16 * Math.abs(y)), `${label} element ${i}: ${x}, torch ${y}`).toBe(false);
      });
      return;
    }
    expect(Buffer.from(float.buffer).toString("base64") === out, `${label}\n${float}\ntorch\n${expected}`).toBe(true);
  };
  switch (op) {
    case "rand":
      fillUniform(dtype, float, 0, 1, g);
      expectFloats();
      return;
    case "uniform":
      fillUniform(dtype, float, draw.from, draw.to, g);
      expectFloats();
      return;
    case "randn":
      fillNormal(dtype, float, 0, 1, g);
      expectFloats();
      return;
    case "normal":
      fillNormal(dtype, float, draw.mean, draw.std, g, draw.contiguous);
      expectFloats();
      return;
    case "exponential":
      fillExponential(float, draw.lambda, g);
      expectFloats();
      return;
    case "randint":
      fillRandint(whole, draw.low, draw.high, g);
      break;
    case "randperm":
      randpermInto(whole, g);
      break;
    case "bernoulli":
      fillBernoulli(whole, draw.p, g);
      break;
    case "dropout":
      fillBernoulli(whole, 1 - draw.p, g);
      break;
    case "bernoulliFrom":
      fillBernoulliFrom(
        weights(n, dtype).map((w) => w / 11),
        whole,
        g,
      );
      break;
    case "multinomial": {
      const drawn = multinomial(weights(draw.rows * n, dtype), draw.rows, draw.count, draw.replacement, g);
      expect(Array.from(drawn), label).toEqual(out);
      return;
    }
    case "random64":
      expect(
        Array.from(whole, () => String(BigInt.asUintN(63, g.random64()))),
        label,
      ).toEqual(out);
      return;
    case "state":
      expect(sha256(g.getState()), label).toBe(out);
      return;
    default:
      throw new Error(`unknown draw ${op}`);
  }
  expect(Array.from(whole), label).toEqual(out);
}

function oneNormal(g: Generator): number {
  const out = new Float64Array(1);
  fillNormal("float64", out, 0, 1, g);
  return out[0] as number;
}

describe("numbers of PyTorch's CPU generator, bit for bit", () => {
  it("come from PyTorch 2.13", () => expect(fixture.torch).toMatch(/^2\.13\./));

  const programs = new Map<string, Case[]>();
  for (const one of fixture.cases) {
    const name = one.draws.map(
      ({ op, n, dtype }) => `${op}${n === undefined ? "" : `(${n})`}${dtype === "float64" ? " f64" : ""}`,
    );
    const key = name.join(", ");
    programs.set(key, [...(programs.get(key) ?? []), one]);
  }
  for (const [name, cases] of programs) {
    it(`${name}: ${cases.length} seeds`, () => {
      for (const { seed, initialSeed, draws } of cases) {
        const g = new Generator().manualSeed(typeof seed === "number" ? seed : BigInt(seed));
        if (initialSeed !== undefined) expect(String(g.initialSeed())).toBe(initialSeed);
        for (const draw of draws) replay(g, draw);
      }
    });
  }

  it("float64 normals and exponentials differ in fewer than one element of 200, in the last bits", () => {
    expect(viaLibrary.drawn).toBeGreaterThan(1000);
    expect(viaLibrary.off * 200).toBeLessThan(viaLibrary.drawn);
  });

  it("go on from a state that PyTorch saved, and our state is the same bytes", () => {
    for (const { state, draws } of fixture.states) {
      const bytes = Uint8Array.from(Buffer.from(state, "base64"));
      const g = new Generator().setState(bytes);
      expect(Buffer.from(g.getState()).toString("base64")).toBe(state);
      expect(g.initialSeed()).toBe(77);
      for (const draw of draws) replay(g, draw);
    }
  });
});

describe("Generator", () => {
  it("stands at PyTorch's default seed when new", () => {
    const g = new Generator();
    expect(g.initialSeed()).toBe(67280421310721);
    expect(g.random()).toBe(new Generator().manualSeed(67280421310721).random());
  });

  it("clone gives the same numbers and goes its own way", () => {
    const g = new Generator().manualSeed(3);
    const first = new Float64Array(7);
    fillNormal("float64", first, 0, 1, g);
    const copy = g.clone();
    const a = new Float64Array(40);
    const b = new Float64Array(40);
    fillNormal("float64", a, 0, 1, g);
    fillNormal("float64", b, 0, 1, copy);
    expect(b).toEqual(a);
    expect(oneNormal(copy)).toBe(oneNormal(g));
    copy.random();
    expect(sha256(copy.getState())).not.toBe(sha256(g.getState()));
  });

  it("a seed clears the cached normal", () => {
    const g = new Generator().manualSeed(0);
    const first = oneNormal(g);
    expect(oneNormal(g.manualSeed(0))).toBe(first);
  });

  it("manualSeed seeds and returns the default generator", () => {
    expect(manualSeed(0)).toBe(defaultGenerator());
    expect(defaultGenerator().random()).toBe(2357136044);
    expect([defaultGenerator().random(), defaultGenerator().random()]).toEqual([2546248239, 3071714933]);
  });
});

describe("filling a million numbers", () => {
  it("stays within the range and repeats itself", () => {
    const a = new Float32Array(1_000_000);
    const b = new Float32Array(1_000_000);
    fillUniform("float32", a, -1, 3, new Generator().manualSeed(5));
    fillUniform("float32", b, -1, 3, new Generator().manualSeed(5));
    expect(a.every((x, i) => x >= -1 && x < 3 && x === b[i])).toBe(true);
  });
});

describe("bad arguments of random functions", () => {
  const g = new Generator();
  const f32 = new Float32Array(4);
  const state = g.getState();
  const broken = (offset: number, value: number): Uint8Array => {
    const bytes = state.slice();
    bytes[offset] = value;
    return bytes;
  };
  const table: readonly [string, () => unknown, new (message: string) => UnrollError, string][] = [
    ["fraction as seed", () => g.manualSeed(1.5), OptionError, "expected a whole seed from -2^63 to 2^64 - 1, got 1.5"],
    ["NaN as seed", () => g.manualSeed(NaN), OptionError, "got NaN"],
    ["text as seed", () => g.manualSeed("7" as unknown as number), OptionError, 'got "7"'],
    ["seed too large", () => g.manualSeed(2n ** 64n), OptionError, "got 18446744073709551616"],
    ["seed too small", () => manualSeed(-(2 ** 63) - 2048), OptionError, "got -9223372036854778000"],
    ["short state", () => g.setState(new Uint8Array(10)), FormatError, "expected a Uint8Array of 5056 bytes"],
    ["array as state", () => g.setState([1, 2] as unknown as Uint8Array), FormatError, "got [1,2]"],
    ["unseeded state", () => g.setState(broken(12, 0)), FormatError, "seeded 0, left 1, next 0"],
    ["state with a wrong place", () => g.setState(broken(8, 9)), FormatError, "left 9, next 0"],
    ["state with a long word", () => g.setState(broken(28, 1)), FormatError, "words of more than 32 bits"],
    ["uniform, from above to", () => fillUniform("float32", f32, 1, 0, g), OptionError, "expected from <= to"],
    ["uniform, NaN", () => fillUniform("float32", f32, NaN, 0, g), OptionError, "got from=NaN and to=0"],
    [
      "uniform, too wide",
      () => fillUniform("float32", f32, -3e38, 3e38, g),
      OptionError,
      "a range [from, to) that float32 can hold",
    ],
    [
      "uniform, infinite",
      () => fillUniform("float32", f32, 0, Infinity, g),
      OptionError,
      "a range [from, to) that float32 can hold",
    ],
    [
      "normal, std < 0",
      () => fillNormal("float32", f32, 0, -1, g),
      OptionError,
      "expected std to be a number ≥ 0, got -1",
    ],
    [
      "normal, std NaN",
      () => fillNormal("float32", f32, 0, NaN, g),
      OptionError,
      "expected std to be a number ≥ 0, got NaN",
    ],
    [
      "randint, empty range",
      () => fillRandint(f32, 5, 5, g),
      OptionError,
      "low < high with low and high - 1 within ±(2^53 - 1), got low=5 and high=5",
    ],
    ["randint, fraction", () => fillRandint(f32, 0, 2.5, g), OptionError, "expected whole numbers low < high"],
    ["randint, beyond 2^53", () => fillRandint(f32, 0, 2 ** 54, g), OptionError, "within ±(2^53 - 1)"],
    [
      "bernoulli, p NaN",
      () => fillBernoulliFrom(new Float32Array([NaN]), new Uint8Array(1), g),
      OptionError,
      "expected a probability to be a number in [0, 1], got NaN",
    ],
    [
      "bernoulli, a p < 0",
      () => fillBernoulliFrom(new Float32Array([0.5, -1]), new Uint8Array(2), g),
      OptionError,
      "got -1",
    ],
    ["multinomial, no class", () => multinomial(new Float32Array(0), 2, 1, false, g), OptionError, "got 0. Draw"],
    ["multinomial, no sample", () => multinomial(f32.fill(1), 1, 0, false, g), OptionError, "samples > 0, got 0"],
    ["multinomial, too many", () => multinomial(f32.fill(1), 1, 5, false, g), OptionError, "at least 5 classes"],
    ["multinomial, zeros", () => multinomial(new Float32Array(3), 1, 1, false, g), OptionError, "at least 1 classes"],
    [
      "multinomial, a zero too many",
      () => multinomial(new Float64Array([1, 0, 1]), 1, 3, false, g),
      OptionError,
      "got 2",
    ],
    [
      "multinomial, negative",
      () => multinomial(new Float64Array([1, -1]), 1, 1, true, g),
      OptionError,
      "finite number ≥ 0, got -1",
    ],
    [
      "multinomial, NaN",
      () => multinomial(new Float64Array([1, NaN]), 1, 1, true, g),
      OptionError,
      "finite number ≥ 0, got NaN",
    ],
    [
      "multinomial, infinite",
      () => multinomial(new Float64Array([1, Infinity]), 1, 1, true, g),
      OptionError,
      "got Infinity",
    ],
  ];
  for (const [name, act, kind, text] of table) {
    it(name, () => {
      expect(act).toThrow(kind);
      expect(act).toThrow(text);
    });
  }
});
