import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { logAccurate, sinCosAccurate } from "../src/math/accurate.js";
import { fma } from "../src/math/double-double.js";
import { cos, erf, exp, expm1, log, log1p, pow, sin, tanh } from "../src/math/float64.js";
import { powInteger } from "../src/math/power.js";

type Unary = (x: number) => number;
type Rows = { readonly [name: string]: readonly (readonly number[])[] };
const url = new URL("./fixtures/float64-mpmath.json", import.meta.url);
const exact = JSON.parse(readFileSync(url, "utf8")) as unknown as Rows;

/** Distance from |x| to the next float64 above it. */
function ulp(x: number): number {
  const value = new Float64Array([Math.abs(x)]);
  const bits = new BigInt64Array(value.buffer);
  bits[0] = (bits[0] as bigint) + 1n;
  return (value[0] as number) - Math.abs(x);
}

/** Largest error in ulps over the fixture's rows [...arguments, y, residual]. */
function largestError(name: string, f: (...args: number[]) => number, low = -Infinity, high = Infinity): number {
  return largestErrorOf(
    (exact[name] as Rows[string]).filter(([x]) => low <= (x as number) && (x as number) <= high),
    f,
  );
}

function largestErrorOf(rows: Rows[string], f: (...args: number[]) => number): number {
  expect(rows.length).toBeGreaterThan(60);
  let largest = 0;
  for (const row of rows) {
    const [y, residual] = row.slice(-2) as [number, number];
    const error = Math.abs((f(...row.slice(0, -2)) - y) / ulp(y) - residual);
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

describe("float64 functions against high precision", () => {
  const bounds: readonly [string, (...args: number[]) => number, number][] = [
    ["exp", exp, 1],
    ["expm1", expm1, 1],
    ["tanh", tanh, 2.3],
    ["erf", erf, 1.1],
    ["log", log, 1],
    ["log1p", log1p, 1],
    ["sin", sin, 0.9],
    ["cos", cos, 0.9],
    ["pow", pow, 0.9],
  ];
  for (const [name, f, bound] of bounds) {
    it(`${name} is within ${bound} ulp`, () => {
      const error = largestError(name, f);
      expect(!(error <= bound), `largest error ${error} ulp`).toBe(false);
    });
  }

  const rounded: readonly [string, string, Unary, number, number][] = [
    ["logAccurate", "log", logAccurate, 2 ** -1022, Number.MAX_VALUE],
    ["sinCosAccurate's sine", "sin", (x) => sinCosAccurate(x)[0], 0, 2 * Math.PI],
    ["sinCosAccurate's cosine", "cos", (x) => sinCosAccurate(x)[1], 0, 2 * Math.PI],
  ];
  for (const [title, name, f, low, high] of rounded) {
    it(`${title} is correctly rounded (error at most 0.5 ulp)`, () => {
      const error = largestError(name, f, low, high);
      expect(!(error <= 0.500001), `largest error ${error} ulp`).toBe(false);
    });
  }

  it("powInteger is correctly rounded (error at most 0.5 ulp) for bases in [0, 1] and exponents ≥ 0", () => {
    const meant = (base: number, n: number, y: number): boolean => base >= 0 && base <= 1 && n >= 0 && y > 2 ** -900;
    const rows = (exact.powInteger as Rows[string]).filter(([base, n, y]) =>
      meant(base as number, n as number, y as number),
    );
    const error = largestErrorOf(rows, powInteger);
    expect(!(error <= 0.500001), `largest error ${error} ulp`).toBe(false);
  });
});

describe("float64 functions against this engine's Math", () => {
  /** Reproducible points: a Weyl sequence in [0, 1). */
  const point = (i: number): number => (i * 0.6180339887498949) % 1;
  const table: readonly [string, Unary, Unary, Unary][] = [
    ["exp", exp, Math.exp, (u) => (u - 0.5) * 1400],
    ["exp", exp, Math.exp, (u) => (u - 0.5) * 4],
    ["expm1", expm1, Math.expm1, (u) => (u - 0.5) * 4],
    ["tanh", tanh, Math.tanh, (u) => (u - 0.5) * 40],
    ["log", log, Math.log, (u) => u * 3],
    ["log", log, Math.log, (u) => 2 ** ((u - 0.5) * 2000)],
    ["log1p", log1p, Math.log1p, (u) => u * 3 - 0.99],
    ["sin", sin, Math.sin, (u) => (u - 0.5) * 30],
    ["cos", cos, Math.cos, (u) => (u - 0.5) * 30],
    ["sin", sin, Math.sin, (u) => u * 2 ** 21],
    ["sin", sin, Math.sin, (u) => 2 ** (20 + u * 1003)],
    ["cos", cos, Math.cos, (u) => -(2 ** (20 + u * 1003))],
    ["pow(·, 1.37)", (x) => pow(x, 1.37), (x) => x ** 1.37, (u) => u * 50],
    ["pow(0.93, ·)", (y) => pow(0.93, y), (y) => 0.93 ** y, (u) => (u - 0.5) * 9000],
  ];
  for (const [name, f, g, spread] of table) {
    it(`${name} on [${spread(0)}, ${spread(1)}] is within 2 ulp`, () => {
      let largest = 0;
      for (let i = 1; i <= 20000; i++) {
        const x = spread(point(i));
        const error = Math.abs(f(x) - g(x)) / ulp(g(x));
        if (!(error <= largest)) largest = error;
      }
      expect(!(largest <= 2), `${largest} ulp`).toBe(false);
    });
  }

  const special = [
    0,
    -0,
    1,
    -1,
    0.5,
    2,
    -2,
    3,
    -3,
    1e300,
    -1e300,
    5e-324,
    -5e-324,
    2 ** 53,
    2 ** 53 + 2,
    -(2 ** 31),
    -1.5,
    1e-20,
    Infinity,
    -Infinity,
    NaN,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    2 ** -1022,
    -(2 ** -1022),
  ];
  it("takes zeros, infinities, NaN and the ends of the range as Math does", () => {
    const functions: readonly (readonly [Unary, Unary])[] = [
      [exp, Math.exp],
      [expm1, Math.expm1],
      [tanh, Math.tanh],
      [log, Math.log],
      [log1p, Math.log1p],
    ];
    for (const [f, g] of functions) for (const x of special) expect(f(x), `${f.name}(${x})`).toBe(g(x));
    for (const x of [Infinity, -Infinity, NaN]) expect([sin(x), cos(x)]).toEqual([NaN, NaN]);
    expect([sin(0), sin(-0), cos(0), sin(5e-324)]).toEqual([0, -0, 1, 5e-324]);
    expect([0, -0, 1e-310, Infinity, -Infinity, NaN, 6, -40].map(erf)).toEqual([
      0,
      -0,
      1.1283791670955e-310,
      1,
      -1,
      NaN,
      1,
      -1,
    ]);
  });

  it("pow takes special values as C does: like Math.pow but 1 for 1^NaN and (±1)^±∞", () => {
    for (const x of special) {
      for (const y of special) {
        const asInC = x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
        expect(pow(x, y), `pow(${x}, ${y})`).toBe(asInC);
      }
    }
  });
});

describe("powInteger", () => {
  it("covers the ends of its range", () => {
    expect(powInteger(0.9, 0)).toBe(1);
    expect(powInteger(0, 0)).toBe(1);
    expect(powInteger(0, 3)).toBe(0);
    expect(powInteger(1, 2 ** 53 - 1)).toBe(1);
    expect(powInteger(1e-320, 1)).toBe(1e-320);
    expect(powInteger(1e-200, 2)).toBe(0);
    expect(powInteger(0.9, 10 ** 9)).toBe(0);
    expect(powInteger(NaN, 3)).toBe(NaN);
  });
});

describe("fma", () => {
  it("rounds a·b + c once", () => {
    const a = 1 + 2 ** -30;
    expect(a * a - (1 + 2 ** -29)).toBe(0);
    expect(fma(a, a, -(1 + 2 ** -29))).toBe(2 ** -60);
    expect(fma(0.1, 10, -1)).toBe(2 ** -54);
    expect(fma(3, 5, 7)).toBe(22);
  });
});
