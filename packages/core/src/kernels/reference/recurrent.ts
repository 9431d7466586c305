/**
 * Recurrences made of products and element kernels, one step after the other: what `Recurrence` says, for any element type and
 * any engine that has those kernels.
 *
 * @module
 */
import type { FloatArray, Kernels, Recurrence, RecurrenceKind } from "../contract.js";
import { type ElementKernels, gruRow, gruRowGrad, lstmRow, lstmRowGrad } from "./gates.js";

export type StepKernels = ElementKernels & Pick<Kernels, "gemm">;
export type RecurrentKernels = Pick<Kernels, "recurrentForward" | "recurrentBackward">;

export const gateCounts: { readonly [K in RecurrenceKind]: number } = { tanh: 1, relu: 1, lstm: 4, gru: 3 };
export const slotCounts: { readonly [K in RecurrenceKind]: number } = { tanh: 0, relu: 0, lstm: 6, gru: 4 };

/** n rounded up to whole vectors. */
export const inVectors = (n: number): number => (n + 3) & ~3;

const zerosLike = (x: FloatArray, n: number): FloatArray =>
  x instanceof Float32Array ? new Float32Array(n) : new Float64Array(n);

/** Calls `step` with rows and first row of each time step, in the order of time as the recurrence takes it or against it. */
function eachStep(
  { sizes, rows, reverse }: Recurrence,
  against: boolean,
  step: (n: number, first: number) => void,
): void {
  const down = reverse !== against;
  let at = down ? rows : 0;
  for (let k = 0; k < sizes.length; k++) {
    const n = sizes[down ? sizes.length - 1 - k : k] as number;
    if (down) at -= n;
    step(n, at);
    if (!down) at += n;
  }
}

/** The state before each row (N×P): the step before's output, where there is none the first state, zeros if that is null. */
function statesBefore(r: Recurrence, h0: FloatArray | null, h0o: number, y: FloatArray): FloatArray {
  const { P } = r;
  const before = zerosLike(y, r.rows * P);
  let last = 0;
  let lastAt = 0;
  eachStep(r, false, (n, at) => {
    const going = Math.min(last, n);
    before.set(y.subarray(lastAt * P, (lastAt + going) * P), at * P);
    if (h0 !== null) before.set(h0.subarray(h0o + going * P, h0o + n * P), (at + going) * P);
    last = n;
    lastAt = at;
  });
  return before;
}

/** Σ over the rows of x, each column one chain in float64. */
function sumDown(rows: number, columns: number, x: FloatArray, y: FloatArray): void {
  for (let j = 0; j < columns; j++) {
    let s = 0;
    for (let i = j; i < rows * columns; i += columns) s += x[i] as number;
    y[j] = s;
  }
}

export function recurrenceOf(k: StepKernels): RecurrentKernels {
  /** The first `width` columns of C (M rows, ldc) += A·Bᵀ, where B has `width` rows. */
  function addProduct(
    M: number,
    width: number,
    K: number,
    a: FloatArray,
    b: FloatArray,
    bo: number,
    c: FloatArray,
    co: number,
    ldc: number,
  ): void {
    k.gemm(false, true, M, width, K, a, 0, K, b, bo, K, c, co, ldc, true);
  }

  return {
    recurrentForward(r, x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, wHr, wHro, h, c, y, kept) {
      const { kind, H, P, I, rows: N } = r;
      const gru = kind === "gru";
      const G = gateCounts[kind] * H;
      /** The gates to which h·W_hhᵀ is added. */
      const direct = gru ? 2 * H : G;
      const S = inVectors(H);
      const most = r.sizes[0] as number;
      const a = zerosLike(x, N * G);
      const ld = Math.max(I, 1);
      k.gemm(false, true, N, G, I, x, xo, ld, wIh, wIho, ld, a, 0, G, false);
      if (bIh !== null && bHh !== null) {
        const b = bIh.slice(bIho, bIho + G);
        k.binary("add", "same", direct, b, 0, bHh, bHho, b, 0, 0);
        k.binary("add", "row", N * G, a, 0, b, 0, a, 0, G);
      }
      const p = zerosLike(x, gru ? most * H : 0);
      const raw = wHr === null ? h : zerosLike(x, most * H);
      const slots = kept ?? zerosLike(x, slotCounts[kind] * S);
      eachStep(r, false, (n, first) => {
        addProduct(n, direct, P, h, wHh, wHho, a, first * G, G);
        if (gru) {
          k.gemm(false, true, n, H, P, h, 0, P, wHh, wHho + direct * P, P, p, 0, H, false);
          if (bHh !== null) k.binary("add", "row", n * H, p, 0, bHh, bHho + direct, p, 0, H);
          for (let i = 0; i < n; i++) {
            const at = kept === null ? 0 : (first + i) * 4 * S;
            gruRow(k, H, a, (first + i) * G, p, i * H, h, i * H, slots, at, S, h, i * H);
            slots.set(p.subarray(i * H, (i + 1) * H), at + 3 * S);
          }
        } else if (kind !== "lstm") {
          k.unary(kind, n * H, a, first * G, h, 0);
        } else {
          const cells = c as FloatArray;
          for (let i = 0; i < n; i++) {
            const at = kept === null ? 0 : (first + i) * 6 * S;
            slots.set(cells.subarray(i * H, (i + 1) * H), at + 4 * S);
            lstmRow(k, H, a, (first + i) * G, cells, i * H, slots, at, S, cells, i * H, slots, at + 5 * S, raw, i * H);
          }
          if (wHr !== null) k.gemm(false, true, n, P, H, raw, 0, H, wHr, wHro, H, h, 0, P, false);
        }
        y.set(h.subarray(0, n * P), first * P);
      });
    },

    recurrentBackward(...args) {
      const [r, x, xo, wIh, wIho, wHh, wHho, wHr, wHro, h0, h0o, y, kept, dy, dyo, dh, dc, ...wanted] = args;
      const [dx, dWIh, dWHh, dBIh, dBHh, dWHr] = wanted;
      const { kind, H, P, I, rows: N } = r;
      const gates = gateCounts[kind];
      const G = gates * H;
      const S = inVectors(H);
      const most = r.sizes[0] as number;
      const before = statesBefore(r, h0, h0o, y);
      const da = zerosLike(x, N * G);
      const dp = kind === "gru" ? zerosLike(x, N * G) : da;
      const through = kind === "gru" ? zerosLike(x, most * P) : dh;
      const d = zerosLike(x, most * P);
      const raw = wHr === null ? d : zerosLike(x, most * H);
      const [dProjected, unprojected] = wHr === null ? [d, d] : [zerosLike(x, N * P), zerosLike(x, N * H)];
      /** C (n×columns) = δ·W, gate by gate. */
      const throughWeights = (
        n: number,
        delta: FloatArray,
        first: number,
        w: FloatArray,
        wo: number,
        columns: number,
        c: FloatArray,
      ): void => {
        const ld = Math.max(columns, 1);
        for (let g = 0; g < gates; g++) {
          const row = g * H;
          k.gemm(false, false, n, columns, H, delta, first * G + row, G, w, wo + row * ld, ld, c, 0, ld, g > 0);
        }
      };
      eachStep(r, true, (n, first) => {
        if (dy === null) d.set(dh.subarray(0, n * P));
        else k.binary("add", "same", n * P, dy, dyo + first * P, dh, 0, d, 0, 0);
        if (kind === "gru") {
          k.binary("add", "same", n * P, d, 0, through, 0, d, 0, 0);
          const slots = kept as FloatArray;
          for (let i = 0; i < n; i++) {
            const row = first + i;
            const at = row * 4 * S;
            gruRowGrad(
              k,
              H,
              d,
              i * H,
              slots,
              at + 3 * S,
              before,
              row * H,
              slots,
              at,
              S,
              da,
              row * G,
              dp,
              row * G,
              dh,
              i * H,
            );
          }
        } else if (kind === "lstm") {
          const slots = kept as FloatArray;
          if (wHr !== null) {
            dProjected.set(d.subarray(0, n * P), first * P);
            k.gemm(false, false, n, H, P, d, 0, P, wHr, wHro, H, raw, 0, H, false);
          }
          for (let i = 0; i < n; i++) {
            const row = first + i;
            const at = row * 6 * S;
            const t = at + 5 * S;
            lstmRowGrad(
              k,
              H,
              raw,
              i * H,
              dc as FloatArray,
              i * H,
              slots,
              at + 4 * S,
              slots,
              at,
              S,
              slots,
              t,
              da,
              row * G,
            );
            if (wHr !== null) k.binary("mul", "same", H, slots, at + 3 * S, slots, t, unprojected, row * H, 0);
          }
        } else {
          k.binary(kind === "tanh" ? "tanhGrad" : "reluGrad", "same", n * H, d, 0, y, first * H, da, first * H, 0);
        }
        throughWeights(n, dp, first, wHh, wHho, P, through);
      });
      if (kind === "gru") k.binary("add", "same", most * P, dh, 0, through, 0, dh, 0, 0);
      const ld = Math.max(I, 1);
      if (dx !== null) throughWeights(N, da, 0, wIh, wIho, I, dx);
      if (dWIh !== null) k.gemm(true, false, G, I, N, da, 0, G, x, xo, ld, dWIh, 0, ld, false);
      if (dWHh !== null) k.gemm(true, false, G, P, N, dp, 0, G, before, 0, P, dWHh, 0, P, false);
      if (dBIh !== null) sumDown(N, G, da, dBIh);
      if (dBHh !== null) sumDown(N, G, dp, dBHh);
      if (dWHr !== null) k.gemm(true, false, P, H, N, dProjected, 0, P, unprojected, 0, H, dWHr, 0, H, false);
    },
  };
}
