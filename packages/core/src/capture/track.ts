/**
 * The events of a plan at a glance: what tells one from another stands side by side in memory, so that a loop over hundreds of steps is
 * held against what was written down without touching the events themselves.
 *
 * @module
 */
import type { Kernels } from "../kernels/index.js";
import type { Outside } from "./outside.js";
import type { Event, OpEvent, Source } from "./plan.js";

/** Length of a row, and what stands where: */
export const ROW = 8;
/** how many sources there are, and times 256 how many outputs, */
export const COUNTS = 1;
/** the first three sources, */
export const FIRST = 2;
export const FEW = 3;
/** where all of them begin in {@link Track.many} if there are more, */
export const MANY = 5;
/** number of the first output, */
export const SLOT = 6;
/** which tensor from outside must be as it was, because a source is a view of it; −1 when there is none. */
export const WATCHED = 7;

/** What is done, and whether the tape was recording. */
export const codeOf = (id: number, recorded: boolean): number => id * 2 + (recorded ? 1 : 0);

/** A source that is not there. */
export const NONE = -0x80000000;

export class Track {
  readonly rows: Int32Array;
  readonly keys: Float64Array;
  /** All sources of events that have more than fit into a row. */
  readonly many: number[] = [];
  readonly outsides: Outside[] = [];
  /** For each tensor that is made, the place of the event that makes it. */
  readonly makers: Int32Array;
  /** The engine of all events that can be told at a glance. */
  readonly engine: Kernels | null;
  private readonly numbers = new Map<Outside, number>();

  constructor(events: readonly Event[], slots: number) {
    this.rows = new Int32Array(events.length * ROW + ROW).fill(-1);
    this.keys = new Float64Array(events.length + 1);
    this.makers = new Int32Array(slots);
    this.engine = (events.find((e) => e.kind === "op") as OpEvent | undefined)?.engine ?? null;
    events.forEach((event, at) => {
      if (event.kind !== "op") return;
      event.outputs.forEach((_, i) => {
        this.makers[event.slot + i] = at;
      });
      if (event.quick && event.engine === this.engine && event.watched.length <= 1) this.write(event, at);
    });
  }

  private write({ op, recorded, sources, outputs, watched, slot, key }: OpEvent, at: number): void {
    const { rows } = this;
    const row = at * ROW;
    rows[row] = codeOf(op.id, recorded);
    rows[row + COUNTS] = sources.length + 256 * outputs.length;
    for (let i = 0; i < FEW; i++)
      rows[row + FIRST + i] = i < sources.length ? this.numberOf(sources[i] as Source) : NONE;
    rows[row + MANY] = this.many.length;
    if (sources.length > FEW) for (const source of sources) this.many.push(this.numberOf(source));
    rows[row + SLOT] = slot;
    rows[row + WATCHED] = watched.length === 0 ? -1 : ~this.numberOf(watched[0] as Outside);
    this.keys[at] = key;
  }

  /** A tensor made inside by its number, one from outside by the complement of its. */
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
