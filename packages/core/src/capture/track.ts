/**
 * The events of a plan at a glance: what tells one from another in a few numbers, one after the other in memory, so that a
 * loop over hundreds of steps is held against what was written down without touching the events themselves.
 *
 * @module
 */
import { type Kernels, kernels } from "../kernels/index.js";
import type { Identified } from "../ops/op.js";
import { isRecording } from "../tape.js";
import type { Outside } from "./outside.js";
import type { Event, OpEvent, Source } from "./plan.js";

/** What is done, and whether the tape was recording. */
const codeOf = (id: number, recorded: boolean): number => id * 2 + (recorded ? 1 : 0);

/** A source that is not there. */
export const NONE = -0x40000000;

/** Numbers of an event at a glance, in this order. A source made inside stands by its number, one from outside by the complement of its place. */
export const WIDTH = 8;
/** −1 for an event that needs a closer look. */
const CODE = 0;
const KEY = 1;
/** The first three sources. */
export const FIRST = 2;
export const SECOND = 3;
export const THIRD = 4;
/** Number of the first output, and how many there are. */
export const SLOT = 5;
export const OUTPUTS = 6;
/** Place among those from outside of a tensor that must be as it was, because a source is a view of it; −1 for none. */
const WATCHED = 7;

const nothing: readonly number[] = [];

export class Track {
  /** {@link WIDTH} numbers for each event, and for one more. */
  readonly glances: Int32Array;
  /** All sources of each event. */
  readonly sources: (readonly number[])[] = [];
  readonly outsides: Outside[] = [];
  /** For each tensor that is made, the place of the event that makes it. */
  readonly makers: Int32Array;
  /** The engine of all events that can be told at a glance. */
  readonly engine: Kernels | null;
  private readonly numbers = new Map<Outside, number>();

  constructor(events: readonly Event[], slots: number) {
    this.makers = new Int32Array(slots);
    this.engine = (events.find((e) => e.kind === "op") as OpEvent | undefined)?.engine ?? null;
    this.glances = new Int32Array((events.length + 1) * WIDTH).fill(-1);
    events.forEach((event, at) => {
      this.sources.push(nothing);
      if (event.kind !== "op") return;
      event.outputs.forEach((_, i) => {
        this.makers[event.slot + i] = at;
      });
      if (
        event.quick &&
        event.engine === this.engine &&
        event.watched.length <= 1 &&
        Object.is(event.key | 0, event.key)
      )
        this.note(event, at);
    });
    this.sources.push(nothing);
  }

  /** Whether the event at a place of {@link glances} is this op, inputs aside. */
  isAt(at: number, op: Identified, key: number): boolean {
    const { glances } = this;
    if (glances[at + CODE] !== codeOf(op.id, isRecording()) || glances[at + KEY] !== key) return false;
    const watched = glances[at + WATCHED] as number;
    return kernels() === this.engine && (watched < 0 || (this.outsides[watched] as Outside).fresh);
  }

  private note({ op, recorded, sources, outputs, watched, slot, key }: OpEvent, at: number): void {
    const all = sources.map((source) => this.numberOf(source));
    const [a = NONE, b = NONE, c = NONE] = all;
    const known = watched[0] === undefined ? -1 : ~this.numberOf(watched[0]);
    this.glances.set([codeOf(op.id, recorded), key, a, b, c, slot, outputs.length, known], at * WIDTH);
    this.sources[at] = all;
  }

  private numberOf(source: Source): number {
    if (typeof source === "number") return source;
    let number = this.numbers.get(source);
    if (number === undefined) {
      number = this.outsides.push(source) - 1;
      this.numbers.set(source, number);
    }
    return ~number;
  }
}
