/**
 * Recurrences of up to four units over a single sequence: state and gates are one vector each and stay in registers from step to step,
 * and a step takes as long as its chain of dependent operations. The bits are those of `forward.ts` and `backward.ts`; a chain that
 * begins with its first product instead of with 0 + that makes −0 of 0 at most, and what it is added to is never −0.
 */
import { sigmoidGrad, tanhGrad } from "./gates";
import { inPieces, roomFor } from "./gemm";
import { ADD, CONTINUE, START } from "./gemm-tiles";
import { one, sigmoid4, tanh4 } from "./math";
import { panelBytes, product } from "./panels";
import { gateCount, GRU, LSTM, Recurrence, RELU } from "./recurrence";
import { sumDown } from "./rows";

/** Element k everywhere. */
@inline
function spread(x: v128, k: i32): v128 {
  if (k == 0) return v128.shuffle<f32>(x, x, 0, 0, 0, 0);
  if (k == 1) return v128.shuffle<f32>(x, x, 1, 1, 1, 1);
  if (k == 2) return v128.shuffle<f32>(x, x, 2, 2, 2, 2);
  return v128.shuffle<f32>(x, x, 3, 3, 3, 3);
}

/** x₀·w₀ + x₁·w₁ + … over the first H elements of x; row k of w stands at w + k·step. */
@inline
function chain(H: i32, x: v128, w: usize, step: usize): v128 {
  let s = f32x4.mul(spread(x, 0), v128.load(w));
  if (H > 1) s = f32x4.add(f32x4.mul(spread(x, 1), v128.load(w + step)), s);
  if (H > 2) s = f32x4.add(f32x4.mul(spread(x, 2), v128.load(w + (step << 1))), s);
  if (H > 3) s = f32x4.add(f32x4.mul(spread(x, 3), v128.load(w + step * 3)), s);
  return s;
}

/**
 * Forward. `wIh` and `wHh` are panels in which every gate takes one vector; h and c hold the first states and afterwards the last.
 */
export function singleForward(r: Recurrence, wIh: usize, wHh: usize, bias: usize, h: usize, c: usize, kept: usize): void {
  const kind = r.kind;
  const I = r.I;
  const H = r.H;
  const row: usize = kind == LSTM ? 96 : 64;
  const rowX = <usize>I << 2;
  const rowY = <usize>H << 2;
  let state = v128.load(h);
  let cell = v128.load(c);
  const zero = f32x4.splat(0);
  const last = r.steps - 1;
  for (let t = 0; t <= last; t++) {
    const at = <usize>(r.reverse ? last - t : t);
    const x = r.x + rowX * at;
    const to = kept + (r.kept ? row * at : 0);
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    for (let i: usize = 0, w = wIh; i < rowX; i += 4, w += 64) {
      const v = v128.load_splat<f32>(x + i);
      a0 = f32x4.add(f32x4.mul(v, v128.load(w)), a0);
      if (kind >= LSTM) {
        a1 = f32x4.add(f32x4.mul(v, v128.load(w, 16)), a1);
        a2 = f32x4.add(f32x4.mul(v, v128.load(w, 32)), a2);
        if (kind == LSTM) a3 = f32x4.add(f32x4.mul(v, v128.load(w, 48)), a3);
      }
    }
    a0 = f32x4.add(f32x4.add(a0, v128.load(bias)), chain(H, state, wHh, 64));
    if (kind < LSTM) {
      state = kind == RELU ? f32x4.pmax(a0, zero) : tanh4(a0);
    } else {
      a0 = sigmoid4(a0);
      v128.store(to, a0);
      a1 = sigmoid4(f32x4.add(f32x4.add(a1, v128.load(bias, 16)), chain(H, state, wHh + 16, 64)));
      v128.store(to, a1, 16);
      a2 = f32x4.add(a2, v128.load(bias, 32));
      const p = chain(H, state, wHh + 32, 64);
      if (kind == LSTM) {
        a2 = tanh4(f32x4.add(a2, p));
        v128.store(to, cell, 64);
        cell = f32x4.add(f32x4.mul(a1, cell), f32x4.mul(a0, a2));
        const t = tanh4(cell);
        v128.store(to, t, 80);
        a3 = sigmoid4(f32x4.add(f32x4.add(a3, v128.load(bias, 48)), chain(H, state, wHh + 48, 64)));
        state = f32x4.mul(a3, t);
      } else {
        a3 = f32x4.add(p, v128.load(bias, 48));
        a2 = tanh4(f32x4.add(a2, f32x4.mul(a3, a0)));
        state = f32x4.add(f32x4.mul(f32x4.sub(state, a2), a1), a2);
      }
      v128.store(to, a2, 32);
      v128.store(to, a3, 48);
    }
    const y = r.y + rowY * at;
    const behind = v128.load(y + rowY);
    v128.store(y, state);
    v128.store(y + rowY, behind);
  }
  v128.store(h, state);
  v128.store(c, cell);
}

/**
 * Back through time. δ goes to `deltas`, 64 bytes a row, a vector for each of the slots of `backward.ts`; q and dc hold the gradients of
 * the last states and afterwards those of the first.
 */
export function singleBackward(r: Recurrence, first: usize, q: usize, dc: usize, deltas: usize): void {
  const kind = r.kind;
  const H = r.H;
  const rowY = <usize>H << 2;
  const block = rowY * H;
  const w = r.weightHh;
  const zero = f32x4.splat(0);
  let through = v128.load(q);
  // What of a GRU's gradient goes past the products.
  let direct = zero;
  let cell = v128.load(dc);
  const last = r.steps - 1;
  for (let t = 0; t <= last; t++) {
    const at = <usize>(r.reverse ? t : last - t);
    const to = deltas + (at << 6);
    const y = r.y + rowY * at;
    const from = r.kept + (kind == LSTM ? 96 : 64) * at;
    let d = zero;
    if (r.dy) d = f32x4.add(v128.load(r.dy + rowY * at), d);
    if (kind < LSTM) {
      const out = v128.load(y);
      d = f32x4.add(d, through);
      d = kind == RELU ? v128.and(d, f32x4.gt(out, zero)) : tanhGrad(d, out);
      v128.store(to, d);
      through = chain(H, d, w, rowY);
    } else {
      const g0 = v128.load(from);
      const g1 = v128.load(from, 16);
      const g2 = v128.load(from, 32);
      const g3 = v128.load(from, 48);
      let d0 = zero;
      let d1 = zero;
      let d2 = zero;
      if (kind == LSTM) {
        const out = v128.load(from, 80);
        d = f32x4.add(d, through);
        cell = f32x4.add(cell, tanhGrad(f32x4.mul(d, g3), out));
        d0 = sigmoidGrad(f32x4.mul(cell, g2), g0);
        d1 = sigmoidGrad(f32x4.mul(cell, v128.load(from, 64)), g1);
        d2 = tanhGrad(f32x4.mul(cell, g0), g2);
        d = sigmoidGrad(f32x4.mul(d, out), g3);
        cell = f32x4.mul(cell, g1);
        v128.store(to, d, 48);
      } else {
        const before = v128.load(t == last ? first : r.reverse ? y + rowY : y - rowY);
        d = t ? f32x4.add(f32x4.add(d, direct), through) : f32x4.add(d, through);
        direct = f32x4.mul(d, g1);
        d1 = sigmoidGrad(f32x4.mul(d, f32x4.sub(before, g2)), g1);
        d = tanhGrad(f32x4.mul(d, f32x4.sub(one(), g1)), g2);
        v128.store(to, d, 32);
        d0 = sigmoidGrad(f32x4.mul(d, g3), g0);
        d2 = f32x4.mul(d, g0);
        v128.store(to, d2, 48);
      }
      v128.store(to, d0);
      v128.store(to, d1, 16);
      through = f32x4.add(chain(H, d0, w, rowY), chain(H, d1, w + block, rowY));
      through = f32x4.add(through, chain(H, d2, w + block * 2, rowY));
      if (kind == LSTM) {
        v128.store(to, d2, 32);
        through = f32x4.add(through, chain(H, d, w + block * 3, rowY));
      }
    }
  }
  v128.store(q, f32x4.add(f32x4.add(direct, through), zero));
  v128.store(dc, cell);
}

/** δᵀ·b for rows of b from `first` and then, one row later than δ, from b: four rows of dW, of which H are wanted, to `to`. */
function overRows(r: Recurrence, d: usize, columns: i32, first: usize, b: usize, room: usize, to: usize): void {
  const row = <usize>columns << 2;
  const rest = r.rows - 1;
  const sums = room + roomFor(columns);
  const early = r.reverse ? b : first;
  inPieces(false, 4, columns, r.reverse ? rest : 1, d, 4, 64, early, row, sums, row, START, room);
  if (r.reverse) inPieces(false, 4, columns, 1, d + (<usize>rest << 6), 4, 64, first, row, sums, row, CONTINUE, room);
  else inPieces(false, 4, columns, rest, d + 64, 4, 64, b, row, sums, row, CONTINUE, room);
  memory.copy(to, sums, row * r.H);
}

/** Gradients of weights, biases and x. `packedIh` is W_ih packed, gate by gate; `room` is scratch for products, and behind it for four rows. */
export function singleGrads(r: Recurrence, first: usize, deltas: usize, packedIh: usize, room: usize): void {
  const H = r.H;
  const I = r.I;
  const rowX = <usize>I << 2;
  const rowY = <usize>H << 2;
  const gates = gateCount(r.kind);
  const forwards = !r.reverse;
  for (let g: usize = 0; g < <usize>gates; g++) {
    const d = deltas + (g << 4);
    const e = r.kind == GRU && g == 2 ? d + 16 : d;
    if (r.dWeightIh) overRows(r, d, I, forwards ? r.x : r.x + rowX * (r.rows - 1), forwards ? r.x + rowX : r.x, room, r.dWeightIh + rowX * H * g);
    if (r.dWeightHh) overRows(r, e, H, first, forwards ? r.y : r.y + rowY, room, r.dWeightHh + rowY * H * g);
    if (r.dx) product(r.rows, I, H, d, 64, packedIh + panelBytes((I + 3) >> 2, H) * g, r.dx, rowX, g ? ADD : START);
  }
  if (!r.dBiasIh && !r.dBiasHh) return;
  sumDown(r.rows, r.kind < LSTM ? 4 : 16, deltas, 64, room);
  for (let g: usize = 0; g < <usize>gates; g++) {
    const d = room + (g << 4);
    if (r.dBiasIh) memory.copy(r.dBiasIh + rowY * g, d, rowY);
    if (r.dBiasHh) memory.copy(r.dBiasHh + rowY * g, r.kind == GRU && g == 2 ? d + 16 : d, rowY);
  }
}
