/**
 * Where tensors and ops meet: running an op on the numbers of tensors, and leaving a node on the tape.
 *
 * @module
 */
import { copyOf, type NdArray } from "../array.js";
import { isFloat } from "../dtype.js";
import { defineOp, type Identified, type MultiOp, type Op } from "../ops/op.js";
import { isRecording, MultiOpNode, type Node, OpNode, PickNode } from "../tape.js";
import type { Tensor } from "../tensor.js";
import type { TensorCore } from "./core.js";
import { session } from "./session.js";

/**
 * In a captured function, the result of an op of up to three inputs that has been done on these before, without a look at them; else
 * null. To be asked before inputs are checked. `key` stands for the attributes, as the op's `replay.key` gives it.
 */
export function recall(
  op: Identified,
  key: number,
  a: TensorCore,
  b: TensorCore | null = null,
  c: TensorCore | null = null,
): Tensor | null {
  const captured = session();
  return captured === null ? null : captured.recall(op, key, a, b, c);
}

/** As {@link recall}, for an op with any number of inputs and several outputs. */
export function recallMulti(op: Identified, key: number, inputs: readonly TensorCore[]): Tensor[] | null {
  const captured = session();
  return captured === null ? null : captured.recallMulti(op, key, inputs);
}

/** Runs an op and records it when any input requires a gradient. */
export function apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor {
  const captured = session();
  return captured === null ? applyNow(op, inputs, attrs) : captured.apply(op, inputs, attrs);
}

/** As {@link apply}, for an op with several outputs. */
export function applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[] {
  const captured = session();
  return captured === null ? applyMultiNow(op, inputs, attrs).outputs : captured.applyMulti(op, inputs, attrs);
}

/** {@link apply} without regard to a captured function, which may bring numbers of its own in the place of the inputs'. */
export function applyNow<A>(
  op: Op<A>,
  inputs: readonly TensorCore[],
  attrs: A,
  arrays: readonly NdArray[] = arraysOf(inputs),
): Tensor {
  const first = inputs[0] as TensorCore;
  const output = op.forward(arrays, attrs);
  const parents = edgesOf(inputs);
  if (parents === null || op === (alias as Op<unknown>) || !isFloat(output.dtype)) return first.create(output);
  const readsInputs = op.reads === "inputs" || op.reads === "both";
  return first.withHistory(output, new OpNode(op, parents, readsInputs ? kept(inputs, arrays) : arrays, output, attrs));
}

function arraysOf(inputs: readonly TensorCore[]): NdArray[] {
  const arrays = new Array<NdArray>(inputs.length);
  for (let i = 0; i < inputs.length; i++) arrays[i] = (inputs[i] as TensorCore).array;
  return arrays;
}

/** {@link applyMulti} without regard to a captured function, with the node that was left. */
export function applyMultiNow<A>(
  op: MultiOp<A>,
  inputs: readonly TensorCore[],
  attrs: A,
  arrays: readonly NdArray[] = arraysOf(inputs),
): { readonly outputs: Tensor[]; readonly node: MultiOpNode<A> | null } {
  const first = inputs[0] as TensorCore;
  const { outputs, kept: saved } = op.forward(arrays, attrs);
  const parents = edgesOf(inputs);
  const results = new Array<Tensor>(outputs.length);
  if (parents === null) {
    for (let i = 0; i < results.length; i++) results[i] = first.create(outputs[i] as NdArray);
    return { outputs: results, node: null };
  }
  const read = op.reads === "inputs" ? kept(inputs, arrays) : arrays;
  const node = new MultiOpNode(op, parents, read, saved, attrs);
  for (let i = 0; i < results.length; i++)
    results[i] = first.withHistory(outputs[i] as NdArray, i === 0 ? node : new PickNode(node, i));
  return { outputs: results, node };
}

/**
 * The arrays that a node keeps to read again: copies of parts of a tensor that is filled piece by piece, whose next piece would
 * otherwise count as a change of what the node needs. (PyTorch makes such a loop an error.)
 */
function kept(inputs: readonly TensorCore[], arrays: readonly NdArray[]): readonly NdArray[] {
  let result = arrays;
  for (let i = 0; i < inputs.length; i++) {
    if ((inputs[i] as TensorCore).mayBeOverwritten()) result = result.with(i, copyOf(arrays[i] as NdArray));
  }
  return result;
}

/** The node of each input, null where there is none; null altogether when nothing is to be recorded. */
function edgesOf(inputs: readonly TensorCore[]): (Node | null)[] | null {
  if (!isRecording()) return null;
  let parents: (Node | null)[] | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const edge = (inputs[i] as TensorCore).edge();
    if (parents === null) {
      if (edge === null) continue;
      // Of the right length at once: an array that grows by `push` has room for sixteen more, in every node.
      parents = new Array<Node | null>(inputs.length);
      for (let k = 0; k < i; k++) parents[k] = null;
    }
    parents[i] = edge;
  }
  return parents;
}

/** The same numbers under another name, without history. */
export const alias = /* @__PURE__ */ defineOp({
  name: "detach",
  reads: "nothing",
  replay: { anyDType: true, view: "without history" },
  forward: ([x]) => ({ ...(x as NdArray) }),
  backward: () => [null],
});
