/**
 * Laying the tape anew behind a call that has been repeated so far and now goes another way, as if its ops had just been run.
 *
 * @module
 */
import type { Memory as Counter, NdArray } from "../array.js";
import type { MultiOp, Op } from "../ops/op.js";
import { LeafNode, MultiOpNode, type Node, OpNode, PickNode } from "../tape.js";
import type { TensorCore } from "../tensor/core.js";
import type { Change } from "../tensor/session.js";
import type { Tensor } from "../tensor.js";
import type { Event, Memory, OpEvent, Passing, Source } from "./plan.js";
import { readBy } from "./recording.js";

/** What has happened in the call up to here. */
export interface Past {
  readonly memory: Memory;
  readonly events: readonly Event[];
  /** Tensors made inside, by their numbers. */
  readonly made: readonly Tensor[];
  /** Changes in place of this call, by the places of their events. */
  readonly changes: ReadonlyMap<number, Change>;
  /** All changes that were noticed, in order. */
  readonly passings: readonly Passing[];
}

/** Puts every tensor of the call on a tape that says how it came about. */
export function layTape(past: Past): void {
  // A leaf has no history, and keeps the one place where its gradient is gathered.
  for (const { whole } of past.changes.values()) if (whole.lease === null && !whole.isLeaf) whole.takeHistory(null);
  for (const event of past.events) {
    if (event.kind === "op") layNode(event, past);
    else if (event.kind === "assign") past.changes.get(event.at)?.rewrite();
    else if (event.kind === "backward" && !event.retainGraph) {
      release((past.made[event.root] as Tensor).edge() as Node);
    }
  }
}

function layNode(event: OpEvent, past: Past): void {
  const { made } = past;
  const count = event.outputs.length;
  const outputs = made.slice(event.slot, event.slot + count);
  const old = event.node;
  if (old === null) {
    // A tensor without history keeps none, unless it has been made a leaf.
    for (const x of outputs) if (!(x.isLeaf && x.requiresGrad)) x.takeHistory(null);
    return;
  }
  const parents = event.sources.map((s, i) =>
    old.parents[i] === null ? null : typeof s !== "number" && s.isLeaf ? s.edge : tensorOf(s, made).edge(),
  );
  const read = event.read.map((x) => current(x, past.memory));
  let node: OpNode<unknown> | MultiOpNode<unknown>;
  if (!event.several) {
    const output = (outputs[0] as Tensor).layout;
    node = new OpNode(event.op as Op<unknown>, parents, read, output, event.attrs);
    (outputs[0] as Tensor).takeHistory(node);
    event.outputNodes[0] = node;
  } else {
    const op = event.op as MultiOp<unknown>;
    const multi = new MultiOpNode(op, parents, read, event.kept, event.attrs);
    node = multi;
    outputs.forEach((x, i) => {
      const edge = i === 0 ? multi : new PickNode(multi, i);
      x.takeHistory(edge);
      event.outputNodes[i] = edge;
    });
  }
  event.node = node;
  node.readSince(changesSince(event, past));
}

const tensorOf = (s: Source, made: readonly Tensor[]): TensorCore =>
  typeof s === "number" ? (made[s] as Tensor) : s.role.tensor;

/** An array as it is in the present call: copies of tensors from outside share these tensors' count of changes. */
function current(x: NdArray, { outsides }: Memory): NdArray {
  const outside = outsides.get(x.data);
  return outside === undefined ? x : { ...x, memory: outside.memory };
}

/** How often what an event reads again has been changed since. */
function changesSince(event: OpEvent, { memory, passings }: Past): number {
  let changes = 0;
  for (const x of readBy(event)) {
    const outside = memory.outsides.get(x.data);
    const counter = outside?.memory ?? x.memory;
    changes += counter.version - versionAt(event.at, counter, outside?.version ?? counter.version, passings);
  }
  return changes;
}

function versionAt(at: number, counter: Counter, last: number, passings: readonly Passing[]): number {
  return passings.find((passing) => passing.at > at && passing.memory === counter)?.before ?? last;
}

/** Lets go of what a backward pass has used up. */
function release(root: Node): void {
  const seen = new Set<Node>([root]);
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!(node instanceof LeafNode)) node.release();
    for (const parent of node.parents) {
      if (parent === null || seen.has(parent)) continue;
      seen.add(parent);
      open.push(parent);
    }
  }
}
