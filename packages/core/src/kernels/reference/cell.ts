/**
 * Products of one row, and one step of a recurrent cell.
 *
 * @module
 */
import type { FloatArray } from "../contract.js";
import type { CellKernels } from "../contract-cell.js";
import { type ElementKernels, lstmRow, lstmRowGrad } from "./gates.js";

/** x·w, a chain from 0. */
type Dot = (n: number, x: FloatArray, xo: number, w: FloatArray, wo: number) => number;

const { fround } = Math;

const dot32: Dot = (n, x, xo, w, wo) => {
  let s = 0;
  for (let k = 0; k < n; k++) s = fround(s + fround((x[xo + k] as number) * (w[wo + k] as number)));
  return s;
};

const dot64: Dot = (n, x, xo, w, wo) => {
  let s = 0;
  for (let k = 0; k < n; k++) s += (x[xo + k] as number) * (w[wo + k] as number);
  return s;
};

/** Each loop meets one kind of array only, and stays fast. */
function affineRow32(
  O: number,
  I: number,
  x: Float32Array,
  xo: number,
  w: Float32Array,
  wo: number,
  b: Float32Array | null,
  bo: number,
  y: Float32Array,
  yo: number,
): void {
  for (let o = 0, q = wo; o < O; o++, q += I) {
    let s = 0;
    for (let k = 0; k < I; k++) s = fround(s + fround((x[xo + k] as number) * (w[q + k] as number)));
    // Storing rounds.
    y[yo + o] = b === null ? s : s + (b[bo + o] as number);
  }
}

function rowTimes32(
  O: number,
  I: number,
  g: Float32Array,
  go: number,
  w: Float32Array,
  wo: number,
  y: Float32Array,
  yo: number,
  accumulate: boolean,
): void {
  for (let i = 0; i < I; i++) {
    let s = 0;
    for (let k = 0, q = wo + i; k < O; k++, q += I) s = fround(s + fround((g[go + k] as number) * (w[q] as number)));
    y[yo + i] = accumulate ? (y[yo + i] as number) + s : s;
  }
}

function sumsBy(dot: Dot, round: (x: number) => number): CellKernels["cellSum"] {
  return (G, I, H, x, xo, wIh, wiho, wHh, whho, h, ho, bIh, bio, bHh, bho, y, yo) => {
    for (let g = 0; g < G; g++) {
      let s = dot(I, x, xo, wIh, wiho + g * I);
      if (bIh !== null) s = round(s + round((bIh[bio + g] as number) + ((bHh as FloatArray)[bho + g] as number)));
      // Storing rounds.
      y[yo + g] = s + dot(H, h, ho, wHh, whho + g * H);
    }
  };
}

const sums32 = /* @__PURE__ */ sumsBy(dot32, fround);
const sums64 = /* @__PURE__ */ sumsBy(dot64, (x) => x);

export function cellKernels(k: ElementKernels): CellKernels {
  return {
    affineRow(O, I, x, xo, w, wo, b, bo, y, yo) {
      if (x instanceof Float32Array) {
        affineRow32(O, I, x, xo, w as Float32Array, wo, b as Float32Array | null, bo, y as Float32Array, yo);
        return;
      }
      for (let o = 0; o < O; o++) {
        const s = dot64(I, x, xo, w, wo + o * I);
        y[yo + o] = b === null ? s : s + (b[bo + o] as number);
      }
    },

    rowTimes(O, I, g, go, w, wo, y, yo, accumulate) {
      if (g instanceof Float32Array) {
        rowTimes32(O, I, g, go, w as Float32Array, wo, y as Float32Array, yo, accumulate);
        return;
      }
      for (let i = 0; i < I; i++) {
        let s = 0;
        for (let k = 0; k < O; k++) s += (g[go + k] as number) * (w[wo + k * I + i] as number);
        y[yo + i] = accumulate ? (y[yo + i] as number) + s : s;
      }
    },

    cellSum(G, I, H, x, ...rest) {
      (x instanceof Float32Array ? sums32 : sums64)(G, I, H, x, ...rest);
    },

    lstmStep(n, H, a, ao, before, bo, after, afo, t, to, h, ho) {
      for (let at = 0; at < n * H; at += H) {
        const gates = ao + 4 * at;
        lstmRow(k, H, a, gates, before, bo + at, a, gates, H, after, afo + at, t, to + at, h, ho + at);
      }
    },

    lstmStepGrad(n, H, dh, dho, dc, dco, before, bo, gates, go, t, to, da, dao) {
      for (let at = 0; at < n * H; at += H) {
        const [from, into] = [go + 4 * at, dao + 4 * at];
        lstmRowGrad(k, H, dh, dho + at, dc, dco + at, before, bo + at, gates, from, H, t, to + at, da, into);
      }
    },
  };
}
