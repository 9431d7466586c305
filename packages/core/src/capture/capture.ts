import { copyOf, noteChange } from "../array.js";
import { describe, GradientError, OptionError } from "../errors.js";
import { sameShape } from "../shape.js";
import { EndNode } from "../tape.js";
import { TensorCore } from "../tensor/core.js";
import { type Lease, session, setSession } from "../tensor/session.js";
import { CallLease, type Progress } from "./call.js";
import { Cast } from "./outside.js";
import type { Memory, Plan } from "./plan.js";
import { Recording } from "./recording.js";
import { Replay } from "./replay.js";
import { Workplace } from "./workplace.js";

/** Forms of arguments that are remembered, and ways through the function for each. */
const FORMS = 128;
const WAYS = 16;

/** The form of an argument: of a tensor, of a list (of its elements, if these are tensors or lists), or just its type. */
type Shaped = { readonly dtype: string; readonly shape: readonly number[] } | readonly Shaped[] | number | string;

/** What is remembered for one form of arguments. */
interface Form {
  readonly args: readonly Shaped[];
  memory: Memory;
  /** Ways through the function, the latest first. */
  plans: Plan[];
}

let runs = 0;

/**
 * Makes a function of tensors faster without changing what it computes: the same results, bit for bit.
 *
 * The first call runs as ever and is written down. On later calls the function runs again, so that its loops, branches, random numbers
 * and plain JavaScript values stay alive, but each op is only held against what was written down; if it is the same op on the same
 * inputs, its arithmetic is done in memory laid out before, without building tape or tensors' numbers anew. `backward()` inside is
 * repeated in the same way. Where the function goes another way (a branch, another shape or length) recording goes on from there,
 * and the new way is remembered beside the old; a stale result is impossible.
 *
 * `item()`, optimiser steps, `clipGradNorm` and changes in place work inside. Tensors that the function returns (also inside arrays and
 * plain objects) are copies without history; what else was computed inside must not be used after the call and is an error if it is.
 * State that goes from call to call goes through arguments or return values.
 *
 * ```ts
 * const step = capture((x: Tensor, y: number[]) => {
 *   const loss = F.crossEntropy(net.forward(x), y);
 *   loss.backward();
 *   optimizer.step();
 *   optimizer.zeroGrad();
 *   return loss.item();
 * });
 * ```
 *
 * @throws OptionError when `fn` is no function, or returns a promise
 */
export function capture<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  return captured(fn).call;
}

/** A captured function and where it works. */
export interface Captured<A extends unknown[], R> {
  readonly call: (...args: A) => R;
  readonly workplace: () => Workplace;
}

/** For the library's own use: {@link capture} with a way to see where the function works. */
export function captured<A extends unknown[], R>(fn: (...args: A) => R): Captured<A, R> {
  if (typeof fn !== "function") throw new OptionError(`capture: expected a function, got ${describe(fn)}`);
  const forms: Form[] = [];
  let work = new Workplace();
  const call = (...args: A): R => {
    // Inside another captured function this one is part of it.
    if (session() !== null) return fn(...args);
    if (work.isWasted) {
      work = new Workplace();
      forms.length = 0;
    }
    const form = formFor(forms, args, work);
    const progress: Progress = {
      lease: new CallLease(),
      cast: new Cast(runs++),
      touched: new Set(),
      rewritten: new Set(),
    };
    const [latest, ...others] = form.plans;
    const start =
      latest === undefined ? new Recording(form.memory, progress, [], 0) : new Replay(latest, others, progress);
    for (const counter of form.memory.counters) counter.version = 0;
    // What was found unchanged in an earlier call is to be looked at again.
    noteChange();
    progress.lease.session = start;
    work.active = progress.lease;
    setSession(start);
    try {
      const result = fn(...args);
      if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
        // Nobody will wait for it, so nobody else would hear of its failing.
        (result as unknown as Promise<unknown>).then(undefined, () => {});
        throw new OptionError(
          "capture: expected a function that returns its result at once, got one that returns a promise",
        );
      }
      remember(form, (session() as Recording | Replay).plan());
      setSession(null);
      progress.lease.flush();
      return copyOut(result, progress.lease, new Map()) as R;
    } finally {
      setSession(null);
      progress.lease.flush();
      tidyUp(progress);
      work.active = null;
    }
  };
  return { call, workplace: () => work };
}

/** The memory for arguments of this form, moved to the front; the one unused for longest makes room. */
function formFor(forms: Form[], args: readonly unknown[], work: Workplace): Form {
  const at = forms.findIndex((form) => areOfForm(args, form.args));
  if (at === 0) return forms[0] as Form;
  const known = at > 0 ? (forms.splice(at, 1)[0] as Form) : null;
  const form = known ?? { args: args.map((arg) => formOf(arg, 0)), memory: emptyMemory(work), plans: [] };
  forms.unshift(form);
  if (forms.length > FORMS) work.lost += (forms.pop() as Form).memory.bytes;
  return form;
}

function formOf(value: unknown, depth: number): Shaped {
  if (value instanceof TensorCore) return { dtype: value.dtype, shape: value.shape };
  if (!Array.isArray(value) || depth === 3) return typeof value;
  return typeof value[0] === "object" ? value.map((v) => formOf(v, depth + 1)) : value.length;
}

const areOfForm = (values: readonly unknown[], forms: readonly Shaped[], depth = 0): boolean =>
  values.length === forms.length && values.every((value, i) => isOfForm(value, forms[i] as Shaped, depth));

function isOfForm(value: unknown, form: Shaped, depth: number): boolean {
  if (typeof form === "string")
    return typeof value === form && !(value instanceof TensorCore || (Array.isArray(value) && depth < 3));
  if (typeof form === "number") return Array.isArray(value) && typeof value[0] !== "object" && value.length === form;
  if (Array.isArray(form)) return Array.isArray(value) && areOfForm(value, form, depth + 1);
  const { dtype, shape } = form as Exclude<Shaped, readonly Shaped[] | number | string>;
  return value instanceof TensorCore && value.dtype === dtype && sameShape(value.shape, shape);
}

const emptyMemory = (work: Workplace): Memory => ({
  known: new WeakSet(),
  outsides: new WeakMap(),
  counters: new Set(),
  bytes: 0,
  work,
});

/** Puts the way of this run first. */
function remember(form: Form, plan: Plan): void {
  const at = form.plans.indexOf(plan);
  if (at === 0) return;
  if (at > 0) form.plans.splice(at, 1);
  form.plans.unshift(plan);
  // Ways share their memory, so none of them can be forgotten alone.
  if (form.plans.length > WAYS) {
    form.plans = [];
    form.memory.work.lost += form.memory.bytes;
    form.memory = emptyMemory(form.memory.work);
  }
}

/** The end of a call: gradients that stand get memory of their own; what was made inside is not to be used any more. */
function tidyUp({ lease, touched, rewritten }: Progress): void {
  for (const leaf of touched) if (leaf.grad?.lease === lease) leaf.grad.ownArray();
  for (const x of rewritten) x.takeHistory(new LostNode());
  lease.active = false;
}

/** The history that a tensor from outside has got inside: it ends with the call. */
class LostNode extends EndNode {
  override propagate(): never {
    throw new GradientError(
      "backward: a tensor was changed in place inside a captured function, and what it was changed to has its history there. " +
        "Expected backward() in the same call, or a change without history (detach() the value)",
    );
  }

  override release(): void {}
}

/** The result with copies of tensors made inside, wherever they stand in it. */
function copyOut(value: unknown, lease: Lease, done: Map<unknown, unknown>): unknown {
  if (done.has(value)) return done.get(value);
  if (value instanceof TensorCore) {
    const copy = value.lease === lease ? value.create(copyOf(value.array)) : value;
    done.set(value, copy);
    return copy;
  }
  if (!holds(value, lease, new Set())) return value;
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {};
  done.set(value, copy);
  for (const [name, inner] of Object.entries(value as object)) {
    (copy as Record<string, unknown>)[name] = copyOut(inner, lease, done);
  }
  return copy;
}

/** Whether there is a tensor made inside in an array or a plain object. */
function holds(value: unknown, lease: Lease, seen: Set<unknown>): boolean {
  if (value instanceof TensorCore) return value.lease === lease;
  if (value === null || typeof value !== "object" || seen.has(value)) return false;
  seen.add(value);
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).some((inner) => holds(inner, lease, seen));
}
