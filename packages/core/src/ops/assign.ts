/**
 * Changes in place, as the tape sees them: `h[t] = v` makes a new h out of the old one and v.
 *
 * @module
 */
import { contiguous, copyOf, forEach, type NdArray } from "../array.js";
import { unbroadcast } from "./accumulate.js";
import { defineOp } from "./op.js";

export interface AssignAttrs {
  /** Finds the part that was overwritten, in any array shaped like the whole. */
  readonly partOf: (whole: NdArray) => NdArray;
}

/**
 * The whole (input 0) with one part replaced by v (input 1). ∂whole = g with that part zero, ∂v = that part of g.
 * Its forward value already stands in memory when the node is recorded.
 */
export const assignPart = /* @__PURE__ */ defineOp<AssignAttrs>({
  name: "setItem",
  reads: "nothing",
  forward: ([whole]) => whole as NdArray,
  backward: (g, { inputs: [, v], attrs: { partOf }, needs }) => {
    const dv = needs[1] ? unbroadcast(copyOf(partOf(contiguous(g))), (v as NdArray).shape) : null;
    if (!needs[0]) return [null, dv];
    const rest = copyOf(g);
    const hole = partOf(rest);
    forEach(hole, (i) => {
      hole.data[i] = 0;
    });
    return [rest, dv];
  },
});

/** The same array again under a new node: what a tensor becomes when its whole content is overwritten. ∂v = g. */
export const replaceAll = /* @__PURE__ */ defineOp<{ readonly array: NdArray }>({
  name: "copy_",
  reads: "nothing",
  forward: (_inputs, { array }) => array,
  backward: (g, { inputs: [v] }) => [unbroadcast(g, (v as NdArray).shape)],
});
