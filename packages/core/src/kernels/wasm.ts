/**
 * Kernels on float32 in WebAssembly SIMD, with the bits of the reference.
 *
 * Numbers live in garbage-collected arrays, so every call copies in, computes and copies out. Below a measured size the
 * reference is faster, and it takes float64 and everything where WebAssembly with SIMD is missing. Long arrays go
 * through in chunks that fit the caches, which also bounds the memory.
 *
 * @module
 */
import type { BinaryName, FloatArray, Kernels, UnaryName } from "./contract.js";
import { divisorOf } from "./reference/cross-entropy.js";
import { gemm as gemm32 } from "./reference/float32-gemm.js";
import { referenceKernels as reference } from "./reference.js";
import { wasmCell } from "./wasm-cell.js";
import { closeMachine, openMachine, type WasmMachine } from "./wasm-machine.js";
import { wasmRecurrent } from "./wasm-recurrent.js";
import { wasmUpdates } from "./wasm-updates.js";

/** The smallest sizes that go to WebAssembly. */
export interface Limits {
  /** Elements, for functions of one operation: add, relu, square root … */
  readonly light: number;
  /** Elements, for exp, log, tanh, sigmoid. */
  readonly heavy: number;
  /** Multiplications in a matrix product. */
  readonly gemm: number;
  /** Elements of a sum. */
  readonly sum: number;
  /** Elements of a softmax, log-softmax or one of their gradients. */
  readonly softmax: number;
  /** Parameters in an optimiser update. */
  readonly update: number;
  /** Elements scattered into a table that has no more rows than there are indices. */
  readonly scatter: number;
  /** Gates over all rows of a recurrence. */
  readonly recurrent: number;
}

/** Where staging through WebAssembly overtakes the reference: Node 20 on x86-64, by scripts/measure-kernels.mjs. */
export const measuredLimits: Limits = {
  light: 32,
  heavy: 2,
  gemm: 32,
  sum: 80,
  softmax: 4,
  update: 16,
  scatter: 48,
  recurrent: 0,
};

/** k of a matrix product that go through together. */
const PIECE = 128;
/** B stays in the memory, the transpose of one packed, when it stays the same, has at least so many elements and is used for so few rows that copying it counts. */
const LEAST_KEPT = 1024;
const FEW_ROWS = 16;
/** Elements in a chunk: three arrays of so many stay in the second-level cache. */
const CHUNK = 16384;

export const unaryCodes: { readonly [F in UnaryName]: number } = {
  neg: 0,
  abs: 1,
  square: 2,
  sqrt: 3,
  reciprocal: 4,
  exp: 5,
  log: 6,
  tanh: 7,
  sigmoid: 8,
  relu: 9,
};

export const binaryCodes: { readonly [F in BinaryName]: number } = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  maximum: 4,
  minimum: 5,
  tanhGrad: 6,
  sigmoidGrad: 7,
  reluGrad: 8,
};

const isHeavy = (code: number): boolean => code >= 5 && code <= 8;

/** All arrays of a call have one element type; once one has been looked at, the others are cast. */
type F32 = Float32Array;

/** Calls `step` with the first element and the length of each chunk. */
function inChunks(n: number, size: number, step: (at: number, length: number) => void): void {
  for (let at = 0; at < n; at += size) step(at, Math.min(size, n - at));
}

/**
 * Elements of scratch for a matrix product: panels of a piece of k, and the sums of several pieces before they are added. One column is
 * worked out as one row.
 */
export const gemmRoom = (M: number, N: number, K: number, accumulate: boolean): number =>
  16 * Math.min(K, PIECE) * (Math.ceil((N === 1 ? M : N) / 16) + 1) + 16 + (accumulate && K > PIECE ? M * N : 0);

/** Elements of scratch for rows of n logits. */
export const crossEntropyRoom = (n: number): number => 12 * Math.max(n, 32) + 32;

/** Rows of length n that make a chunk, at least one. */
const rowsAtOnce = (n: number): number => Math.max(1, Math.floor(CHUNK / Math.max(n, 1)));

export function createWasmKernels(limits: Limits = measuredLimits): Kernels {
  /** The machine, if the call is worth it and is about float32. */
  function machineFor(size: number, limit: number, x: FloatArray, room: number): WasmMachine | null {
    return size >= limit && x instanceof Float32Array ? openMachine(room) : null;
  }

  /** A kernel on rows of n elements, from one or two arrays to a third. */
  function byRows(
    f: "softmax" | "logSoftmax" | "softmaxGrad" | "logSoftmaxGrad",
    rows: number,
    n: number,
    x: FloatArray,
    xo: number,
    z: FloatArray | null,
    zo: number,
    y: FloatArray,
    yo: number,
  ): boolean {
    const most = Math.min(rows, rowsAtOnce(n));
    const machine = machineFor(rows * n, limits.softmax, x, 3 * most * n);
    if (machine === null) return false;
    const px = machine.take(most * n);
    const pz = machine.take(z === null ? 0 : most * n);
    const py = machine.take(most * n);
    for (let r = 0; r < rows; r += most) {
      const count = Math.min(most, rows - r);
      machine.put(px, count * n, x as F32, xo + r * n);
      if (z !== null) machine.put(pz, count * n, z as F32, zo + r * n);
      machine.exports[f](count, n, px, z === null ? py : pz, py);
      machine.copyOut(py, count * n, y as F32, yo + r * n);
    }
    closeMachine();
    return true;
  }

  const binary: Kernels["binary"] = (f, mode, n, a, ao, b, bo, y, yo, width) => {
    if (n < limits.light) return reference.binary(f, mode, n, a, ao, b, bo, y, yo, width);
    if (mode === "row" && width > CHUNK) {
      for (let i = 0; i < n; i += width) binary(f, "same", width, a, ao + i, b, bo, y, yo + i, width);
      return;
    }
    const most = Math.min(n, mode === "row" ? rowsAtOnce(width) * width : CHUNK);
    const machine = machineFor(n, limits.light, a, 2 * most + (mode === "row" ? 4 * width + 128 : 0) + 64);
    if (machine === null) return reference.binary(f, mode, n, a, ao, b, bo, y, yo, width);
    const code = binaryCodes[f];
    const pa = mode === "scalarLeft" ? machine.spread(a[ao] as number) : machine.take(most);
    let pb: number;
    if (mode === "scalar") pb = machine.spread(b[bo] as number);
    else pb = machine.take(mode === "row" ? 4 * width + 128 : most);
    if (mode === "row") machine.put(pb, width, b as F32, bo);
    const py = mode === "scalarLeft" ? pb : pa;
    for (let i = 0; i < n; i += most) {
      const length = Math.min(most, n - i);
      if (mode !== "scalarLeft") machine.put(pa, length, a as F32, ao + i);
      if (mode === "same" || mode === "scalarLeft") machine.put(pb, length, b as F32, bo + i);
      if (mode === "row") machine.exports.binaryRows(code, length, width, pa, pb, py);
      else machine.exports.binary(code, length, pa, mode === "scalarLeft" ? 0 : 16, pb, mode === "scalar" ? 0 : 16, py);
      machine.copyOut(py, length, y as F32, yo + i);
    }
  };

  return {
    ...wasmRecurrent(reference, limits.recurrent),
    ...wasmUpdates(reference, limits.update, CHUNK),
    ...wasmCell(reference),
    name: "wasm",

    unary(f, n, x, xo, y, yo) {
      const code = unaryCodes[f];
      const least = isHeavy(code) ? limits.heavy : limits.light;
      const machine = n < least ? null : machineFor(n, least, x, Math.min(n, CHUNK));
      if (machine === null) return reference.unary(f, n, x, xo, y, yo);
      const at = machine.take(Math.min(n, CHUNK));
      for (let i = 0; i < n; i += CHUNK) {
        const length = Math.min(CHUNK, n - i);
        machine.put(at, length, x as F32, xo + i);
        machine.exports.unary(code, length, at, at);
        machine.copyOut(at, length, y as F32, yo + i);
      }
    },

    binary,

    axpy(n, alpha, x, xo, y, yo) {
      const most = Math.min(n, CHUNK);
      const machine = machineFor(n, limits.light, x, 2 * most);
      if (machine === null) return reference.axpy(n, alpha, x, xo, y, yo);
      const px = machine.take(most);
      const py = machine.take(most);
      for (let i = 0; i < n; i += most) {
        const length = Math.min(most, n - i);
        machine.put(px, length, x as F32, xo + i);
        machine.put(py, length, y as F32, yo + i);
        machine.exports.axpy(length, alpha, px, py);
        machine.copyOut(py, length, y as F32, yo + i);
      }
    },

    gemm(transA, transB, M, N, K, a, ao, lda, b, bo, ldb, c, co, ldc, accumulate, version) {
      if (M * N * K < limits.gemm && a instanceof Float32Array) {
        gemm32(transA, transB, M, N, K, a, ao, lda, b as F32, bo, ldb, c as F32, co, ldc, accumulate);
        return;
      }
      const room = gemmRoom(M, N, K, accumulate);
      const machine = machineFor(M * N * K, limits.gemm, a, M * K + K * N + M * N + room);
      if (machine === null) {
        return reference.gemm(transA, transB, M, N, K, a, ao, lda, b, bo, ldb, c, co, ldc, accumulate);
      }
      const widthA = transA ? M : K;
      const widthB = transB ? K : N;
      const kept =
        version !== undefined && M <= FEW_ROWS && ldb === widthB && b.length === K * N && b.length >= LEAST_KEPT;
      const packs = kept && transB && !transA;
      const size = packs ? Math.ceil(N / 16) * 16 * K : K * N;
      const resident = kept
        ? machine.resident(b as F32, null, null, null, packs ? N : -1, version, size, (at) => {
            if (packs) machine.exports.packRows(1, N, K, machine.copyIn(K * N, b as F32, 0), at);
            else machine.put(at, K * N, b as F32, 0);
          })
        : 0;
      const pa = machine.copyInRows(transA ? K : M, widthA, a as F32, ao, lda);
      const pb = resident || machine.copyInRows(transB ? N : K, widthB, b as F32, bo, ldb);
      const pc = accumulate ? machine.copyInRows(M, N, c as F32, co, ldc) : machine.take(M * N);
      if (packs && resident) machine.exports.product(M, N, K, pa, K * 4, pb, pc, N * 4, accumulate ? 2 : 0);
      else
        machine.exports.gemm(+transA, +transB, M, N, K, pa, widthA, pb, widthB, pc, N, +accumulate, machine.take(room));
      machine.copyOutRows(pc, M, N, c as F32, co, ldc);
      closeMachine();
    },

    sum(outer, n, inner, x, xo, y, yo) {
      const block = n * inner;
      const most = Math.min(outer, rowsAtOnce(block));
      const machine = machineFor(outer * block, limits.sum, x, most * (block + inner));
      if (machine === null) return reference.sum(outer, n, inner, x, xo, y, yo);
      const px = machine.take(most * block);
      const py = machine.take(most * inner);
      inChunks(outer, most, (r, count) => {
        machine.put(px, count * block, x as F32, xo + r * block);
        if (inner > 1) machine.exports.sumColumns(count, n, inner, px, py);
        else machine.exports.sumRows(count, n, px, py);
        machine.copyOut(py, count * inner, y as F32, yo + r * inner);
      });
      closeMachine();
    },

    softmax(rows, n, x, xo, y, yo) {
      if (!byRows("softmax", rows, n, x, xo, null, 0, y, yo)) reference.softmax(rows, n, x, xo, y, yo);
    },

    logSoftmax(rows, n, x, xo, y, yo) {
      if (!byRows("logSoftmax", rows, n, x, xo, null, 0, y, yo)) reference.logSoftmax(rows, n, x, xo, y, yo);
    },

    softmaxGrad(rows, n, g, go, y, yo, dx, dxo) {
      if (!byRows("softmaxGrad", rows, n, g, go, y, yo, dx, dxo)) reference.softmaxGrad(rows, n, g, go, y, yo, dx, dxo);
    },

    logSoftmaxGrad(rows, n, g, go, y, yo, dx, dxo) {
      if (byRows("logSoftmaxGrad", rows, n, g, go, y, yo, dx, dxo)) return;
      reference.logSoftmaxGrad(rows, n, g, go, y, yo, dx, dxo);
    },

    crossEntropy(rows, n, x, xo, target, to, index, weight, wo, reduction, loss, lo, slope, so) {
      const most = Math.min(rows, rowsAtOnce(3 * n));
      const machine = machineFor(rows * n, limits.softmax, x, 3 * most * n + 3 * most + crossEntropyRoom(n));
      if (machine === null) {
        reference.crossEntropy(rows, n, x, xo, target, to, index, weight, wo, reduction, loss, lo, slope, so);
        return;
      }
      const px = machine.take(most * n);
      const ps = machine.take(most * n);
      const pt = target === null ? 0 : machine.take(most * n);
      const pi = index === null ? 0 : machine.take(most);
      const pw = weight === null ? 0 : machine.take(most);
      const pl = reduction === "none" ? machine.take(most) : 0;
      const room = machine.take(crossEntropyRoom(n));
      const divisor = divisorOf(rows, weight, wo, reduction);
      const f = divisor === 0 ? 0 : 1 / divisor;
      let total = 0;
      for (let r = 0; r < rows; r += most) {
        const count = Math.min(most, rows - r);
        machine.put(px, count * n, x as F32, xo + r * n);
        if (target !== null) machine.put(pt, count * n, target as F32, to + r * n);
        if (index !== null) machine.putIndex(pi, count, index, r);
        if (weight !== null) machine.put(pw, count, weight as F32, wo + r);
        total = machine.exports.crossEntropy(count, n, px, pt, pi, pw, pl, slope === null ? 0 : ps, f, room, total);
        if (reduction === "none") machine.copyOut(pl, count, loss as F32, lo + r);
        if (slope !== null) machine.copyOut(ps, count * n, slope as F32, so + r * n);
      }
      if (reduction !== "none") loss[lo] = total / divisor;
      closeMachine();
    },

    /** A gather is a copy; going through other memory would make it three. */
    gatherRows: reference.gatherRows,

    scatterAddRows(count, width, g, go, index, table, to) {
      let rows = 0;
      if (count * width >= limits.scatter)
        for (let i = 0; i < count; i++) rows = Math.max(rows, (index[i] as number) + 1);
      const most = Math.min(count, rowsAtOnce(width));
      const size = rows <= count ? count * width : 0;
      const machine = machineFor(size, limits.scatter, g, rows * width + most * (width + 1));
      if (machine === null) return reference.scatterAddRows(count, width, g, go, index, table, to);
      const pt = machine.copyIn(rows * width, table as F32, to);
      const pg = machine.take(most * width);
      const pi = machine.take(most);
      inChunks(count, most, (i, length) => {
        machine.put(pg, length * width, g as F32, go + i * width);
        machine.putIndex(pi, length, index, i);
        machine.exports.scatterAddRows(length, width, pg, pi, pt);
      });
      machine.copyOut(pt, rows * width, table as F32, to);
      closeMachine();
    },
  };
}

export const wasmKernels: Kernels = /* @__PURE__ */ createWasmKernels();
