/**
 * Sums, softmax and rows of tables, for both element types. Sums run in float64: the terms that go in are rounded to the element
 * type first, the result is rounded once.
 *
 * @module
 */
import type { FloatArray, Kernels } from "../contract.js";

/** Σ term(i), element i going to chain i mod 4. */
function fourChains(n: number, term: (i: number) => number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < n; i += 4) {
    s0 += term(i);
    if (i + 1 < n) s1 += term(i + 1);
    if (i + 2 < n) s2 += term(i + 2);
    if (i + 3 < n) s3 += term(i + 3);
  }
  return s0 + s1 + (s2 + s3);
}

/** The largest element; NaNs are passed over, the sum that follows brings them back. */
export function rowMax(n: number, x: FloatArray, xo: number): number {
  let max = -Infinity;
  for (let i = xo; i < xo + n; i++) if ((x[i] as number) > max) max = x[i] as number;
  return max;
}

type RowKernels = Pick<
  Kernels,
  "sum" | "softmax" | "softmaxGrad" | "logSoftmax" | "logSoftmaxGrad" | "gatherRows" | "scatterAddRows"
>;

/** The kernels for one element type: how it rounds, and its functions. */
export function rowKernels(
  round: (x: number) => number,
  exp: (x: number) => number,
  log: (x: number) => number,
): RowKernels {
  return {
    sum(outer, n, inner, x, xo, y, yo) {
      for (let r = 0; r < outer; r++) {
        const at = xo + r * n * inner;
        if (inner === 1) y[yo + r] = fourChains(n, (i) => x[at + i] as number);
        else {
          for (let j = 0; j < inner; j++) {
            let s = 0;
            for (let i = 0, p = at + j; i < n; i++, p += inner) s += x[p] as number;
            y[yo + r * inner + j] = s;
          }
        }
      }
    },

    softmax(rows, n, x, xo, y, yo) {
      for (let r = 0, p = xo, q = yo; r < rows; r++, p += n, q += n) {
        const max = rowMax(n, x, p);
        for (let i = 0; i < n; i++) y[q + i] = exp(round((x[p + i] as number) - max));
        const total = round(fourChains(n, (i) => y[q + i] as number));
        for (let i = 0; i < n; i++) y[q + i] = (y[q + i] as number) / total;
      }
    },

    softmaxGrad(rows, n, g, go, y, yo, dx, dxo) {
      for (let r = 0, at = 0; r < rows; r++, at += n) {
        const dot = round(fourChains(n, (i) => round((g[go + at + i] as number) * (y[yo + at + i] as number))));
        for (let i = at; i < at + n; i++) dx[dxo + i] = (y[yo + i] as number) * round((g[go + i] as number) - dot);
      }
    },

    logSoftmax(rows, n, x, xo, y, yo) {
      for (let r = 0, p = xo, q = yo; r < rows; r++, p += n, q += n) {
        const max = rowMax(n, x, p);
        const logTotal = log(round(fourChains(n, (i) => exp(round((x[p + i] as number) - max)))));
        for (let i = 0; i < n; i++) y[q + i] = round((x[p + i] as number) - max) - logTotal;
      }
    },

    logSoftmaxGrad(rows, n, g, go, y, yo, dx, dxo) {
      for (let r = 0, at = 0; r < rows; r++, at += n) {
        const total = round(fourChains(n, (i) => g[go + at + i] as number));
        for (let i = at; i < at + n; i++) {
          dx[dxo + i] = (g[go + i] as number) - round(exp(y[yo + i] as number) * total);
        }
      }
    },

    gatherRows(count, width, table, to, index, out, oo) {
      for (let i = 0; i < count; i++) {
        const from = to + (index[i] as number) * width;
        if (width <= 32) for (let j = 0; j < width; j++) out[oo + i * width + j] = table[from + j] as number;
        else out.set(table.subarray(from, from + width), oo + i * width);
      }
    },

    scatterAddRows(count, width, g, go, index, table, to) {
      for (let i = 0; i < count; i++) {
        const at = to + (index[i] as number) * width;
        for (let j = 0; j < width; j++) table[at + j] = (table[at + j] as number) + (g[go + i * width + j] as number);
      }
    },
  };
}
