import { describe, expect, test } from "vitest";
import type { FloatArray, Kernels, Recurrence, RecurrenceKind } from "../src/kernels/contract.js";
import { gateCounts, slotCounts } from "../src/kernels/reference/recurrent.js";
import { referenceKernels as reference } from "../src/kernels/reference.js";
import { wasmKernels } from "../src/kernels/wasm.js";
import { everythingInWasm, expectSameBits, floats } from "./kernels-helper.js";

/** A recurrence with all its arrays, some of them at an offset. */
interface Case {
  readonly kind: RecurrenceKind;
  readonly sizes: readonly number[];
  readonly reverse: boolean;
  readonly I: number;
  readonly H: number;
  readonly P: number;
  readonly biased: boolean;
  readonly given: boolean;
  /** Whether gradients of the outputs come from above; else those of the last states only. */
  readonly fromAbove: boolean;
}

const kinds: readonly RecurrenceKind[] = ["tanh", "relu", "lstm", "gru"];
const ones = (T: number): number[] => new Array<number>(T).fill(1);

function* cases(): Generator<Case> {
  const layouts = [ones(1), ones(7), [3, 3, 3], [5, 5, 2, 2, 1], [9, 4], [16, 16, 16], [6, 5, 4, 3, 2, 1]];
  let turn = 0;
  for (const kind of kinds) {
    for (const sizes of layouts) {
      for (const [I, H] of [
        [1, 1],
        [4, 3],
        [3, 4],
        [5, 6],
        [8, 8],
        [2, 13],
        [17, 20],
      ] as const) {
        for (const reverse of [false, true]) {
          turn++;
          const flags = { biased: turn % 3 !== 0, given: turn % 2 === 0, fromAbove: turn % 5 !== 0 };
          yield { kind, sizes, reverse, I, H, P: H, ...flags };
          if (kind === "lstm" && H > 1) yield { kind, sizes, reverse, I, H, P: Math.ceil(H / 2), ...flags };
        }
      }
    }
  }
}

const textOf = (c: Case): string => JSON.stringify(c).replaceAll('"', "");

/** Runs forward and backward and returns everything that was written. */
function run(k: Kernels, c: Case, convert: (x: Float32Array) => FloatArray): Record<string, FloatArray> {
  const { kind, sizes, reverse, I, H, P, biased, given, fromAbove } = c;
  const rows = sizes.reduce((a, b) => a + b, 0);
  const B = sizes[0] as number;
  const G = gateCounts[kind] * H;
  const r: Recurrence = { kind, sizes, rows, reverse, I, H, P };
  const make = (n: number, seed: number, scale = 0.5): FloatArray => convert(floats(n, seed).map((v) => v * scale));
  const empty = (n: number): FloatArray => convert(new Float32Array(n).fill(9));
  const x = make(rows * I + 3, 1);
  const [wIh, wHh, wHr] = [make(G * I + 2, 2), make(G * P + 1, 3), P === H ? null : make(P * H + 5, 4)];
  const [bIh, bHh] = biased ? [make(G + 1, 5), make(G + 2, 6)] : [null, null];
  const lstm = kind === "lstm";
  const zeros = (n: number): FloatArray => convert(new Float32Array(n));
  const h0 = given ? make(B * P, 7) : null;
  const c0 = given && lstm ? make(B * H, 8) : null;
  const h = h0?.slice() ?? zeros(B * P);
  const cells = lstm ? (c0?.slice() ?? zeros(B * H)) : null;
  const y = empty(rows * P);
  const slots = slotCounts[kind] * ((H + 3) & ~3);
  const kept = slots > 0 ? zeros(rows * slots) : null;
  k.recurrentForward(r, x, 3, wIh, 2, wHh, 1, bIh, 1, bHh, 2, wHr, 5, h, cells, y, kept);
  const withoutKept = { h: h0?.slice() ?? zeros(B * P), y: empty(rows * P) };
  const otherCells = lstm ? (c0?.slice() ?? zeros(B * H)) : null;
  k.recurrentForward(r, x, 3, wIh, 2, wHh, 1, bIh, 1, bHh, 2, wHr, 5, withoutKept.h, otherCells, withoutKept.y, null);
  expectSameBits(withoutKept.y, y, `${textOf(c)}: y without anything kept`);
  expectSameBits(withoutKept.h, h, `${textOf(c)}: h without anything kept`);
  const dh = make(B * P, 9);
  const dc = lstm ? make(B * H, 10) : null;
  const dy = fromAbove ? make(rows * P + 4, 11) : null;
  const dx = empty(rows * I);
  const [dWIh, dWHh] = [empty(G * I), empty(G * P)];
  const [dBIh, dBHh] = biased ? [empty(G), empty(G)] : [null, null];
  const dWHr = wHr && empty(P * H);
  k.recurrentBackward(
    ...([r, x, 3, wIh, 2, wHh, 1, wHr, 5, h0 && withGap(h0), 2, y, kept, dy, 4, dh, dc] as const),
    ...([dx, dWIh, dWHh, dBIh, dBHh, dWHr] as const),
  );
  const all = { y, h, cells, dh, dc, dx, dWIh, dWHh, dBIh, dBHh, dWHr };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, FloatArray] => entry[1] !== null));
}

/** The same numbers behind two others. */
function withGap(x: FloatArray): FloatArray {
  const result = x instanceof Float32Array ? new Float32Array(x.length + 2) : new Float64Array(x.length + 2);
  result.set(x, 2);
  return result;
}

describe("recurrences", () => {
  test.each([
    ["wasm", wasmKernels],
    ["wasm for every size", everythingInWasm],
  ])("%s has the bits of the reference, forward and back", (_, engine) => {
    for (const c of cases()) {
      const expected = run(reference, c, (x) => x);
      const actual = run(engine, c, (x) => x);
      expect(Object.keys(actual)).toEqual(Object.keys(expected));
      for (const [name, array] of Object.entries(actual)) {
        expectSameBits(array, expected[name] as FloatArray, `${textOf(c)}: ${name}`);
      }
    }
  });

  test("many rows, in several chunks, have the bits of the reference", () => {
    for (const kind of kinds) {
      for (const reverse of [false, true]) {
        const sizes = Array.from({ length: 60 }, (_, t) => (t < 40 ? 40 : 60 - t));
        const c: Case = { kind, sizes, reverse, I: 9, H: 33, P: 33, biased: true, given: true, fromAbove: true };
        const expected = run(reference, c, (x) => x);
        const actual = run(wasmKernels, c, (x) => x);
        for (const [name, array] of Object.entries(actual)) {
          expectSameBits(array, expected[name] as FloatArray, `${textOf(c)}: ${name}`);
        }
      }
    }
  });

  test("float32 stays close to float64", () => {
    for (const c of cases()) {
      const exact = run(wasmKernels, c, (x) => Float64Array.from(x));
      const rounded = run(wasmKernels, c, (x) => x);
      for (const [name, array] of Object.entries(rounded)) {
        const truth = exact[name] as FloatArray;
        const size = Array.from(truth).reduce((most, v) => Math.max(most, Math.abs(v)), 1);
        array.forEach((value, i) => {
          const error = Math.abs(value - (truth[i] as number));
          if (!(error <= 1e-5 * size)) {
            expect.fail(`${textOf(c)}: ${name}[${i}] is ${value}, in float64 ${truth[i]}`);
          }
        });
      }
    }
  });

  test("weights that have not changed may be kept from call to call, and those that have are read again", () => {
    for (const kind of kinds) {
      for (const [T, P] of [
        [1, 20],
        [3, 20],
        [2, 8],
      ] as const) {
        if (P !== 20 && kind !== "lstm") continue;
        const [I, H] = [6, 20];
        const G = gateCounts[kind] * H;
        const r: Recurrence = { kind, sizes: ones(T), rows: T, reverse: false, I, H, P };
        const x = floats(T * I, 1);
        const [wIh, wHh, wHr] = [floats(G * I, 2), floats(G * P, 3), P === H ? null : floats(P * H, 4)];
        const [bIh, bHh] = [floats(G, 5), floats(G, 6)];
        const outputsOf = (k: Kernels, version?: number): Float32Array => {
          const [h, c] = [floats(P, 7), kind === "lstm" ? floats(H, 8) : null];
          const y = new Float32Array(T * P);
          k.recurrentForward(r, x, 0, wIh, 0, wHh, 0, bIh, 0, bHh, 0, wHr, 0, h, c, y, null, version);
          return y;
        };
        [1, 1, 1, 2, 2, 2].forEach((version, call) => {
          if (call === 3) for (const w of [wIh, wHh, wHr]) w?.reverse();
          const what = `${kind}, ${T} steps, P ${P}, call ${call}`;
          expectSameBits(outputsOf(wasmKernels, version), outputsOf(reference), what);
        });
      }
    }
  });

  test("no rows at all", () => {
    for (const kind of kinds) {
      const c: Case = {
        ...{ kind, sizes: [0, 0], reverse: false, I: 3, H: 5, P: 5 },
        ...{ biased: true, given: false, fromAbove: true },
      };
      const { dWIh, dBHh } = run(wasmKernels, c, (x) => x);
      expect([...(dWIh as FloatArray), ...(dBHh as FloatArray)].every((v) => v === 0)).toBe(true);
    }
  });
});
