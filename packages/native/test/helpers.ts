import { setEngine } from "@unroll/core";
import type { FloatArray } from "@unroll/core/engine";
import { expect } from "vitest";
import { type Blas, openBlas } from "../src/blas.js";
import "../src/index.js";

/** The BLAS of this machine; where there is none, each test checks instead that asking for it says so. */
export const blas = ((): Blas | null => {
  try {
    return openBlas();
  } catch {
    return null;
  }
})();

export function withBlas(body: (blas: Blas) => void): void {
  if (blas === null) expect(() => setEngine("native")).toThrow(/Engine 'native'.*Tried .*UNROLL_BLAS/s);
  else body(blas);
}

/** Numbers between −1 and 1. */
export function numbers(n: number, seed: number, isFloat32: boolean): FloatArray {
  const x = isFloat32 ? new Float32Array(n) : new Float64Array(n);
  let state = seed * 2654435761 + 12345;
  return x.map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
