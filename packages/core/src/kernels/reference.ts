/**
 * The contract in plain TypeScript: what every other engine must equal, the engine for float64 and for tiny arrays, and
 * the fallback where WebAssembly is missing.
 *
 * @module
 */
import type { FloatArray, Kernels } from "./contract.js";
import * as elementwise32 from "./reference/float32-elementwise.js";
import * as gemm32 from "./reference/float32-gemm.js";
import * as optim32 from "./reference/float32-optim.js";
import * as rows32 from "./reference/float32-rows.js";
import * as f64 from "./reference/float64.js";
import * as optim64 from "./reference/float64-optim.js";
import { type RecurrentKernels, recurrenceOf } from "./reference/recurrent.js";

/**
 * All arrays of a call have one element type, so looking at one of them tells which loops to run; these casts say so.
 * Each loop meets one kind of array only and stays fast.
 */
type F32 = Float32Array;
type F64 = Float64Array;
const isFloat32 = (x: FloatArray): x is Float32Array => x instanceof Float32Array;

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

  sum(outer, n, inner, x, xo, y, yo) {
    if (isFloat32(x)) rows32.sum(outer, n, inner, x, xo, y as F32, yo);
    else f64.sum(outer, n, inner, x, xo, y as F64, yo);
  },

  softmax(rows, n, x, xo, y, yo) {
    if (isFloat32(x)) rows32.softmax(rows, n, x, xo, y as F32, yo);
    else f64.softmax(rows, n, x, xo, y as F64, yo);
  },

  softmaxGrad(rows, n, g, go, y, yo, dx, dxo) {
    if (isFloat32(g)) rows32.softmaxGrad(rows, n, g, go, y as F32, yo, dx as F32, dxo);
    else f64.softmaxGrad(rows, n, g, go, y as F64, yo, dx as F64, dxo);
  },

  logSoftmax(rows, n, x, xo, y, yo) {
    if (isFloat32(x)) rows32.logSoftmax(rows, n, x, xo, y as F32, yo);
    else f64.logSoftmax(rows, n, x, xo, y as F64, yo);
  },

  logSoftmaxGrad(rows, n, g, go, y, yo, dx, dxo) {
    if (isFloat32(g)) rows32.logSoftmaxGrad(rows, n, g, go, y as F32, yo, dx as F32, dxo);
    else f64.logSoftmaxGrad(rows, n, g, go, y as F64, yo, dx as F64, dxo);
  },

  gatherRows(count, width, table, to, index, out, oo) {
    if (isFloat32(table)) rows32.gatherRows(count, width, table, to, index, out as F32, oo);
    else f64.gatherRows(count, width, table, to, index, out as F64, oo);
  },

  scatterAddRows(count, width, g, go, index, table, to) {
    if (isFloat32(g)) rows32.scatterAddRows(count, width, g, go, index, table as F32, to);
    else f64.scatterAddRows(count, width, g, go, index, table as F64, to);
  },

  adam(n, p, g, m, v, vmax, s) {
    if (isFloat32(p)) optim32.adam(n, p, g as F32, m as F32, v as F32, vmax as F32 | null, s);
    else optim64.adam(n, p, g as F64, m as F64, v as F64, vmax as F64 | null, s);
  },

  sgd(n, p, g, buf, s) {
    if (isFloat32(p)) optim32.sgd(n, p, g as F32, buf as F32 | null, s);
    else optim64.sgd(n, p, g as F64, buf as F64 | null, s);
  },

  rmsprop(n, p, g, square, mean, buf, s) {
    if (isFloat32(p)) optim32.rmsprop(n, p, g as F32, square as F32, mean as F32 | null, buf as F32 | null, s);
    else optim64.rmsprop(n, p, g as F64, square as F64, mean as F64 | null, buf as F64 | null, s);
  },

  adagrad(n, p, g, sum, clr, eps, weightDecay, sign) {
    if (isFloat32(p)) optim32.adagrad(n, p, g as F32, sum as F32, clr, eps, weightDecay, sign);
    else optim64.adagrad(n, p, g as F64, sum as F64, clr, eps, weightDecay, sign);
  },
};

export const referenceKernels: Kernels = { ...basic, .../* @__PURE__ */ recurrenceOf(basic) };
