/**
 * Whether what a captured function does is what was written down.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import { kernels } from "../kernels/index.js";
import type { MultiOp, Op } from "../ops/op.js";
import { sameShape } from "../shape.js";
import { isRecording } from "../tape.js";
import type { TensorCore } from "../tensor/core.js";
import type { Change, Lease, Update } from "../tensor/session.js";
import type { Tensor } from "../tensor.js";
import { sameAttrs } from "./attributes.js";
import type { Executor } from "./executor.js";
import { type Cast, type Outside, type Role, samePath } from "./outside.js";
import type { Event, OpEvent, Passing, Source, UpdateEvent, ViewEvent } from "./plan.js";

/** Attributes' own comparison. */
type Same = (a: unknown, b: unknown) => boolean;

export class Comparison {
  private readonly run: number;

  constructor(
    private readonly lease: Lease,
    private readonly cast: Cast,
    private readonly executor: Executor,
    /** What the call has made so far. */
    private readonly made: readonly Tensor[],
    /** What it has changed so far. */
    private readonly passings: readonly Passing[],
  ) {
    this.run = cast.run;
  }

  /** Whether an event is this op on tensors that have all been met in this call. It says no where that needs a closer look. */
  isSame(
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

  isStill(source: Source, x: TensorCore): boolean {
    if (typeof source === "number") return x.slot === source && x.lease === this.lease;
    return source.isStill(x, this.run) || (this.executor.holds(source) && source.isAgain(x, this.cast));
  }

  /** Whether an event is this op on inputs that can stand where its inputs stood. */
  isOp(e: Event, op: Op<unknown> | MultiOp<unknown>, inputs: readonly TensorCore[], attrs: unknown): e is OpEvent {
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

  isAssign(e: Event, { target, whole, value, recorded }: Change): boolean {
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

  isBackward(e: Event, root: TensorCore, gradient: TensorCore | null, retainGraph: boolean): boolean {
    if (e.kind !== "backward" || e.once || e.retainGraph !== retainGraph || e.engine !== kernels()) return false;
    if (root.lease !== this.lease || root.slot !== e.root) return false;
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
    if (typeof role === "number") return x.slot === role && x.lease === this.lease;
    return x.lease === null && this.cast.mayPlay(x, role, true);
  }

  fits(source: Source, x: TensorCore): boolean {
    if (typeof source === "number") return x.slot === source && x.lease === this.lease;
    return source.fits(x, this.cast);
  }

  /** Whether an update is the next one, of a parameter that is in use already, with what was kept for it the last time. */
  isUsual(e: Event | undefined, x: TensorCore, grad: TensorCore, { kernel, moments }: Update): e is UpdateEvent {
    if (e?.kind !== "update" || e.step.name !== kernel || e.engine !== kernels()) return false;
    if (!e.target.isStill(x, this.run) || !this.isStill(e.gradient, grad)) return false;
    for (let i = 0; i < moments.length; i++) {
      const [outside, moment] = [e.moments[i] as Outside | null, moments[i] as TensorCore | null];
      if (outside === null || moment === null ? outside !== moment : !outside.isCurrent(moment)) return false;
      if (outside !== null && !this.executor.holds(outside)) return false;
    }
    return true;
  }

  isUpdate(e: Event, x: TensorCore, grad: TensorCore, { kernel, moments }: Update): boolean {
    if (e.kind !== "update" || e.step.name !== kernel || e.engine !== kernels()) return false;
    if (!this.fits(e.target, x) || !this.fits(e.gradient, grad)) return false;
    return e.moments.every((outside, i) => {
      const moment = moments[i] as TensorCore | null;
      return outside === null || moment === null ? outside === moment : this.fits(outside, moment);
    });
  }
}

/** Whether a view is of the same array as the last time, taken in the same way. */
export function isSameView({ op, from, result, attrs: known }: ViewEvent, array: NdArray, attrs: unknown): boolean {
  if (from !== array || result.memory !== array.memory) return false;
  return known === attrs || ((op.replay?.same as Same | undefined)?.(known, attrs) ?? sameAttrs(known, attrs, [], []));
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

/** Whether the lists of a call are as long as those that were written down. */
function sameLengths({ lists }: OpEvent, fresh: readonly ArrayLike<number>[] = []): boolean {
  for (let i = 0; i < lists.length; i++) if (lists[i]?.length !== fresh[i]?.length) return false;
  return true;
}
