/**
 * Carries out the steps of a captured function, late and in order.
 *
 * @module
 */
import { copyInto, type NdArray } from "../array.js";
import type { TypedArray } from "../dtype.js";
import type { Step } from "./log.js";
import type { Outside } from "./outside.js";
import type { Event } from "./plan.js";

export class Executor {
  /** Events whose steps are done. */
  private done = 0;

  /** Does what has been put off, up to event `end`. */
  run(events: readonly Event[], end: number): void {
    for (; this.done < end; this.done++) {
      const { steps } = events[this.done] as Event;
      for (let i = 0; i < steps.length; i++) (steps[i] as Step).run();
    }
  }

  /** Takes events up to `end` as done. */
  skip(end: number): void {
    this.done = end;
  }

  step(step: Step): void {
    step.run();
  }

  holds(outside: Outside): boolean {
    return !outside.onDevice;
  }

  /** Copies the numbers of a tensor from outside, or a part of them, to where they are worked with. */
  copyIn(outside: Outside, part: NdArray | null): void {
    if (part === null) outside.data.set(outside.numbers());
    else copyInto(outside.original(part), part);
  }

  refill(list: number[], from: ArrayLike<number>): void {
    for (let i = 0; i < list.length; i++) list[i] = from[i] as number;
  }

  /** Brings an array up to date. */
  bring(_data: TypedArray): void {}

  bringAll(_event: Event): void {}

  /** Makes known what has been written to an array. */
  send(_data: TypedArray): void {}
}
