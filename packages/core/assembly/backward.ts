/**
 * A recurrence back through time: gradients of what goes into each gate, δ, step by step and kept for all rows; then those of the weights
 * as products over all rows. GRU has a fourth slot of δ for p, which takes n's place where h·W_hhᵀ is meant.
 */
import { gruGrads, lstmGrads, plainGrads } from "./gates";
import { inPieces, PIECE, roomFor, stripe } from "./gemm";
import { ADD, CONTINUE, START } from "./gemm-tiles";
import { copyPanel, gatesProduct, packColumns, panelBytes, product } from "./panels";
import {
  gateCount,
  GRU,
  inVectors,
  isSingle,
  LSTM,
  oneHots,
  Recurrence,
  RELU,
  rowsIn,
  rowsOut,
  sizeOf,
  slotCount,
  startAt,
  take,
  taken,
  zeros,
} from "./recurrence";
import { leading, sumDown } from "./rows";
import { singleBackward, singleGrads } from "./single";

let packedIh: usize = 0;
let packedHh: usize = 0;
let packedHr: usize = 0;
/** The gradient that comes from the step taken before: of h, or for GRU its two summands; and of c. */
let q: usize = 0;
let direct: usize = 0;
let dc: usize = 0;
/** δ of the rows of a step, */
let delta: usize = 0;
/** and of all rows: panels of sixteen columns, `apart` from each other; a slot's begin `slot` behind those of the one before. */
let deltas: usize = 0;
let apart: usize = 0;
let slot: usize = 0;
/** The gradient of h before its projection, and of all rows h after and h before it. */
let raw: usize = 0;
let projected: usize = 0;
let unprojected: usize = 0;
/** Zeros for the first states where there are none; the states before all rows, when the batch does not stay whole. */
let none: usize = 0;
let states: usize = 0;
/** −0 changes no sum. */
let nothing: usize = 0;
let room: usize = 0;
/** Where the 1 of every row of x stands. */
let hots: usize = 0;

/** Slots of δ. */
@inline
function deltaSlots(kind: i32): i32 {
  return kind >= LSTM ? 4 : 1;
}

/** What P columns of H rows take in panels, for one gate. */
@inline
function gatePanels(r: Recurrence, columns: i32): usize {
  return panelBytes((columns + 3) >> 2, r.H);
}

/** Lays out scratch from `from` on; returns where it ends. */
export function backwardLayout(r: Recurrence, from: usize): usize {
  const P = r.P;
  const batch = r.batch;
  const rows = r.rows;
  const gates = gateCount(r.kind);
  const slots = deltaSlots(r.kind);
  const width = inVectors(r.H);
  const wide = inVectors(P);
  startAt(from);
  packedIh = take(r.dx ? gatePanels(r, r.I) * gates : 0);
  packedHh = take(gatePanels(r, P) * gates);
  packedHr = take(r.weightHr ? panelBytes(<i32>(width >> 4), P) : 0);
  q = take(wide * batch);
  direct = take(r.kind == GRU ? wide * batch : 0);
  dc = take(width * batch);
  delta = take(width * slots * batch);
  apart = <usize>rows << 6;
  slot = apart * ((width + 63) >> 6);
  deltas = take(isSingle(r) ? apart : slot * slots);
  raw = take(r.weightHr ? width * batch : 0);
  projected = take(r.weightHr ? wide * rows : 0);
  unprojected = take(r.weightHr ? width * rows : 0);
  none = take(r.h0 ? 0 : <usize>(P * batch) << 2);
  states = take(r.sizes ? <usize>(P * rows) << 2 : 0);
  nothing = take(max(wide, width));
  hots = take(r.dWeightIh ? <usize>rows << 2 : 0);
  room = take(max(roomFor(r.I) + roomFor(P), r.weightHr ? roomFor(r.H) : 0) + (<usize>max(r.I, P) << 4));
  return taken();
}

/** δ·W of n rows, gate by gate; of GRU's n, its slot `last` is taken. */
function throughWeights(
  r: Recurrence,
  n: i32,
  columns: i32,
  last: i32,
  packed: usize,
  to: usize,
  rowTo: usize,
): void {
  const width = inVectors(r.H);
  const row = width * deltaSlots(r.kind);
  const gates = gateCount(r.kind);
  for (let g = 0; g < gates; g++, packed += gatePanels(r, columns)) {
    const d = delta + width * (g == 2 ? last : g);
    product(n, columns, r.H, d, row, packed, to, rowTo, g ? ADD : START);
  }
}

/** Up to so many columns a row's chains for all gates side by side are faster than one gate's chains for all columns. */
const NARROW = 16;

/** One time step of n rows that begin at row `at`; `before` is the state before the first of them. */
function step(r: Recurrence, n: i32, at: i32, before: usize): void {
  const kind = r.kind;
  const P = r.P;
  const width = inVectors(r.H);
  const wide = inVectors(P);
  const rowY = <usize>P << 2;
  const rowDy = r.dy ? rowY : 0;
  const dy = r.dy ? r.dy + rowY * at : nothing;
  const to = deltas + (<usize>at << 6);
  const kept = r.kept + width * slotCount(kind) * at;
  if (kind == GRU) {
    gruGrads(n, width, dy, rowDy, q, direct, kept, before, rowY, delta, to, apart, slot);
  } else if (kind != LSTM) {
    plainGrads(kind == RELU, n, width, dy, rowDy, q, r.y + rowY * at, rowY, delta, to, apart);
  } else if (r.weightHr) {
    const dh = projected + wide * at;
    const h = unprojected + width * at;
    for (let i: usize = 0; i < <usize>n; i++) {
      for (let j: usize = 0; j < wide; j += 16) {
        const sum = f32x4.add(v128.load(dy + rowDy * i + j), v128.load(q + wide * i + j));
        v128.store(dh + wide * i + j, sum);
      }
      for (let j: usize = 0; j < width; j += 16) {
        const o = kept + width * 6 * i + width * 3 + j;
        v128.store(h + width * i + j, f32x4.mul(v128.load(o), v128.load(o + (width << 1))));
      }
    }
    product(n, r.H, P, dh, wide, packedHr, raw, width, START);
    lstmGrads(n, width, nothing, 0, raw, width, dc, kept, delta, to, apart, slot);
  } else {
    lstmGrads(n, width, dy, rowDy, q, width, dc, kept, delta, to, apart, slot);
  }
  const last = kind == GRU ? 3 : 2;
  if (n == 1 && kind >= LSTM && P <= NARROW) {
    const columns = <i32>(wide >> 2);
    gatesProduct(kind == LSTM, columns, r.H, delta, width, delta + width * last, packedHh, gatePanels(r, P), q);
  } else {
    throughWeights(r, n, P, last, packedHh, q, wide);
  }
  if (r.dx) throughWeights(r, n, r.I, 2, packedIh, r.dx + (<usize>(r.I * at) << 2), <usize>r.I << 2);
}

/** Writes down the state before every row, for batches that do not stay whole. */
function layStates(r: Recurrence, first: usize): void {
  const row = <usize>r.P << 2;
  const steps = r.steps;
  const reverse = r.reverse;
  let at = reverse ? r.rows : 0;
  let last = 0;
  let lastAt = 0;
  for (let t = 0; t < steps; t++) {
    const n = sizeOf(r, reverse ? steps - 1 - t : t);
    if (reverse) at -= n;
    const going = min(last, n);
    memory.copy(states + row * at, r.y + row * lastAt, row * going);
    memory.copy(states + row * (at + going), first + row * going, row * (n - going));
    last = n;
    lastAt = at;
    if (!reverse) at += n;
  }
}

/** Rows `at` to `at` + n of the states before each row, up to sixteen columns from `from` bytes on, into a panel. */
function statesPanel(r: Recurrence, at: i32, n: i32, columns: i32, from: usize, first: usize, to: usize): void {
  const row = <usize>r.P << 2;
  if (r.sizes) {
    copyPanel(n, columns, states + row * at + from, row, to);
    return;
  }
  // A whole batch: the first states, and the outputs one step before.
  const batch = r.batch;
  const start = r.reverse ? r.rows - batch : 0;
  const above = min(max(start - at, 0), n);
  const within = min(max(start + batch - at, 0), n) - above;
  const shift = r.reverse ? batch : -batch;
  let i = 0;
  if (above > 0) copyPanel(above, columns, r.y + row * (at + shift) + from, row, to);
  i += above;
  if (within > 0) copyPanel(within, columns, first + row * (at + i - start) + from, row, to + (<usize>i << 6));
  i += within;
  if (n > i) copyPanel(n - i, columns, r.y + row * (at + i + shift) + from, row, to + (<usize>i << 6));
}

/** dW (gH rows of `columns`) from panels of n rows; `last` is the slot of the third gate, `at` the first row. */
function addWeights(r: Recurrence, at: i32, n: i32, columns: i32, last: i32, panels: usize, dW: usize): void {
  const H = r.H;
  const gates = gateCount(r.kind);
  const row = <usize>columns << 2;
  const mode = at ? CONTINUE : START;
  for (let g = 0; g < gates; g++) {
    let d = deltas + slot * (g == 2 ? last : g) + (<usize>at << 6);
    for (let i = 0; i < H; i += 16, d += apart) {
      const M = min(16, H - i);
      let b = panels;
      for (let j = 0; j < columns; j += 16, b += <usize>PIECE << 6) {
        stripe(M, min(16, columns - j), n, d, 4, 64, b, 64, dW + (<usize>j << 2), row, mode);
      }
      dW += row * M;
    }
  }
}

/** Whether all of δ is finite: what stands behind the last unit of a panel does not count. */
function deltasFinite(r: Recurrence): bool {
  const H = r.H;
  const gates = gateCount(r.kind);
  const zero = f32x4.splat(0);
  let s = zero;
  for (let g = 0; g < gates; g++) {
    let panel = deltas + slot * g;
    for (let i = 0; i < H; i += 4, panel += i & 15 ? 16 : apart - 48) {
      const mask = leading(H - i);
      const whole = H - i >= 4;
      for (let k = r.rows, d = panel; k > 0; k--, d += 64) {
        const v = f32x4.mul(v128.load(d), zero);
        s = f32x4.add(s, whole ? v : v128.and(v, mask));
      }
    }
  }
  return i32x4.all_true(f32x4.eq(s, zero));
}

/** dW_ih where every row of x picks a column: each is a sum of rows of δ, as ever from the first row to the last. */
function pickedWeights(r: Recurrence): void {
  const H = r.H;
  const I = r.I;
  const gates = gateCount(r.kind);
  const row = <usize>I << 2;
  let dW = r.dWeightIh;
  for (let g = 0; g < gates; g++) {
    let d = deltas + slot * g;
    for (let i = 0; i < H; i += 16, d += apart) {
      zeros(room, <usize>I << 6);
      for (let k: usize = 0; k < <usize>r.rows; k++) {
        const to = room + (<usize>load<i32>(hots + (k << 2)) << 6);
        const from = d + (k << 6);
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
        v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
        v128.store(to, f32x4.add(v128.load(to, 32), v128.load(from, 32)), 32);
        v128.store(to, f32x4.add(v128.load(to, 48), v128.load(from, 48)), 48);
      }
      const M = <usize>min(16, H - i);
      for (let m: usize = 0; m < M; m++, dW += row) {
        for (let j: usize = 0; j < <usize>I; j++) store<f32>(dW + (j << 2), load<f32>(room + (j << 6) + (m << 2)));
      }
    }
  }
}

/** Sums of δ over all rows. */
function biasGrads(r: Recurrence, last: i32, to: usize): void {
  const H = r.H;
  const gates = gateCount(r.kind);
  for (let g = 0; g < gates; g++) {
    let d = deltas + slot * (g == 2 ? last : g);
    for (let i = 0; i < H; i += 16, d += apart, to += 64) sumDown(r.rows, min(16, H - i), d, 64, to);
    to -= (<usize>((H + 15) & ~15) - H) << 2;
  }
}

/** Gradients of W_ih, W_hh and the biases, in pieces of rows. */
function weightGrads(r: Recurrence, first: usize): void {
  const I = r.I;
  const P = r.P;
  const rows = r.rows;
  const last = r.kind == GRU ? 3 : 2;
  const panel = <usize>PIECE << 6;
  const ofStates = room + panel * ((I + 15) >> 4);
  const picks = r.dWeightIh != 0 && I > 1 && oneHots(rows, I, r.x, hots) && deltasFinite(r);
  if (picks) pickedWeights(r);
  for (let at = 0; at < rows; at += PIECE) {
    const n = min(PIECE, rows - at);
    if (r.dWeightIh && !picks) {
      const x = r.x + (<usize>(I * at) << 2);
      for (let j = 0; j < I; j += 16) {
        copyPanel(n, min(16, I - j), x + (<usize>j << 2), <usize>I << 2, room + panel * (j >> 4));
      }
      addWeights(r, at, n, I, 2, room, r.dWeightIh);
    }
    if (r.dWeightHh) {
      for (let j = 0; j < P; j += 16) {
        statesPanel(r, at, n, min(16, P - j), <usize>j << 2, first, ofStates + panel * (j >> 4));
      }
      addWeights(r, at, n, P, last, ofStates, r.dWeightHh);
    }
  }
  if (r.dBiasIh) biasGrads(r, 2, r.dBiasIh);
  if (r.dBiasHh) {
    if (r.dBiasIh && r.kind != GRU) memory.copy(r.dBiasHh, r.dBiasIh, <usize>(gateCount(r.kind) * r.H) << 2);
    else biasGrads(r, last, r.dBiasHh);
  }
}

/** Works out the gradients of the recurrence that stands at d. */
export function recurrentBackward(d: usize): void {
  const r = changetype<Recurrence>(d);
  const kind = r.kind;
  const H = r.H;
  const I = r.I;
  const P = r.P;
  const batch = r.batch;
  const rows = r.rows;
  backwardLayout(r, r.room);
  const gates = gateCount(kind);
  const width = inVectors(H);
  const wide = inVectors(P);
  const rowY = <usize>P << 2;
  for (let g = 0; g < gates; g++) {
    packColumns(H, P, r.weightHh + (<usize>(g * H * P) << 2), packedHh + gatePanels(r, P) * g);
    if (r.dx) packColumns(H, I, r.weightIh + (<usize>(g * H * I) << 2), packedIh + gatePanels(r, I) * g);
  }
  if (r.weightHr) packColumns(P, H, r.weightHr, packedHr);
  for (let j: usize = 0; j < max(wide, width); j += 16) v128.store(nothing + j, f32x4.splat(-0.0));
  if (!r.h0) zeros(none, rowY * batch);
  const first = r.h0 ? r.h0 : none;
  if (r.sizes) layStates(r, first);
  rowsIn(batch, P, r.h, kind == GRU ? direct : q);
  if (kind == GRU) zeros(q, wide * batch);
  if (kind == LSTM) rowsIn(batch, H, r.c, dc);

  if (isSingle(r)) singleBackward(r, first, kind == GRU ? direct : q, dc, deltas);
  else allSteps(r, first);
  if (r.dh0) rowsOut(batch, P, kind == GRU ? direct : q, r.dh0);
  if (r.dc0) rowsOut(batch, H, dc, r.dc0);
  if (isSingle(r)) singleGrads(r, first, deltas, packedIh, room);
  else weightGrads(r, first);
  if (r.dWeightHr) {
    inPieces(false, P, H, rows, projected, 4, wide, unprojected, width, r.dWeightHr, <usize>H << 2, START, room);
  }
}

/** Step by step; afterwards the gradient of the first h stands at q, for GRU at `direct`. */
function allSteps(r: Recurrence, first: usize): void {
  const steps = r.steps;
  const batch = r.batch;
  const down = !r.reverse;
  const rowY = <usize>r.P << 2;
  let at = down ? r.rows : 0;
  for (let t = 0; t < steps; t++) {
    const n = sizeOf(r, down ? steps - 1 - t : t);
    if (down) at -= n;
    let before = states + rowY * at;
    if (!r.sizes) before = t == steps - 1 ? first : r.y + rowY * (down ? at - batch : at + batch);
    step(r, n, at, before);
    if (!down) at += n;
  }
  if (r.kind == GRU) {
    for (let j: usize = 0; j < inVectors(r.P) * batch; j += 16) {
      v128.store(direct + j, f32x4.add(v128.load(direct + j), v128.load(q + j)));
    }
  }
}
