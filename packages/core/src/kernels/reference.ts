/**
 * The contract in plain TypeScript: what every other engine must equal, the engine for float64 and for tiny arrays, and
 * the fallback where WebAssembly is missing.
 *
 * @module
 */
import * as functions32 from "../math/float32.js";
import { exp as exp64, log as log64, tanh as tanh64 } from "../math/float64.js";
import type { FloatArray, Kernels } from "./contract.js";
import type { CellKernels } from "./contract-cell.js";
import { cellKernels } from "./reference/cell.js";
import { crossEntropy } from "./reference/cross-entropy.js";
import { elementKernels } from "./reference/elementwise.js";
import * as gemm32 from "./reference/float32-gemm.js";
import * as gemm64 from "./reference/float64-gemm.js";
import { updateKernels } from "./reference/optim.js";
import { type RecurrentKernels, recurrenceOf } from "./reference/recurrent.js";
import { rowKernels } from "./reference/rows.js";

/**
 * All arrays of a call have one element type, so looking at one of them tells which loops to run; these casts say so.
 * Each loop meets one kind of array only and stays fast.
 */
type F32 = Float32Array;
type F64 = Float64Array;
const isFloat32 = (x: FloatArray): x is Float32Array => x instanceof Float32Array;

const exact = (x: number): number => x;

/** σ(x) = 1 / (1 + e^−x), written for x < 0 so that nothing overflows. */
function sigmoid64(x: number): number {
  if (x >= 0) return 1 / (1 + exp64(-x));
  const e = exp64(x);
  return e / (1 + e);
}

const elements32 = /* @__PURE__ */ elementKernels(Math.fround, functions32);
const elements64 = /* @__PURE__ */ elementKernels(exact, { exp: exp64, log: log64, tanh: tanh64, sigmoid: sigmoid64 });
const rows32 = /* @__PURE__ */ rowKernels(Math.fround, functions32.exp, functions32.log);
const rows64 = /* @__PURE__ */ rowKernels(exact, exp64, log64);
const updates32 = /* @__PURE__ */ updateKernels(Math.fround, 1.1754943508222875e-38);
const updates64 = /* @__PURE__ */ updateKernels(exact, 2.2250738585072014e-308);

const basic: Omit<Kernels, keyof RecurrentKernels | keyof CellKernels> = {
  name: "reference",

  unary(f, n, x, xo, y, yo) {
    (isFloat32(x) ? elements32 : elements64).unary(f, n, x, xo, y, yo);
  },

  binary(f, mode, n, a, ao, b, bo, y, yo, width) {
    (isFloat32(a) ? elements32 : elements64).binary(f, mode, n, a, ao, b, bo, y, yo, width);
  },

  axpy(n, alpha, x, ...rest) {
    (isFloat32(x) ? elements32 : elements64).axpy(n, alpha, x, ...rest);
  },

  gemm(transA, transB, M, N, K, a, ao, lda, b, bo, ldb, c, co, ldc, accumulate) {
    if (isFloat32(a)) {
      gemm32.gemm(transA, transB, M, N, K, a, ao, lda, b as F32, bo, ldb, c as F32, co, ldc, accumulate);
    } else {
      gemm64.gemm(transA, transB, M, N, K, a, ao, lda, b as F64, bo, ldb, c as F64, co, ldc, accumulate);
    }
  },

  sum(outer, n, inner, x, ...rest) {
    (isFloat32(x) ? rows32 : rows64).sum(outer, n, inner, x, ...rest);
  },

  softmax(rows, n, x, ...rest) {
    (isFloat32(x) ? rows32 : rows64).softmax(rows, n, x, ...rest);
  },

  softmaxGrad(rows, n, g, ...rest) {
    (isFloat32(g) ? rows32 : rows64).softmaxGrad(rows, n, g, ...rest);
  },

  logSoftmax(rows, n, x, ...rest) {
    (isFloat32(x) ? rows32 : rows64).logSoftmax(rows, n, x, ...rest);
  },

  logSoftmaxGrad(rows, n, g, ...rest) {
    (isFloat32(g) ? rows32 : rows64).logSoftmaxGrad(rows, n, g, ...rest);
  },

  crossEntropy,

  gatherRows: rows64.gatherRows,
  scatterAddRows: rows64.scatterAddRows,

  adam(n, p, ...rest) {
    (isFloat32(p) ? updates32 : updates64).adam(n, p, ...rest);
  },

  sgd(n, p, ...rest) {
    (isFloat32(p) ? updates32 : updates64).sgd(n, p, ...rest);
  },

  rmsprop(n, p, ...rest) {
    (isFloat32(p) ? updates32 : updates64).rmsprop(n, p, ...rest);
  },

  adagrad(n, p, ...rest) {
    (isFloat32(p) ? updates32 : updates64).adagrad(n, p, ...rest);
  },
};

export const referenceKernels: Kernels = {
  ...basic,
  .../* @__PURE__ */ recurrenceOf(basic),
  .../* @__PURE__ */ cellKernels(basic),
};
