import { describe, expect, test } from "vitest";
import type { BinaryName, FloatArray, Kernels, UnaryName } from "../src/kernels/contract.js";
import { referenceKernels } from "../src/kernels/reference.js";
import { everythingInWasm, expectClose, floats } from "./kernels-helper.js";

/** The kernels against formulas written here, in float64 and with Math, not against each other. */
interface Row {
  readonly what: string;
  readonly kernels: Kernels;
  readonly array: (values: Iterable<number>) => FloatArray;
  readonly tolerance: number;
}
const rows: Row[] = [
  { what: "reference, float64", kernels: referenceKernels, array: (v) => Float64Array.from(v), tolerance: 1e-14 },
  { what: "reference, float32", kernels: referenceKernels, array: (v) => Float32Array.from(v), tolerance: 1e-6 },
  { what: "wasm, float32", kernels: everythingInWasm, array: (v) => Float32Array.from(v), tolerance: 1e-6 },
];

const unary: { readonly [F in UnaryName]: (x: number) => number } = {
  neg: (x) => -x,
  abs: (x) => Math.abs(x),
  square: (x) => x ** 2,
  sqrt: (x) => x ** 0.5,
  reciprocal: (x) => 1 / x,
  exp: (x) => Math.exp(x),
  log: (x) => Math.log(x),
  tanh: (x) => Math.tanh(x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
};

const binary: { readonly [F in BinaryName]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  tanhGrad: (g, y) => g * (1 - y ** 2),
  sigmoidGrad: (g, y) => g * y * (1 - y),
  reluGrad: (g, y) => (y > 0 ? g : 0),
};

const total = (values: number[]): number => values.reduce((s, v) => s + v, 0);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe.each(rows)("$what", ({ kernels, array, tolerance }) => {
  const signed = (n: number, seed: number): FloatArray => array(floats(n, seed));
  const positive = (n: number, seed: number): FloatArray => array(floats(n, seed).map((x) => Math.abs(x) + 0.1));

  test("element functions", () => {
    for (const [name, f] of Object.entries(unary) as [UnaryName, (x: number) => number][]) {
      const x = name === "sqrt" || name === "log" ? positive(37, 1) : signed(37, 1);
      const y = array(x);
      kernels.unary(name, 37, x, 0, y, 0);
      expectClose(y, [...x].map(f), name === "reciprocal" ? tolerance * 10 : tolerance, name);
    }
    for (const [name, f] of Object.entries(binary) as [BinaryName, (a: number, b: number) => number][]) {
      const [a, b, y] = [signed(36, 1), positive(36, 2), signed(36, 3)];
      const at = (x: FloatArray, i: number): number => x[i] as number;
      kernels.binary(name, "same", 36, a, 0, b, 0, y, 0, 0);
      expectClose(
        y,
        range(36).map((i) => f(at(a, i), at(b, i))),
        tolerance,
        name,
      );
      kernels.binary(name, "scalar", 36, a, 0, b, 5, y, 0, 0);
      expectClose(
        y,
        range(36).map((i) => f(at(a, i), at(b, 5))),
        tolerance,
        `${name}, b one number`,
      );
      kernels.binary(name, "scalarLeft", 36, a, 7, b, 0, y, 0, 0);
      expectClose(
        y,
        range(36).map((i) => f(at(a, 7), at(b, i))),
        tolerance,
        `${name}, a one number`,
      );
      kernels.binary(name, "row", 36, a, 0, b, 0, y, 0, 9);
      expectClose(
        y,
        range(36).map((i) => f(at(a, i), at(b, i % 9))),
        tolerance,
        `${name}, b a row`,
      );
    }
    const [x, y] = [signed(21, 1), signed(21, 2)];
    const expected = [...y].map((v, i) => v + 0.3 * (x[i] as number));
    kernels.axpy(21, 0.3, x, 0, y, 0);
    expectClose(y, expected, tolerance, "axpy");
  });

  test("matrix product", () => {
    const [M, N, K] = [7, 11, 13];
    const A = signed(M * K, 1);
    const B = signed(K * N, 2);
    const start = signed(M * N, 3);
    const product = range(M * N).map((at) => {
      const [i, j] = [Math.floor(at / N), at % N];
      return total(range(K).map((k) => (A[i * K + k] as number) * (B[k * N + j] as number)));
    });
    const turned = (x: FloatArray, rows: number, columns: number): FloatArray =>
      array(range(rows * columns).map((at) => x[(at % rows) * columns + Math.floor(at / rows)] as number));
    for (const transA of [false, true]) {
      for (const transB of [false, true]) {
        const a = transA ? turned(A, M, K) : A;
        const b = transB ? turned(B, K, N) : B;
        const sizes = [M, N, K, a, 0, transA ? M : K, b, 0, transB ? K : N] as const;
        const c = array(start);
        kernels.gemm(transA, transB, ...sizes, c, 0, N, false);
        expectClose(c, product, tolerance * 5, `op(A)·op(B), ${transA}, ${transB}`);
        kernels.gemm(transA, transB, ...sizes, c, 0, N, true);
        expectClose(
          c,
          product.map((v) => 2 * v),
          tolerance * 5,
          `C + op(A)·op(B), ${transA}, ${transB}`,
        );
      }
    }
  });

  test("sums are those of float64, rounded once", () => {
    const n = 50_001;
    const x = array(floats(n, 5).map((v, i) => (i % 100 === 0 ? v * 1e6 : v)));
    const y = array([0]);
    kernels.sum(1, n, 1, x, 0, y, 0);
    const truth = total([...x]);
    expect(Math.abs((y[0] as number) - truth)).toBeLessThanOrEqual(
      tolerance * 0.06 * Math.abs(truth) + 1e-6 * tolerance,
    );
    const columns = array(new Float32Array(3));
    kernels.sum(1, n / 3, 3, x, 0, columns, 0);
    const truths = range(3).map((j) => total([...x].filter((_, i) => i % 3 === j)));
    expectClose(columns, truths, tolerance, "sums of columns");
  });

  test("softmax, log-softmax and their gradients", () => {
    const [R, n] = [3, 10];
    const x = signed(R * n, 1);
    const g = signed(R * n, 2);
    const p = range(R).flatMap((r) => {
      const e = range(n).map((i) => Math.exp(x[r * n + i] as number));
      return e.map((v) => v / total(e));
    });
    const rowTotal = (r: number, f: (i: number) => number): number => total(range(n).map((i) => f(r * n + i)));
    const y = array(x);
    kernels.softmax(R, n, x, 0, y, 0);
    expectClose(y, p, tolerance, "softmax");
    const dx = array(x);
    kernels.softmaxGrad(R, n, g, 0, y, 0, dx, 0);
    const dot = (r: number): number => rowTotal(r, (i) => (g[i] as number) * (p[i] as number));
    const at = (i: number): number => Math.floor(i / n);
    expectClose(
      dx,
      p.map((v, i) => v * ((g[i] as number) - dot(at(i)))),
      tolerance,
      "softmaxGrad",
    );
    kernels.logSoftmax(R, n, x, 0, y, 0);
    expectClose(y, p.map(Math.log), tolerance, "logSoftmax");
    kernels.logSoftmaxGrad(R, n, g, 0, y, 0, dx, 0);
    const sums = p.map((v, i) => (g[i] as number) - v * rowTotal(at(i), (j) => g[j] as number));
    expectClose(dx, sums, tolerance * 2, "logSoftmaxGrad");
    const big = array([1000, 999, -1000]);
    kernels.softmax(1, 3, big, 0, big, 0);
    expectClose(big, [1 / (1 + Math.exp(-1)), 1 / (1 + Math.E), 0], tolerance, "softmax of large numbers");
  });

  test("rows of tables", () => {
    const table = signed(15, 1);
    const before = [...table];
    const index = [4, 0, 4, 2];
    const out = array(new Float32Array(12));
    kernels.gatherRows(4, 3, table, 0, index, out, 0);
    expectClose(
      out,
      index.flatMap((r) => before.slice(3 * r, 3 * r + 3)),
      0,
      "gather",
    );
    kernels.scatterAddRows(4, 3, out, 0, index, table, 0);
    const count = (r: number): number => index.filter((i) => i === r).length;
    expectClose(
      table,
      before.map((v, i) => v * (1 + count(Math.floor(i / 3)))),
      tolerance,
      "scatter",
    );
  });

  test("optimiser updates follow their equations over ten steps", () => {
    const n = 9;
    const g = (t: number): FloatArray => signed(n, 100 + t);
    const zeros = (): number[] => new Array<number>(n).fill(0);
    const steps = range(10);

    const [beta1, beta2, eps, lr] = [0.9, 0.99, 1e-6, 0.05];
    const p = signed(n, 1);
    const want = [...p];
    const [m, v, vmax] = [array(zeros()), array(zeros()), array(zeros())];
    const [M, V, W] = [zeros(), zeros(), zeros()];
    for (const t of steps) {
      const [c1, c2] = [1 - beta1 ** (t + 1), 1 - beta2 ** (t + 1)];
      kernels.adam(n, p, g(t), m, v, vmax, {
        beta1,
        beta2,
        eps,
        stepSize: lr / c1,
        bias2Root: Math.sqrt(c2),
        weightDecay: 0.1,
        shrink: 0.99,
        sign: -1,
      });
      for (let i = 0; i < n; i++) {
        const weight = (want[i] as number) * 0.99;
        const d = -(g(t)[i] as number) + 0.1 * weight;
        M[i] = beta1 * (M[i] as number) + (1 - beta1) * d;
        V[i] = beta2 * (V[i] as number) + (1 - beta2) * d * d;
        W[i] = Math.max(W[i] as number, V[i] as number);
        want[i] = weight - (lr * ((M[i] as number) / c1)) / (Math.sqrt((W[i] as number) / c2) + eps);
      }
    }
    expectClose(p, want, tolerance * 20, "adam");

    for (const nesterov of [false, true]) {
      const q = signed(n, 1);
      const target = [...q];
      const buf = array(zeros());
      const B = zeros();
      for (const t of steps) {
        const s = {
          lr,
          momentum: 0.9,
          dampening: nesterov ? 0 : 0.5,
          weightDecay: 0.1,
          nesterov,
          firstStep: t === 0,
          sign: 1,
        };
        kernels.sgd(n, q, g(t), buf, s);
        for (let i = 0; i < n; i++) {
          const d = (g(t)[i] as number) + 0.1 * (target[i] as number);
          B[i] = t === 0 ? d : 0.9 * (B[i] as number) + (1 - s.dampening) * d;
          (target[i] as number) -= lr * (nesterov ? d + 0.9 * (B[i] as number) : (B[i] as number));
        }
      }
      expectClose(q, target, tolerance * 20, "sgd");
    }

    for (const centred of [false, true]) {
      const q = signed(n, 1);
      const target = [...q];
      const [square, mean, buf] = [array(zeros()), array(zeros()), array(zeros())];
      const [S, A, B] = [zeros(), zeros(), zeros()];
      const s = { lr, alpha: 0.9, eps: 1e-3, weightDecay: 0.1, momentum: centred ? 0.5 : 0, sign: 1 };
      for (const t of steps) {
        kernels.rmsprop(n, q, g(t), square, centred ? mean : null, centred ? buf : null, s);
        for (let i = 0; i < n; i++) {
          const d = (g(t)[i] as number) + 0.1 * (target[i] as number);
          S[i] = 0.9 * (S[i] as number) + 0.1 * d * d;
          A[i] = 0.9 * (A[i] as number) + 0.1 * d;
          const root = Math.sqrt((S[i] as number) - (centred ? (A[i] as number) ** 2 : 0)) + 1e-3;
          B[i] = 0.5 * (B[i] as number) + d / root;
          (target[i] as number) -= lr * (centred ? (B[i] as number) : d / root);
        }
      }
      expectClose(q, target, tolerance * 100, "rmsprop");
    }

    const q = signed(n, 1);
    const target = [...q];
    const sum = array(zeros());
    const S = zeros();
    for (const t of steps) {
      kernels.adagrad(n, q, g(t), sum, lr / (1 + 0.1 * t), 1e-6, 0.1, -1);
      for (let i = 0; i < n; i++) {
        const d = -(g(t)[i] as number) + 0.1 * (target[i] as number);
        S[i] = (S[i] as number) + d * d;
        (target[i] as number) -= ((lr / (1 + 0.1 * t)) * d) / (Math.sqrt(S[i] as number) + 1e-6);
      }
    }
    expectClose(q, target, tolerance * 20, "adagrad");
  });
});
