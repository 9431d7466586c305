/**
 * Running a captured function for the first time, or where it goes a way it has not gone before: ops run as they always do, on copies
 * of what comes from outside, and what they do is written down.
 *
 * @module
 */
import { cast, copyInto, copyOf, type NdArray, observeArrays } from "../array.js";
import { isFloat } from "../dtype.js";
import { kernels, useKernels } from "../kernels/index.js";
import type { MultiOp, Op, Replay } from "../ops/op.js";
import { isRecording, type MultiOpNode, type Node, type OpNode, observeBackward } from "../tape.js";
import { applyMultiNow, applyNow } from "../tensor/apply.js";
import type { TensorCore } from "../tensor/core.js";
import type { Change, Mark, Session, Update } from "../tensor/session.js";
import type { Tensor } from "../tensor.js";
import type { Progress } from "./call.js";
import { Derivatives } from "./derivatives.js";
import { type KernelStep, Log, OtherStep } from "./log.js";
import { type Outside, Role } from "./outside.js";
import type { Arrival, Event, Memory, OpEvent, Plan, Source } from "./plan.js";
import { isDense, Sources } from "./sources.js";

export class Recording implements Session {
  private log: Log;
  private readonly sources: Sources;
  private readonly byNode = new Map<Node, OpEvent>();
  private arrivals: Arrival[] = [];
  private before: Source | null = null;
  private once = false;

  constructor(
    private readonly memory: Memory,
    private readonly progress: Progress,
    private readonly events: Event[],
    private slots: number,
  ) {
    this.log = new Log(kernels(), memory);
    this.sources = new Sources(memory, progress);
    for (const event of events) this.know(event);
  }

  /** What was written down. */
  plan(): Plan {
    return { memory: this.memory, events: this.events, slots: this.slots, track: null, code: null };
  }

  apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor {
    const only = inputs[0] as TensorCore;
    if (isPlainView(op, only) && !isSteady(only)) return this.view(op, only, attrs);
    const sources = inputs.map((x) => this.sources.source(op.name, x));
    const arrays = sources.map((s, i) => this.sources.arrayOf(s, inputs[i] as TensorCore));
    const repeats = canRepeat(op.replay, inputs);
    const own = op.replay?.own?.(attrs) ?? attrs;
    const result = this.watch(repeats, () => applyNow(op, [...inputs], own, [...arrays]));
    const node = result.edge() as OpNode<unknown> | null;
    this.write(op, sources, own, repeats, [result], node, node?.inputs ?? [], arrays, false, undefined);
    return result;
  }

  applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[] {
    const sources = inputs.map((x) => this.sources.source(op.name, x));
    const arrays = sources.map((s, i) => this.sources.arrayOf(s, inputs[i] as TensorCore));
    const repeats = canRepeat(op.replay, inputs);
    const own = op.replay?.own?.(attrs) ?? attrs;
    const outputs = this.watch(repeats, () => applyMultiNow(op, [...inputs], own, [...arrays]));
    const node = outputs[0]?.edge() as MultiOpNode<unknown> | null;
    this.write(op, sources, own, repeats, outputs, node, node?.inputs ?? [], arrays, true, node?.kept);
    return outputs;
  }

  /** A view that may be another one at every call. */
  view<A>(op: Op<A>, x: TensorCore, attrs: A): Tensor {
    const result = applyNow(op, [x], attrs);
    const { length: at } = this.events;
    this.events.push({
      kind: "view",
      at,
      steps: [],
      op: op as Op<unknown>,
      attrs,
      from: x.array,
      result: result.array,
    });
    return result;
  }

  private write<A>(
    op: Op<A> | MultiOp<A>,
    sources: readonly Source[],
    attrs: A,
    repeats: boolean,
    outputs: readonly Tensor[],
    node: OpNode<unknown> | MultiOpNode<unknown> | null,
    read: readonly NdArray[],
    arrays: readonly NdArray[],
    several: boolean,
    kept: unknown,
  ): void {
    const { log, memory } = this;
    if (!repeats) {
      for (const output of outputs) log.produced(output.layout);
      read.forEach((copy, i) => {
        // The tape has copied an input for its backward pass.
        const original = arrays[i] as NdArray;
        if (copy.data === original.data) return;
        log.copied(original, copy);
      });
    }
    const layouts = outputs.map((output) => output.layout);
    const origins = layouts.map((x) => memory.outsides.get(x.data) ?? null);
    const event: OpEvent = {
      kind: "op",
      quick: repeats && (op.replay?.lists?.(attrs) ?? []).length === 0,
      key: attrs === undefined ? 0 : (op.replay?.key?.(attrs) ?? Number.NaN),
      follows: op.replay?.view === "with history" && (layouts[0] as NdArray).memory === (arrays[0] as NdArray).memory,
      at: this.events.length,
      steps: log.take(),
      op: op as Op<unknown>,
      sources,
      outsides: sources.flatMap((s, i) => (typeof s === "number" ? [] : [i])),
      watched: sources.flatMap((s, i) =>
        typeof s === "number" ? (memory.outsides.get((arrays[i] as NdArray).data) ?? []) : [],
      ),
      attrs,
      lists: op.replay?.lists?.(attrs) ?? [],
      repeats,
      recorded: isRecording(),
      engine: kernels(),
      slot: this.slots,
      several,
      outputs: layouts,
      origins: origins.some((origin) => origin !== null) ? origins : null,
      read,
      node,
      outputNodes: outputs.map((output) => output.edge()),
      kept,
    };
    this.slots += outputs.length;
    this.events.push(event);
    this.know(event);
    outputs.forEach((output, i) => {
      this.lend(output, event.slot + i);
    });
  }

  assign(change: Change): void {
    const { target, whole, value, recorded } = change;
    const from = this.sources.source("a change in place", value);
    const owned = target.lease === this.progress.lease;
    const base = whole.lease === this.progress.lease ? whole.slot : this.sources.role(whole);
    const origin = owned ? (this.memory.outsides.get(target.layout.data) ?? null) : null;
    this.watch(owned && origin === null, () => change.copy(this.sources.arrayOf(from, value)));
    if (origin !== null) copyInto(target.layout, origin.original(target.layout));
    change.count();
    if (owned && origin === null) this.memory.counters.add(target.layout.memory);
    origin?.seen();
    change.rewrite();
    if (base instanceof Role && whole.requiresGrad && !whole.isLeaf) this.progress.rewritten.add(whole);
    this.events.push({
      kind: "assign",
      at: this.events.length,
      steps: this.log.take(),
      target: owned ? target.slot : this.sources.role(target),
      whole: base,
      layout: target.layout,
      origin,
      path: target.viewSteps(),
      value: from,
      recorded,
    });
  }

  update(x: TensorCore, grad: TensorCore, { kernel, moments, rest }: Update): boolean {
    const tensors = [x, ...moments];
    const isPlain = (t: TensorCore | null): boolean => t === null || (t.lease === null && t.isLeaf && t.isContiguous());
    if (x.dtype !== "float32" || !tensors.every(isPlain)) return false;
    const gradient = this.sources.source("an optimiser's step", grad);
    const g = this.sources.arrayOf(gradient, grad);
    if (!isDense(g)) return false;
    const [target, ...kept] = tensors.map((t) => t && (this.sources.source("an optimiser's step", t, true) as Outside));
    const arrays = kept.map((outside, i) => outside && this.sources.arrayOf(outside, moments[i] as TensorCore).data);
    const p = this.sources.arrayOf(target as Outside, x).data;
    this.watch(true, () => {
      const run = kernels()[kernel] as (n: number, ...args: readonly unknown[]) => void;
      run(x.numel(), p, g.data, ...arrays, ...rest);
    });
    for (const outside of [target, ...kept]) outside?.copy.leads(outside.array, this.memory.work.bring);
    const steps = this.log.take();
    this.events.push({
      kind: "update",
      at: this.events.length,
      steps,
      target: target as Outside,
      gradient,
      moments: kept as (Outside | null)[],
      step: steps.at(-1) as KernelStep,
      engine: kernels(),
    });
    return true;
  }

  flush(): void {}

  marked(x: TensorCore, what: Mark): void {
    if (x.lease !== this.progress.lease) return;
    this.events.push({ kind: "mark", at: this.events.length, steps: [], slot: x.slot, what });
  }

  backward(root: TensorCore, gradient: TensorCore | null, retainGraph: boolean): void {
    const once = root.lease !== this.progress.lease;
    const from = gradient === null ? null : this.sources.source("backward", gradient);
    const reads = this.readAgain(root.edge() as Node);
    this.arrivals = [];
    this.once = once;
    const before = observeBackward(new Derivatives(this.log, this.byNode));
    try {
      this.watch(true, () => root.runBackward(this.start(root, from, gradient), retainGraph));
    } finally {
      observeBackward(before);
    }
    this.events.push({
      kind: "backward",
      at: this.events.length,
      steps: this.log.take(),
      root: once ? -1 : root.slot,
      gradient: from,
      retainGraph,
      engine: kernels(),
      arrivals: this.arrivals,
      reads,
      once: this.once,
    });
  }

  /** The gradient that a pass starts from, as a fresh array; null for ones. */
  private start(root: TensorCore, from: Source | null, gradient: TensorCore | null): NdArray | null {
    if (from === null || gradient === null) return null;
    const given = this.sources.arrayOf(from, gradient);
    if (given.dtype === root.dtype) return copyOf(given);
    const start = cast(given, root.dtype);
    this.log.produced(start);
    this.log.add(new OtherStep(() => copyInto(cast(given, root.dtype), start), [given.data], [start.data]));
    return start;
  }

  /** Tensors from outside that the pass from `root` reads again. */
  private readAgain(root: Node): { outside: Outside; at: number }[] {
    const found = new Map<Outside, number>();
    const seen = new Set<Node>([root]);
    const open = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const parent of node.parents) {
        if (parent === null || seen.has(parent)) continue;
        seen.add(parent);
        open.push(parent);
      }
      const event = this.byNode.get(node);
      if (event === undefined) continue;
      for (const { data } of readBy(event)) {
        const outside = this.memory.outsides.get(data);
        if (outside !== undefined) found.set(outside, Math.min(event.at, found.get(outside) ?? event.at));
      }
    }
    return Array.from(found, ([outside, at]) => ({ outside, at }));
  }

  standing(grad: TensorCore): NdArray {
    const source = this.sources.source("backward", grad);
    this.before = source;
    return this.sources.arrayOf(source, grad);
  }

  received(holder: TensorCore): void {
    const { before } = this;
    this.before = null;
    const grad = holder.grad as Tensor;
    const { lease, touched } = this.progress;
    const inside = holder.lease === lease;
    if (!inside) touched.add(holder);
    const role = inside ? holder.slot : this.sources.knownRole(holder);
    if (role === undefined) this.once = true;
    else this.arrivals.push({ holder: role, before, array: grad.layout, slot: this.slots });
    this.lend(grad, this.slots++);
  }

  private know(event: Event): void {
    this.sources.know(event);
    if (event.kind === "op" && event.node !== null) this.byNode.set(event.node, event);
  }

  /** Before an array is read: views of tensors from outside follow changes of these. */
  open(array: NdArray): void {
    this.sources.open(array);
  }

  private lend(x: Tensor, slot: number): void {
    x.lend(this.progress.lease, slot);
  }

  /** Everything was unveiled before recording began, and what is recorded never is veiled. */
  unveil(): void {}

  recall(): null {
    return null;
  }

  recallMulti(): null {
    return null;
  }

  /** Runs `body` with every call written down, or, when it does not keep to calls, without. */
  private watch<R>(repeats: boolean, body: () => R): R {
    if (this.log.base !== kernels()) this.log = new Log(kernels(), this.memory);
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
}

/** Whether an op makes a view without history of a tensor from outside. */
export function isPlainView<A>({ replay }: Op<A>, x: TensorCore): boolean {
  if (replay?.view === undefined || x.lease !== null) return false;
  return replay.view === "without history" || !isRecording() || !x.requiresGrad;
}

/** Views of more numbers than these are taken of the original, not of a copy. */
const LARGE = 65536;

/** Whether views of a tensor from outside are taken to be the same at every call, until one is not. */
const isSteady = (x: TensorCore): boolean => x.dtype === "float32" && x.numel() <= LARGE;

/** Whether an op keeps to calls with these inputs: whole numbers are calculated with outside of kernels. */
function canRepeat<A>(replay: Replay<A> | null, inputs: readonly TensorCore[]): boolean {
  return replay !== null && (replay.anyDType === true || inputs.every((x) => isFloat(x.dtype)));
}

/** The arrays that an event's backward pass reads. */
export function readBy({ op, read, outputs }: OpEvent): readonly NdArray[] {
  if (op.reads === "nothing") return [];
  return op.reads === "inputs" ? read : op.reads === "output" ? outputs : [...read, ...outputs];
}
