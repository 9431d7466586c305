import { exp as exp32, log as log32 } from "../../math/float32.js";
import { exp as exp64, log as log64 } from "../../math/float64.js";
import type { FloatArray, Kernels } from "../contract.js";

type Function1 = (x: number) => number;

/** See `Kernels.crossEntropy`. */
const rowsOf =
  (round: Function1, exp: Function1, log: Function1): Kernels["crossEntropy"] =>
  (rows, n, x, xo, target, to, index, weight, wo, reduction, loss, lo, slope, so) => {
    const divisor = divisorOf(rows, weight, wo, reduction);
    const f = divisor === 0 ? 0 : round(1 / divisor);
    let total = 0;
    for (let r = 0; r < rows; r++) {
      const at = xo + r * n;
      const out = so + r * n;
      let max = -Infinity;
      for (let c = 0; c < n; c++) if ((x[at + c] as number) > max) max = x[at + c] as number;
      let chain = 0;
      for (let c = 0; c < n; c++) chain += exp(round((x[at + c] as number) - max));
      const logSum = log(round(chain));
      const u = weight === null ? 1 : (weight[wo + r] as number);
      const t = index === null ? -1 : (index[r] as number);
      let row = 0;
      let all = 0;
      if (index !== null && u !== 0) row = -round(round((x[at + t] as number) - max) - logSum) * u;
      if (target !== null && u !== 0) {
        for (let c = 0; c < n; c++) {
          const a = target[to + r * n + c] as number;
          row -= a * round(round((x[at + c] as number) - max) - logSum);
          all += round(a * f);
        }
      }
      if (reduction === "none") loss[lo + r] = row;
      total += row;
      if (slope === null) continue;
      const v = target === null ? round(u * f) : round(all);
      for (let c = 0; c < n; c++) {
        let d = 0;
        if (u !== 0) {
          d = round(exp(round(round((x[at + c] as number) - max) - logSum)) * v);
          if (target !== null) d -= round((target[to + r * n + c] as number) * f);
          else if (c === t) d -= v;
        }
        slope[out + c] = d;
      }
    }
    if (reduction !== "none") loss[lo] = total / divisor;
  };

const rows32 = /* @__PURE__ */ rowsOf(Math.fround, exp32, log32);
const rows64 = /* @__PURE__ */ rowsOf((x) => x, exp64, log64);

export const crossEntropy: Kernels["crossEntropy"] = (
  rows,
  n,
  x,
  xo,
  target,
  to,
  index,
  weight,
  wo,
  reduction,
  loss,
  lo,
  slope,
  so,
) => {
  const run = x instanceof Float32Array ? rows32 : rows64;
  run(rows, n, x, xo, target, to, index, weight, wo, reduction, loss, lo, slope, so);
};

/** What a sum of losses is divided by. */
export function divisorOf(rows: number, weight: FloatArray | null, wo: number, reduction: string): number {
  if (reduction !== "mean") return 1;
  if (weight === null) return rows;
  let total = 0;
  for (let r = 0; r < rows; r++) total += weight[wo + r] as number;
  return total;
}
