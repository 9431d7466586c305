/**
 * Large recurrent layers: BLAS does the products, the default engine's kernels what happens between them. What the kernels work on lies in
 * the default engine's WebAssembly memory; BLAS finds that by its address, and everything else where it is.
 *
 * Letters as in `Recurrence`; G gates times H, S elements of slots in a row, D elements of δ (GRU has a fourth slot for h·W_hnᵀ).
 *
 * @module
 */
import {
  closeMachine,
  type FloatArray,
  gateCounts,
  openMachine,
  type Recurrence,
  type RecurrentKernels,
  slotCounts,
} from "@unroll/core/engine";
import type { Blas } from "./blas.js";
import { Call, type StepProduct } from "./call.js";

/** Multiplications of one gate in one time step from which products go to BLAS. */
const LARGE_STEP = 65536;
/** With fewer rows the weights are read more often than they are used; the default engine keeps them from call to call. */
const FEW_ROWS = 8;
/** Room for the gaps between the arrays of a call. */
const GAPS = 1024;

/** Time steps whose rows follow each other, in the order in which they are taken: the rows of all, and of each how many and the first. */
interface Chunk {
  readonly at: number;
  readonly n: number;
  readonly steps: readonly { readonly n: number; readonly at: number }[];
}

/** A chunk has about so many elements of slots, which stay in the second-level cache from one thing that is done with them to the next, */
const CHUNK = 262144;
/** and at least so many rows, for which BLAS has to pack the weights once. */
const CHUNK_ROWS = 256;

/** All time steps in the order of the recurrence, or against it; `row` elements of slots stand in a row. */
function chunksOf({ sizes, rows, reverse }: Recurrence, against: boolean, row: number): Chunk[] {
  const down = reverse !== against;
  const T = sizes.length;
  const most = Math.max(CHUNK_ROWS, CHUNK / row);
  const chunks: Chunk[] = [];
  let end = down ? rows : 0;
  for (let k = 0; k < T; ) {
    const steps: { n: number; at: number }[] = [];
    const start = end;
    do {
      const n = sizes[down ? T - 1 - k : k] as number;
      if (down) end -= n;
      steps.push({ n, at: end });
      if (!down) end += n;
      k++;
    } while (k < T && Math.abs(end - start) + (sizes[down ? T - 1 - k : k] as number) <= most);
    chunks.push({ at: Math.min(start, end), n: Math.abs(end - start), steps });
  }
  return chunks;
}

/** The rows of the largest. */
const largest = (chunks: readonly Chunk[]): number => chunks.reduce((most, { n }) => Math.max(most, n), 0);

const isWhole = ({ sizes }: Recurrence): boolean => sizes[sizes.length - 1] === sizes[0];

export function nativeRecurrent(blas: Blas, wasm: RecurrentKernels, stepwise: RecurrentKernels): RecurrentKernels {
  /**
   * A call of a layer that is large enough, of whole vectors, and has an input, for not every BLAS knows products over nothing; null if it is
   * not. `elements` it copies in or out or works on.
   */
  function begin({ sizes, I, H, P }: Recurrence, x: FloatArray, elements: number): Call | null {
    const fits = (sizes[0] ?? 0) * H * P >= LARGE_STEP && P === H && H % 4 === 0 && I > 0;
    if (!fits || !(x instanceof Float32Array)) return null;
    const m = openMachine(elements + GAPS);
    return m && new Call(m, blas);
  }

  const other = ({ sizes, H, P }: Recurrence): RecurrentKernels =>
    (sizes[0] ?? 0) * H * P < LARGE_STEP ? wasm : stepwise;

  return {
    recurrentForward(r, ...args) {
      const [x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, , , h, c, y, kept] = args;
      const { kind, I, H, rows: N } = r;
      if (N < FEW_ROWS) {
        wasm.recurrentForward(r, ...args);
        return;
      }
      const G = gateCounts[kind] * H;
      const S = Math.max(slotCounts[kind], 1) * H;
      const B = r.sizes[0] as number;
      const chunks = chunksOf(r, false, S);
      const most = largest(chunks);
      const call = begin(r, x, G * (2 * H + 3) + S + 2 * B * H + most * (S + H));
      if (call === null) {
        other(r).recurrentForward(r, ...args);
        return;
      }
      const { exports } = call;
      const gru = kind === "gru";
      const biased = bIh !== null && bHh !== null;
      const [px, pIh] = [call.outside(x, xo), call.outside(wIh, wIho)];
      // GRU's products with the rows of its last gate stand apart.
      const direct = gru ? 2 * H : G;
      const addRecurrent = call.stepProduct(true, B, direct, H, wHh, wHho);
      const addApart = gru ? call.stepProduct(true, B, H, H, wHh, wHho + direct * H) : addRecurrent;
      const [ph, pc] = [call.in(B * H, h, 0), call.in(B * H, c, 0)];
      const [ih, hh] = [call.in(G, bIh, bIho), call.in(G, bHh, bHho)];
      const [py, slots, biases] = [call.take(most * H), call.take(most * S), call.take(S)];
      if (biased) {
        exports.binary(0, direct, ih, 16, hh, 16, biases);
        if (gru) {
          call.copy(ih + 2 * H * 4, biases + 2 * H * 4, H);
          call.copy(hh + 2 * H * 4, biases + 3 * H * 4, H);
        }
      }
      for (const { at: start, n: rows, steps } of chunks) {
        if (biased) call.repeat(biases, S, rows, slots);
        call.productWithTurned(rows, G, I, px + start * I * 4, pIh, +biased, slots, S);
        for (const { n, at } of steps) {
          const a = slots + (at - start) * S * 4;
          const to = py + (at - start) * H * 4;
          addRecurrent(n, ph, H, 1, a, S);
          if (gru) {
            addApart(n, ph, H, +biased, a + 3 * H * 4, S);
            exports.gruGates(n, H * 4, a, S * 4, ph, to, H * 4);
          } else if (kind === "lstm") exports.lstmGates(n, H * 4, a, S * 4, pc, ph, to, H * 4);
          else exports.plainGates(+(kind === "relu"), n, H * 4, a, S * 4, ph, to, H * 4);
        }
        call.out(py, rows * H, y, start * H);
        if (slotCounts[kind] > 0) call.out(slots, rows * S, kept, start * S);
      }
      call.out(ph, B * H, h);
      call.out(pc, B * H, c);
      closeMachine();
    },

    recurrentBackward(r, ...args) {
      const [x, xo, wIh, wIho, wHh, wHho, , , h0, h0o, y, kept, dy, dyo, dh, dc, ...wanted] = args;
      const [dx, dWIh, dWHh, dBIh, dBHh] = wanted;
      const { kind, I, H, rows: N } = r;
      const G = gateCounts[kind] * H;
      const S = slotCounts[kind] * H;
      const gru = kind === "gru";
      const D = gru ? 4 * H : G;
      const B = r.sizes[0] as number;
      const states = isWhole(r) ? 0 : N * H;
      const chunks = chunksOf(r, true, Math.max(S, H));
      const most = largest(chunks);
      const call = begin(r, x, G * H + 4 * B * H + D + 16 * B + N * H + states + most * (S + D + H + 1));
      if (call === null) {
        other(r).recurrentBackward(r, ...args);
        return;
      }
      const { exports } = call;
      const direct = gru ? 2 * H : G;
      /** W_hh in rows that are multiplied together, and where the δ that they are multiplied with stand. */
      const parts: { slot: number; product: StepProduct }[] = [];
      const rowsOfPart = call.packs ? direct : H;
      for (let k = 0; k < G; k += rowsOfPart) {
        const rows = Math.min(rowsOfPart, G - k);
        parts.push({
          slot: gru && k === direct ? 3 * H : k,
          product: call.stepProduct(false, B, H, rows, wHh, wHho + k * H),
        });
      }
      // Kernels look at y too, but for LSTM's.
      const py = kind === "lstm" && states === 0 ? call.outside(y, 0) : call.in(N * H, y, 0);
      const first = h0 === null ? call.take(B * H) : call.in(B * H, h0, h0o);
      if (h0 === null) call.fill(first, B * H, 0);
      const before = stateBefore(call, r, first, py);
      const above = call.take(dy === null ? H : most * H);
      if (dy === null) call.fill(above, H, -0);
      const rowUp = dy === null ? 0 : H * 4;
      const ph = call.in(B * H, dh, 0);
      const pc = call.in(B * H, dc, 0);
      // δ'·W_hh of the step taken before; of GRU, what goes past the products is in the place of dh.
      const q = gru ? call.take(B * H) : ph;
      if (gru) call.fill(q, B * H, 0);
      const [px, pIh, pdx] = [call.outside(x, xo), call.outside(wIh, wIho), call.outside(dx, 0)];
      const [slots, delta] = [call.take(most * S), call.take(most * D)];
      const nowhere = call.take(16 * B);
      const [sumIh, sumHh] = [call.outside(dWIh, 0), call.outside(dWHh, 0)];
      const [bias, ones] = [call.take(D), call.take(most)];
      call.fill(ones, most, 1);
      const started = { ih: 0, hh: 0, bias: 0 };
      /** dW = δᵀ·b over n rows that begin at d, for the gates up to `wide` and, of GRU's W_hh, for the rest from another slot. */
      const overRows = (
        to: number,
        wide: number,
        d: number,
        n: number,
        b: number,
        columns: number,
        beta: number,
      ): void => {
        call.product(true, wide, columns, n, d, D, b, columns, beta, to, columns);
        if (wide === G) return;
        call.product(true, H, columns, n, d + 3 * H * 4, D, b, columns, beta, to + wide * columns * 4, columns);
      };
      for (const { at: start, n: rows, steps } of chunks) {
        call.put(slots, rows * S, kept, start * S);
        call.put(above, rows * H, dy, dyo + start * H);
        for (const { n, at } of steps) {
          const up = above + (at - start) * rowUp;
          const d = delta + (at - start) * D * 4;
          const from = slots + (at - start) * S * 4;
          if (gru) exports.gruGrads(n, H * 4, up, rowUp, q, ph, from, before(at), H * 4, d, nowhere, 0, 0);
          else if (kind === "lstm") exports.lstmGrads(n, H * 4, up, rowUp, q, H * 4, pc, from, d, nowhere, 0, 0);
          else {
            const relu = +(kind === "relu");
            exports.plainGrads(relu, n, H * 4, up, rowUp, q, py + at * H * 4, H * 4, d, nowhere, 0);
          }
          parts.forEach(({ slot, product }, i) => {
            product(n, d + slot * 4, D, +(i > 0), q, H);
          });
        }
        if (dWIh !== null) {
          overRows(sumIh, G, delta, rows, px + start * I * 4, I, started.ih);
          started.ih = 1;
        }
        if (dWHh !== null) {
          // Where batches stay whole, the state before the first step stands apart from those before the others.
          const { n, at } = steps.at(-1) as { n: number; at: number };
          const apart = states === 0 && before(at) === first ? n : 0;
          if (apart > 0) overRows(sumHh, direct, delta + (at - start) * D * 4, apart, first, H, started.hh);
          started.hh = Math.max(started.hh, Math.sign(apart));
          const rest = apart > 0 && at === start ? start + apart : start;
          if (rows > apart)
            overRows(sumHh, direct, delta + (rest - start) * D * 4, rows - apart, before(rest), H, started.hh);
          started.hh = 1;
        }
        if (dBIh !== null || dBHh !== null) {
          call.product(true, D, 1, rows, delta, D, ones, 1, started.bias, bias, 1);
          started.bias = 1;
        }
        if (dx !== null) {
          call.product(false, rows, I, G, delta, D, pIh, I, 0, pdx + start * I * 4, I);
        }
      }
      if (gru) exports.binary(0, B * H, ph, 16, q, 16, ph);
      call.out(ph, B * H, dh);
      call.out(pc, B * H, dc);
      call.out(bias, G, dBIh);
      if (gru) call.copy(bias + 3 * H * 4, bias + 2 * H * 4, H);
      call.out(bias, G, dBHh);
      closeMachine();
    },
  };
}

/** Where the state before the row `at`, the first of its step, stands: in the outputs where batches stay whole, else copied together. */
function stateBefore(call: Call, r: Recurrence, first: number, y: number): (at: number) => number {
  const { rows: N, H, reverse } = r;
  const B = r.sizes[0] as number;
  const row = H * 4;
  if (isWhole(r)) {
    const start = reverse ? N - B : 0;
    return (at) => (at === start ? first : y + (reverse ? at + B : at - B) * row);
  }
  const states = call.take(N * H);
  let last = 0;
  let lastAt = 0;
  for (const { steps } of chunksOf(r, false, H)) {
    for (const { n, at } of steps) {
      const going = Math.min(last, n);
      call.copy(y + lastAt * row, states + at * row, going * H);
      call.copy(first + going * row, states + (at + going) * row, (n - going) * H);
      last = n;
      lastAt = at;
    }
  }
  return (at) => states + at * row;
}
