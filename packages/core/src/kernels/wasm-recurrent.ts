/**
 * Recurrences in WebAssembly: what is copied in and out, and when. Rows go through in chunks of whole time steps that fit the
 * caches; the states, the packed weights and, on the way back, the gradients of the gates stay in between.
 *
 * Inside, widths are padded to whole vectors: W for H, V for P, G for the gates of a row.
 *
 * @module
 */
import type { FloatArray, Recurrence, RecurrenceKind } from "./contract.js";
import { gateCounts, inVectors, type RecurrentKernels, slotCounts } from "./reference/recurrent.js";
import { closeMachine, openMachine, type WasmMachine } from "./wasm-machine.js";

const codes: { readonly [K in RecurrenceKind]: number } = { tanh: 0, relu: 1, lstm: 2, gru: 3 };

/** Elements of a chunk. */
const CHUNK = 65536;
/** What the gaps between some thirty arrays may take. */
const SLACK = 512;

type F32 = Float32Array;

/** Panels are eight columns wide. */
const inPanels = (columns: number): number => (columns + 7) & ~7;

/** Time steps that go through together. */
interface Chunk {
  readonly steps: number;
  readonly rows: number;
  /** The first row of them all, and the first step to be taken. */
  readonly first: number;
  readonly step: number;
}

/** Calls `run` with chunks of up to `most` rows, in the order of time as the recurrence takes it or against it. */
function inChunks({ sizes, rows: N }: Recurrence, down: boolean, most: number, run: (chunk: Chunk) => void): void {
  const T = sizes.length;
  if (N <= most) {
    run({ steps: T, rows: N, first: 0, step: down ? T - 1 : 0 });
    return;
  }
  let at = down ? N : 0;
  for (let done = 0; done < T; ) {
    const step = down ? T - 1 - done : done;
    let steps = 0;
    let rows = 0;
    for (; done < T; done++, steps++) {
      const n = sizes[down ? T - 1 - done : done] as number;
      if (steps > 0 && rows + n > most) break;
      rows += n;
    }
    if (down) at -= rows;
    run({ steps, rows, first: at, step });
    if (!down) at += rows;
  }
}

/** Copies rows of n elements in, each padded with zeros to `padded`. */
function rowsIn(m: WasmMachine, rows: number, n: number, padded: number, x: F32, xo: number): number {
  if (n === padded) return m.copyIn(rows * n, x, xo);
  const at = m.take(rows * padded);
  const tight = m.take(rows * n);
  m.put(tight, rows * n, x, xo);
  m.exports.copyRows(rows, n, tight, n * 4, at, padded * 4);
  return at;
}

/** Copies the first n of every `padded` elements out. What stands at `at` is lost. */
function rowsOut(m: WasmMachine, rows: number, n: number, padded: number, at: number, y: F32, yo: number): void {
  if (n !== padded) m.exports.copyRows(rows, n, at, padded * 4, at, n * 4);
  m.copyOut(at, rows * n, y, yo);
}

/** A bias (blocks of n), or what changes nothing where there is none. */
function biasIn(m: WasmMachine, blocks: number, n: number, padded: number, b: FloatArray | null, bo: number): number {
  if (b !== null) return rowsIn(m, blocks, n, padded, b as F32, bo);
  const at = m.take(blocks * padded);
  m.fill(at, blocks * padded, -0);
  return at;
}

/** W as the columns of a product: its `blocks`·`height` rows of K elements packed. */
function packedRows(m: WasmMachine, blocks: number, height: number, K: number, w: F32, wo: number): number {
  const at = m.take(inPanels(blocks * inVectors(height)) * K);
  m.exports.packRows(blocks, height, K, m.copyIn(blocks * height * K, w, wo), at);
  return at;
}

/** W as it is, N columns packed. */
function packedColumns(m: WasmMachine, blocks: number, height: number, N: number, w: F32, wo: number): number {
  const at = m.take(inPanels(N) * blocks * inVectors(height));
  m.exports.packColumns(blocks, height, N, m.copyIn(blocks * height * N, w, wo), at);
  return at;
}

function sizesIn(m: WasmMachine, sizes: readonly number[]): number {
  const at = m.take(sizes.length);
  m.putIndex(at, sizes.length, sizes, 0);
  return at;
}

/** `least`: the number of rows times gates from which this is faster than the reference. */
export function wasmRecurrent(reference: RecurrentKernels, least: number): RecurrentKernels {
  function machineFor(r: Recurrence, x: FloatArray, room: number): WasmMachine | null {
    return r.rows * gateCounts[r.kind] * r.H >= least && r.rows > 0 && x instanceof Float32Array
      ? openMachine(room + SLACK)
      : null;
  }

  return {
    recurrentForward(...args) {
      const [r, x, xo, wIh, wIho, wHh, wHho, bIh, bIho, bHh, bHho, wHr, wHro, h, c, y, kept] = args;
      const { kind, H, P, I, rows: N, sizes, reverse } = r;
      const g = gateCounts[kind];
      const [W, V] = [inVectors(H), inVectors(P)];
      const G = g * W;
      const slots = slotCounts[kind] * W;
      const B = sizes[0] as number;
      const most = Math.min(N, Math.max(B, Math.floor(CHUNK / (I + G + V + slots))));
      const weights = (inPanels(G) + g * H) * (I + P) + (wHr === null ? 0 : (inPanels(V) + P) * H);
      const states = 2 * B * (V + W) + B * (G + W) + 4 * G;
      const m = machineFor(r, x, weights + states + most * (I + G + V + slots) + sizes.length);
      if (m === null) {
        reference.recurrentForward(...args);
        return;
      }
      const { exports } = m;
      const pIh = packedRows(m, g, H, I, wIh as F32, wIho);
      const pHh = packedRows(m, g, H, P, wHh as F32, wHho);
      const pHr = wHr === null ? 0 : packedRows(m, 1, P, H, wHr as F32, wHro);
      const pbi = biasIn(m, g, H, W, bIh, bIho);
      const pbh = biasIn(m, g, H, W, bHh, bHho);
      const ph = rowsIn(m, B, P, V, h as F32, 0);
      const pc = c === null ? 0 : rowsIn(m, B, H, W, c as F32, 0);
      const ps = sizesIn(m, sizes);
      const [pz, raw] = [m.take(B * G), m.take(B * W)];
      const [px, pa, py] = [m.take(most * I), m.take(most * G), m.take(most * V)];
      const pk = m.take((kept === null ? 1 : most) * slots);
      inChunks(r, reverse, most, ({ steps, rows, first, step }) => {
        m.put(px, rows * I, x as F32, xo + first * I);
        exports.product(rows, G / 4, I, px, I * 4, pIh, pa, G * 4);
        const end = reverse ? rows : 0;
        exports.forwardSteps(
          codes[kind],
          steps,
          +reverse,
          ps + step * 4,
          W * 4,
          V * 4,
          P,
          pHh,
          pbh,
          pbi,
          pa + end * G * 4,
          pz,
          ph,
          pc,
          py + end * V * 4,
          kept === null ? pk : pk + end * slots * 4,
          kept === null ? 0 : slots * 4,
          pHr,
          H,
          raw,
        );
        rowsOut(m, rows, P, V, py, y as F32, first * P);
        if (kept !== null) m.copyOut(pk, rows * slots, kept as F32, first * slots);
      });
      rowsOut(m, B, P, V, ph, h as F32, 0);
      if (c !== null) rowsOut(m, B, H, W, pc, c as F32, 0);
      closeMachine();
    },

    recurrentBackward(...args) {
      const [r, x, xo, wIh, wIho, wHh, wHho, wHr, wHro, h0, h0o, y, kept, dy, dyo, dh, dc, ...wanted] = args;
      const [dx, dWIh, dWHh, dBIh, dBHh, dWHr] = wanted;
      const { kind, H, P, I, rows: N, sizes, reverse } = r;
      const g = gateCounts[kind];
      const [W, V] = [inVectors(H), inVectors(P)];
      const G = g * W;
      const slots = slotCounts[kind] * W;
      const B = sizes[0] as number;
      const down = !reverse;
      const gru = kind === "gru";
      const most = Math.min(N, Math.max(B, Math.floor(CHUNK / (2 * V + slots))));
      const projected = wHr !== null;
      const weights =
        (inPanels(P) + P) * G +
        (projected ? (inPanels(H) + H) * V : 0) +
        (dx === null ? 0 : 2 * G * I) +
        G * (I + P + 2);
      const states = 4 * B * (V + W) + W + 2 * (N + B) * V + N * P;
      const rest = (gru ? 2 : 1) * N * G + N * I * (dx === null ? 1 : 2) + (projected ? N * (V + W) + P * W : 0);
      const m = machineFor(r, x, weights + states + rest + most * (2 * V + slots) + sizes.length + 8 * N);
      if (m === null) {
        reference.recurrentBackward(...args);
        return;
      }
      const { exports } = m;
      const pHh = packedColumns(m, g, H, P, wHh as F32, wHho);
      const pHr = projected ? packedColumns(m, 1, P, H, wHr as F32, wHro) : 0;
      const none = m.take(W);
      m.fill(none, W, -0);
      const ps = sizesIn(m, sizes);
      const pd = rowsIn(m, B, P, V, dh as F32, 0);
      const pc = gru ? pd : dc === null ? 0 : rowsIn(m, B, H, W, dc as F32, 0);
      const pq = gru ? m.take(B * V) : pd;
      if (gru) m.clear(pq, B * V);
      const raw = m.take(B * W);
      const pda = m.take(N * G);
      const pdp = gru ? m.take(N * G) : pda;
      const [all, unprojected] = projected ? [m.take(N * V), m.take(N * W)] : [0, 0];
      const { outputs, before } = statesIn(m, r, V, h0 as F32 | null, h0o, y as F32);
      const pk = m.take(most * slots);
      const pdy = m.take(most * V);
      const tight = V === P ? pdy : m.take(most * P);
      if (dy === null) m.fill(pdy, most * V, -0);
      inChunks(r, down, most, ({ steps, rows, first, step }) => {
        if (slots > 0) m.put(pk, rows * slots, kept as F32, first * slots);
        if (dy !== null) {
          m.put(tight, rows * P, dy as F32, dyo + first * P);
          if (V !== P) exports.copyRows(rows, P, tight, P * 4, pdy, V * 4);
        }
        const end = down ? rows : 0;
        const edge = first + end;
        exports.backwardSteps(
          codes[kind],
          steps,
          +down,
          ps + step * 4,
          W * 4,
          V * 4,
          pHh,
          pdy + end * V * 4,
          pq,
          pc,
          (gru ? before : outputs) + edge * V * 4,
          pk + end * slots * 4,
          pda + edge * G * 4,
          pdp + edge * G * 4,
          pHr,
          raw,
          none,
          all + edge * V * 4,
          unprojected + edge * W * 4,
        );
      });
      if (gru) exports.binary(0, B * V, pd, 16, pq, 16, pd);
      rowsOut(m, B, P, V, pd, dh as F32, 0);
      if (dc !== null) rowsOut(m, B, H, W, pc, dc as F32, 0);
      const room = m.take(8 * Math.max(N, G) + 16);
      const result = m.take(Math.max(G * Math.max(I, P, 1), P * W));
      /** The rows of each gate, without those that fill it up. */
      const gatesOut = (width: number, to: FloatArray): void => {
        for (let i = 0; i < g; i++) m.copyOut(result + i * W * width * 4, H * width, to as F32, i * H * width);
      };
      if (dWHh !== null) {
        exports.gemm(1, 0, G, P, N, pdp, G, before, V, result, P, 0, room);
        gatesOut(P, dWHh);
      }
      if (dBHh !== null) {
        exports.sumColumns(1, N, G, pdp, result);
        gatesOut(1, dBHh);
      }
      if (dBIh !== null) {
        exports.sumColumns(1, N, G, pda, result);
        gatesOut(1, dBIh);
      }
      if (dWHr !== null) {
        exports.gemm(1, 0, P, H, N, all, V, unprojected, W, result, H, 0, room);
        m.copyOut(result, P * H, dWHr as F32, 0);
      }
      if (dWIh !== null) {
        exports.gemm(1, 0, G, I, N, pda, G, m.copyIn(N * I, x as F32, xo), I, result, I, 0, room);
        gatesOut(I, dWIh);
      }
      if (dx !== null) {
        const pw = m.take(G * I);
        for (let i = 0; i < g; i++) {
          m.put(pw + i * W * I * 4, H * I, wIh as F32, wIho + i * H * I);
          m.clear(pw + (i * W + H) * I * 4, (W - H) * I);
        }
        const px = m.take(N * I);
        exports.gemm(0, 0, N, I, G, pda, G, pw, I, px, I, 0, room);
        m.copyOut(px, N * I, dx as F32, 0);
      }
      closeMachine();
    },
  };
}

/** Copies the outputs in and lays out the states before each row: with whole batches they are the outputs one step on. */
function statesIn(
  m: WasmMachine,
  r: Recurrence,
  V: number,
  h0: F32 | null,
  h0o: number,
  y: F32,
): { outputs: number; before: number } {
  const { sizes, rows: N, P, reverse } = r;
  const B = sizes[0] as number;
  const area = m.take((N + B) * V);
  const whole = sizes[sizes.length - 1] === B;
  const outputs = whole && !reverse ? area + B * V * 4 : area;
  const first = whole && !reverse ? area : area + N * V * 4;
  const put = (at: number, rows: number, from: F32, offset: number): void => {
    if (V === P) m.put(at, rows * P, from, offset);
    else {
      const tight = m.take(rows * P);
      m.put(tight, rows * P, from, offset);
      m.exports.copyRows(rows, P, tight, P * 4, at, V * 4);
    }
  };
  if (h0 === null) m.clear(first, B * V);
  put(outputs, N, y, 0);
  if (h0 !== null) put(first, B, h0, h0o);
  if (whole) return { outputs, before: reverse ? area + B * V * 4 : area };
  const before = m.take(N * V);
  const T = sizes.length;
  let at = reverse ? N : 0;
  let last = 0;
  let lastAt = 0;
  for (let k = 0; k < T; k++) {
    const n = sizes[reverse ? T - 1 - k : k] as number;
    if (reverse) at -= n;
    const going = Math.min(last, n);
    m.move(outputs + lastAt * V * 4, before + at * V * 4, going * V);
    m.move(first + going * V * 4, before + (at + going) * V * 4, (n - going) * V);
    last = n;
    lastAt = at;
    if (!reverse) at += n;
  }
  return { outputs, before };
}
