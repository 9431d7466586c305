/**
 * Recurrences made of products and element kernels, one step after the other: what `Recurrence` says, for any element type and
 * any engine that has those kernels.
 *
 * @module
 */
import type { FloatArray, Kernels, Recurrence, RecurrenceKind } from "../contract.js";
import { type ElementKernels, gruRow, gruRowGrad, lstmRow, lstmRowGrad } from "./gates.js";

export type StepKernels = ElementKernels & Pick<Kernels, "gemm" | "sum">;
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

export function recurrenceOf(k: StepKernels): RecurrentKernels {
  /** C (M×N) = A·Bᵀ + b. */
  function product(
    M: number,
    N: number,
    K: number,
    a: FloatArray,
    ao: number,
    b: FloatArray,
    bo: number,
    bias: FloatArray | null,
    biasO: number,
    c: FloatArray,
  ): void {
    const ld = Math.max(K, 1);
    k.gemm(false, true, M, N, K, a, ao, ld, b, bo, ld, c, 0, N, false);
    if (bias !== null) k.binary("add", "row", M * N, c, 0, bias, biasO, c, 0, N);
  }

  return {
    recurrentForward(r, x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, wHr, wHro, h, c, y, kept) {
      const { kind, H, P, I, rows: N } = r;
      const G = gateCounts[kind] * H;
      const S = inVectors(H);
      const most = r.sizes[0] as number;
      const a = zerosLike(x, N * G);
      product(N, G, I, x, xo, wIh, wIho, bIh, bIho, a);
      const p = zerosLike(x, most * G);
      const raw = wHr === null ? h : zerosLike(x, most * H);
      const slots = kept ?? zerosLike(x, slotCounts[kind] * S);
      eachStep(r, false, (n, first) => {
        product(n, G, P, h, 0, wHh, wHho, bHh, bHho, p);
        if (kind === "gru") {
          for (let i = 0; i < n; i++) {
            const at = kept === null ? 0 : (first + i) * 4 * S;
            gruRow(k, H, a, (first + i) * G, p, i * G, h, i * H, slots, at, S, h, i * H);
            slots.set(p.subarray(i * G + 2 * H, i * G + 3 * H), at + 3 * S);
          }
        } else {
          k.binary("add", "same", n * G, p, 0, a, first * G, p, 0, 0);
          if (kind !== "lstm") k.unary(kind, n * H, p, 0, h, 0);
          else {
            const cells = c as FloatArray;
            for (let i = 0; i < n; i++) {
              const at = kept === null ? 0 : (first + i) * 6 * S;
              slots.set(cells.subarray(i * H, (i + 1) * H), at + 4 * S);
              lstmRow(k, H, p, i * G, cells, i * H, slots, at, S, cells, i * H, slots, at + 5 * S, raw, i * H);
            }
            if (wHr !== null) product(n, P, H, raw, 0, wHr, wHro, null, 0, h);
          }
        }
        y.set(h.subarray(0, n * P), first * P);
      });
    },

    recurrentBackward(...args) {
      const [r, x, xo, wIh, wIho, wHh, wHho, wHr, wHro, h0, h0o, y, kept, dy, dyo, dh, dc, ...wanted] = args;
      const [dx, dWIh, dWHh, dBIh, dBHh, dWHr] = wanted;
      const { kind, H, P, I, rows: N } = r;
      const G = gateCounts[kind] * H;
      const S = inVectors(H);
      const most = r.sizes[0] as number;
      const before = statesBefore(r, h0, h0o, y);
      const da = zerosLike(x, N * G);
      const dp = kind === "gru" ? zerosLike(x, N * G) : da;
      const through = kind === "gru" ? zerosLike(x, most * P) : dh;
      const d = zerosLike(x, most * P);
      const raw = wHr === null ? d : zerosLike(x, most * H);
      const [dProjected, unprojected] = wHr === null ? [d, d] : [zerosLike(x, N * P), zerosLike(x, N * H)];
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
        k.gemm(false, false, n, P, G, dp, first * G, G, wHh, wHho, P, through, 0, P, false);
      });
      if (kind === "gru") k.binary("add", "same", most * P, dh, 0, through, 0, dh, 0, 0);
      const ld = Math.max(I, 1);
      if (dx !== null) k.gemm(false, false, N, I, G, da, 0, G, wIh, wIho, ld, dx, 0, ld, false);
      if (dWIh !== null) k.gemm(true, false, G, I, N, da, 0, G, x, xo, ld, dWIh, 0, ld, false);
      if (dWHh !== null) k.gemm(true, false, G, P, N, dp, 0, G, before, 0, P, dWHh, 0, P, false);
      if (dBIh !== null) k.sum(1, N, G, da, 0, dBIh, 0);
      if (dBHh !== null) k.sum(1, N, G, dp, 0, dBHh, 0);
      if (dWHr !== null) k.gemm(true, false, P, H, N, dProjected, 0, P, unprojected, 0, H, dWHr, 0, H, false);
    },
  };
}
