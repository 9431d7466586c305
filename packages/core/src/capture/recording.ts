/**
 * Running a captured function for the first time, or where it goes a way it has not gone before: ops run as they always do, and what
 * they do is written down.
 *
 * @module
 */
import { copyInto, type NdArray, observeArrays } from "../array.js";
import { isFloat } from "../dtype.js";
import { GradientError } from "../errors.js";
import { kernels, useKernels } from "../kernels/index.js";
import type { MultiOp, Op } from "../ops/op.js";
import {
  type BackwardObserver,
  isRecording,
  type MultiOpNode,
  type Node,
  type OpNode,
  observeBackward,
} from "../tape.js";
import { applyMultiNow, applyNow, type TensorCore } from "../tensor/core.js";
import type { Lease, Session } from "../tensor/session.js";
import type { Tensor } from "../tensor.js";
import { Log, Ref } from "./log.js";
import type { Arrival, Event, Memory, MultiOpEvent, OpEvent, Outside, Plan, Source } from "./plan.js";

export class Recording implements Session, BackwardObserver {
  private readonly log: Log;
  private readonly outsides = new Map<TensorCore, Outside>();
  private readonly byNode = new Map<Node, OpEvent | MultiOpEvent>();
  private arrivals: Arrival[] = [];
  private once = false;

  constructor(
    private readonly memory: Memory,
    private readonly lease: Lease,
    private readonly run: number,
    private readonly events: Event[],
    private slots: number,
    /** Leaves that have got a gradient in this run. */
    readonly touched: Set<TensorCore>,
  ) {
    this.log = new Log(kernels(), memory.refs, memory.lists);
    for (const event of events) this.know(event);
  }

  /** What was written down. */
  plan(): Plan {
    return { memory: this.memory, events: this.events, slots: this.slots };
  }

  apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor {
    const sources = inputs.map((x) => this.source(op.name, x));
    const repeats = canRepeat(op.replay, inputs);
    const own = op.replay?.own?.(attrs) ?? attrs;
    const result = this.watch(repeats, () => applyNow(op, inputs, own));
    if (!repeats) this.log.produced(result.array);
    const node = result.edge();
    const read = (node as OpNode<A> | null)?.inputs ?? [];
    this.repeatCopies(repeats, inputs, read);
    const event: OpEvent = {
      kind: "op",
      op: op as Op<unknown>,
      sources,
      attrs: own,
      lists: op.replay?.lists?.(own) ?? [],
      repeats,
      recorded: isRecording(),
      slot: this.slots++,
      output: result.array,
      read,
      node,
      calls: this.log.take(),
    };
    this.add(event);
    return this.lend(result, event.slot);
  }

  applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[] {
    const sources = inputs.map((x) => this.source(op.name, x));
    const repeats = canRepeat(op.replay, inputs);
    const own = op.replay?.own?.(attrs) ?? attrs;
    const { outputs, node } = this.watch(repeats, () => applyMultiNow(op, inputs, own));
    if (!repeats) for (const output of outputs) this.log.produced(output.array);
    const read = node?.inputs ?? [];
    this.repeatCopies(repeats, inputs, read);
    const event: MultiOpEvent = {
      kind: "multi",
      op: op as MultiOp<unknown>,
      sources,
      attrs: own,
      lists: op.replay?.lists?.(own) ?? [],
      repeats,
      recorded: isRecording(),
      slot: this.slots,
      outputs: outputs.map((output) => output.array),
      read,
      node: node as MultiOpNode<unknown> | null,
      calls: this.log.take(),
      kept: node?.keptForBackward(),
    };
    this.slots += outputs.length;
    this.add(event);
    return outputs.map((output, i) => this.lend(output, event.slot + i));
  }

  assign(target: TensorCore, value: TensorCore, run: () => void): void {
    this.events.push({ kind: "assign", target: this.source("setItem", target), value: this.source("setItem", value) });
    run();
  }

  backward(root: TensorCore, gradient: TensorCore | null, _retainGraph: boolean, run: () => void): void {
    const from = this.source("backward", root);
    const start = gradient === null ? null : this.source("backward", gradient);
    this.arrivals = [];
    this.once = typeof from !== "number";
    const before = observeBackward(this);
    try {
      this.watch(true, run);
    } finally {
      observeBackward(before);
    }
    const { arrivals, once } = this;
    const calls = this.log.take();
    this.events.push({ kind: "backward", root: once ? -1 : (from as number), gradient: start, calls, arrivals, once });
  }

  received(holder: TensorCore, added: boolean): void {
    const leaf = this.outsides.get(holder);
    const grad = holder.grad as Tensor;
    // A sum with a gradient from an earlier run, or one kept at a tensor inside, is worked out anew each time.
    if (leaf === undefined || (added && !this.touched.has(holder))) {
      this.once = true;
      return;
    }
    this.touched.add(holder);
    this.arrivals.push({ leaf, added, array: grad.array, slot: this.slots });
    this.lend(grad, this.slots++);
  }

  opaque<A>(op: Op<A>, node: OpNode<A>, target: NdArray | null, g: NdArray, grads: readonly (NdArray | null)[]): void {
    const event = this.byNode.get(node) as OpEvent | undefined;
    const { inputs, output, needs } = node;
    const attrs = node.attrs;
    const { log } = this;
    for (const grad of grads) if (grad !== null && grad.data !== g.data) log.produced(grad);
    log.add(() => {
      const saved = {
        inputs: inputs.map((x) => log.live(x)),
        output: log.live(output),
        attrs: (event?.attrs ?? attrs) as A,
        needs,
      };
      if (target !== null) op.addInto?.(target, log.live(g), saved);
      else moveAll(op.backward(log.live(g), saved), grads, g);
    });
  }

  opaqueMulti<A>(
    op: MultiOp<A>,
    node: MultiOpNode<A>,
    inputs: readonly NdArray[],
    g: readonly (NdArray | null)[],
    grads: readonly (NdArray | null)[],
  ): void {
    const event = this.byNode.get(node) as MultiOpEvent;
    const { log } = this;
    for (const grad of grads) if (grad !== null) log.produced(grad);
    log.add(() => {
      const saved = {
        inputs: inputs.map((x) => log.live(x)),
        kept: event.kept,
        attrs: event.attrs as A,
        needs: node.parents,
      };
      moveAll(op.backward(g, saved), grads, null);
    });
  }

  private add(event: OpEvent | MultiOpEvent): void {
    this.events.push(event);
    this.know(event);
  }

  private know(event: Event): void {
    if ((event.kind === "op" || event.kind === "multi") && event.node !== null) this.byNode.set(event.node, event);
    if (event.kind !== "op" && event.kind !== "multi") return;
    for (const source of event.sources) if (typeof source !== "number") this.outsides.set(source.tensor, source);
  }

  private lend(x: Tensor, slot: number): Tensor {
    x.lease = this.lease;
    x.slot = slot;
    return x;
  }

  /** Runs ops with every call written down, or, when they do not keep to calls, without. */
  private watch<R>(repeats: boolean, body: () => R): R {
    if (!repeats) return body();
    const before = useKernels(this.log.kernels);
    const observer = observeArrays(this.log);
    let done = false;
    try {
      const result = body();
      done = true;
      return result;
    } finally {
      if (!done) this.log.take();
      useKernels(before);
      observeArrays(observer);
    }
  }

  /** Copies that the tape made of inputs for its backward pass, by an op that is run again rather than repeated. */
  private repeatCopies(repeats: boolean, inputs: readonly TensorCore[], read: readonly NdArray[]): void {
    if (repeats) return;
    read.forEach((copy, i) => {
      const original = (inputs[i] as TensorCore).array;
      if (copy.data === original.data) return;
      this.log.produced(copy);
      this.log.add(() => copyInto(this.log.live(original), copy));
    });
  }

  private source(where: string, x: TensorCore): Source {
    if (x.lease === this.lease) return x.slot;
    const { array, requiresGrad, isLeaf } = x;
    const known = this.outsides.get(x);
    if (known !== undefined && known.array === array && known.requiresGrad === requiresGrad) return known;
    if (known === undefined && requiresGrad && !isLeaf) {
      throw new GradientError(
        `capture: '${where}' was given a tensor computed outside of the captured function from one that requires a gradient. ` +
          "Expected inputs without history: detach() it, or compute it inside",
      );
    }
    const ref = this.memory.refs.get(array.data) ?? new Ref(array.data, true);
    this.memory.refs.set(array.data, ref);
    ref.boundIn = this.run;
    const { shape, strides, offset, dtype } = array;
    const outside = { ref, shape, strides, offset, dtype, requiresGrad, isLeaf, tensor: x, array };
    this.outsides.set(x, outside);
    return outside;
  }
}

/** Whether an op keeps to calls with these inputs: whole numbers are calculated with outside of kernels. */
function canRepeat(replay: { readonly anyDType?: boolean } | undefined, inputs: readonly TensorCore[]): boolean {
  return replay !== undefined && (replay.anyDType === true || inputs.every((x) => isFloat(x.dtype)));
}

/** Puts results where they were put the first time. */
function moveAll(again: readonly (NdArray | null)[], first: readonly (NdArray | null)[], g: NdArray | null): void {
  first.forEach((target, i) => {
    const result = again[i];
    if (target !== null && result && target.data !== g?.data) copyInto(result, target);
  });
}
