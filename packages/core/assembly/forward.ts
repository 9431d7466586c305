/**
 * A recurrence forward. Slots of a row begin as x·W_ihᵀ + b, get h·W_hhᵀ added and become gates where they stand: in what is kept for
 * the backward pass, or in scratch. Time steps go through in chunks.
 */
import { gruGates, lstmGates, plainGates } from "./gates";
import { ADD, START } from "./gemm-tiles";
import { copyRows, packRows, panelBytes, product, unpackedProduct } from "./panels";
import {
  allFinite,
  chunkRows,
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
import { singleForward } from "./single";

/** Whether W_ih is known to be finite, 32 bits; stands in front of what is packed. */
let finite: usize = 0;
/** Where the 1 of every row of x stands. */
let hots: usize = 0;
/** Whether weights are multiplied by as they stand. */
let plain = false;
let packedIh: usize = 0;
let packedHh: usize = 0;
let packedHr: usize = 0;
let bias: usize = 0;
let h: usize = 0;
let c: usize = 0;
/** h before its projection */
let raw: usize = 0;
let slots: usize = 0;

/** Whether slots stand in what is kept. A layer of tanh or relu keeps none. */
@inline
function keeps(r: Recurrence): bool {
  return r.kept != 0 && r.kind >= LSTM;
}

/** With fewer rows, packing the weights takes longer than it saves. */
const ROWS_TO_PACK = 4;

/** Lays out scratch from `room` on; returns where it ends. */
export function forwardLayout(r: Recurrence, room: usize): usize {
  const gates = gateCount(r.kind);
  const width = inVectors(r.H);
  const vectors = <i32>(width >> 4);
  const wide = inVectors(r.P);
  startAt(r.packed ? r.packed : room);
  finite = take(4);
  packedIh = take(panelBytes(gates * vectors, r.I));
  packedHh = take(panelBytes(gates * vectors, r.P) + panelBytes(vectors, r.P));
  packedHr = r.weightHr ? take(panelBytes(<i32>(wide >> 4), r.H)) : 0;
  if (r.packed) startAt(room);
  hots = take(<usize>r.rows << 2);
  bias = take(width << 2);
  h = take(wide * r.batch);
  c = take(width * r.batch);
  raw = take(r.weightHr ? width * r.batch : 0);
  const row = width * slotCount(r.kind);
  slots = keeps(r) ? 0 : take(row * chunkRows(r, row));
  return taken();
}

function packWeights(r: Recurrence): void {
  const H = r.H;
  const P = r.P;
  const gates = gateCount(r.kind);
  packRows(gates, H, r.I, r.weightIh, packedIh);
  if (r.kind == GRU && !isSingle(r)) {
    packRows(2, H, P, r.weightHh, packedHh);
    packRows(1, H, P, r.weightHh + (<usize>(H * P) << 3), apartFrom(r));
  } else {
    packRows(gates, H, P, r.weightHh, packedHh);
  }
  if (r.weightHr) packRows(1, P, H, r.weightHr, packedHr);
}

/** Where the packed rows of W_hh for GRU's n begin. */
@inline
function apartFrom(r: Recurrence): usize {
  return packedHh + panelBytes(<i32>(inVectors(r.H) >> 3), r.P);
}

/** Packs the weights of the recurrence at d to where it says; the bytes that takes when it says 0. */
export function packRecurrence(d: usize): usize {
  const r = changetype<Recurrence>(d);
  if (!r.packed) {
    forwardLayout(r, 0);
    return hots;
  }
  forwardLayout(r, r.room);
  packWeights(r);
  store<i32>(finite, allFinite(gateCount(r.kind) * r.H * r.I, r.weightIh) ? 1 : 0);
  return 0;
}

/** With fewer rows, looking whether the weights are finite takes longer than it saves. */
const ROWS_TO_LOOK = 8;

/** Whether x·W_ihᵀ are rows of W_ihᵀ, one for each row of x, and where {@link hots} say. */
function picksRows(r: Recurrence): bool {
  if (r.I < 2 || !(r.packed ? load<i32>(finite) != 0 : r.rows >= ROWS_TO_LOOK)) return false;
  if (!oneHots(r.rows, r.I, r.x, hots)) return false;
  return r.packed != 0 || allFinite(gateCount(r.kind) * r.H * r.I, r.weightIh);
}

/** Slots of `rows` rows from `at` on, `size` bytes of each, get the rows of W_ihᵀ; to those that have a bias they are added. */
function pickRows(r: Recurrence, at: i32, rows: i32, size: usize, to: usize, step: usize): void {
  const panel = <usize>r.I << 6;
  // A chain that begins with 0 turns −0 into 0.
  const zero = f32x4.splat(0);
  let hot = hots + (<usize>at << 2);
  for (; rows > 0; rows--, hot += 4, to += step) {
    let from = packedIh + (<usize>load<i32>(hot) << 6);
    for (let j: usize = 0; j < size; j += 16) {
      const picked = f32x4.add(v128.load(from + (j & 63)), zero);
      v128.store(to + j, r.biasIh ? f32x4.add(v128.load(bias + j), picked) : picked);
      if ((j & 63) == 48) from += panel;
    }
  }
}

/** h·W_hhᵀ added to the slots `a` of n rows, or for the rows of W_hh from a gate on; `packed` is where they stand packed. */
@inline
function throughHidden(r: Recurrence, n: i32, gate: i32, gates: i32, packed: usize, a: usize, row: usize, mode: i32): void {
  const P = r.P;
  const width = inVectors(r.H);
  const wide = inVectors(P);
  if (plain) {
    unpackedProduct(n, gates, r.H, width, P, h, wide, r.weightHh + (<usize>(gate * r.H * P) << 2), a, row, mode);
  } else {
    product(n, <i32>(width >> 2) * gates, P, h, wide, packed, a, row, mode);
  }
}

/** b_ih + b_hh; of GRU's n, b_ih in one slot and b_hh in the next. */
function layBias(r: Recurrence, width: usize): void {
  const gates = gateCount(r.kind);
  const size = <usize>r.H << 2;
  for (let g = 0; g < gates; g++) {
    const from = size * g;
    const to = bias + width * g;
    const apart = r.kind == GRU && g == 2;
    for (let j: usize = 0; j < width; j += 4) {
      const ih: f32 = j < size ? load<f32>(r.biasIh + from + j) : 0;
      const hh: f32 = j < size ? load<f32>(r.biasHh + from + j) : 0;
      store<f32>(to + j, apart ? ih : ih + hh);
      if (apart) store<f32>(to + width + j, hh);
    }
  }
}

/** Rows that begin with the bias. */
function fill(rows: i32, size: usize, to: usize, step: usize): void {
  for (; rows > 0; rows--, to += step) {
    for (let j: usize = 0; j < size; j += 16) v128.store(to + j, v128.load(bias + j));
  }
}

/** One time step of n rows, from slots that hold what comes of x. */
function step(r: Recurrence, n: i32, a: usize, row: usize, y: usize): void {
  const kind = r.kind;
  const P = r.P;
  const width = inVectors(r.H);
  const wide = inVectors(P);
  const rowY = <usize>P << 2;
  const end = y + rowY * n;
  const behind = v128.load(end);
  if (kind == GRU) {
    throughHidden(r, n, 0, 2, packedHh, a, row, ADD);
    throughHidden(r, n, 2, 1, apartFrom(r), a + width * 3, row, r.biasHh ? ADD : START);
    gruGates(n, width, a, row, h, y, rowY);
  } else {
    throughHidden(r, n, 0, gateCount(kind), packedHh, a, row, ADD);
    if (kind != LSTM) {
      plainGates(kind == RELU, n, width, a, row, h, y, rowY);
    } else if (r.weightHr) {
      lstmGates(n, width, a, row, c, raw, raw, width);
      if (plain) unpackedProduct(n, 1, P, 0, r.H, raw, width, r.weightHr, h, wide, START);
      else product(n, <i32>(wide >> 2), r.H, raw, width, packedHr, h, wide, START);
      copyRows(n, P, h, wide, y, rowY);
    } else {
      lstmGates(n, width, a, row, c, h, y, rowY);
    }
  }
  v128.store(end, behind);
}

/** Runs the recurrence that stands at d. */
export function recurrentForward(d: usize): void {
  const r = changetype<Recurrence>(d);
  const kind = r.kind;
  const H = r.H;
  const P = r.P;
  const batch = r.batch;
  forwardLayout(r, r.room);
  const width = inVectors(H);
  plain = !r.packed && r.rows < ROWS_TO_PACK && !isSingle(r);
  if (!r.packed && !plain) packWeights(r);
  if (r.biasIh) layBias(r, width);
  else zeros(bias, width << 2);
  rowsIn(batch, P, r.h0, h);
  if (kind == LSTM) rowsIn(batch, H, r.c0, c);
  if (isSingle(r)) singleForward(r, packedIh, packedHh, bias, h, c, keeps(r) ? r.kept : slots);
  else allSteps(r);
  rowsOut(batch, P, h, r.h);
  if (kind == LSTM) rowsOut(batch, H, c, r.c);
}

/** Chunk by chunk. */
function allSteps(r: Recurrence): void {
  const kind = r.kind;
  const steps = r.steps;
  const I = r.I;
  const reverse = r.reverse;
  const gates = gateCount(kind);
  const width = inVectors(r.H);
  const vectors = <i32>(width >> 4);
  const row = width * slotCount(kind);
  const most = chunkRows(r, row);
  const filled = kind == GRU ? width << 2 : width * gates;
  const rowY = <usize>r.P << 2;
  const picks = picksRows(r);
  let at = reverse ? r.rows : 0;
  for (let t = 0; t < steps; ) {
    let rows = 0;
    let until = t;
    for (; until < steps; until++) {
      const n = sizeOf(r, reverse ? steps - 1 - until : until);
      if (until > t && rows + n > most) break;
      rows += n;
    }
    if (reverse) at -= rows;
    const area = keeps(r) ? r.kept + row * at : slots;
    if (r.biasIh) fill(rows, filled, area, row);
    else if (plain) zeros(area, row * rows);
    const x = r.x + (<usize>(I * at) << 2);
    const mode = r.biasIh ? ADD : START;
    if (picks) pickRows(r, at, rows, width * gates, area, row);
    else if (plain) unpackedProduct(rows, gates, r.H, width, I, x, <usize>I << 2, r.weightIh, area, row, mode);
    else product(rows, (vectors * gates) << 2, I, x, <usize>I << 2, packedIh, area, row, mode);
    const y = r.y + rowY * at;
    let i = reverse ? rows : 0;
    for (; t < until; t++) {
      const n = sizeOf(r, reverse ? steps - 1 - t : t);
      if (reverse) i -= n;
      step(r, n, area + row * i, row, y + rowY * i);
      if (!reverse) i += n;
    }
    if (!reverse) at += rows;
  }
}
