import { describe, test } from "vitest";
import type { Recurrence, RecurrenceKind } from "../src/kernels/contract.js";
import { gateCounts, inVectors, slotCounts } from "../src/kernels/reference/recurrent.js";
import { referenceKernels as reference } from "../src/kernels/reference.js";
import { startInstance } from "../src/kernels/wasm-machine.js";
import { FIELDS, ROOM, shapeOf } from "../src/kernels/wasm-recurrent.js";
import { expectSameBits, floats } from "./kernels-helper.js";

/**
 * The recurrences of the compiled module by themselves: arrays anywhere in a memory, side by side, with guards between them that must
 * stay what they are.
 */
const GUARD = 12345.678;
const guard = Math.fround(GUARD);

class Memory {
  private readonly instance = startInstance() as NonNullable<ReturnType<typeof startInstance>>;
  readonly exports = this.instance.exports;
  readonly floats = new Float32Array(this.instance.memory.buffer);
  readonly ints = new Int32Array(this.instance.memory.buffer);
  private top = (this.exports.freeFrom() >> 2) + 1;
  private readonly guards: number[] = [];

  /** An address that is no multiple of 16, with a guard before and behind. */
  place(n: number): number {
    this.floats.fill(guard, this.top, this.top + 4);
    this.guards.push(this.top);
    const at = this.top + 4;
    this.top = at + n + ((n & 3) === 0 ? 1 : 0);
    this.floats.fill(guard, this.top, this.top + 4);
    this.guards.push(this.top);
    return at * 4;
  }

  put(x: Float32Array | null): number {
    if (x === null) return 0;
    const at = this.place(x.length);
    this.floats.set(x, at >> 2);
    return at;
  }

  get(at: number, n: number): Float32Array {
    return this.floats.slice(at >> 2, (at >> 2) + n);
  }

  /** Writes a recurrence down and gives it scratch behind everything else. */
  describe(r: Recurrence, backward: boolean, addresses: number[]): number {
    const listed = (sizes: readonly number[]): number => {
      const at = this.place(sizes.length);
      this.ints.set(sizes, at >> 2);
      return at;
    };
    const numbers = [...shapeOf(r, listed), ...addresses];
    const at = this.place(FIELDS);
    this.ints.fill(0, at >> 2, (at >> 2) + FIELDS);
    this.ints.set(numbers, at >> 2);
    const bytes = this.exports.recurrentRoom(at, +backward);
    const room = ((this.top + 4) * 4 + 15) & ~15;
    this.ints[(at >> 2) + ROOM] = room;
    this.top = (room + bytes + 16) >> 2;
    this.floats.fill(NaN, room >> 2, this.top);
    this.floats.fill(guard, this.top, this.top + 4);
    this.guards.push(this.top);
    return at;
  }

  check(what: string): void {
    for (const at of this.guards)
      expectSameBits(this.floats.subarray(at, at + 1), [guard], `${what}: guard at ${at * 4}`);
  }
}

const layouts = [
  [1, 1, 1, 1, 1],
  [3, 3, 3],
  [4, 4, 2, 1],
  [17, 17],
];
const kinds: readonly RecurrenceKind[] = ["tanh", "relu", "lstm", "gru"];

describe.each(kinds)("%s by address", (kind) => {
  test.each([
    [4, 3, 3],
    [1, 4, 4],
    [5, 7, 7],
    [16, 16, 16],
    [3, 21, 21],
    [6, 10, 5],
  ])("I %d, H %d, P %d", (I, H, P) => {
    if (P !== H && kind !== "lstm") return;
    for (const sizes of layouts) {
      for (const reverse of [false, true]) {
        const what = `sizes ${sizes}, reverse ${reverse}`;
        const rows = sizes.reduce((a, b) => a + b, 0);
        const r: Recurrence = { kind, sizes, rows, reverse, I, H, P };
        const [B, G] = [sizes[0] as number, gateCounts[kind] * H];
        const lstm = kind === "lstm";
        const kept = rows * slotCounts[kind] * inVectors(H);
        const [x, wIh, wHh] = [floats(rows * I, 1), floats(G * I, 2), floats(G * P, 3)];
        const wHr = P === H ? null : floats(P * H, 4);
        const [bIh, bHh] = [floats(G, 5), floats(G, 6)];
        const [h0, c0] = [floats(B * P, 7), lstm ? floats(B * H, 8) : null];
        const [dy, dh, dc] = [floats(rows * P, 9), floats(B * P, 10), lstm ? floats(B * H, 11) : null];

        const [h, c] = [h0.slice(), c0?.slice() ?? null];
        const y = new Float32Array(rows * P);
        const slots = kept ? new Float32Array(kept) : null;
        reference.recurrentForward(r, x, 0, wIh, 0, wHh, 0, bIh, 0, bHh, 0, wHr, 0, h, c, y, slots);
        const wanted = [rows * I, G * I, G * P, G, G].map((n) => new Float32Array(n));
        const [dx, dIh, dHh, dbIh, dbHh] = wanted as [Float32Array, ...Float32Array[]];
        const dHr = wHr && new Float32Array(P * H);
        const [dFirst, dCell] = [dh.slice(), dc?.slice() ?? null];
        reference.recurrentBackward(
          ...([r, x, 0, wIh, 0, wHh, 0, wHr, 0, h0, 0, y, slots, dy, 0, dFirst, dCell, dx] as const),
          ...([dIh, dHh, dbIh, dbHh, dHr] as [Float32Array, Float32Array, Float32Array, Float32Array, null]),
        );

        const m = new Memory();
        const inputs = [x, wIh, wHh, bIh, bHh, wHr, h0, c0].map((array) => m.put(array));
        const [py, pk] = [m.place(rows * P), kept ? m.place(kept) : 0];
        const [ph, pc] = [m.place(B * P), lstm ? m.place(B * H) : 0];
        m.exports.recurrentForward(m.describe(r, false, [...inputs, py, pk, 0, ph, pc]));
        m.check(`${what}, forward`);
        expectSameBits(m.get(py, y.length), y, `${what}: y`);
        expectSameBits(m.get(ph, h.length), h, `${what}: h`);
        if (c) expectSameBits(m.get(pc, c.length), c, `${what}: c`);

        const above = [m.put(dh), m.put(dc), m.put(dy)];
        const [to0, toC] = [m.place(B * P), lstm ? m.place(B * H) : 0];
        const places = wanted.map((array) => m.place(array.length));
        const toHr = dHr ? m.place(dHr.length) : 0;
        m.exports.recurrentBackward(m.describe(r, true, [...inputs, py, pk, 0, ...above, to0, toC, ...places, toHr]));
        m.check(`${what}, backward`);
        wanted.forEach((array, i) => {
          expectSameBits(m.get(places[i] as number, array.length), array, `${what}: gradient ${i}`);
        });
        if (dHr) expectSameBits(m.get(toHr, dHr.length), dHr, `${what}: dW_hr`);
        expectSameBits(m.get(to0, dFirst.length), dFirst, `${what}: dh0`);
        if (dCell) expectSameBits(m.get(toC, dCell.length), dCell, `${what}: dc0`);
      }
    }
  });
});
