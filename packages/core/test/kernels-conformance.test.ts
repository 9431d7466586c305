import { describe, expect, test } from "vitest";
import type { AdamScalars, BinaryMode, BinaryName, Kernels, UnaryName } from "../src/kernels/contract.js";
import { referenceKernels as reference } from "../src/kernels/reference.js";
import { wasmKernels } from "../src/kernels/wasm.js";
import {
  cancelling,
  edges,
  everythingInWasm,
  expectSameBits,
  extremes,
  firstDifference,
  floats,
  numbers,
} from "./kernels-helper.js";

/**
 * Every engine against the reference, bit for bit. Arrays stand at odd offsets in larger ones, and the larger ones are
 * compared, so that a kernel that writes beside its output fails.
 */
const engines: [string, Kernels][] = [
  ["wasm", wasmKernels],
  ["wasm for every size", everythingInWasm],
];

const unaryNames: UnaryName[] = ["neg", "abs", "square", "sqrt", "reciprocal", "exp", "log", "tanh", "sigmoid", "relu"];
const binaryNames: BinaryName[] = [
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "tanhGrad",
  "sigmoidGrad",
  "reluGrad",
];
const modes: BinaryMode[] = ["same", "scalar", "scalarLeft", "row"];

/** Runs a kernel on copies of the arrays with both engines and compares all arrays afterwards. */
function compare(engine: Kernels, arrays: Float32Array[], what: string, run: (k: Kernels, a: Float32Array[]) => void) {
  const expected = arrays.map((a) => a.slice());
  const actual = arrays.map((a) => a.slice());
  run(reference, expected);
  run(engine, actual);
  actual.forEach((array, i) => {
    expectSameBits(array, expected[i] as Float32Array, `${what}, array ${i}`);
  });
}

type F = [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];

describe("the comparison itself", () => {
  test("tells a flipped bit, a lost sign of zero, a NaN and a length", () => {
    const x = floats(9, 1);
    expect(firstDifference(x, x.slice())).toBe(-1);
    const flipped = x.slice();
    new Int32Array(flipped.buffer)[7] = (new Int32Array(flipped.buffer)[7] as number) ^ 1;
    expect(firstDifference(flipped, x)).toBe(7);
    expect(firstDifference([1, NaN], [1, 2])).toBe(1);
    expect(firstDifference([1, 2], [1, NaN])).toBe(1);
    expect(firstDifference([NaN], [NaN])).toBe(-1);
    expect(firstDifference([0], [-0])).toBe(0);
    expect(firstDifference([1], [1, 2])).toBe(1);
  });

  test("fails an engine that is wrong in the last bit of one element", () => {
    const wrong: Kernels = {
      ...reference,
      unary(f, n, x, xo, y, yo) {
        reference.unary(f, n, x, xo, y, yo);
        if (n > 3) y[yo + 3] = (y[yo + 3] as number) * (1 + 2 ** -23);
      },
    };
    const run = (k: Kernels, a: Float32Array[]): void => {
      const [x, y] = a as F;
      k.unary("tanh", 8, x, 0, y, 0);
    };
    expect(() => compare(wrong, [floats(8, 2), floats(8, 3)], "tanh", run)).toThrow(/element 3/);
  });
});

describe.each(engines)("%s gives the reference's bits", (_, engine) => {
  test.each(unaryNames)("unary %s", (f) => {
    for (const n of [...edges, 16384, 16387, 40001]) {
      for (const every of [0, 3]) {
        compare(engine, [floats(n + 5, n, every), floats(n + 7, n + 1)], `${f} n=${n}`, (k, a) => {
          const [x, y] = a as F;
          k.unary(f, n, x, 2, y, 3);
        });
      }
      compare(engine, [floats(n + 3, n, 2)], `${f} in place n=${n}`, (k, a) => {
        const [x] = a as F;
        k.unary(f, n, x, 1, x, 1);
      });
    }
    const all = Float32Array.from(extremes);
    compare(engine, [all, all], `${f} of extremes`, (k, a) => {
      const [x, y] = a as F;
      k.unary(f, x.length, x, 0, y, 0);
    });
  });

  test.each(binaryNames.flatMap((f) => modes.map((mode) => [f, mode] as const)))("binary %s, mode %s", (f, mode) => {
    const widths = mode === "row" ? [1, 2, 3, 4, 5, 8, 12, 17, 33, 64, 67, 128] : [1];
    for (const width of widths) {
      for (const size of mode === "row" ? [0, 1, 2, 3, 5, 30, 400] : [...edges, 40001]) {
        const n = size * width;
        const a = floats(n + 4, n, 4);
        const b = floats(n + width + 4, n + 1, 4);
        compare(engine, [a, b, floats(n + 9, 2)], `${f} ${mode} n=${n} width=${width}`, (k, arrays) => {
          const [p, q, y] = arrays as F;
          k.binary(f, mode, n, p, 1, q, 3, y, 5, width);
        });
        if (mode === "scalarLeft") continue;
        compare(engine, [a, b], `${f} ${mode} in place n=${n} width=${width}`, (k, arrays) => {
          const [p, q] = arrays as F;
          k.binary(f, mode, n, p, 1, q, 3, p, 1, width);
        });
      }
    }
  });

  test("binary with a row longer than a chunk, and both sides the same array", () => {
    const width = 20001;
    compare(engine, [floats(3 * width, 1), floats(width, 2)], "long row", (k, arrays) => {
      const [a, b] = arrays as F;
      k.binary("add", "row", 3 * width, a, 0, b, 0, a, 0, width);
    });
    compare(engine, [floats(100, 1)], "x·x", (k, arrays) => {
      const [a] = arrays as F;
      k.binary("mul", "same", 100, a, 0, a, 0, a, 0, 0);
    });
  });

  test("axpy", () => {
    for (const n of [...edges, 40001]) {
      for (const alpha of [1, -0.1, 1e-30, NaN]) {
        compare(engine, [floats(n + 5, n, 5), floats(n + 7, n + 1, 5)], `axpy n=${n} alpha=${alpha}`, (k, a) => {
          const [x, y] = a as F;
          k.axpy(n, alpha, x, 2, y, 3);
        });
      }
    }
  });

  const transposes = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const;

  function compareGemm(sizes: readonly [number, number, number], gap: number, every: number): void {
    const [M, N, K] = sizes;
    for (const [transA, transB] of transposes) {
      const lda = (transA ? M : K) + gap;
      const ldb = (transB ? K : N) + gap;
      const ldc = N + gap;
      const a = floats(lda * (transA ? K : M) + 3, M + N, every);
      const b = floats(ldb * (transB ? N : K) + 3, N + K, every);
      const c = floats(ldc * M + 3, K, every);
      for (const accumulate of [false, true]) {
        const letters = `${transA ? "T" : "N"}${transB ? "T" : "N"}${accumulate ? " +=" : ""}`;
        const what = `gemm ${M}×${N}×${K} ${letters} gap ${gap}`;
        compare(engine, [a, b, c], what, (k, arrays) => {
          const [p, q, y] = arrays as F;
          k.gemm(transA, transB, M, N, K, p, 2, lda, q, 1, ldb, y, 3, ldc, accumulate);
        });
      }
    }
  }

  test("gemm at all edges of tiles and pieces, all transposes, added or not", () => {
    for (const M of [0, 1, 2, 3, 4, 5, 9]) {
      for (const N of [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 19]) {
        for (const K of [0, 1, 2, 3, 4, 5, 8, 13]) compareGemm([M, N, K], (M + N + K) % 3, 0);
      }
    }
  });

  test.each([
    [33, 31, 128],
    [17, 33, 129],
    [6, 65, 300],
    [16, 700, 20],
    [19, 641, 131],
    [1, 100, 257],
    [129, 1, 150],
    [40, 2, 256],
  ] as const)("gemm %d×%d×%d", (M, N, K) => {
    compareGemm([M, N, K], 0, 0);
    compareGemm([M, N, K], 5, 0);
  });

  test("gemm with a B that stays the same", () => {
    for (const [M, N, K] of [
      [1, 64, 128],
      [2, 50, 33],
      [3, 129, 17],
      [5, 1, 1024],
      [16, 40, 64],
      [17, 40, 64],
    ] as const) {
      for (const [transA, transB] of [
        [false, true],
        [true, true],
        [false, false],
      ] as const) {
        const [a, b] = [floats(M * K, 1, 50), floats(K * N, 2, 500)];
        for (let call = 0; call < 6; call++) {
          const accumulate = call % 2 === 1;
          if (call === 4) b.reverse();
          const [c, expected] = [floats(M * N, 3), floats(M * N, 3)];
          const [lda, ldb] = [transA ? M : K, transB ? K : N];
          wasmKernels.gemm(transA, transB, M, N, K, a, 0, lda, b, 0, ldb, c, 0, N, accumulate, call >> 2);
          reference.gemm(transA, transB, M, N, K, a, 0, lda, b, 0, ldb, expected, 0, N, accumulate);
          expectSameBits(c, expected, `${M}×${N}×${K} ${transA} ${transB}, call ${call}`);
        }
      }
    }
  });

  test("gemm of extreme numbers", () => {
    for (const M of [1, 3, 4, 7]) for (const N of [1, 6, 8, 13]) compareGemm([M, N, 9], 1, 6);
    compareGemm([9, 12, 140], 0, 40);
  });

  test("sum over every axis", () => {
    for (const inner of [1, 2, 3, 4, 5, 8, 33]) {
      for (const n of [...edges, ...(inner === 1 ? [16384, 16385, 40003] : [])]) {
        for (const outer of [0, 1, 3]) {
          const size = outer * n * inner + 3;
          for (const x of [floats(size, n), floats(size, n + 1, 50), cancelling(size, n + inner)]) {
            compare(engine, [x, floats(outer * inner + 4, 1)], `sum [${outer},${n},${inner}]`, (k, a) => {
              k.sum(outer, n, inner, (a as F)[0], 2, (a as F)[1], 3);
            });
          }
        }
      }
    }
    compare(engine, [floats(300 * 100 * 2, 1), floats(600, 2)], "sum in chunks", (k, a) => {
      k.sum(300, 100, 2, (a as F)[0], 0, (a as F)[1], 0);
    });
  });

  test("softmax and log-softmax, in place too", () => {
    for (const f of ["softmax", "logSoftmax"] as const) {
      for (const n of [...edges, 17000]) {
        for (const rows of n > 1000 ? [2] : [0, 1, 2, 5, 40]) {
          for (const every of [0, 2 * n]) {
            const x = floats(rows * n + 3, n + rows, every);
            const what = `${f} ${rows}×${n}`;
            compare(engine, [x, floats(rows * n + 4, 1)], what, (k, a) =>
              k[f](rows, n, (a as F)[0], 2, (a as F)[1], 3),
            );
            compare(engine, [x], `${what} in place`, (k, a) => k[f](rows, n, (a as F)[0], 2, (a as F)[0], 2));
          }
        }
      }
    }
  });

  test("gradients of softmax and log-softmax, in place too", () => {
    for (const f of ["softmaxGrad", "logSoftmaxGrad"] as const) {
      for (const n of [...edges, 17000]) {
        for (const rows of n > 1000 ? [2] : [0, 1, 2, 5, 40]) {
          const size = rows * n + 3;
          const y = floats(size, n + 1);
          for (const [g, out] of [
            [floats(size, n), y],
            [floats(size, n, 2 * n), floats(size, n + 1, 2 * n)],
            [cancelling(size, n), y.map(Math.sign)],
          ] as const) {
            const arrays = [g, out, floats(size + 1, 1)];
            const what = `${f} ${rows}×${n}`;
            compare(engine, arrays, what, (k, a) => {
              const [g, y, dx] = a as F;
              k[f](rows, n, g, 2, y, 1, dx, 3);
            });
            compare(engine, arrays, `${what} in place`, (k, a) => {
              const [g, y] = a as F;
              k[f](rows, n, g, 2, y, 1, g, 2);
            });
          }
        }
      }
    }
  });

  test("rows of tables, out and in", () => {
    for (const width of [0, 1, 3, 4, 5, 8, 33]) {
      for (const [count, rows] of [
        [0, 1],
        [1, 1],
        [7, 3],
        [300, 11],
        [20, 50],
        [4000, 5],
      ] as const) {
        const next = numbers(count);
        const index = Array.from({ length: count }, () => Math.floor(next() * rows));
        const arrays = [floats(rows * width + 3, 1), floats(count * width + 5, 2)];
        compare(engine, arrays, `gather ${count} of ${rows}×${width}`, (k, a) => {
          const [table, out] = a as F;
          k.gatherRows(count, width, table, 2, index, out, 3);
        });
        compare(engine, arrays, `scatter ${count} into ${rows}×${width}`, (k, a) => {
          const [table, g] = a as F;
          k.scatterAddRows(count, width, g, 1, Float64Array.from(index), table, 2);
        });
      }
    }
  });

  /** p, g and moments; second moments are not negative. */
  function state(n: number, seed: number, every: number): Float32Array[] {
    const signed = [floats(n, seed, every), floats(n, seed + 1, every), floats(n, seed + 2, every)];
    return [...signed, floats(n, seed + 3, every).map(Math.abs), floats(n, seed + 4, every).map(Math.abs)];
  }

  const adamScalars: AdamScalars = {
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    stepSize: 0.01,
    bias2Root: 0.0316,
    weightDecay: 0,
    shrink: 1,
    sign: 1,
  };

  test("updates of Adam, SGD, RMSprop and Adagrad", () => {
    for (const n of [...edges, 40001]) {
      for (const every of [0, 4]) {
        const arrays = state(n, n, every);
        const run = (what: string, body: (k: Kernels, a: F) => void): void =>
          compare(engine, arrays, `${what} n=${n}`, (k, a) => body(k, a as F));
        for (const s of [
          adamScalars,
          { ...adamScalars, weightDecay: 0.1 },
          { ...adamScalars, shrink: 0.99, sign: -1 },
        ]) {
          run("adam", (k, [p, g, m, v]) => k.adam(n, p, g, m, v, null, s));
          run("amsgrad", (k, [p, g, m, v, w]) => k.adam(n, p, g, m, v, w, s));
        }
        const sgd = { lr: 0.1, momentum: 0.9, dampening: 0.1, weightDecay: 0.01, sign: 1 };
        for (const nesterov of [false, true]) {
          for (const firstStep of [false, true]) {
            run("sgd", (k, [p, g, buf]) => k.sgd(n, p, g, buf, { ...sgd, nesterov, firstStep }));
          }
        }
        run("sgd without momentum", (k, [p, g]) =>
          k.sgd(n, p, g, null, { ...sgd, weightDecay: 0, sign: -1, nesterov: false, firstStep: true }),
        );
        const rms = { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0.02, momentum: 0.9, sign: 1 };
        run("rmsprop", (k, [p, g, , v]) => k.rmsprop(n, p, g, v, null, null, rms));
        run("rmsprop, momentum", (k, [p, g, m, v]) => k.rmsprop(n, p, g, v, null, m, rms));
        run("rmsprop, centred", (k, [p, g, m, v]) => k.rmsprop(n, p, g, v, m, null, { ...rms, weightDecay: 0 }));
        run("rmsprop, both", (k, [p, g, m, v, w]) => k.rmsprop(n, p, g, v, m, w, rms));
        run("adagrad", (k, [p, g, , v]) => k.adagrad(n, p, g, v, 0.01, 1e-10, 0, 1));
        run("adagrad, penalty", (k, [p, g, , v]) => k.adagrad(n, p, g, v, 0.01, 1e-10, 0.1, -1));
      }
    }
  });

  test("moments that sink below the smallest normal number become zero, and stay there", () => {
    const n = 40;
    const p = floats(n, 1);
    const g = new Float32Array(n);
    const m = new Float32Array(n).fill(1e-37);
    const v = new Float32Array(n).fill(1e-38);
    for (let step = 0; step < 60; step++) engine.adam(n, p, g, m, v, null, adamScalars);
    expectSameBits(m, new Float32Array(n), "m");
    expectSameBits(v, new Float32Array(n), "v");
  });
});
