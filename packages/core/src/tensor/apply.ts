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

/**
 * Runs an op and records it when any input requires a gradient. The list of inputs is the op's from now on: it becomes the list of their
 * places on the tape, because a list of its own for every node is a sixth of all that an op leaves behind.
 */
export function apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor {
  const captured = session();
  return captured === null ? applyNow(op, inputs, attrs) : captured.apply(op, inputs, attrs);
}

/** As {@link apply}, for an op with several outputs. */
export function applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[] {
  const captured = session();
  return captured === null ? applyMultiNow(op, inputs, attrs) : captured.applyMulti(op, inputs, attrs);
}

/**
 * {@link apply} without regard to a captured function, which may bring numbers of its own in the place of the inputs'. Both lists are the
 * node's from now on.
 */
export function applyNow<A>(
  op: Op<A>,
  inputs: readonly TensorCore[],
  attrs: A,
  arrays: NdArray[] = arraysOf(inputs),
): Tensor {
  const first = inputs[0] as TensorCore;
  const output = op.forward(arrays, attrs);
  if (!isRecording() || op === (alias as Op<unknown>) || !isFloat(output.dtype)) return first.create(output);
  const parents = edgesInto(inputs, op.reads === "inputs" || op.reads === "both" ? arrays : null);
  if (parents === null) return first.create(output);
  return first.withHistory(output, new OpNode(op, parents, arrays, output, attrs));
}

function arraysOf(inputs: readonly TensorCore[]): NdArray[] {
  const arrays = new Array<NdArray>(inputs.length);
  for (let i = 0; i < inputs.length; i++) arrays[i] = (inputs[i] as TensorCore).array;
  return arrays;
}

/** {@link applyMulti} without regard to a captured function; the node that was left is that of the first output. */
export function applyMultiNow<A>(
  op: MultiOp<A>,
  inputs: readonly TensorCore[],
  attrs: A,
  arrays: NdArray[] = arraysOf(inputs),
): Tensor[] {
  const first = inputs[0] as TensorCore;
  const { outputs, kept } = op.forward(arrays, attrs);
  const parents = isRecording() ? edgesInto(inputs, op.reads === "inputs" ? arrays : null) : null;
  const results = new Array<Tensor>(outputs.length);
  const node = parents === null ? null : new MultiOpNode(op, parents, arrays, kept, attrs);
  for (let i = 0; i < results.length; i++) {
    const output = outputs[i] as NdArray;
    if (node === null) results[i] = first.create(output);
    else results[i] = first.withHistory(output, i === 0 ? node : new PickNode(node, i));
  }
  return results;
}

/**
 * Puts the node of each input in its place, null where there is none; null altogether when there is none at all.
 *
 * In `read`, the arrays that the node is going to read again, parts of a tensor that is filled piece by piece become copies: its next piece
 * would otherwise count as a change of what the node needs. (PyTorch makes such a loop an error.)
 */
function edgesInto(inputs: readonly TensorCore[], read: NdArray[] | null): (Node | null)[] | null {
  const places = inputs as readonly unknown[] as (Node | null)[];
  let found = false;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i] as TensorCore;
    if (read !== null && x.mayBeOverwritten()) read[i] = copyOf(read[i] as NdArray);
    const edge = x.edge();
    if (edge !== null) found = true;
    places[i] = edge;
  }
  return found ? places : null;
}

/** The same numbers under another name, without history. */
export const alias = /* @__PURE__ */ defineOp({
  name: "detach",
  reads: "nothing",
  replay: { anyDType: true, view: "without history" },
  forward: ([x]) => ({ ...(x as NdArray) }),
  backward: () => [null],
});
