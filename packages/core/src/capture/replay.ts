/**
 * Running a captured function again: every op is held against what was written down and, as long as it is the same, only its calls
 * are made. At the first difference the run goes on as a recording.
 *
 * @module
 */
import { copyInto, type NdArray } from "../array.js";
import type { MultiOp, Op } from "../ops/op.js";
import { sameShape } from "../shape.js";
import { isRecording, MultiOpNode, type Node, OpNode, PickNode } from "../tape.js";
import type { TensorCore } from "../tensor/core.js";
import { type Lease, type Session, setSession } from "../tensor/session.js";
import type { Tensor } from "../tensor.js";
import type { Call } from "./log.js";
import {
  type AssignEvent,
  type BackwardEvent,
  bind,
  type Event,
  type MultiOpEvent,
  type OpEvent,
  type Plan,
  type Source,
  sameAttrs,
} from "./plan.js";
import { Recording } from "./recording.js";

export class Replay implements Session {
  /** Leaves that have got a gradient in this run. */
  readonly touched = new Set<TensorCore>();
  private cursor = 0;
  private readonly made: Tensor[];

  constructor(
    private current: Plan,
    /** Other ways that runs have gone with the same memory. */
    private readonly others: readonly Plan[],
    private readonly lease: Lease,
    private readonly run: number,
  ) {
    this.made = new Array<Tensor>(current.slots);
  }

  /** The way that this run has gone. */
  plan(): Plan {
    return this.current;
  }

  apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor {
    const event = this.find((e): e is OpEvent => this.isOp(e, op, inputs, attrs));
    if (event === null || !this.repeat(event, op as Op<unknown>, inputs, attrs)) {
      return this.leave().apply(op, inputs, attrs);
    }
    this.cursor++;
    return this.wrap(inputs[0] as TensorCore, event.output, event.node, event.slot);
  }

  applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[] {
    const event = this.find((e): e is MultiOpEvent => this.isMulti(e, op, inputs, attrs));
    if (event === null || !this.repeatMulti(event, op as MultiOp<unknown>, inputs, attrs)) {
      return this.leave().applyMulti(op, inputs, attrs);
    }
    this.cursor++;
    return event.outputs.map((output, i) => this.wrap(inputs[0] as TensorCore, output, event.node, event.slot + i));
  }

  assign(target: TensorCore, value: TensorCore, run: () => void): void {
    const event = this.find(
      (e): e is AssignEvent => e.kind === "assign" && this.matches(e.target, target) && this.matches(e.value, value),
    );
    if (event === null) {
      this.leave().assign(target, value, run);
      return;
    }
    this.cursor++;
    run();
  }

  backward(root: TensorCore, gradient: TensorCore | null, retainGraph: boolean): void {
    const event = this.find((e): e is BackwardEvent => this.isBackward(e, root, gradient));
    if (event === null) {
      const recording = this.leave();
      // The nodes that `run` starts from are new.
      recording.backward(root, gradient, retainGraph, () => root.runBackward(gradient, retainGraph));
      return;
    }
    this.cursor++;
    for (const call of event.calls) call();
    for (const { leaf, array, slot } of event.arrivals) {
      const grad = leaf.tensor.create(array);
      grad.lease = this.lease;
      grad.slot = slot;
      this.made[slot] = grad;
      leaf.tensor.grad = grad;
      this.touched.add(leaf.tensor);
    }
  }

  received(): void {}

  /** The event that comes next, if it is the right one; on the present way or on another that has been the same so far. */
  private find<E extends Event>(fits: (event: Event) => event is E): E | null {
    const next = this.current.events[this.cursor];
    if (next !== undefined && fits(next)) return next;
    for (const other of this.others) {
      const event = other.events[this.cursor];
      if (event === undefined || event === next || !fits(event)) continue;
      if (this.cursor > 0 && other.events[this.cursor - 1] !== this.current.events[this.cursor - 1]) continue;
      this.current = other;
      return event;
    }
    return null;
  }

  private isOp<A>(e: Event, op: Op<A>, inputs: readonly TensorCore[], attrs: A): boolean {
    if (e.kind !== "op" || e.op !== (op as Op<unknown>) || e.recorded !== isRecording()) return false;
    if (!this.matchAll(e.sources, inputs)) return false;
    return op.replay === undefined || e.attrs === attrs || this.sameAttrs(op.replay.lists, e.attrs as A, attrs);
  }

  private isMulti<A>(e: Event, op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): boolean {
    if (e.kind !== "multi" || e.op !== (op as MultiOp<unknown>) || e.recorded !== isRecording()) return false;
    if (!this.matchAll(e.sources, inputs)) return false;
    return op.replay === undefined || e.attrs === attrs || this.sameAttrs(op.replay.lists, e.attrs as A, attrs);
  }

  private isBackward(e: Event, root: TensorCore, gradient: TensorCore | null): boolean {
    if (e.kind !== "backward" || e.once || root.lease !== this.lease || root.slot !== e.root) return false;
    if (gradient === null ? e.gradient !== null : e.gradient === null || !this.matches(e.gradient, gradient))
      return false;
    return e.arrivals.every(({ leaf, added }) => {
      const { grad } = leaf.tensor;
      return added ? grad !== null && grad.lease === this.lease : grad === null;
    });
  }

  private sameAttrs<A>(listsOf: ((attrs: A) => readonly unknown[]) | undefined, known: A, attrs: A): boolean {
    return sameAttrs(known, attrs, listsOf?.(known) ?? [], listsOf?.(attrs) ?? []);
  }

  private matchAll(sources: readonly Source[], inputs: readonly TensorCore[]): boolean {
    if (sources.length !== inputs.length) return false;
    for (let i = 0; i < inputs.length; i++) {
      if (!this.matches(sources[i] as Source, inputs[i] as TensorCore)) return false;
    }
    return true;
  }

  private matches(source: Source, x: TensorCore): boolean {
    if (typeof source === "number") return x.slot === source && x.lease === this.lease;
    return x.lease === null && bind(source, x, this.run);
  }

  /** Makes an op's calls, or runs it where calls are not all; false when the result has another form this time. */
  private repeat(event: OpEvent, op: Op<unknown>, inputs: readonly TensorCore[], attrs: unknown): boolean {
    if (event.repeats) this.exchange(event, op.replay?.lists, attrs);
    else {
      const result = op.forward(
        inputs.map((x) => x.array),
        attrs,
      );
      if (!sameShape(result.shape, event.output.shape) || result.dtype !== event.output.dtype) return false;
      copyInto(result, event.output);
    }
    event.attrs = attrs;
    const { calls } = event;
    for (let i = 0; i < calls.length; i++) (calls[i] as Call)();
    return true;
  }

  private repeatMulti(
    event: MultiOpEvent,
    op: MultiOp<unknown>,
    inputs: readonly TensorCore[],
    attrs: unknown,
  ): boolean {
    if (event.repeats) this.exchange(event, op.replay?.lists, attrs);
    else {
      const arrays = inputs.map((x) => x.array);
      const { outputs, kept } = op.forward(arrays, attrs);
      const fits = outputs.every((y, i) => sameShape(y.shape, (event.outputs[i] as NdArray).shape));
      if (!fits || outputs.length !== event.outputs.length) return false;
      for (const [i, y] of outputs.entries()) copyInto(y, event.outputs[i] as NdArray);
      event.kept = kept;
    }
    event.attrs = attrs;
    const { calls } = event;
    for (let i = 0; i < calls.length; i++) (calls[i] as Call)();
    return true;
  }

  /** Puts new lists of indices in the place of old ones, in the calls of the op and of its backward pass. */
  private exchange(
    event: OpEvent | MultiOpEvent,
    listsOf: ((attrs: never) => readonly unknown[]) | undefined,
    attrs: unknown,
  ): void {
    if (listsOf === undefined) return;
    const before = listsOf(event.attrs as never);
    listsOf(attrs as never).forEach((list, i) => {
      if (list === before[i]) return;
      for (const { args, at } of this.current.memory.lists.get(event.lists[i]) ?? []) args[at] = list;
    });
  }

  private wrap(like: TensorCore, output: NdArray, node: Node | null, slot: number): Tensor {
    const ref = this.current.memory.refs.get(output.data);
    const moved = ref !== undefined && (ref.data !== output.data || ref.shift !== 0);
    const array = moved ? { ...output, data: ref.data, offset: output.offset + ref.shift } : output;
    const x = node === null ? like.create(array) : like.withHistory(array, node);
    x.lease = this.lease;
    x.slot = slot;
    this.made[slot] = x;
    return x;
  }

  /** From here on the function does something new: the tape is laid again behind what has been repeated, and recording goes on. */
  private leave(): Recording {
    const events = this.current.events.slice(0, this.cursor);
    const nodes: (Node | null)[] = [];
    const fresh: { node: Node; at: number }[] = [];
    let slots = 0;
    let lastBackward = -1;
    events.forEach((event, at) => {
      if (event.kind === "backward") {
        lastBackward = at;
        for (const arrival of event.arrivals) slots = Math.max(slots, arrival.slot + 1);
      }
      if (event.kind !== "op" && event.kind !== "multi") return;
      const parents = event.sources.map((s, i) =>
        event.node?.parents[i] == null ? null : typeof s === "number" ? (nodes[s] ?? null) : s.tensor.edge(),
      );
      const read = event.read.map((x) => this.live(x));
      const count = event.kind === "op" ? 1 : event.outputs.length;
      for (let i = 0; i < count; i++) nodes[event.slot + i] = null;
      slots = Math.max(slots, event.slot + count);
      if (event.node === null) return;
      if (event.kind === "op") {
        const node = new OpNode(event.op, parents, read, this.live(event.output), event.attrs);
        event.node = node;
        nodes[event.slot] = node;
        fresh.push({ node, at });
      } else {
        const node = new MultiOpNode(event.op, parents, read, count, event.kept, event.attrs);
        event.node = node;
        for (let i = 0; i < count; i++) nodes[event.slot + i] = new PickNode(node, i);
        fresh.push({ node, at });
      }
    });
    for (const { node, at } of fresh) if (at < lastBackward) node.release();
    nodes.forEach((node, slot) => {
      if (node !== null) this.made[slot]?.takeHistory(node);
    });
    const { memory } = this.current;
    const recording = new Recording(memory, this.lease, this.run, events, slots, this.touched);
    setSession(recording);
    return recording;
  }

  private live(array: NdArray): NdArray {
    const ref = this.current.memory.refs.get(array.data);
    if (ref === undefined || (ref.data === array.data && ref.shift === 0)) return array;
    return { ...array, data: ref.data, offset: array.offset + ref.shift };
  }
}
