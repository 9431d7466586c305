/**
 * Running a captured function again: every op is held against what was written down and, as long as it is the same, its steps are put
 * off until somebody wants to see numbers. At the first difference the run goes on as a recording.
 *
 * @module
 */
import { copyInto, type NdArray, settled } from "../array.js";
import type { Identified, MultiOp, Op } from "../ops/op.js";
import type { Node } from "../tape.js";
import type { TensorCore } from "../tensor/core.js";
import {
  type Change,
  type Lease,
  type Mark,
  type Session,
  session,
  setSession,
  type Update,
} from "../tensor/session.js";
import { Tensor } from "../tensor.js";
import type { Progress } from "./call.js";
import { Comparison, isSameView } from "./comparison.js";
import { Executor } from "./executor.js";
import { apartFrom, type Outside, Role } from "./outside.js";
import {
  type AssignEvent,
  type BackwardEvent,
  type Event,
  type OpEvent,
  outputOf,
  type Passing,
  type Plan,
  type Source,
  slotsOf,
  type UpdateEvent,
  type ViewEvent,
} from "./plan.js";
import { isPlainView, Recording } from "./recording.js";
import { layTape } from "./resume.js";
import { FIRST, NONE, OUTPUTS, SECOND, SLOT, THIRD, Track, WIDTH } from "./track.js";

export class Replay implements Session {
  private cursor = 0;
  private events: readonly Event[];
  private readonly made: Tensor[];
  private readonly changes = new Map<number, Change>();
  private readonly passings: Passing[] = [];
  private readonly executor: Executor;
  private readonly compare: Comparison;
  private readonly lease: Lease;
  private readonly run: number;
  /** Of the present way. */
  private track!: Track;

  constructor(
    private current: Plan,
    /** Other ways that runs have gone with the same memory. */
    private readonly others: readonly Plan[],
    private readonly progress: Progress,
  ) {
    this.events = current.events;
    this.made = new Array<Tensor>(current.slots);
    this.executor = new Executor(current.memory);
    this.compare = new Comparison(progress.lease, progress.cast, this.executor, this.made, this.passings);
    this.lease = progress.lease;
    this.run = progress.cast.run;
    this.follow(current);
  }

  private follow(plan: Plan): void {
    this.track = plan.track ??= new Track(plan.events, plan.slots);
    this.current = plan;
    this.events = plan.events;
  }

  /** The way that this run has gone. */
  plan(): Plan {
    return this.current;
  }

  recall(op: Identified, key: number, a: TensorCore, b: TensorCore | null, c: TensorCore | null): Tensor | null {
    const { track, lease } = this;
    const at = this.cursor * WIDTH;
    if (!track.isAt(at, op, key)) return null;
    const { glances } = track;
    // Most inputs have been made in this call; the others need a second look.
    const first = glances[at + FIRST] as number;
    const second = glances[at + SECOND] as number;
    const third = glances[at + THIRD] as number;
    if ((a.slot !== first || a.lease !== lease) && !this.stands(first, a)) return null;
    if (b === null ? second !== NONE : (b.slot !== second || b.lease !== lease) && !this.stands(second, b)) return null;
    if (c === null ? third !== NONE : (c.slot !== third || c.lease !== lease) && !this.stands(third, c)) return null;
    this.cursor++;
    return this.veiled(glances[at + SLOT] as number);
  }

  recallMulti(op: Identified, key: number, inputs: readonly TensorCore[]): Tensor[] | null {
    const { track } = this;
    const at = this.cursor * WIDTH;
    if (!track.isAt(at, op, key)) return null;
    const { glances, sources } = track;
    const all = sources[this.cursor] as readonly number[];
    if (all.length !== inputs.length) return null;
    for (let i = 0; i < all.length; i++) if (!this.stands(all[i] as number, inputs[i] as TensorCore)) return null;
    this.cursor++;
    const slot = glances[at + SLOT] as number;
    const outputs = new Array<Tensor>(glances[at + OUTPUTS] as number);
    for (let i = 0; i < outputs.length; i++) outputs[i] = this.veiled(slot + i);
    return outputs;
  }

  private stands(source: number, x: TensorCore): boolean {
    if (source >= 0) return x.slot === source && x.lease === this.lease;
    if (source === NONE) return false;
    const outside = this.track.outsides[~source] as Outside;
    if (outside.isUntouched(x)) return true;
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
    const event = this.events[this.track.makers[x.slot] as number] as OpEvent;
    const i = x.slot - event.slot;
    const source = event.sources[0] as Source;
    let from: TensorCore | null = null;
    if (event.follows) {
      from = typeof source === "number" ? (this.made[source] as Tensor) : source.role.tensor;
      if (from.isVeiled) this.unveil(from);
    }
    x.unveil(outputOf(event, i), event.outputNodes[i] as Node | null, from, event.op as Op<unknown>, event.attrs);
  }

  apply<A>(op: Op<A>, inputs: readonly TensorCore[], attrs: A): Tensor {
    const next = this.events[this.cursor];
    if (this.compare.isSame(next, op as Op<unknown>, inputs, attrs)) {
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
    if (this.compare.isSame(next, op as MultiOp<unknown>, inputs, attrs)) {
      this.cursor++;
      return this.wrapAll(next as OpEvent);
    }
    const event = this.findOp(next, op as MultiOp<unknown>, inputs, attrs);
    if (event === null || !this.advance(event, inputs, attrs)) return this.leave().applyMulti(op, inputs, attrs);
    return this.wrapAll(event);
  }

  assign(change: Change): void {
    const { target, value } = change;
    const event = this.find((e): e is AssignEvent => this.compare.isAssign(e, change));
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
      copyInto(apartFrom(event.origin, value.array), event.origin.original(event.layout));
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
    if (!this.compare.isUsual(event, x, grad, update)) {
      const found = this.find((e): e is UpdateEvent => this.compare.isUpdate(e, x, grad, update));
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

  /** Does what has been put off. */
  flush(): void {
    this.executor.run(this.current, this.cursor);
  }

  marked(x: TensorCore, what: Mark): void {
    if (x.lease !== this.progress.lease) return;
    const event = this.find((e): e is Event => e.kind === "mark" && e.slot === x.slot && e.what === what);
    if (event === null) this.leave().marked(x, what);
    else this.cursor++;
  }

  backward(root: TensorCore, gradient: TensorCore | null, retainGraph: boolean): void {
    const event = this.find((e): e is BackwardEvent => this.compare.isBackward(e, root, gradient, retainGraph));
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
    if (session() === this) this.current.memory.device?.follower?.refuse("looks at numbers");
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
    if (next !== undefined && this.compare.isOp(next, op, inputs, attrs)) return next;
    return this.findElsewhere((e): e is OpEvent => this.compare.isOp(e, op, inputs, attrs));
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
    const { memory, version } = outside;
    // The change may be known: that of another parameter in the same memory.
    const last = this.passings.findLast((passing) => passing.memory === memory)?.before ?? -1;
    if (last < version || last + 1 !== memory.version) this.passings.push({ at: this.cursor, memory, before: version });
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
      if (!this.executor.runOp(this.current, event, inputs, attrs)) return false;
    } else if (lists.length > 0) {
      const fresh = event.op.replay?.lists?.(attrs as never) as readonly ArrayLike<number>[];
      for (let i = 0; i < lists.length; i++) this.executor.refill(lists[i] as number[], fresh[i] as ArrayLike<number>);
    }
    this.cursor++;
    return true;
  }

  private view(event: ViewEvent, x: TensorCore, attrs: unknown): Tensor {
    const { array } = x;
    if (!isSameView(event, array, attrs)) {
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
    const x = new Tensor(outputOf(event, i));
    const slot = event.slot + i;
    x.lend(this.lease, slot);
    x.takeHistory(event.outputNodes[i] as Node | null);
    this.made[slot] = x;
    return x;
  }

  /** From here on the function does something new: everything put off is done, and recording goes on. */
  private leave(): Recording {
    const { memory } = this.current;
    memory.device?.follower?.refuse("does something else than the first time");
    const events = this.events.slice(0, this.cursor);
    const slots = slotsOf(events);
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
