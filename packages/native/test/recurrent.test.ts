import { setEngine } from "@unroll/core";
import {
  engineKernels,
  type FloatArray,
  gateCounts,
  type Recurrence,
  type RecurrenceKind,
  registerEngine,
  slotCounts,
} from "@unroll/core/engine";
import { afterEach, describe, expect, test } from "vitest";
import type { Blas } from "../src/blas.js";
import { nativeKernels } from "../src/engine.js";
import { PLAIN, ROW_MAJOR } from "../src/gemm.js";
import { type Packing, packingOf } from "../src/packing.js";
import { numbers, withBlas } from "./helpers.js";

type Tuple<N extends number, T extends number[] = []> = T["length"] extends N ? T : Tuple<N, [...T, number]>;

afterEach(() => {
  setEngine("wasm");
});

describe("recurrent layers", () => {
  type Sizes = readonly number[];
  const whole: Sizes = [32, 32, 32, 32, 32];
  const shrinking: Sizes = [40, 40, 31, 7, 1];
  /** So many steps that they go through in two or three chunks; a row without gates is short. */
  const steps =
    (T: number) =>
    (size: number): Sizes =>
      new Array<number>(T).fill(size);
  const inChunks = { tanh: steps(133), relu: steps(133), lstm: steps(30), gru: steps(40) };

  /** Everything that a layer writes, forward and back. */
  function run(
    engine: string,
    kind: RecurrenceKind,
    sizes: Sizes,
    reverse: boolean,
    plain: boolean,
    H = 64,
    I = 20,
  ): FloatArray[] {
    const k = engineKernels(engine);
    const rows = sizes.reduce((a, b) => a + b, 0);
    const B = sizes[0] as number;
    const G = gateCounts[kind] * H;
    const r: Recurrence = { kind, sizes, rows, reverse, I, H, P: H };
    const make = (n: number, seed: number): FloatArray => numbers(n, seed, true).map((v) => v / 8);
    const [x, wIh, wHh] = [make(rows * I + 3, 1), make(G * I + 2, 2), make(G * H + 1, 3)];
    const [bIh, bHh] = plain ? [null, null] : [make(G, 4), make(G, 5)];
    const lstm = kind === "lstm";
    const h0 = plain ? null : make(B * H, 6);
    const [h, c] = [h0?.slice() ?? new Float32Array(B * H), lstm ? make(B * H, 7) : null];
    const y = new Float32Array(rows * H);
    const kept = slotCounts[kind] ? new Float32Array(rows * slotCounts[kind] * H) : null;
    k.recurrentForward(r, x, 3, wIh, 2, wHh, 1, bIh, 0, bHh, 0, null, 0, h, c, y, kept);
    const [dh, dc] = [make(B * H, 8), lstm ? make(B * H, 9) : null];
    const dy = plain ? null : make(rows * H, 10);
    const [dx, dIh, dHh, dbIh, dbHh] = [rows * I, G * I, G * H, G, G].map((n) => new Float32Array(n));
    k.recurrentBackward(
      ...([r, x, 3, wIh, 2, wHh, 1, null, 0, h0, 0, y, kept, dy, 0, dh, dc] as const),
      ...([dx, dIh, dHh, dbIh, dbHh, null] as [F32, F32, F32, F32, F32, null]),
    );
    return [y, h, c, dh, dc, dx, dIh, dHh, dbIh, dbHh].filter((array): array is Float32Array => array != null);
  }
  type F32 = Float32Array;

  test.each(["tanh", "relu", "lstm", "gru"] as const)("%s: large layers are within 1e-5 of the reference", (kind) => {
    withBlas((found) => {
      registerEngine("native", nativeKernels(found));
      for (const sizes of [whole, shrinking, inChunks[kind](32), [...inChunks[kind](33), ...inChunks[kind](32)]]) {
        for (const reverse of [false, true]) {
          for (const plain of [false, true]) {
            const expected = run("reference", kind, sizes, reverse, plain);
            expectNear(run("native", kind, sizes, reverse, plain), expected, `${sizes} ${reverse} ${plain}`);
          }
        }
      }
    });
  });

  test.each([
    ["tanh", 516],
    ["lstm", 132],
    ["gru", 260],
  ] as const)("%s of %i units: weights in panels, and as they are", (kind, H) => {
    withBlas((found) => {
      const sizes = [8, 8, 5];
      for (const unpacksSmall of [true, false]) {
        registerEngine("native", nativeKernels({ ...found, unpacksSmall }));
        for (const plain of [false, true]) {
          const expected = run("reference", kind, sizes, false, plain, H);
          expectNear(run("native", kind, sizes, false, plain, H), expected, `${unpacksSmall} ${plain}`);
        }
      }
    });
  });

  /** What MKL offers, made of a BLAS without it: what is packed is remembered as it stands. */
  function packingBy({ sgemmAt, addressOf }: Blas): Packing {
    type Sizes = readonly [m: number, n: number, k: number];
    const packed = new Map<number, { sizes: Sizes; trans: number; from: number; ld: number }>();
    const functions: { readonly [name: string]: (...values: never[]) => unknown } = {
      cblas_sgemm_pack_get_size: (_identifier: number, ...[, n, k]: Sizes) => BigInt(4 * n * k),
      cblas_sgemm_pack(...[order, identifier, trans, m, n, k, alpha, from, ld, to]: Tuple<10>) {
        expect([order, identifier, alpha, to % 64]).toEqual([ROW_MAJOR, 162, 1, 0]);
        packed.set(to, { sizes: [m, n, k], trans, from, ld });
      },
      cblas_sgemm_compute(...[order, transA, transB, M, N, K, a, lda, b, , beta, c, ldc]: Tuple<13>) {
        expect([order, transA, transB]).toEqual([ROW_MAJOR, PLAIN, 151]);
        const { sizes, trans, from, ld } = packed.get(b) as NonNullable<ReturnType<typeof packed.get>>;
        expect([M, N, K], "packed for these sizes").toEqual(sizes);
        sgemmAt(order, transA, trans, M, N, K, 1, a, lda, from, ld, beta, c, ldc);
      },
    };
    const lookUp = (prototype: string) => functions[/\w+(?=\()/.exec(prototype)?.[0] ?? ""] as never;
    return packingOf(lookUp, addressOf) as Packing;
  }

  test.each([
    ["tanh", 256],
    ["relu", 132],
    ["lstm", 128],
    ["gru", 64],
  ] as const)("%s of %i units: weights packed for steps of full batches, and as they are for others", (kind, H) => {
    withBlas((found) => {
      registerEngine("native", nativeKernels({ ...found, packing: packingBy(found) }));
      for (const sizes of [whole, shrinking]) {
        for (const reverse of [false, true]) {
          const expected = run("reference", kind, sizes, reverse, false, H);
          expectNear(run("native", kind, sizes, reverse, false, H), expected, `${sizes} ${reverse}`);
        }
      }
    });
  });

  test.each(["tanh", "lstm", "gru"] as const)("%s: a layer without input", (kind) => {
    withBlas((found) => {
      for (const packing of [found.packing, packingBy(found)]) {
        registerEngine("native", nativeKernels({ ...found, packing }));
        for (const plain of [false, true]) {
          const expected = run("reference", kind, whole, false, plain, 64, 0);
          expectNear(run("native", kind, whole, false, plain, 64, 0), expected, `${plain}`);
        }
      }
    });
  });

  test("packing needs all three functions", () => {
    const some = (prototype: string) => (prototype.includes("compute") ? undefined : () => 0);
    expect(packingOf(some, () => 0)).toBeNull();
  });

  function expectNear(found: readonly FloatArray[], expected: readonly FloatArray[], where: string): void {
    found.forEach((array, i) => {
      const truth = expected[i] as FloatArray;
      const scale = Array.from(truth).reduce((most, v) => Math.max(most, Math.abs(v)), 1e-3);
      array.forEach((v, j) => {
        if (!(Math.abs(v - (truth[j] as number)) <= 1e-5 * scale))
          expect.fail(`${where}: array ${i}, element ${j} is ${v}, expected ${truth[j]}`);
      });
    });
  }
});
