import fc from "fast-check";
import { describe, test } from "vitest";
import type { Kernels, Recurrence, RecurrenceKind } from "../src/kernels/contract.js";
import { gateCounts, inVectors, slotCounts } from "../src/kernels/reference/recurrent.js";
import { referenceKernels as reference } from "../src/kernels/reference.js";
import { wasmKernels } from "../src/kernels/wasm.js";
import { expectSameBits, extremes, floats } from "./kernels-helper.js";

/**
 * Rows with a single 1 pick rows of W_ihᵀ instead of going through a product: the bits are those of the product, whatever stands in the
 * weights, and rows that only look as if they had a single 1 are not taken for some.
 */
interface Case {
  readonly kind: RecurrenceKind;
  readonly sizes: readonly number[];
  readonly I: number;
  readonly H: number;
  readonly biased: boolean;
  readonly version: boolean;
  readonly seed: number;
  /** One in so many weights and gradients from above is extreme; 0 for none. */
  readonly every: number;
  /** What is wrong with one of the rows. */
  readonly flaw: "none" | "negative zero" | "two ones" | "all zeros" | "nearly one" | "minus one" | "NaN";
}

const cases: fc.Arbitrary<Case> = fc.record({
  kind: fc.constantFrom("tanh", "relu", "lstm", "gru"),
  sizes: fc.oneof(
    fc.array(fc.constant(1), { minLength: 1, maxLength: 12 }),
    fc.constantFrom([3, 3, 3, 3], [9, 4], [5, 5, 2, 2, 1], [16, 16], new Array<number>(40).fill(4)),
  ),
  I: fc.integer({ min: 1, max: 40 }),
  H: fc.integer({ min: 1, max: 36 }),
  biased: fc.boolean(),
  version: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1000 }),
  every: fc.constantFrom(0, 0, 40, 2000),
  flaw: fc.constantFrom(
    "none",
    "none",
    "none",
    "negative zero",
    "two ones",
    "all zeros",
    "nearly one",
    "minus one",
    "NaN",
  ),
});

function inputs({ I, seed, flaw }: Case, rows: number): Float32Array {
  const x = new Float32Array(rows * I);
  for (let i = 0; i < rows; i++) x[i * I + ((i * 7 + seed) % I)] = 1;
  const row = (seed % rows) * I;
  const one = x.indexOf(1, row);
  const other = row + ((one - row + 1 + (seed % Math.max(I - 1, 1))) % I);
  if (flaw === "negative zero" && I > 1) x[other] = -0;
  if (flaw === "two ones") x[other] = 1;
  if (flaw === "all zeros") x[one] = 0;
  if (flaw === "nearly one") x[one] = 1 + 2 ** -23;
  if (flaw === "minus one") x[one] = -1;
  if (flaw === "NaN") x[other] = NaN;
  return x;
}

function run(k: Kernels, c: Case): Record<string, Float32Array> {
  const { kind, sizes, I, H, biased, seed, every } = c;
  const rows = sizes.reduce((a, b) => a + b, 0);
  const [B, G] = [sizes[0] as number, gateCounts[kind] * H];
  const r: Recurrence = { kind, sizes, rows, reverse: seed % 2 === 0, I, H, P: H };
  const x = inputs(c, rows);
  const wIh = floats(G * I, seed, every).map((v, i) => (i % 5 === 0 ? -0 : v));
  const wHh = floats(G * H, seed + 1).map((v) => v / 4);
  const [bIh, bHh] = biased
    ? [floats(G, seed + 2).map((v, i) => (i % 2 ? -0 : v)), new Float32Array(G).fill(-0)]
    : [null, null];
  const states = (n: number): Float32Array => floats(n, seed + 3);
  const lstm = kind === "lstm";
  const kept = slotCounts[kind] > 0 ? new Float32Array(rows * slotCounts[kind] * inVectors(H)) : null;
  const all: Record<string, Float32Array> = {};
  for (let call = 0; call < 3; call++) {
    const [h, cell, y] = [states(B * H), lstm ? states(B * H) : null, new Float32Array(rows * H)];
    k.recurrentForward(r, x, 0, wIh, 0, wHh, 0, bIh, 0, bHh, 0, null, 0, h, cell, y, kept, c.version ? 1 : undefined);
    Object.assign(all, { [`y of call ${call}`]: y, [`h of call ${call}`]: h });
  }
  const [h0, dy, dh, dc] = [
    states(B * H),
    floats(rows * H, seed + 4, every && every * 20),
    states(B * H),
    lstm ? states(B * H) : null,
  ];
  const [dx, dWIh, dWHh] = [rows * I, G * I, G * H].map((n) => new Float32Array(n)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const [dBIh, dBHh] = [new Float32Array(G), new Float32Array(G)];
  const y = all["y of call 2"] as Float32Array;
  k.recurrentBackward(
    ...([r, x, 0, wIh, 0, wHh, 0, null, 0, h0, 0, y, kept, dy, 0, dh, dc] as const),
    ...([dx, dWIh, dWHh, dBIh, dBHh, null] as const),
  );
  return { ...all, dx, dWIh, dWHh, dBIh, dBHh, dh };
}

describe("one-hot rows", () => {
  test("have the bits of the product", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const expected = run(reference, c);
        for (const [name, array] of Object.entries(run(wasmKernels, c)))
          expectSameBits(array, expected[name] as Float32Array, `${JSON.stringify(c)}: ${name}`);
      }),
      { numRuns: 600, seed: 43052 },
    );
  });

  test("every extreme number among the weights", () => {
    for (const value of extremes) {
      const sizes = [8, 8];
      const r: Recurrence = { kind: "relu", sizes, rows: 16, reverse: false, I: 6, H: 8, P: 8 };
      const x = inputs({ I: 6, seed: 3, flaw: "none" } as Case, 16);
      const w = floats(48, 2).map((v, i) => (i === 20 ? value : v));
      const [y, truth] = [new Float32Array(128), new Float32Array(128)];
      for (const [k, to] of [
        [wasmKernels, y],
        [reference, truth],
      ] as const)
        k.recurrentForward(
          r,
          x,
          0,
          w,
          0,
          new Float32Array(64),
          0,
          null,
          0,
          null,
          0,
          null,
          0,
          new Float32Array(64),
          null,
          to,
          null,
        );
      expectSameBits(y, truth, `weight ${value}`);
    }
  });
});
