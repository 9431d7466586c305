import { copyOf } from "../array.js";
import { describe, OptionError, shapeText } from "../errors.js";
import { engineName } from "../kernels/index.js";
import { TensorCore } from "../tensor/core.js";
import { type Lease, session, setSession } from "../tensor/session.js";
import type { Memory, Plan } from "./plan.js";
import { Recording } from "./recording.js";
import { Replay } from "./replay.js";

/** Forms of arguments that are remembered, and ways through the function for each. */
const FORMS = 24;
const WAYS = 8;

/** What is remembered for one form of arguments. */
interface Form {
  readonly key: string;
  readonly memory: Memory;
  readonly plans: Plan[];
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
  if (typeof fn !== "function") throw new OptionError(`capture: expected a function, got ${describe(fn)}`);
  const forms: Form[] = [];
  return (...args: A): R => {
    // Inside another captured function this one is part of it.
    if (session() !== null) return fn(...args);
    const form = formFor(forms, args);
    const lease: Lease = { active: true };
    const [latest, ...others] = form.plans;
    const run = runs++;
    const start =
      latest === undefined
        ? new Recording(form.memory, lease, run, [], 0, new Set())
        : new Replay(latest, others, lease, run);
    setSession(start);
    try {
      const result = fn(...args);
      if (result instanceof Promise) {
        throw new OptionError(
          "capture: expected a function that returns its result at once, got one that returns a promise",
        );
      }
      const end = session() as Recording | Replay;
      remember(forms, form, end.plan());
      setSession(null);
      keepGradients(end.touched, lease);
      return copyOut(result, lease) as R;
    } finally {
      setSession(null);
      lease.active = false;
    }
  };
}

/** The memory for arguments of this form, moved to the front; the one unused for longest makes room. */
function formFor(forms: Form[], args: readonly unknown[]): Form {
  const key = [engineName(), ...args.map((arg) => formOf(arg, 0))].join(" ");
  const at = forms.findIndex((form) => form.key === key);
  const form = at < 0 ? { key, memory: { refs: new Map(), lists: new Map() }, plans: [] } : (forms[at] as Form);
  if (at >= 0) forms.splice(at, 1);
  forms.unshift(form);
  forms.length = Math.min(forms.length, FORMS);
  return form;
}

function formOf(value: unknown, depth: number): string {
  if (value instanceof TensorCore) return `${value.dtype}${shapeText(value.shape)}`;
  if (Array.isArray(value) && depth < 3) {
    return value.length > 0 && typeof value[0] === "object"
      ? `[${value.map((v) => formOf(v, depth + 1)).join()}]`
      : `array${value.length}`;
  }
  return typeof value;
}

/** Puts the way of this run first. */
function remember(forms: Form[], form: Form, plan: Plan): void {
  const at = form.plans.indexOf(plan);
  if (at === 0) return;
  if (at > 0) form.plans.splice(at, 1);
  form.plans.unshift(plan);
  // Ways share their memory, so none of them can be forgotten alone.
  if (form.plans.length > WAYS) forms.splice(forms.indexOf(form), 1);
}

/** Gradients that are still there after the call get memory of their own. */
function keepGradients(leaves: ReadonlySet<TensorCore>, lease: Lease): void {
  for (const leaf of leaves) {
    if (leaf.grad !== null && leaf.grad.lease === lease) leaf.grad = leaf.create(copyOf(leaf.grad.array));
  }
}

/** Copies of tensors made inside, wherever they stand in the result. */
function copyOut(value: unknown, lease: Lease): unknown {
  if (value instanceof TensorCore) return value.lease === lease ? value.create(copyOf(value.array)) : value;
  if (Array.isArray(value)) return value.map((inner) => copyOut(inner, lease));
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copyOut(inner, lease)]));
  }
  return value;
}
