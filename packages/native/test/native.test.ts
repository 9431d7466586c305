import { createRequire } from "node:module";
import { engineNames, manualSeed, nn, OptionError, randn, setEngine } from "@unroll/core";
import { engineKernels, engineName } from "@unroll/core/engine";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Blas, openBlas } from "../src/blas.js";
import { nativeKernels } from "../src/engine.js";
import { fortranProducts } from "../src/gemm.js";
import { BlasError, blasInfo, useBlas } from "../src/index.js";
import { numbers, withBlas } from "./helpers.js";

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

describe("conformance", () => {
  const everything = { float32: 0, float64: 0 };

  /** Holds each element against the reference within twice the bound that the engine and the reference keep to. */
  function compare(
    isFloat32: boolean,
    [M, N, K]: readonly [number, number, number],
    gap: number,
    as = (found: Blas): Blas => found,
  ): void {
    withBlas((found) => {
      const engine = nativeKernels(as(found), everything);
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

  test("a library that has Fortran's names alone", () => {
    const fortran = (found: Blas): Blas => {
      const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
      return { ...found, ...fortranProducts(koffi.load(found.library), found.addressOf) };
    };
    for (const size of [
      [1, 1, 1],
      [2, 3, 4],
      [17, 5, 9],
      [32, 100, 64],
    ] as const) {
      compare(true, size, 0, fortran);
      compare(true, size, 2, fortran);
      compare(false, size, 1, fortran);
    }
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
