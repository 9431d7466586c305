/**
 * What happens between the products of one recurrent step, for one row, in terms of element kernels. The gates of a row stand
 * in slots, `slot` elements from one to the next.
 *
 * @module
 */
import type { FloatArray, Kernels } from "../contract.js";

export type ElementKernels = Pick<Kernels, "unary" | "binary">;

const one32 = /* @__PURE__ */ Float32Array.of(1);
const one64 = /* @__PURE__ */ Float64Array.of(1);

/**
 * i f g o = σ, σ, tanh, σ of a;  after = f⊙before + i⊙g;  t = tanh(after);  h = o⊙t.
 * `after` may be `before`; `gates` may be `a` when its slots are a's.
 */
export function lstmRow(
  k: ElementKernels,
  H: number,
  a: FloatArray,
  ao: number,
  before: FloatArray,
  bo: number,
  gates: FloatArray,
  go: number,
  slot: number,
  after: FloatArray,
  afo: number,
  t: FloatArray,
  to: number,
  h: FloatArray,
  ho: number,
): void {
  const [i, f, g, o] = [go, go + slot, go + 2 * slot, go + 3 * slot];
  k.unary("sigmoid", H, a, ao, gates, i);
  k.unary("sigmoid", H, a, ao + H, gates, f);
  k.unary("tanh", H, a, ao + 2 * H, gates, g);
  k.unary("sigmoid", H, a, ao + 3 * H, gates, o);
  k.binary("mul", "same", H, gates, f, before, bo, after, afo, 0);
  k.binary("mul", "same", H, gates, i, gates, g, t, to, 0);
  k.binary("add", "same", H, after, afo, t, to, after, afo, 0);
  k.unary("tanh", H, after, afo, t, to);
  k.binary("mul", "same", H, gates, o, t, to, h, ho, 0);
}

/** From dh and dc, the gradient of c after the step, to da (4H in a row); dc becomes that of c before the step. */
export function lstmRowGrad(
  k: ElementKernels,
  H: number,
  dh: FloatArray,
  dho: number,
  dc: FloatArray,
  dco: number,
  before: FloatArray,
  bo: number,
  gates: FloatArray,
  go: number,
  slot: number,
  t: FloatArray,
  to: number,
  da: FloatArray,
  dao: number,
): void {
  const [i, f, g, o] = [go, go + slot, go + 2 * slot, go + 3 * slot];
  const [di, df, dg, dO] = [dao, dao + H, dao + 2 * H, dao + 3 * H];
  k.binary("mul", "same", H, dh, dho, gates, o, da, di, 0);
  k.binary("tanhGrad", "same", H, da, di, t, to, da, di, 0);
  k.binary("add", "same", H, dc, dco, da, di, dc, dco, 0);
  k.binary("mul", "same", H, dh, dho, t, to, da, dO, 0);
  k.binary("sigmoidGrad", "same", H, da, dO, gates, o, da, dO, 0);
  k.binary("mul", "same", H, dc, dco, gates, g, da, di, 0);
  k.binary("sigmoidGrad", "same", H, da, di, gates, i, da, di, 0);
  k.binary("mul", "same", H, dc, dco, before, bo, da, df, 0);
  k.binary("sigmoidGrad", "same", H, da, df, gates, f, da, df, 0);
  k.binary("mul", "same", H, dc, dco, gates, i, da, dg, 0);
  k.binary("tanhGrad", "same", H, da, dg, gates, g, da, dg, 0);
  k.binary("mul", "same", H, dc, dco, gates, f, dc, dco, 0);
}

/** r z = σ of a;  n = tanh(a_n + p⊙r);  after = (before − n)⊙z + n. a is a row of 3H; `after` may be `before`. */
export function gruRow(
  k: ElementKernels,
  H: number,
  a: FloatArray,
  ao: number,
  p: FloatArray,
  po: number,
  before: FloatArray,
  bo: number,
  gates: FloatArray,
  go: number,
  slot: number,
  after: FloatArray,
  afo: number,
): void {
  const [r, z, n] = [go, go + slot, go + 2 * slot];
  k.unary("sigmoid", H, a, ao, gates, r);
  k.unary("sigmoid", H, a, ao + H, gates, z);
  k.binary("mul", "same", H, p, po, gates, r, gates, n, 0);
  k.binary("add", "same", H, a, ao + 2 * H, gates, n, gates, n, 0);
  k.unary("tanh", H, gates, n, gates, n);
  k.binary("sub", "same", H, before, bo, gates, n, after, afo, 0);
  k.binary("mul", "same", H, after, afo, gates, z, after, afo, 0);
  k.binary("add", "same", H, after, afo, gates, n, after, afo, 0);
}

/**
 * From dh to dx and dp (3H in a row each) and to `direct`, what reaches h before the step past the products. `direct` may be dh;
 * `pn` is p's part for n.
 */
export function gruRowGrad(
  k: ElementKernels,
  H: number,
  dh: FloatArray,
  dho: number,
  pn: FloatArray,
  pno: number,
  before: FloatArray,
  bo: number,
  gates: FloatArray,
  go: number,
  slot: number,
  dx: FloatArray,
  dxo: number,
  dp: FloatArray,
  dpo: number,
  direct: FloatArray,
  dio: number,
): void {
  const [r, z, n] = [go, go + slot, go + 2 * slot];
  const [dz, dn] = [dpo + H, dxo + 2 * H];
  k.binary("sub", "same", H, before, bo, gates, n, dp, dz, 0);
  k.binary("mul", "same", H, dh, dho, dp, dz, dp, dz, 0);
  k.binary("sigmoidGrad", "same", H, dp, dz, gates, z, dx, dxo + H, 0);
  k.binary("sigmoidGrad", "same", H, dp, dz, gates, z, dp, dz, 0);
  k.binary("sub", "scalarLeft", H, dh instanceof Float32Array ? one32 : one64, 0, gates, z, dx, dn, 0);
  k.binary("mul", "same", H, dh, dho, dx, dn, dx, dn, 0);
  k.binary("tanhGrad", "same", H, dx, dn, gates, n, dx, dn, 0);
  k.binary("mul", "same", H, dx, dn, pn, pno, dp, dpo, 0);
  k.binary("sigmoidGrad", "same", H, dp, dpo, gates, r, dx, dxo, 0);
  k.binary("sigmoidGrad", "same", H, dp, dpo, gates, r, dp, dpo, 0);
  k.binary("mul", "same", H, dx, dn, gates, r, dp, dpo + 2 * H, 0);
  k.binary("mul", "same", H, dh, dho, gates, z, direct, dio, 0);
}
