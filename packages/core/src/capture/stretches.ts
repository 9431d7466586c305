/**
 * Instructions for stretches of events: from what was carried out last up to where somebody wants to see numbers. A function that
 * looks at the same places in every call has few of them, and each is compiled as one piece.
 *
 * @module
 */
import { compile } from "./compile.js";
import type { Device } from "./device.js";
import type { Event } from "./plan.js";

/** So many times as many events as there are may be compiled in stretches; after that each is compiled by itself. */
const MOST = 4;

interface Code {
  readonly from: number;
  readonly to: number;
}

export class Stretches {
  private readonly whole = new Map<number, Code>();
  private readonly single: Code[] = [];
  private compiled = 0;

  constructor(
    private readonly device: Device,
    private readonly events: readonly Event[],
  ) {}

  /** Carries out the events from one place to another. */
  run(from: number, to: number): void {
    const { events, device } = this;
    const key = from * (events.length + 1) + to;
    let code = this.whole.get(key);
    if (code === undefined && this.compiled + (to - from) <= MOST * events.length) {
      code = compile(device, events.slice(from, to));
      this.whole.set(key, code);
      this.compiled += to - from;
    }
    if (code !== undefined) device.run(code.from, code.to);
    else for (let at = from; at < to; at++) this.runOne(at);
  }

  private runOne(at: number): void {
    const { device } = this;
    this.single[at] ??= compile(device, [this.events[at] as Event]);
    const { from, to } = this.single[at];
    device.run(from, to);
  }
}
