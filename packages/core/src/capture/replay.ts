/**
 * Running a captured function again: every op is held against what was written down and, as long as it is the same, its steps are put
 * off until somebody wants to see numbers. At the first difference the run goes on as a recording.
 *
 * @module
 */
import { copyInto, type NdArray, settled } from "../array.js";
import { type Kernels, kernels } from "../kernels/index.js";
import type { Identified, MultiOp, Op } from "../ops/op.js";
import { sameShape } from "../shape.js";
import { isRecording, type Node } from "../tape.js";
import type { TensorCore } from "../tensor/core.js";
import { type Change, type Lease, type Mark, type Session, setSession, type Update } from "../tensor/session.js";
import { Tensor } from "../tensor.js";
import { sameAttrs } from "./attributes.js";
import { Executor } from "./executor.js";
import { type Outside, Role, samePath } from "./outside.js";
import type {
  AssignEvent,
  BackwardEvent,
  Event,
  OpEvent,
  Passing,
  Plan,
  Source,
  UpdateEvent,
  ViewEvent,
} from "./plan.js";
import { isPlainView, type Progress, Recording } from "./recording.js";
import { layTape } from "./resume.js";
import { codeOf, type Glance, NONE, Track } from "./track.js";

export class Replay implements Session {
  private cursor = 0;
  private events: readonly Event[];
  private readonly made: Tensor[];
  private readonly changes = new Map<number, Change>();
  private readonly passings: Passing[] = [];
  private readonly executor: Executor;
  private readonly lease: Lease;
  private readonly run: number;
  // What stands in the track of the present way.
  private glances!: readonly Glance[];
  private outsides!: readonly Outside[];
  private makers!: Int32Array;
  private engine!: Kernels | null;

  constructor(
    private current: Plan,
    /** Other ways that runs have gone with the same memory. */
    private readonly others: readonly Plan[],
    private readonly progress: Progress,
  ) {
    this.events = current.events;
    this.made = new Array<Tensor>(current.slots);
    this.executor = new Executor(current.memory);
    this.lease = progress.lease;
    this.run = progress.cast.run;
    this.follow(current);
  }

  private follow(plan: Plan): void {
    plan.track ??= new Track(plan.events, plan.slots);
    const { glances, outsides, makers, engine } = plan.track;
    this.current = plan;
    this.events = plan.events;
    this.glances = glances;
    this.outsides = outsides;
    this.makers = makers;
    this.engine = engine;
  }

  /** The way that this run has gone. */
  plan(): Plan {
    return this.current;
  }

  recall(op: Identified, key: number, a: TensorCore, b: TensorCore | null, c: TensorCore | null): Tensor | null {
    const glance = this.glances[this.cursor] as Glance;
    const { lease } = this;
    if (glance.code !== codeOf(op.id, isRecording()) || glance.key !== key || kernels() !== this.engine) return null;
    // Most inputs have been made in this call; the others need a second look.
    const { first, second, third, watched } = glance;
    if ((a.slot !== first || a.lease !== lease) && !this.stands(first, a)) return null;
    if ((b === null ? second !== NONE : b.slot !== second || b.lease !== lease) && !this.stands(second, b)) return null;
    if ((c === null ? third !== NONE : c.slot !== third || c.lease !== lease) && !this.stands(third, c)) return null;
    if (watched !== null && !watched.fresh) return null;
    this.cursor++;
    return this.veiled(glance.slot);
  }

  recallMulti(op: Identified, key: number, inputs: readonly TensorCore[]): Tensor[] | null {
    const { code, key: known, all, slot, outputs: count, watched } = this.glances[this.cursor] as Glance;
    if (code !== codeOf(op.id, isRecording()) || known !== key || kernels() !== this.engine) return null;
    if (all.length !== inputs.length || (watched !== null && !watched.fresh)) return null;
    for (let i = 0; i < all.length; i++) if (!this.stands(all[i] as number, inputs[i] as TensorCore)) return null;
    this.cursor++;
    const outputs = new Array<Tensor>(count);
    for (let i = 0; i < count; i++) outputs[i] = this.veiled(slot + i);
    return outputs;
  }

  private stands(source: number, x: TensorCore | null): boolean {
    if (x === null) return source === NONE;
    if (source >= 0) return x.slot === source && x.lease === this.lease;
    if (source === NONE) return false;
    const outside = this.outsides[~source] as Outside;
    return outside.isStill(x, this.run) || (this.executor.holds(outside) && outside.isAgain(x, this.progress.cast));
  }

  /** A tensor that gets its layout and its place on the tape when somebody looks at it. */
  private veiled(slot: number): Tensor {
    const x = new Tensor(null);
    x.lend(this.lease, slot);
    this.made[slot] = x;
    return x;
  }

  unveil(x: TensorCore): void {
    const event = this.events[this.makers[x.slot] as number] as OpEvent;
    const i = x.slot - event.slot;
    const source = event.sources[0] as Source;
    let from: TensorCore | null = null;
    if (event.follows) {
      from = typeof source === "number" ? (this.made[source] as Tensor) : source.role.tensor;
      if (from.isVeiled) this.unveil(from);
    }
    x.unveil(this.outputOf(event, i), event.outputNodes[i] as Node | null, from, event.op as Op<unknown>, event.attrs);
  }

  apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor {
    const next = this.events[this.cursor];
    if (this.isSame(next, op as Op<unknown>, inputs, attrs)) {
      this.cursor++;
      return this.wrap(next as OpEvent, 0);
    }
    const only = inputs[0] as TensorCore;
    if (isPlainView(op, only)) {
      const same = (e: Event): e is ViewEvent => e.kind === "view" && e.op === (op as Op<unknown>);
      const view = this.find(same);
      if (view !== null) return this.view(view, only, attrs);
    }
    const event = this.findOp(next, op as Op<unknown>, inputs, attrs);
    if (event !== null && this.advance(event, inputs, attrs)) return this.wrap(event, 0);
    // A view that was another one the last time will be another one the next time.
    const varies = isPlainView(op, only) && next?.kind === "op" && next.op === (op as Op<unknown>);
    const recording = this.leave();
    return varies ? recording.view(op, only, attrs) : recording.apply(op, inputs, attrs);
  }

  applyMulti<A>(op: MultiOp<A>, inputs: readonly TensorCore[], attrs: A): Tensor[] {
    const next = this.events[this.cursor];
    if (this.isSame(next, op as MultiOp<unknown>, inputs, attrs)) {
      this.cursor++;
      return this.wrapAll(next as OpEvent);
    }
    const event = this.findOp(next, op as MultiOp<unknown>, inputs, attrs);
    if (event === null || !this.advance(event, inputs, attrs)) return this.leave().applyMulti(op, inputs, attrs);
    return this.wrapAll(event);
  }

  /** Whether an event is this op on tensors that have all been met in this call. It says no where that needs a closer look. */
  private isSame(
    e: Event | undefined,
    op: Op<unknown> | MultiOp<unknown>,
    inputs: readonly TensorCore[],
    attrs: unknown,
  ): boolean {
    if (e === undefined || e.kind !== "op" || e.op !== op || !e.quick) return false;
    const { sources } = e;
    if (sources.length !== inputs.length || e.recorded !== isRecording() || e.engine !== kernels()) return false;
    for (let i = 0; i < sources.length; i++)
      if (!this.isStill(sources[i] as Source, inputs[i] as TensorCore)) return false;
    for (let i = 0; i < e.watched.length; i++) if (!(e.watched[i] as Outside).fresh) return false;
    return e.attrs === attrs || (op.replay?.same as Same | undefined)?.(e.attrs, attrs) === true;
  }

  private isStill(source: Source, x: TensorCore): boolean {
    if (typeof source === "number") return x.slot === source && x.lease === this.lease;
    return source.isStill(x, this.run) || (this.executor.holds(source) && source.isAgain(x, this.progress.cast));
  }

  assign(change: Change): void {
    const { target, value } = change;
    const event = this.find((e): e is AssignEvent => this.isAssign(e, change));
    if (event === null) {
      this.leave().assign(change);
      return;
    }
    const { cast } = this.progress;
    for (const [role, x] of [
      [event.target, target],
      [event.whole, change.whole],
    ] as const)
      if (role instanceof Role) cast.give(x, role, true);
    if (typeof event.value !== "number") this.bind(event.value, value);
    settled(target.layout);
    this.passings.push({ at: this.cursor, memory: target.layout.memory, before: target.layout.memory.version });
    this.changes.set(this.cursor, change);
    if (event.origin !== null) {
      // The numbers are a tensor's outside; its copy follows.
      this.freshen(event.origin);
      this.executor.run(this.current, this.cursor);
      copyInto(this.separate(value.array, event.origin), event.origin.original(event.layout));
      change.count();
      this.executor.copyPart(event.origin, event.layout);
      event.origin.seen();
    } else {
      if (target.lease === null) change.copy(value.array);
      change.count();
    }
    this.cursor++;
    change.rewrite();
    const { whole } = change;
    if (whole.lease === null && whole.requiresGrad && !whole.isLeaf) this.progress.rewritten.add(whole);
  }

  update(x: TensorCore, grad: TensorCore, update: Update): boolean {
    let event = this.events[this.cursor] as UpdateEvent;
    if (!this.isUsual(event, x, grad, update)) {
      const found = this.find((e): e is UpdateEvent => this.isUpdate(e, x, grad, update));
      if (found === null) return this.leave().update(x, grad, update);
      event = found;
      this.bind(event.target, x);
      this.bindSource(event.gradient, grad);
      event.moments.forEach((outside, i) => {
        if (outside !== null) this.bind(outside, update.moments[i] as TensorCore);
      });
    }
    const { target, moments, step } = event;
    const { args } = step;
    for (let i = 0; i < update.rest.length; i++) args[args.length - update.rest.length + i] = update.rest[i];
    this.executor.refresh(step);
    this.passings.push({ at: this.cursor, memory: target.memory, before: target.version });
    this.cursor++;
    const { bring } = this.current.memory.work;
    target.copy.leads(target.array, bring);
    for (const moment of moments) moment?.copy.leads(moment.array, bring);
    return true;
  }

  /** Whether an update is the next one, of a parameter that is in use already, with what was kept for it the last time. */
  private isUsual(
    e: Event | undefined,
    x: TensorCore,
    grad: TensorCore,
    { kernel, moments }: Update,
  ): e is UpdateEvent {
    if (e?.kind !== "update" || e.step.name !== kernel || e.engine !== kernels()) return false;
    if (!e.target.isStill(x, this.run) || !this.isStill(e.gradient, grad)) return false;
    for (let i = 0; i < moments.length; i++) {
      const [outside, moment] = [e.moments[i] as Outside | null, moments[i] as TensorCore | null];
      if (outside === null || moment === null ? outside !== moment : !outside.isCurrent(moment)) return false;
      if (outside !== null && !this.executor.holds(outside)) return false;
    }
    return true;
  }

  private isUpdate(e: Event, x: TensorCore, grad: TensorCore, { kernel, moments }: Update): boolean {
    if (e.kind !== "update" || e.step.name !== kernel || e.engine !== kernels()) return false;
    if (!this.fits(e.target, x) || !this.fits(e.gradient, grad)) return false;
    return e.moments.every((outside, i) => {
      const moment = moments[i] as TensorCore | null;
      return outside === null || moment === null ? outside === moment : this.fits(outside, moment);
    });
  }

  /** Does what has been put off. */
  flush(): void {
    this.executor.run(this.current, this.cursor);
  }

  /** A value that does not lie in the memory it is written to. */
  private separate(value: NdArray, origin: Outside): NdArray {
    return value.data === origin.array.data ? { ...value, data: value.data.slice() } : value;
  }

  marked(x: TensorCore, what: Mark): void {
    if (x.lease !== this.progress.lease) return;
    const event = this.find((e): e is Event => e.kind === "mark" && e.slot === x.slot && e.what === what);
    if (event === null) this.leave().marked(x, what);
    else this.cursor++;
  }

  backward(root: TensorCore, gradient: TensorCore | null, retainGraph: boolean): void {
    const event = this.find((e): e is BackwardEvent => this.isBackward(e, root, gradient, retainGraph));
    if (event === null) {
      this.leave().backward(root, gradient, retainGraph);
      return;
    }
    if (gradient !== null && event.gradient !== null) this.bindSource(event.gradient, gradient);
    for (const { holder, before, array, slot } of event.arrivals) {
      const leaf = typeof holder === "number" ? (this.made[holder] as Tensor) : holder.tensor;
      if (before !== null) this.bindSource(before, leaf.grad as Tensor);
      const grad = leaf.create(array);
      grad.lease = this.progress.lease;
      grad.slot = slot;
      this.made[slot] = grad;
      leaf.grad = grad;
      if (typeof holder !== "number") this.progress.touched.add(leaf);
    }
    this.cursor++;
  }

  /** Only backward passes that really run ask for these. */
  standing(grad: TensorCore): NdArray {
    return grad.array;
  }

  received(): void {}

  /** Before an array of this call is read, or written to by somebody else. */
  open(array: NdArray): void {
    const origin = this.current.memory.outsides.get(array.data);
    if (origin !== undefined) this.freshen(origin);
    this.flush();
    this.executor.bring(array.data);
  }

  // ---- is it the same? -------------------------------------------------------------------------------------------------

  /** The event that comes next, if it is the right one; on the present way or on another that has been the same so far. */
  private find<E extends Event>(fits: (event: Event) => event is E): E | null {
    const next = this.events[this.cursor];
    return next !== undefined && fits(next) ? next : this.findElsewhere(fits);
  }

  private findElsewhere<E extends Event>(fits: (event: Event) => event is E): E | null {
    const { cursor } = this;
    const before = this.events[cursor - 1];
    for (const other of this.others) {
      const event = other.events[cursor];
      if (event === undefined || other.events[cursor - 1] !== before || !fits(event)) continue;
      this.follow(other);
      return event;
    }
    return null;
  }

  private findOp(
    next: Event | undefined,
    op: Op<unknown> | MultiOp<unknown>,
    inputs: readonly TensorCore[],
    attrs: unknown,
  ): OpEvent | null {
    if (next !== undefined && this.isOp(next, op, inputs, attrs)) return next;
    return this.findElsewhere((e): e is OpEvent => this.isOp(e, op, inputs, attrs));
  }

  private isOp(
    e: Event,
    op: Op<unknown> | MultiOp<unknown>,
    inputs: readonly TensorCore[],
    attrs: unknown,
  ): e is OpEvent {
    if (e.kind !== "op" || e.op !== op || e.recorded !== isRecording() || e.engine !== kernels()) return false;
    const { sources } = e;
    if (sources.length !== inputs.length) return false;
    for (let i = 0; i < sources.length; i++) {
      if (!this.fits(sources[i] as Source, inputs[i] as TensorCore)) return false;
    }
    if (e.outsides.length > 1 && !samePattern(e, inputs)) return false;
    const { replay } = op;
    if (replay === null || e.attrs === attrs) return true;
    if (replay.same !== undefined)
      return (replay.same as Same)(e.attrs, attrs) && sameLengths(e, replay.lists?.(attrs as never));
    return sameAttrs(e.attrs, attrs, e.lists, replay.lists?.(attrs as never) ?? []);
  }

  private isAssign(e: Event, { target, whole, value, recorded }: Change): boolean {
    return (
      e.kind === "assign" &&
      e.recorded === recorded &&
      this.plays(e.target, target) &&
      this.plays(e.whole, whole) &&
      this.fits(e.value, value) &&
      sameShape(e.layout.shape, target.shape) &&
      samePath(e.path, target.viewSteps())
    );
  }

  private isBackward(e: Event, root: TensorCore, gradient: TensorCore | null, retainGraph: boolean): boolean {
    if (e.kind !== "backward" || e.once || e.retainGraph !== retainGraph || e.engine !== kernels()) return false;
    if (root.lease !== this.progress.lease || root.slot !== e.root) return false;
    if (gradient === null ? e.gradient !== null : e.gradient === null || !this.fits(e.gradient, gradient)) return false;
    const roles = new Map<Role, TensorCore>();
    if (gradient !== null && typeof e.gradient === "object") roles.set((e.gradient as Outside).role, gradient);
    for (const { holder, before } of e.arrivals) {
      const { grad } = typeof holder === "number" ? (this.made[holder] as Tensor) : holder.tensor;
      if (grad === null || before === null) {
        if (grad !== before) return false;
        continue;
      }
      if (!this.fits(before, grad)) return false;
      if (typeof before === "number") continue;
      if ((roles.get(before.role) ?? grad) !== grad) return false;
      roles.set(before.role, grad);
    }
    // What the pass reads again must not have changed, or it is an error, which a real pass will find.
    return e.reads.every(
      ({ outside, at }) =>
        outside.version === outside.memory.version &&
        !this.passings.some((passing) => passing.memory === outside.memory && passing.at > at),
    );
  }

  private plays(role: number | Role, x: TensorCore): boolean {
    if (typeof role === "number") return x.slot === role && x.lease === this.progress.lease;
    return x.lease === null && this.progress.cast.mayPlay(x, role, true);
  }

  private fits(source: Source, x: TensorCore): boolean {
    if (typeof source === "number") return x.slot === source && x.lease === this.progress.lease;
    return source.fits(x, this.progress.cast);
  }

  // ---- going on --------------------------------------------------------------------------------------------------------

  private bindSource(source: Source, x: TensorCore): void {
    if (typeof source !== "number") this.bind(source, x);
  }

  private bind(outside: Outside, x: TensorCore): void {
    const { cast } = this.progress;
    if (outside.run !== cast.run) {
      outside.bind(x, cast);
      outside.run = cast.run;
      if (!outside.fresh || !this.executor.holds(outside)) {
        this.executor.copyIn(outside);
        outside.seen();
      }
    } else {
      this.freshen(outside);
    }
  }

  /** Follows changes of a tensor from outside that is in use already. */
  private freshen(outside: Outside): void {
    if (outside.fresh) return;
    this.passings.push({ at: this.cursor, memory: outside.memory, before: outside.version });
    this.executor.run(this.current, this.cursor);
    this.executor.copyIn(outside);
    outside.seen();
  }

  /** Takes note of an op that is the same; false when its result has another form this time. */
  private advance(event: OpEvent, inputs: readonly TensorCore[], attrs: unknown): boolean {
    const { sources, watched, lists } = event;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as Source;
      if (typeof source !== "number") this.bind(source, inputs[i] as TensorCore);
    }
    for (let i = 0; i < watched.length; i++) this.freshen(watched[i] as Outside);
    if (!event.repeats) {
      if (!this.runOp(event, inputs, attrs)) return false;
    } else if (lists.length > 0) {
      const fresh = event.op.replay?.lists?.(attrs as never) as readonly ArrayLike<number>[];
      for (let i = 0; i < lists.length; i++) this.executor.refill(lists[i] as number[], fresh[i] as ArrayLike<number>);
    }
    this.cursor++;
    return true;
  }

  /** Runs an op that does not keep to calls of kernels. */
  private runOp(event: OpEvent, inputs: readonly TensorCore[], attrs: unknown): boolean {
    const { executor } = this;
    executor.run(this.current, this.cursor);
    const arrays = event.sources.map((s, i) => {
      const array = typeof s === "number" ? (inputs[i] as TensorCore).layout : s.standIn;
      executor.bring(array.data);
      return array;
    });
    let results: readonly NdArray[];
    if (!event.several) {
      results = [(event.op as Op<unknown>).forward(arrays, attrs)];
    } else {
      const { outputs, kept } = (event.op as MultiOp<unknown>).forward(arrays, attrs);
      results = outputs;
      event.kept = kept;
    }
    const fits = results.every((y, i) => {
      const known = event.outputs[i] as NdArray;
      return sameShape(y.shape, known.shape) && y.dtype === known.dtype;
    });
    if (!fits) return false;
    event.attrs = attrs;
    results.forEach((y, i) => {
      const known = event.outputs[i] as NdArray;
      if (y.data !== known.data) copyInto(y, known);
      executor.send(known.data);
    });
    executor.runNow(this.current, this.cursor);
    return true;
  }

  private view(event: ViewEvent, x: TensorCore, attrs: unknown): Tensor {
    const { array } = x;
    const { replay } = event.op;
    const known = event.attrs;
    const same =
      event.from === array &&
      event.result.memory === array.memory &&
      (known === attrs || ((replay?.same as Same | undefined)?.(known, attrs) ?? sameAttrs(known, attrs, [], [])));
    if (!same) {
      event.from = array;
      event.attrs = attrs;
      event.result = event.op.forward([array], attrs);
    }
    this.cursor++;
    return x.create(event.result);
  }

  private wrapAll(event: OpEvent): Tensor[] {
    const tensors = new Array<Tensor>(event.outputs.length);
    for (let i = 0; i < tensors.length; i++) tensors[i] = this.wrap(event, i);
    return tensors;
  }

  private wrap(event: OpEvent, i: number): Tensor {
    const x = new Tensor(this.outputOf(event, i));
    const slot = event.slot + i;
    x.lend(this.lease, slot);
    x.takeHistory(event.outputNodes[i] as Node | null);
    this.made[slot] = x;
    return x;
  }

  /** An output as an array. A view of a tensor from outside shares that tensor's count of changes. */
  private outputOf(event: OpEvent, i: number): NdArray {
    let array = event.outputs[i] as NdArray;
    const origin = event.origins === null ? null : (event.origins[i] as Outside | null);
    if (origin !== null && array.memory !== origin.memory) {
      array = { ...array, memory: origin.memory };
      event.outputs[i] = array;
    }
    return array;
  }

  /** From here on the function does something new: everything put off is done, and recording goes on. */
  private leave(): Recording {
    const { memory } = this.current;
    const events = this.events.slice(0, this.cursor);
    let slots = 0;
    for (const event of events) {
      if (event.kind === "op") slots = event.slot + event.outputs.length;
      else if (event.kind === "backward") for (const { slot } of event.arrivals) slots = Math.max(slots, slot + 1);
    }
    for (let slot = 0; slot < slots; slot++) if (this.made[slot]?.isVeiled) this.unveil(this.made[slot] as Tensor);
    this.executor.run(this.current, this.cursor);
    for (const event of events) this.executor.bringAll(event);
    layTape({ memory, events, made: this.made, changes: this.changes, passings: this.passings });
    const recording = new Recording(memory, this.progress, events, slots);
    this.progress.lease.session = recording;
    setSession(recording);
    return recording;
  }
}

/** Whether inputs from outside are one tensor, or several, where they were before. */
function samePattern({ outsides, sources }: OpEvent, inputs: readonly TensorCore[]): boolean {
  for (let p = 1; p < outsides.length; p++) {
    for (let q = 0; q < p; q++) {
      const [i, j] = [outsides[p] as number, outsides[q] as number];
      const [a, b] = [sources[i] as Outside, sources[j] as Outside];
      if (inputs[i] === inputs[j] ? a.role !== b.role && a.alone && b.alone : a.role === b.role) return false;
    }
  }
  return true;
}

type Same = (a: unknown, b: unknown) => boolean;

/** Whether the lists of a call are as long as those that were written down. */
function sameLengths({ lists }: OpEvent, fresh: readonly ArrayLike<number>[] = []): boolean {
  for (let i = 0; i < lists.length; i++) if (lists[i]?.length !== fresh[i]?.length) return false;
  return true;
}
