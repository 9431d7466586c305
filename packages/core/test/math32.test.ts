import { describe, expect, test } from "vitest";
import { exp, log, sigmoid, tanh } from "../src/math/float32.js";
import { everythingInWasm, expectSameBits, fromBits, ulpError } from "./kernels-helper.js";

const trueSigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

/** `npm run verify:math` checks these bounds on all 2^32 inputs. */
const rows = [
  { name: "exp", own: exp, truth: Math.exp, bound: 1.02 },
  { name: "log", own: log, truth: Math.log, bound: 0.514 },
  { name: "tanh", own: tanh, truth: Math.tanh, bound: 2.01 },
  { name: "sigmoid", own: sigmoid, truth: trueSigmoid, bound: 2.41 },
] as const;

/** Every 20,011th bit pattern: all signs and exponents, subnormals and NaNs among them. */
const sample = Float32Array.from({ length: Math.floor(2 ** 32 / 20011) }, (_, i) => fromBits((i * 20011) | 0));

describe.each(rows)("float32 $name", ({ name, own, truth, bound }) => {
  test(`is within ${bound} ulp on ${sample.length} inputs of every exponent`, () => {
    let worst = 0;
    let at = NaN;
    for (const x of sample) {
      const error = ulpError(own(x), truth(x));
      if (!(error <= worst)) [worst, at] = [error, x];
    }
    expect(worst, `largest error at ${at}`).toBeLessThanOrEqual(bound);
    expect(worst).toBeGreaterThan(0.45);
  });

  test("has the same bits in WebAssembly", () => {
    const inWasm = new Float32Array(sample.length);
    everythingInWasm.unary(name, sample.length, sample, 0, inWasm, 0);
    expectSameBits(inWasm, sample.map(own), name);
  });

  test("gives float32 numbers", () => {
    for (const x of [-3.7, -0.1, 0.3, 1, 2.5, 17]) expect(Object.is(own(x), Math.fround(own(x)))).toBe(true);
  });
});

describe("float32 functions at their edges", () => {
  test.each([
    [exp, 0, 1],
    [exp, -0, 1],
    [exp, Infinity, Infinity],
    [exp, -Infinity, 0],
    [exp, 88.72283935546875, Infinity],
    [exp, 88.72283172607422, 3.4027985e38],
    [exp, -87.33654022216797, 1.1754944e-38],
    [exp, -103.27892303466797, 1.4e-45],
    [exp, -104, 0],
    [exp, 1e-45, 1],
    [log, 1, 0],
    [log, 0, -Infinity],
    [log, -0, -Infinity],
    [log, Infinity, Infinity],
    [log, 1.401298464324817e-45, -103.27893],
    [log, 3.4028234663852886e38, 88.72284],
    [tanh, 0, 0],
    [tanh, -0, -0],
    [tanh, Infinity, 1],
    [tanh, -Infinity, -1],
    [tanh, 3.4028234663852886e38, 1],
    [tanh, 1.401298464324817e-45, 1.401298464324817e-45],
    [tanh, -1e-40, Math.fround(-1e-40)],
    [sigmoid, 0, 0.5],
    [sigmoid, -0, 0.5],
    [sigmoid, Infinity, 1],
    [sigmoid, -Infinity, 0],
    [sigmoid, -88, 6.0546e-39],
    [sigmoid, -104, 0],
    [sigmoid, 20, 1],
  ] as const)("%o(%d) = %d", (f, x, expected) => {
    const y = f(Math.fround(x));
    if (expected === 0 || !Number.isFinite(expected)) expect(Object.is(y, expected)).toBe(true);
    else expect(Math.abs(y / expected - 1)).toBeLessThanOrEqual(expected < 1e-44 ? 0.01 : 1e-4);
  });

  test("give NaN for NaN, and log for what is below zero", () => {
    for (const { own } of rows) expect(own(NaN)).toBeNaN();
    for (const x of [-1e-45, -1, -Infinity]) expect(log(Math.fround(x))).toBeNaN();
  });

  test("tanh is odd, and no function steps down between neighbours near its limits", () => {
    expectSameBits(
      sample.map((x) => tanh(-x)),
      sample.map((x) => -tanh(x)),
      "tanh −x",
    );
    for (const [f, x] of [
      [exp, -87.5],
      [exp, 88.5],
      [tanh, 8.9],
      [tanh, 0.6],
      [sigmoid, -88],
      [sigmoid, 16],
      [log, 0.7],
    ] as const) {
      const [start] = new Int32Array(Float32Array.of(x).buffer) as unknown as [number];
      const up = x < 0 ? -1 : 1;
      for (let i = 0, last = -Infinity; i < 20_000; i++) {
        const y = f(fromBits(start + up * i));
        if (!(y >= last)) expect.fail(`${f.name} falls at ${fromBits(start + up * i)}: ${last} then ${y}`);
        last = y;
      }
    }
  });
});

describe("the measure of error", () => {
  test("counts in spacings at the true value", () => {
    expect(ulpError(1 + 2 ** -23, 1)).toBe(1);
    expect(ulpError(1 - 2 ** -24, 1)).toBe(0.5);
    expect(ulpError(2 ** -149, 2 ** -150)).toBe(0.5);
    expect(ulpError(Infinity, 2 ** 128 - 2 ** 103)).toBe(0.5);
    expect(ulpError(NaN, 1)).toBe(Infinity);
    expect(ulpError(1, NaN)).toBe(Infinity);
    expect(ulpError(NaN, NaN)).toBe(0);
  });
});
