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
export const FIELDS = 32;
/** Which of them is the address of scratch, and which that of packed weights. */
export const ROOM = 19;
export const PACKED = 31;

/** Units from which weights that stay the same stay in the memory; a smaller layer copies and packs them faster than they are found. */
export const LEAST_PACKED = 16;
const ONE = [1];
const NO_STATES = new Array<number>(13 - 6).fill(0);

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
function describe(
  m: WasmMachine,
  backward: number,
  shape: readonly number[],
  addresses: readonly number[],
  packed: number,
): number {
  const at = m.take(FIELDS);
  m.putIndex(at, shape.length, shape, 0);
  m.putIndex(at + shape.length * 4, addresses.length, addresses, 0);
  m.putIndex(at + PACKED * 4, 1, [packed], 0);
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

  /** The address of the weights, packed and kept for the next call; 0 when they are to be copied in. */
  function packedWeights(
    m: WasmMachine,
    r: Recurrence,
    wIh: Float32Array,
    wHh: Float32Array,
    wHr: Float32Array | null,
    version: number,
  ): number {
    const { kind, I, H, P } = r;
    const G = gateCounts[kind] * H;
    if (H < LEAST_PACKED || wIh.length !== G * I || wHh.length !== G * P || (wHr !== null && wHr.length !== P * H))
      return 0;
    const panels = (columns: number): number => Math.ceil(columns / 16) * 16;
    const S = inVectors(H);
    const size = panels(gateCounts[kind] * S) * (I + P) + panels(S) * P + panels(inVectors(P)) * H + 64;
    return m.resident(wHh, wIh, wHr, null, H * 4 + codes[kind], version, size, (packed) => {
      const addresses = [0, m.copyIn(G * I, wIh, 0), m.copyIn(G * P, wHh, 0), 0, 0, arrayIn(m, P * H, wHr, 0)];
      const shape = shapeOf({ ...r, sizes: ONE }, () => 0);
      m.exports.packRecurrence(describe(m, 0, shape, [...addresses, ...NO_STATES], packed));
    });
  }

  return {
    recurrentForward(r, x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, wHr, wHro, h, c, y, kept, version) {
      const m = machineFor(r, x, false);
      if (m === null) {
        reference.recurrentForward(r, x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, wHr, wHro, h, c, y, kept);
        return;
      }
      const { kind, I, H, P, rows: N } = r;
      const G = gateCounts[kind] * H;
      const B = r.sizes[0] as number;
      const slots = kept === null ? 0 : N * slotCounts[kind] * inVectors(H);
      const packed =
        version === undefined
          ? 0
          : packedWeights(m, r, wIh as Float32Array, wHh as Float32Array, wHr as Float32Array | null, version);
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
          packed || arrayIn(m, G * I, wIh, wIho),
          packed || arrayIn(m, G * P, wHh, wHho),
          arrayIn(m, G, bIh, bIho),
          arrayIn(m, G, bHh, bHho),
          packed && wHr ? packed : arrayIn(m, P * H, wHr, wHro),
          ph,
          pc,
          py,
          pk,
          0,
          ph,
          pc,
        ],
        packed,
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
        0,
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
