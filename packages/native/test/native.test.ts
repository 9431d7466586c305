import { engineNames, manualSeed, nn, OptionError, randn, setEngine } from "@unroll/core";
import {
  engineKernels,
  engineName,
  type FloatArray,
  gateCounts,
  type Recurrence,
  type RecurrenceKind,
  registerEngine,
  slotCounts,
} from "@unroll/core/engine";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Blas, openBlas } from "../src/blas.js";
import { nativeKernels } from "../src/engine.js";
import { BlasError, blasInfo, useBlas } from "../src/index.js";

/** The BLAS of this machine; where there is none, each test checks instead that asking for it says so. */
const blas = ((): Blas | null => {
  try {
    return openBlas();
  } catch {
    return null;
  }
})();

function withBlas(body: (blas: Blas) => void): void {
  if (blas === null) expect(() => setEngine("native")).toThrow(/Engine 'native'.*Tried .*UNROLL_BLAS/s);
  else body(blas);
}

afterEach(() => {
  vi.unstubAllEnvs();
  setEngine("wasm");
});

type Transposes = readonly [boolean, boolean];
const transposes: Transposes[] = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
];

function numbers(n: number, seed: number, isFloat32: boolean): FloatArray {
  const x = isFloat32 ? new Float32Array(n) : new Float64Array(n);
  let state = seed * 2654435761 + 12345;
  return x.map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe("conformance", () => {
  const everything = { float32: 0, float64: 0 };

  /** Holds each element against the reference within twice the bound that the engine and the reference keep to. */
  function compare(isFloat32: boolean, [M, N, K]: readonly [number, number, number], gap: number): void {
    withBlas((found) => {
      const engine = nativeKernels(found, everything);
      const reference = engineKernels("reference");
      const unit = isFloat32 ? 2 ** -24 : 2 ** -53;
      for (const [transA, transB] of transposes) {
        const [lda, ldb, ldc] = [(transA ? M : K) + gap, (transB ? K : N) + gap, N + gap];
        const a = numbers(lda * (transA ? K : M) + 3, 1, isFloat32);
        const b = numbers(ldb * (transB ? N : K) + 3, 2, isFloat32);
        for (const accumulate of [false, true]) {
          const before = numbers(ldc * M + 9, 3, isFloat32);
          if (!accumulate) before[3] = NaN;
          const [c, expected] = [before.slice(), before.slice()];
          engine.gemm(transA, transB, M, N, K, a, 2, lda, b, 1, ldb, c, 3, ldc, accumulate);
          reference.gemm(transA, transB, M, N, K, a, 2, lda, b, 1, ldb, expected, 3, ldc, accumulate);
          const sizes = expected.map(() => 0);
          reference.gemm(
            transA,
            transB,
            M,
            N,
            K,
            a.map(Math.abs),
            2,
            lda,
            b.map(Math.abs),
            1,
            ldb,
            sizes,
            3,
            ldc,
            false,
          );
          for (let i = 0; i < c.length; i++) {
            const inside = i >= 3 && i < 3 + ldc * M && (i - 3) % ldc < N;
            const size = (sizes[i] as number) + (accumulate ? Math.abs(before[i] as number) : 0);
            const bound = inside ? 2 * (K + 2) * unit * size * 1.0001 : 0;
            const same = Object.is(c[i], expected[i]);
            if (!same && !(Math.abs((c[i] as number) - (expected[i] as number)) <= bound)) {
              expect.fail(
                `${M}×${N}×${K} ${transA ? "T" : "N"}${transB ? "T" : "N"} element ${i} is ${c[i]}, ` +
                  `expected ${expected[i]} within ${bound}`,
              );
            }
          }
        }
      }
    });
  }

  test.each([true, false])("sizes around the edges of tiles, float32 %s", (isFloat32) => {
    for (const M of [0, 1, 2, 5, 16]) {
      for (const N of [0, 1, 3, 8, 17]) {
        for (const K of [0, 1, 4, 13]) compare(isFloat32, [M, N, K], (M + N + K) % 3);
      }
    }
  });

  test.each([
    [32, 512, 128],
    [129, 65, 257],
    [1, 300, 64],
    [300, 1, 64],
    [1, 1, 3000],
  ] as const)("gemm %d×%d×%d", (...size) => {
    compare(true, size, 0);
    compare(true, size, 5);
    compare(false, size, 1);
  });

  test("not a number and infinity come through, whatever they meet", () => {
    withBlas((found) => {
      const engine = nativeKernels(found, everything);
      for (const [M, N, K] of [
        [1, 20, 8],
        [20, 1, 8],
        [20, 20, 20],
      ] as const) {
        for (const [transA, transB] of transposes) {
          const [a, b, c] = [new Float32Array(M * K), new Float32Array(K * N).fill(1), new Float32Array(M * N)];
          a[0] = NaN;
          engine.gemm(transA, transB, M, N, K, a, 0, transA ? M : K, b, 0, transB ? K : N, c, 0, N, false);
          expect(Array.from(c, Number.isNaN), `${M}×${N}×${K}`).toEqual(Array.from(c, (_, i) => i < N));
          a[0] = Infinity;
          engine.gemm(transA, transB, M, N, K, a, 0, transA ? M : K, b, 0, transB ? K : N, c, 0, N, false);
          expect([...c], `${M}×${N}×${K}`).toEqual(Array.from(c, (_, i) => (i < N ? Infinity : 0)));
        }
      }
    });
  });

  test("tiny products, and rows that BLAS refuses to see overlap, have the default engine's bits", () => {
    withBlas((found) => {
      const [engine, wasm] = [nativeKernels(found), engineKernels("wasm")];
      for (const [M, N, K, lda] of [
        [3, 4, 5, 5],
        [1, 64, 64, 1],
      ] as const) {
        const [a, b] = [numbers(M * K, 1, true), numbers(K * N, 2, true)];
        const [c, expected] = [new Float32Array(M * N), new Float32Array(M * N)];
        engine.gemm(false, false, M, N, K, a, 0, lda, b, 0, N, c, 0, N, false);
        wasm.gemm(false, false, M, N, K, a, 0, lda, b, 0, N, expected, 0, N, false);
        expect(c).toEqual(expected);
      }
    });
  });
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
  ): FloatArray[] {
    const k = engineKernels(engine);
    const I = 20;
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

describe("engine native", () => {
  test("is known once the package is imported, and used when asked for", () => {
    expect(engineNames()).toContain("native");
    withBlas(() => {
      setEngine("native");
      expect(engineName()).toBe("native");
      expect(blasInfo().library).not.toBe("");
    });
  });

  test("trains a layer as the default engine does", () => {
    const gradients = (engine: string): number[][] => {
      setEngine(engine);
      manualSeed(1);
      const lstm = new nn.LSTM(24, 32);
      const [output] = lstm.forward(randn([7, 16, 24]));
      output.mul(output).sum().backward();
      return lstm.parameters().map((p) => [...(p.grad as NonNullable<typeof p.grad>).toTypedArray()].map(Number));
    };
    withBlas(() => {
      const expected = gradients("wasm");
      gradients("native").forEach((gradient, i) => {
        const reference = expected[i] as number[];
        const scale = Math.max(...reference.map(Math.abs));
        gradient.forEach((g, j) => {
          expect(!(Math.abs(g - (reference[j] as number)) <= 1e-5 * scale), `parameter ${i}, element ${j}`).toBe(false);
        });
      });
    });
  });
});

describe("finding a BLAS", () => {
  test("says what was opened, with one thread unless told otherwise", () => {
    withBlas((found) => {
      expect(found.version).toMatch(/\w/);
      if (found.threads !== null) {
        expect(found.threads).toBe(1);
        expect(useBlas({ threads: 2 }).threads).toBe(2);
        vi.stubEnv("UNROLL_BLAS_THREADS", "3");
        expect(openBlas().threads).toBe(3);
        expect(openBlas({ threads: 1 }).threads).toBe(1);
      }
      vi.stubEnv("UNROLL_BLAS", found.library);
      expect(openBlas().library).toBe(found.library);
    });
  });

  test("says what was tried and what to do when there is none", () => {
    const wrong = "libno-such-blas.so";
    for (const act of [
      () => openBlas({ library: wrong }),
      () => {
        vi.stubEnv("UNROLL_BLAS", wrong);
        openBlas();
      },
    ]) {
      expect(act).toThrow(BlasError);
      expect(act).toThrow(
        /cannot use 'libno-such-blas\.so' as BLAS. Tried libno-such-blas\.so \(.+\)\. .*UNROLL_BLAS/s,
      );
    }
    if (process.platform === "linux") {
      expect(() => openBlas({ library: wrong })).toThrow("apt-get install libopenblas0-pthread");
      expect(() => openBlas({ library: "libm.so.6" })).toThrow(/cblas_sgemm/);
    }
  });

  test("says so when koffi is missing", () => {
    const act = (): Blas =>
      openBlas({}, () => {
        throw new Error("Cannot find module 'koffi'\nRequire stack: …");
      });
    expect(act).toThrow(BlasError);
    expect(act).toThrow(/package 'koffi'.*\(Cannot find module 'koffi'\)\. Run `npm install koffi`/);
  });

  test.each([
    [{ thread: 1 }, /useBlas: unknown option 'thread'. Did you mean 'threads'\?/],
    [{ threads: 0 }, /useBlas: threads: expected a whole number from 1, got 0/],
    [{ threads: 1.5 }, /got 1.5/],
    [{ library: "" }, /useBlas: expected the name or path of a library, got an empty one/],
    [{ library: 3 }, /got 3/],
  ])("bad options are errors: %j", (options, message) => {
    expect(() => useBlas(options as never)).toThrow(OptionError);
    expect(() => useBlas(options as never)).toThrow(message);
  });

  test("a bad number of threads in the environment is an error", () => {
    vi.stubEnv("UNROLL_BLAS_THREADS", "many");
    expect(() => openBlas()).toThrow(/UNROLL_BLAS_THREADS: expected a whole number from 1, got many/);
  });
});
