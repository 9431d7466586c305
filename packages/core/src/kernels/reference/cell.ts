/**
 * Products of one row, and one step of a recurrent cell.
 *
 * @module
 */
import type { FloatArray } from "../contract.js";
import type { CellKernels } from "../contract-cell.js";
import { type ElementKernels, lstmRow, lstmRowGrad } from "./gates.js";

/** x·w, a chain from 0; `step` from one element of w to the next. */
type Dot = (n: number, x: FloatArray, xo: number, w: FloatArray, wo: number, step: number) => number;

const { fround } = Math;

const dot32: Dot = (n, x, xo, w, wo, step) => {
  let s = 0;
  for (let k = 0, q = wo; k < n; k++, q += step) s = fround(s + fround((x[xo + k] as number) * (w[q] as number)));
  return s;
};

const dot64: Dot = (n, x, xo, w, wo, step) => {
  let s = 0;
  for (let k = 0, q = wo; k < n; k++, q += step) s += (x[xo + k] as number) * (w[q] as number);
  return s;
};

function sumsBy(dot: Dot, round: (x: number) => number): CellKernels["cellSum"] {
  return (G, I, H, x, xo, wIh, wiho, wHh, whho, h, ho, bIh, bio, bHh, bho, y, yo) => {
    for (let g = 0; g < G; g++) {
      let s = dot(I, x, xo, wIh, wiho + g * I, 1);
      if (bIh !== null) s = round(s + round((bIh[bio + g] as number) + ((bHh as FloatArray)[bho + g] as number)));
      // Storing rounds.
      y[yo + g] = s + dot(H, h, ho, wHh, whho + g * H, 1);
    }
  };
}

const sums32 = /* @__PURE__ */ sumsBy(dot32, fround);
const sums64 = /* @__PURE__ */ sumsBy(dot64, (x) => x);

export function cellKernels(k: ElementKernels): CellKernels {
  return {
    // Storing rounds. Both products are named, not chosen beforehand, so that they can be inlined.
    affineRow(O, I, x, xo, w, wo, b, bo, y, yo) {
      const isFloat32 = x instanceof Float32Array;
      for (let o = 0, q = wo; o < O; o++, q += I) {
        const s = isFloat32 ? dot32(I, x, xo, w, q, 1) : dot64(I, x, xo, w, q, 1);
        y[yo + o] = b === null ? s : s + (b[bo + o] as number);
      }
    },

    rowTimes(O, I, g, go, w, wo, y, yo, accumulate) {
      const isFloat32 = g instanceof Float32Array;
      for (let i = 0; i < I; i++) {
        const s = isFloat32 ? dot32(O, g, go, w, wo + i, I) : dot64(O, g, go, w, wo + i, I);
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
