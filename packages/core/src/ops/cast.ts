import { cast, type NdArray } from "../array.js";
import type { DType } from "../dtype.js";
import { defineOp } from "./op.js";

/** The same values in another dtype. ∂x = g in the input's dtype. */
export const convert = /* @__PURE__ */ defineOp<{ readonly dtype: DType }>({
  name: "to",
  reads: "nothing",
  forward: ([x], { dtype }) => cast(x as NdArray, dtype),
  backward: (g, { inputs: [x] }) => [cast(g, (x as NdArray).dtype)],
});
