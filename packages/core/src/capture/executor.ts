/**
 * Carries out the steps of a captured function, late and in order: as instructions in the memory of a device or, where there is none,
 * one by one.
 *
 * @module
 */
import { copyInto, type NdArray } from "../array.js";
import type { TypedArray } from "../dtype.js";
import { rangeOf } from "../ops/index-range.js";
import type { MultiOp, Op } from "../ops/op.js";
import { sameShape } from "../shape.js";
import type { TensorCore } from "../tensor/core.js";
import type { Device } from "./device.js";
import type { KernelStep, Step } from "./log.js";
import type { Outside } from "./outside.js";
import type { Event, Memory, OpEvent, Plan } from "./plan.js";
import { Stretches } from "./stretches.js";

/** What lists were filled from last, where that does not change. */
const filledFrom = new WeakMap<ArrayLike<number>, ArrayLike<number>>();

export class Executor {
  /** Events whose steps are done. */
  private done = 0;
  private readonly device: Device | null;

  constructor(memory: Memory) {
    if (memory.device === undefined) memory.device = memory.work.deviceFor(memory.bytes);
    this.device = memory.device;
  }

  /** Does what has been put off, up to event `end` of a plan. */
  run(plan: Plan, end: number): void {
    const { device, done } = this;
    if (done >= end) return;
    this.done = end;
    if (device === null) {
      for (let at = done; at < end; at++) for (const step of (plan.events[at] as Event).steps) step.run();
      return;
    }
    plan.code ??= new Stretches(device, plan.events);
    plan.code.run(done, end);
  }

  /** Runs an op that does not keep to calls of kernels; false when its result has another form this time. */
  runOp(plan: Plan, event: OpEvent, inputs: readonly TensorCore[], attrs: unknown): boolean {
    this.device?.follower?.refuse(`uses '${event.op.name}', which is not worked out by kernels`);
    this.run(plan, event.at);
    const arrays = event.sources.map((s, i) => {
      const array = typeof s === "number" ? (inputs[i] as TensorCore).layout : s.standIn;
      this.bring(array.data);
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
      this.send(known.data);
    });
    this.runNow(plan, event.at);
    return true;
  }

  /** Carries out the steps of event `at` at once, and takes everything up to it as done. */
  private runNow(plan: Plan, at: number): void {
    this.done = at;
    this.run(plan, at + 1);
  }

  /** Whether the copy of a tensor from outside stands where it is worked with. */
  holds({ copy }: Outside): boolean {
    return copy.onDevice === (this.device !== null && copy.data instanceof Float32Array);
  }

  /** Copies the numbers of a tensor from outside to where they are worked with. */
  copyIn(outside: Outside): void {
    const { copy } = outside;
    copy.leave();
    const numbers = outside.numbers();
    copy.onDevice = this.device !== null && copy.data instanceof Float32Array;
    if (copy.onDevice) this.device?.copyIn(copy, numbers);
    else copy.data.set(numbers);
  }

  /** Copies a part of a tensor from outside, which has changed there, likewise. */
  copyPart(outside: Outside, part: NdArray): void {
    const { device } = this;
    const to = device !== null && outside.copy.onDevice ? device.viewOf(part) : part;
    device?.beginPart(outside.copy);
    copyInto(outside.original(part), to);
  }

  /** Writes other numbers into a list. */
  refill(list: number[], from: ArrayLike<number>): void {
    const fixed = rangeOf(from) !== undefined;
    if (fixed && filledFrom.get(list) === from) return;
    if (fixed) filledFrom.set(list, from);
    else filledFrom.delete(list);
    for (let i = 0; i < list.length; i++) list[i] = from[i] as number;
    this.device?.refill(list);
  }

  /** Gives the call of an optimiser's kernel other numbers. */
  refresh(step: KernelStep): void {
    this.device?.refresh(step);
  }

  /** Brings an array up to date. */
  bring(data: TypedArray): void {
    this.device?.bring(data);
  }

  bringAll({ steps }: { readonly steps: readonly Step[] }): void {
    const { device } = this;
    if (device === null) return;
    for (const { reads, writes } of steps) {
      for (const data of reads) device.bring(data);
      for (const data of writes) device.bring(data);
    }
  }

  /** Makes known what has been written to an array. */
  send(data: TypedArray): void {
    this.device?.send(data);
  }
}
