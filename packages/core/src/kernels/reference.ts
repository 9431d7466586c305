/**
 * The contract in plain TypeScript: what every other engine must equal, the engine for float64 and for tiny arrays, and
 * the fallback where WebAssembly is missing.
 *
 * @module
 */
import { exp as exp32, log as log32 } from "../math/float32.js";
import { exp as exp64, log as log64 } from "../math/float64.js";
import type { FloatArray, Kernels } from "./contract.js";
import { crossEntropy } from "./reference/cross-entropy.js";
import * as elementwise32 from "./reference/float32-elementwise.js";
import * as gemm32 from "./reference/float32-gemm.js";
import * as f64 from "./reference/float64.js";
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

const rows32 = /* @__PURE__ */ rowKernels(Math.fround, exp32, log32);
const rows64 = /* @__PURE__ */ rowKernels(exact, exp64, log64);
const updates32 = /* @__PURE__ */ updateKernels(Math.fround, 1.1754943508222875e-38);
const updates64 = /* @__PURE__ */ updateKernels(exact, 2.2250738585072014e-308);

const basic: Omit<Kernels, keyof RecurrentKernels> = {
  name: "reference",

  unary(f, n, x, xo, y, yo) {
    if (isFloat32(x)) elementwise32.unary(f, n, x, xo, y as F32, yo);
    else f64.unary(f, n, x, xo, y as F64, yo);
  },

  binary(f, mode, n, a, ao, b, bo, y, yo, width) {
    if (isFloat32(a)) elementwise32.binary(f, mode, n, a, ao, b as F32, bo, y as F32, yo, width);
    else f64.binary(f, mode, n, a, ao, b as F64, bo, y as F64, yo, width);
  },

  axpy(n, alpha, x, xo, y, yo) {
    if (isFloat32(x)) elementwise32.axpy(n, alpha, x, xo, y as F32, yo);
    else f64.axpy(n, alpha, x, xo, y as F64, yo);
  },

  gemm(transA, transB, M, N, K, a, ao, lda, b, bo, ldb, c, co, ldc, accumulate) {
    if (isFloat32(a)) {
      gemm32.gemm(transA, transB, M, N, K, a, ao, lda, b as F32, bo, ldb, c as F32, co, ldc, accumulate);
    } else {
      f64.gemm(transA, transB, M, N, K, a, ao, lda, b as F64, bo, ldb, c as F64, co, ldc, accumulate);
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

export const referenceKernels: Kernels = { ...basic, .../* @__PURE__ */ recurrenceOf(basic) };
