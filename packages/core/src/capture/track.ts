/**
 * The events of a plan at a glance: what tells one from another in objects of a few numbers, one after the other in memory, so that a
 * loop over hundreds of steps is held against what was written down without touching the events themselves.
 *
 * @module
 */
import type { Kernels } from "../kernels/index.js";
import type { Outside } from "./outside.js";
import type { Event, OpEvent, Source } from "./plan.js";

/** What is done, and whether the tape was recording. */
export const codeOf = (id: number, recorded: boolean): number => id * 2 + (recorded ? 1 : 0);

/** A source that is not there. */
export const NONE = -0x40000000;

/** An event at a glance. A source made inside stands by its number, one from outside by the complement of its place among those. */
export class Glance {
  constructor(
    /** −1 for an event that needs a closer look. */
    readonly code: number,
    readonly key: number,
    /** The first three sources, and all of them if there are more. */
    readonly first: number,
    readonly second: number,
    readonly third: number,
    readonly all: readonly number[],
    /** Number of the first output, and how many there are. */
    readonly slot: number,
    readonly outputs: number,
    /** A tensor from outside that must be as it was, because a source is a view of it. */
    readonly watched: Outside | null,
  ) {}
}

const nothing: readonly number[] = [];
const closer = /* @__PURE__ */ new Glance(-1, 0, NONE, NONE, NONE, nothing, 0, 0, null);

export class Track {
  /** One for each event and one more. */
  readonly glances: readonly Glance[];
  readonly outsides: Outside[] = [];
  /** For each tensor that is made, the place of the event that makes it. */
  readonly makers: Int32Array;
  /** The engine of all events that can be told at a glance. */
  readonly engine: Kernels | null;
  private readonly numbers = new Map<Outside, number>();

  constructor(events: readonly Event[], slots: number) {
    this.makers = new Int32Array(slots);
    this.engine = (events.find((e) => e.kind === "op") as OpEvent | undefined)?.engine ?? null;
    const glances = events.map((event, at) => {
      if (event.kind !== "op") return closer;
      event.outputs.forEach((_, i) => {
        this.makers[event.slot + i] = at;
      });
      return event.quick && event.engine === this.engine && event.watched.length <= 1 ? this.glance(event) : closer;
    });
    glances.push(closer);
    this.glances = glances;
  }

  private glance({ op, recorded, sources, outputs, watched, slot, key }: OpEvent): Glance {
    const all = sources.map((source) => this.numberOf(source));
    const [a = NONE, b = NONE, c = NONE] = all;
    const code = codeOf(op.id, recorded);
    return new Glance(code, key, a, b, c, all, slot, outputs.length, watched[0] ?? null);
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
