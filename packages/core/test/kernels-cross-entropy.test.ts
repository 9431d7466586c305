import { describe, expect, test } from "vitest";
import type { FloatArray, Kernels } from "../src/kernels/contract.js";
import { referenceKernels as reference } from "../src/kernels/reference.js";
import { everythingInWasm, expectSameBits, floats, numbers } from "./kernels-helper.js";

interface Case {
  readonly rows: number;
  readonly n: number;
  readonly target: "index" | "shares";
  readonly weighted: boolean;
  readonly reduction: "none" | "sum" | "mean";
  /** One in so many logits is extreme; 0 for none. */
  readonly every: number;
}

function* cases(): Generator<Case> {
  let turn = 0;
  for (const rows of [0, 1, 2, 3, 4, 5, 8, 11, 299]) {
    for (const n of [1, 2, 3, 4, 5, 10, 67]) {
      for (const target of ["index", "shares"] as const) {
        for (const weighted of [false, true]) {
          const reduction = (["none", "sum", "mean"] as const)[turn % 3] as Case["reduction"];
          yield { rows, n, target, weighted, reduction, every: turn++ % 4 === 3 ? 5 : 0 };
        }
      }
    }
  }
  yield { rows: 3, n: 40_000, target: "index", weighted: false, reduction: "mean", every: 0 };
}

interface Arrays {
  readonly x: FloatArray;
  readonly shares: FloatArray;
  readonly index: number[];
  readonly weight: FloatArray;
}

function arraysOf({ rows, n, every }: Case, convert: (x: Float32Array) => FloatArray): Arrays {
  const next = numbers(rows + n);
  const weight = floats(rows + 2, 3).map((w, i) => (i % 3 === 0 ? 0 : Math.abs(w)));
  return {
    x: convert(floats(rows * n + 3, 1, every)),
    shares: convert(floats(rows * n + 1, 2).map(Math.abs)),
    // Rows of weight 0 may have any class.
    index: Array.from({ length: rows }, (_, r) => (weight[r + 2] === 0 ? -100 : Math.floor(next() * n))),
    weight: convert(weight),
  };
}

function run(k: Kernels, c: Case, { x, shares, index, weight }: Arrays): { loss: FloatArray; slope: FloatArray } {
  const { rows, n, target, weighted, reduction } = c;
  const empty = (size: number): FloatArray =>
    x instanceof Float32Array ? new Float32Array(size).fill(9) : new Float64Array(size).fill(9);
  const size = reduction === "none" ? rows : 1;
  const loss = empty(size + 2);
  const slope = empty(rows * n + 1);
  const byIndex = target === "index";
  const classes = byIndex ? (weighted ? index : index.map((t) => Math.max(t, 0))) : null;
  const rest = [byIndex ? null : shares, 1, classes, weighted ? weight : null, 2, reduction] as const;
  k.crossEntropy(rows, n, x, 3, ...rest, loss, 1, slope, 1);
  const alone = empty(size);
  k.crossEntropy(rows, n, x, 3, ...rest, alone, 0, null, 0);
  expect([loss[0], loss[size + 1], slope[0]]).toEqual([9, 9, 9]);
  expectSameBits(alone, loss.slice(1, size + 1), `${JSON.stringify(c)}: loss without slope`);
  return { loss: alone, slope: slope.slice(1) };
}

describe("cross-entropy", () => {
  test("WebAssembly has the bits of the reference", () => {
    for (const c of cases()) {
      const arrays = arraysOf(c, (x) => x);
      const [expected, actual] = [run(reference, c, arrays), run(everythingInWasm, c, arrays)];
      expectSameBits(actual.loss, expected.loss, `${JSON.stringify(c)}: loss`);
      expectSameBits(actual.slope, expected.slope, `${JSON.stringify(c)}: slope`);
    }
  });

  test("the loss is its formula, and the slope is the loss's derivative, in float64", () => {
    for (const c of cases()) {
      if (c.every > 0 || c.rows * c.n > 1000) continue;
      const arrays = arraysOf(c, (x) => Float64Array.from(x));
      const { loss, slope } = run(reference, c, arrays);
      const expected = formula(c, arrays, arrays.x);
      loss.forEach((value, i) => {
        const truth = expected[i] as number;
        if (Number.isNaN(truth)) expect(value).toBeNaN();
        else if (!(Math.abs(value - truth) <= 1e-12 * Math.max(1, Math.abs(truth)))) {
          expect.fail(`${JSON.stringify(c)}: loss[${i}] is ${value}, by its formula ${truth}`);
        }
      });
      const sum = (x: FloatArray): number => formula({ ...c }, arrays, x).reduce((a, b) => a + b, 0);
      if (Number.isNaN(sum(arrays.x))) {
        expect(slope.every((d) => d === 0)).toBe(true);
        continue;
      }
      for (let i = 0; i < c.rows * c.n; i += 7) {
        const [up, down] = [arrays.x.slice(), arrays.x.slice()];
        up[i + 3] = (up[i + 3] as number) + 1e-5;
        down[i + 3] = (down[i + 3] as number) - 1e-5;
        const difference = (sum(up) - sum(down)) / 2e-5;
        if (!(Math.abs((slope[i] as number) - difference) <= 1e-7)) {
          expect.fail(`${JSON.stringify(c)}: slope[${i}] is ${slope[i]}, difference ${difference}`);
        }
      }
    }
  });
});

/** Losses with `Math` and without care for overflow; rows that do not count are left out. */
function formula(c: Case, { shares, index, weight }: Arrays, x: FloatArray): number[] {
  const { rows, n, target, weighted, reduction } = c;
  const losses = Array.from({ length: rows }, (_, r) => {
    const row = Array.from(x.subarray(3 + r * n, 3 + (r + 1) * n));
    const logSum = Math.log(row.reduce((total, v) => total + Math.exp(v), 0));
    const u = weighted ? (weight[2 + r] as number) : 1;
    if (u === 0) return 0;
    if (target === "index") return u * (logSum - (row[Math.max(index[r] as number, 0)] as number));
    return row.reduce((total, v, i) => total + (shares[1 + r * n + i] as number) * (logSum - v), 0);
  });
  if (reduction === "none") return losses;
  const total = losses.reduce((a, b) => a + b, 0);
  const counted = weighted ? losses.reduce((sum, _, r) => sum + (weight[2 + r] as number), 0) : rows;
  return [reduction === "mean" ? total / counted : total];
}
