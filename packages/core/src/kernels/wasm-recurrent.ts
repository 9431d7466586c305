/**
 * Recurrences in WebAssembly, a direction in one call: arrays are copied in, their addresses are written down, and what came of them is
 * copied out.
 *
 * @module
 */
import type { FloatArray, Recurrence, RecurrenceKind } from "./contract.js";
import { gateCounts, inVectors, type RecurrentKernels, slotCounts } from "./reference/recurrent.js";
import { closeMachine, openMachine, type WasmMachine } from "./wasm-machine.js";

const codes: { readonly [K in RecurrenceKind]: number } = { tanh: 0, relu: 1, lstm: 2, gru: 3 };

/** What a call works on: so many numbers and addresses, in the order of `assembly/recurrence.ts`, which says what they mean. */
export const FIELDS = 31;
/** Which of them is the address of scratch. */
export const ROOM = 19;

/** The numbers before the addresses; `place` finds one for a list. */
export function shapeOf(recurrence: Recurrence, place: (sizes: readonly number[]) => number): number[] {
  const { kind, sizes, rows, reverse, I, H, P } = recurrence;
  const batch = sizes[0] as number;
  const varies = sizes.at(-1) !== batch;
  return [codes[kind], sizes.length, varies ? place(sizes) : 0, batch, rows, +reverse, I, H, P];
}

function sizesIn(m: WasmMachine, sizes: readonly number[]): number {
  const at = m.take(sizes.length);
  m.putIndex(at, sizes.length, sizes, 0);
  return at;
}

/** Writes down what a call works on and gives it scratch; returns where it stands. */
function describe(m: WasmMachine, backward: number, shape: readonly number[], addresses: readonly number[]): number {
  const at = m.take(FIELDS);
  m.putIndex(at, shape.length, shape, 0);
  m.putIndex(at + shape.length * 4, addresses.length, addresses, 0);
  const room = m.more(m.exports.recurrentRoom(at, backward) >> 2);
  m.putIndex(at + ROOM * 4, 1, [room], 0);
  return at;
}

const arrayIn = (m: WasmMachine, n: number, x: FloatArray | null, xo: number): number =>
  x === null ? 0 : m.copyIn(n, x as Float32Array, xo);

const placeFor = (m: WasmMachine, x: FloatArray | null): number => (x === null ? 0 : m.take(x.length));

function arrayOut(m: WasmMachine, at: number, n: number, x: FloatArray | null): void {
  if (x !== null) m.copyOut(at, n, x as Float32Array, 0);
}

/** `least`: the number of rows times gates from which this is faster than the reference. */
export function wasmRecurrent(reference: RecurrentKernels, least: number): RecurrentKernels {
  /** The machine with room for the arrays of a call. */
  function machineFor(r: Recurrence, x: FloatArray, backward: boolean): WasmMachine | null {
    const { kind, I, H, P, rows: N, sizes } = r;
    const g = gateCounts[kind];
    if (N * g * H < least || N === 0 || !(x instanceof Float32Array)) return null;
    const weights = g * H * (I + P + 2) + P * H;
    const states = 4 * (sizes[0] as number) * (P + H);
    const rows = N * (I + 2 * P + slotCounts[kind] * inVectors(H));
    return openMachine(FIELDS + sizes.length + (backward ? 2 * (weights + rows) : weights + rows) + states);
  }

  return {
    recurrentForward(r, x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, wHr, wHro, h, c, y, kept) {
      const m = machineFor(r, x, false);
      if (m === null) {
        reference.recurrentForward(r, x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, wHr, wHro, h, c, y, kept);
        return;
      }
      const { kind, I, H, P, rows: N } = r;
      const G = gateCounts[kind] * H;
      const B = r.sizes[0] as number;
      const slots = kept === null ? 0 : N * slotCounts[kind] * inVectors(H);
      const ph = arrayIn(m, B * P, h, 0);
      const pc = arrayIn(m, B * H, c, 0);
      const py = m.take(N * P);
      const pk = slots > 0 ? m.take(slots) : 0;
      const at = describe(
        m,
        0,
        shapeOf(r, (sizes) => sizesIn(m, sizes)),
        [
          arrayIn(m, N * I, x, xo),
          arrayIn(m, G * I, wIh, wIho),
          arrayIn(m, G * P, wHh, wHho),
          arrayIn(m, G, bIh, bIho),
          arrayIn(m, G, bHh, bHho),
          arrayIn(m, P * H, wHr, wHro),
          ph,
          pc,
          py,
          pk,
          0,
          ph,
          pc,
        ],
      );
      m.exports.recurrentForward(at);
      arrayOut(m, ph, B * P, h);
      arrayOut(m, pc, B * H, c);
      arrayOut(m, py, N * P, y);
      if (slots > 0) arrayOut(m, pk, slots, kept);
      closeMachine();
    },

    recurrentBackward(...args) {
      const [r, x, xo, wIh, wIho, wHh, wHho, wHr, wHro, h0, h0o, y, kept, dy, dyo, dh, dc, ...wanted] = args;
      const m = machineFor(r, x, true);
      if (m === null) {
        reference.recurrentBackward(...args);
        return;
      }
      const { kind, I, H, P, rows: N } = r;
      const G = gateCounts[kind] * H;
      const B = r.sizes[0] as number;
      const ph = arrayIn(m, B * P, dh, 0);
      const pc = arrayIn(m, B * H, dc, 0);
      const places = wanted.map((array) => placeFor(m, array));
      const at = describe(
        m,
        1,
        shapeOf(r, (sizes) => sizesIn(m, sizes)),
        [
          arrayIn(m, N * I, x, xo),
          arrayIn(m, G * I, wIh, wIho),
          arrayIn(m, G * P, wHh, wHho),
          0,
          0,
          arrayIn(m, P * H, wHr, wHro),
          arrayIn(m, B * P, h0, h0o),
          0,
          arrayIn(m, N * P, y, 0),
          arrayIn(m, N * slotCounts[kind] * inVectors(H), kept, 0),
          0,
          ph,
          pc,
          arrayIn(m, N * P, dy, dyo),
          ph,
          pc,
          ...places,
        ],
      );
      m.exports.recurrentBackward(at);
      arrayOut(m, ph, B * P, dh);
      arrayOut(m, pc, B * H, dc);
      wanted.forEach((array, i) => {
        if (array !== null) arrayOut(m, places[i] as number, array.length, array);
      });
      closeMachine();
    },
  };
}
