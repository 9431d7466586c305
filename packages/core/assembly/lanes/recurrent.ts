/**
 * Recurrences for four networks at once. What a call works on stands in memory as in `../recurrence.ts`, each word four times; equations
 * and the order of sums are those of `src/kernels/contract.ts`, `Recurrence`.
 */
import { one, sigmoid4, tanh4 } from "../math";
import { gateCount, GRU, LSTM, RELU, slotCount } from "../recurrence";
import { gemm } from "./products";
import { sumsOver } from "./rows";
import { copy, reluForward, singleBackward, span, tanhForward, tanhGrad } from "./single";

let kind = 0;
let steps = 0;
let sizes: usize = 0;
let batch = 0;
let rows = 0;
let reverse = false;
let I = 0;
let H = 0;
let P = 0;
let base: usize = 0;
let x: usize = 0;
let weightIh: usize = 0;
let weightHh: usize = 0;
let weightHr: usize = 0;
let room: usize = 0;

@inline
function word(d: usize, i: i32): i32 {
  return load<i32>(d + (<usize>i << 4));
}

function place(d: usize, i: i32): usize {
  const address = <usize>word(d, i);
  return address ? base + (address << 2) : 0;
}

function take(n: i32): usize {
  const at = room;
  room += span(n);
  return at;
}

function open(d: usize, to: usize): void {
  base = to;
  kind = word(d, 0);
  steps = word(d, 1);
  sizes = place(d, 2);
  batch = word(d, 3);
  rows = word(d, 4);
  reverse = word(d, 5) != 0;
  I = word(d, 6);
  H = word(d, 7);
  P = word(d, 8);
  x = place(d, 9);
  weightIh = place(d, 10);
  weightHh = place(d, 11);
  weightHr = place(d, 14);
  room = place(d, 19);
}

@inline
function sizeOf(step: i32): i32 {
  return sizes ? word(sizes, step) : batch;
}

/** H rounded up to whole vectors of one network. */
@inline
function padded(): i32 {
  return (H + 3) & ~3;
}

/** An address in another place; 0 stays 0. */
@inline
function moved(address: usize, by: usize): usize {
  return address ? address + by : 0;
}

/** n vectors, or zeros where there is no array. */
function copyOrZeros(n: i32, from: usize, to: usize): void {
  if (from) memory.copy(to, from, span(n));
  else memory.fill(to, 0, span(n));
}

/** Adds a bias, and a second one to it first, to rows of H. */
function addBias(n: i32, a: usize, row: usize, b: usize, more: usize): void {
  for (let j: usize = 0; j < span(H); j += 16) {
    let bias = v128.load(b + j);
    if (more) bias = f32x4.add(bias, v128.load(more + j));
    let at = a + j;
    for (let i = 0; i < n; i++, at += row) v128.store(at, f32x4.add(v128.load(at), bias));
  }
}

/** From h·W_hhᵀ and x·W_ihᵀ to gates in their slots, to c, and to h before its projection. */
function gates(n: i32, a: usize, row: usize, c: usize, h: usize): void {
  const slot = span(padded());
  for (; n > 0; n--, a += row) {
    for (let k = 0; k < H; k++, c += 16, h += 16) {
      const at = a + span(k);
      const first = v128.load(at);
      if (kind < LSTM) {
        v128.store(h, kind == RELU ? f32x4.pmax(first, f32x4.splat(0)) : tanh4(first));
        continue;
      }
      const i = sigmoid4(first);
      const f = sigmoid4(v128.load(at + slot));
      v128.store(at, i);
      v128.store(at + slot, f);
      const third = v128.load(at + slot * 2);
      if (kind == LSTM) {
        const g = tanh4(third);
        const o = sigmoid4(v128.load(at + slot * 3));
        const before = v128.load(c);
        const after = f32x4.add(f32x4.mul(f, before), f32x4.mul(i, g));
        const t = tanh4(after);
        v128.store(at + slot * 2, g);
        v128.store(at + slot * 3, o);
        v128.store(at + slot * 4, before);
        v128.store(at + slot * 5, t);
        v128.store(c, after);
        v128.store(h, f32x4.mul(o, t));
      } else {
        const fresh = tanh4(f32x4.add(third, f32x4.mul(v128.load(at + slot * 3), i)));
        v128.store(at + slot * 2, fresh);
        v128.store(h, f32x4.add(f32x4.mul(f32x4.sub(v128.load(h), fresh), f), fresh));
      }
    }
  }
}

/** Whether it is a plain layer over one sequence, for which there are functions of their own. */
@inline
function isSingle(): bool {
  return kind < LSTM && batch == 1 && !sizes && !weightHr;
}

/** For networks in two places, the second `apart` from the first, at `to`; 0 when there is only one. */
export function recurrentForward(d: usize, to: usize, apart: usize): void {
  open(d, to);
  if (!isSingle()) {
    forward(d, to);
    if (apart) forward(d, to + apart);
    return;
  }
  const h0 = place(d, 15);
  const h = place(d, 20);
  copyOrZeros(H, h0, h);
  copyOrZeros(H, moved(h0, apart), h + apart);
  const y = place(d, 17);
  const biasIh = place(d, 12);
  const biasHh = place(d, 13);
  if (kind == RELU) reluForward(apart, reverse, steps, I, H, x, weightIh, weightHh, biasIh, biasHh, room, h, y);
  else tanhForward(apart, reverse, steps, I, H, x, weightIh, weightHh, biasIh, biasHh, room, h, y);
}

function forward(d: usize, to: usize): void {
  open(d, to);
  const biasIh = place(d, 12);
  const biasHh = place(d, 13);
  const y = place(d, 17);
  const kept = kind >= LSTM ? place(d, 18) : 0;
  const h = place(d, 20);
  const c = place(d, 21);
  copyOrZeros(batch * P, place(d, 15), h);
  if (kind == LSTM) copyOrZeros(batch * H, place(d, 16), c);
  const width = padded();
  const count = slotCount(kind) * width;
  const row = span(count);
  const scratch = take(batch * count);
  const raw = weightHr ? take(batch * H) : h;
  let at = reverse ? rows : 0;
  for (let t = 0; t < steps; t++) {
    const n = sizeOf(reverse ? steps - 1 - t : t);
    if (reverse) at -= n;
    const a = kept ? kept + row * at : scratch;
    for (let g = 0; g < gateCount(kind); g++) {
      const apart = kind == GRU && g == 2;
      const slot = a + span(g * width);
      const bias = span(g * H);
      const w = weightHh + span(g * H * P);
      gemm(false, true, n, H, I, x + span(at * I), I, weightIh + span(g * H * I), I, slot, count, false);
      if (biasIh) addBias(n, slot, row, biasIh + bias, apart ? 0 : biasHh + bias);
      gemm(false, true, n, H, P, h, P, w, P, apart ? slot + span(width) : slot, count, !apart);
      if (biasIh && apart) addBias(n, slot + span(width), row, biasHh + bias, 0);
    }
    gates(n, a, row, c, raw);
    if (weightHr) gemm(false, true, n, P, H, raw, H, weightHr, H, h, P, false);
    copy(n * P, h, y + span(at * P));
    if (!reverse) at += n;
  }
}

@inline
function sigmoidGrad(g: v128, y: v128): v128 {
  return f32x4.mul(f32x4.mul(g, y), f32x4.sub(one(), y));
}

/**
 * From the gradient of h after the step, or for GRU from its parts dy + direct and q, to δ in slots of H. `more` holds c's gradient, or
 * for GRU what reaches h past the products; `y` h after the step, for GRU h before it.
 */
function gateGrads(n: i32, dh: usize, q: usize, more: usize, kept: usize, y: usize, delta: usize): void {
  const slot = span(padded());
  const rest = slot * slotCount(kind) - span(H);
  const to = span(H);
  for (; n > 0; n--, kept += rest, delta += kind < LSTM ? 0 : to * 3) {
    for (let k = 0; k < H; k++, dh += 16, more += 16, kept += 16, y += 16, delta += 16, q += 16) {
      const up = v128.load(dh);
      const out = v128.load(y);
      if (kind < LSTM) {
        v128.store(delta, kind == RELU ? v128.and(up, f32x4.gt(out, f32x4.splat(0))) : tanhGrad(up, out));
        continue;
      }
      const i = v128.load(kept);
      const f = v128.load(kept + slot);
      const fresh = v128.load(kept + slot * 2);
      const o = v128.load(kept + slot * 3);
      if (kind == LSTM) {
        const t = v128.load(kept + slot * 5);
        const dAfter = f32x4.add(v128.load(more), tanhGrad(f32x4.mul(up, o), t));
        v128.store(delta, sigmoidGrad(f32x4.mul(dAfter, fresh), i));
        v128.store(delta + to, sigmoidGrad(f32x4.mul(dAfter, v128.load(kept + slot * 4)), f));
        v128.store(delta + to * 2, tanhGrad(f32x4.mul(dAfter, i), fresh));
        v128.store(delta + to * 3, sigmoidGrad(f32x4.mul(up, t), o));
        v128.store(more, f32x4.mul(dAfter, f));
      } else {
        const g = f32x4.add(f32x4.add(up, v128.load(more)), v128.load(q));
        const dFresh = tanhGrad(f32x4.mul(g, f32x4.sub(one(), f)), fresh);
        v128.store(delta, sigmoidGrad(f32x4.mul(dFresh, o), i));
        v128.store(delta + to, sigmoidGrad(f32x4.mul(g, f32x4.sub(out, fresh)), f));
        v128.store(delta + to * 2, dFresh);
        v128.store(delta + to * 3, f32x4.mul(dFresh, i));
        v128.store(more, f32x4.mul(g, f));
      }
    }
  }
}

/** Writes down the state before every row. */
function layStates(first: usize, y: usize, states: usize): void {
  if (batch == 1) {
    const last = span((rows - 1) * P);
    memory.copy(reverse ? states : states + span(P), reverse ? y + span(P) : y, last);
    copy(P, first, reverse ? states + last : states);
    return;
  }
  let at = reverse ? rows : 0;
  let last = 0;
  let lastAt = 0;
  for (let t = 0; t < steps; t++) {
    const n = sizeOf(reverse ? steps - 1 - t : t);
    if (reverse) at -= n;
    const going = min(last, n);
    copy(going * P, y + span(lastAt * P), states + span(at * P));
    copy((n - going) * P, first + span(going * P), states + span((at + going) * P));
    last = n;
    lastAt = at;
    if (!reverse) at += n;
  }
}

/** y (n vectors) = a + b, or b where there is no a. */
function sumOf(n: i32, a: usize, b: usize, y: usize): void {
  for (let j: usize = 0; j < span(n); j += 16) {
    v128.store(y + j, a ? f32x4.add(v128.load(a + j), v128.load(b + j)) : v128.load(b + j));
  }
}

/** As {@link recurrentForward}. */
export function recurrentBackward(d: usize, to: usize, apart: usize): void {
  open(d, to);
  if (!isSingle() || place(d, 25)) {
    backward(d, to);
    if (apart) backward(d, to + apart);
    return;
  }
  const deltas = take(rows * H);
  const states = take(rows * H);
  const first = take(H);
  const q = take(H);
  const y = place(d, 17);
  startBack(place(d, 15), y, place(d, 20), first, states, q);
  if (apart) startBack(moved(place(d, 15), apart), y + apart, moved(place(d, 20), apart), first + apart, states + apart, q + apart);
  singleBackward(apart, kind == RELU, reverse, steps, H, weightHh, room, place(d, 22), y, q, deltas);
  endBack(d, deltas, states, q);
  if (!apart) return;
  open(d, to + apart);
  endBack(d, deltas + apart, states + apart, q + apart);
}

function startBack(h0: usize, y: usize, dh: usize, first: usize, states: usize, q: usize): void {
  copyOrZeros(H, h0, first);
  layStates(first, y, states);
  copyOrZeros(H, dh, q);
}

function endBack(d: usize, deltas: usize, states: usize, q: usize): void {
  const dh0 = place(d, 23);
  if (dh0) copy(H, q, dh0);
  weightGrads(d, deltas, states);
}

function backward(d: usize, to: usize): void {
  open(d, to);
  const h0 = place(d, 15);
  const y = place(d, 17);
  const kept = place(d, 18);
  const dy = place(d, 22);
  const dh0 = place(d, 23);
  const dc0 = place(d, 24);
  const dx = place(d, 25);
  const count = gateCount(kind);
  const width = H * (kind < LSTM ? 1 : 4);
  const deltas = take(rows * width);
  const q = take(batch * P);
  const more = take(batch * H);
  const dh = take(batch * P);
  const states = take(rows * P);
  const projected = weightHr ? take(rows * P) : 0;
  const unprojected = weightHr ? take(rows * H) : 0;
  const raw = weightHr ? take(batch * H) : dh;
  copyOrZeros(batch * P, h0, dh);
  layStates(dh, y, states);
  copyOrZeros(batch * P, place(d, 20), kind == GRU ? more : q);
  if (kind == GRU) memory.fill(q, 0, span(batch * P));
  if (kind == LSTM) copyOrZeros(batch * H, place(d, 21), more);
  const keptRow = span(slotCount(kind) * padded());
  let at = reverse ? 0 : rows;
  for (let t = 0; t < steps; t++) {
    const n = sizeOf(reverse ? t : steps - 1 - t);
    if (!reverse) at -= n;
    const up = dy ? dy + span(at * P) : 0;
    const delta = deltas + span(at * width);
    const slots = kept + keptRow * at;
    if (kind == GRU) {
      // Of no gradient from above there is −0, which changes no sum.
      if (up) copy(n * P, up, dh);
      else for (let j: usize = 0; j < span(n * P); j += 16) v128.store(dh + j, f32x4.splat(-0.0));
    } else if (weightHr) {
      const grad = projected + span(at * P);
      sumOf(n * P, up, q, grad);
      gemm(false, false, n, H, P, grad, P, weightHr, H, raw, H, false);
      for (let i = 0; i < n; i++) {
        const o = slots + keptRow * i + span(padded()) * 3;
        for (let j: usize = 0; j < span(H); j += 16) {
          const t = v128.load(o + span(padded()) * 2 + j);
          v128.store(unprojected + span((at + i) * H) + j, f32x4.mul(v128.load(o + j), t));
        }
      }
    } else {
      sumOf(n * P, up, q, dh);
    }
    gateGrads(n, raw, q, more, slots, (kind == GRU ? states : y) + span(at * P), delta);
    for (let g = 0; g < count; g++) {
      const ofState = delta + span((kind == GRU && g == 2 ? 3 : g) * H);
      gemm(false, false, n, P, H, ofState, width, weightHh + span(g * H * P), P, q, P, g > 0);
      if (!dx) continue;
      const w = weightIh + span(g * H * I);
      gemm(false, false, n, I, H, delta + span(g * H), width, w, I, dx + span(at * I), I, g > 0);
    }
    if (reverse) at += n;
  }
  if (dh0) {
    if (kind == GRU) sumOf(batch * P, more, q, dh0);
    else memory.copy(dh0, q, span(batch * P));
  }
  if (dc0) memory.copy(dc0, more, span(batch * H));
  weightGrads(d, deltas, states);
  const dWeightHr = place(d, 30);
  if (dWeightHr) gemm(true, false, P, H, rows, projected, P, unprojected, H, dWeightHr, H, false);
}

/** Gradients of weights and biases from δ of every row and the states before. */
function weightGrads(d: usize, deltas: usize, states: usize): void {
  const width = H * (kind < LSTM ? 1 : 4);
  for (let g = 0; g < gateCount(kind); g++) {
    const ofInput = deltas + span(g * H);
    const ofState = deltas + span((kind == GRU && g == 2 ? 3 : g) * H);
    weightGrad(ofInput, width, x, I, place(d, 26), g);
    weightGrad(ofState, width, states, P, place(d, 27), g);
    biasGrad(ofInput, width, place(d, 28), g);
    if (ofState == ofInput && place(d, 28) && place(d, 29)) copy(H, place(d, 28) + span(g * H), place(d, 29) + span(g * H));
    else biasGrad(ofState, width, place(d, 29), g);
  }
}

/** The part of one gate in the gradient of a weight, δᵀ·x, if that is wanted. */
function weightGrad(delta: usize, width: i32, from: usize, columns: i32, dW: usize, gate: i32): void {
  if (!dW) return;
  gemm(true, false, H, columns, rows, delta, width, from, columns, dW + span(gate * H * columns), columns, false);
}

function biasGrad(delta: usize, width: i32, db: usize, gate: i32): void {
  if (db) sumsOver(rows, H, delta, span(width), db + span(gate * H));
}
