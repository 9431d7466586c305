/**
 * Recurrences of up to four units over a single sequence: state and gates are one vector each and stay in registers from step to step,
 * and a step takes as long as its chain of dependent operations. The bits are those of `forward.ts` and `backward.ts`; a chain that
 * begins with its first product instead of with 0 + that makes −0 of 0 at most, and what it is added to is never −0.
 */
import { sigmoidGrad, tanhGrad } from "./gates";
import { one, sigmoidOf, tanhOf } from "./math";
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
        a3 = f32x4.add(f32x4.mul(v, v128.load(w, 48)), a3);
      }
    }
    a0 = f32x4.add(f32x4.add(a0, v128.load(bias)), chain(H, state, wHh, 64));
    if (kind < LSTM) {
      state = kind == RELU ? f32x4.pmax(a0, zero) : tanhOf(a0);
    } else {
      a0 = sigmoidOf(a0);
      v128.store(to, a0);
      a1 = sigmoidOf(f32x4.add(f32x4.add(a1, v128.load(bias, 16)), chain(H, state, wHh + 16, 64)));
      v128.store(to, a1, 16);
      a2 = f32x4.add(a2, v128.load(bias, 32));
      const p = chain(H, state, wHh + 32, 64);
      if (kind == LSTM) {
        a2 = tanhOf(f32x4.add(a2, p));
        v128.store(to, cell, 64);
        cell = f32x4.add(f32x4.mul(a1, cell), f32x4.mul(a0, a2));
        const t = tanhOf(cell);
        v128.store(to, t, 80);
        a3 = sigmoidOf(f32x4.add(f32x4.add(a3, v128.load(bias, 48)), chain(H, state, wHh + 48, 64)));
        state = f32x4.mul(a3, t);
      } else {
        a3 = f32x4.add(p, v128.load(bias, 48));
        a2 = tanhOf(f32x4.add(a2, f32x4.mul(a3, a0)));
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
  if (kind == GRU) {
    direct = through;
    through = zero;
  }
  let cell = v128.load(dc);
  const last = r.steps - 1;
  for (let t = 0; t <= last; t++) {
    const at = <usize>(r.reverse ? t : last - t);
    const to = deltas + (at << 6);
    const y = r.y + rowY * at;
    const dy = r.dy ? f32x4.add(v128.load(r.dy + rowY * at), zero) : zero;
    if (kind == LSTM) {
      const from = r.kept + 96 * at;
      const i = v128.load(from);
      const f = v128.load(from, 16);
      const g = v128.load(from, 32);
      const o = v128.load(from, 48);
      const out = v128.load(from, 80);
      const d = f32x4.add(dy, through);
      const dO = sigmoidGrad(f32x4.mul(d, out), o);
      v128.store(to, dO, 48);
      const after = f32x4.add(cell, tanhGrad(f32x4.mul(d, o), out));
      const dI = sigmoidGrad(f32x4.mul(after, g), i);
      v128.store(to, dI);
      const dF = sigmoidGrad(f32x4.mul(after, v128.load(from, 64)), f);
      v128.store(to, dF, 16);
      const dG = tanhGrad(f32x4.mul(after, i), g);
      v128.store(to, dG, 32);
      cell = f32x4.mul(after, f);
      through = f32x4.add(chain(H, dI, w, rowY), chain(H, dF, w + block, rowY));
      through = f32x4.add(through, chain(H, dG, w + block * 2, rowY));
      through = f32x4.add(through, chain(H, dO, w + block * 3, rowY));
    } else if (kind == GRU) {
      const from = r.kept + 64 * at;
      const reset = v128.load(from);
      const update = v128.load(from, 16);
      const fresh = v128.load(from, 32);
      const before = v128.load(t == last ? first : r.reverse ? y + rowY : y - rowY);
      const d = f32x4.add(f32x4.add(dy, direct), through);
      const dFresh = tanhGrad(f32x4.mul(d, f32x4.sub(one(), update)), fresh);
      const dReset = sigmoidGrad(f32x4.mul(dFresh, v128.load(from, 48)), reset);
      v128.store(to, dReset);
      const dUpdate = sigmoidGrad(f32x4.mul(d, f32x4.sub(before, fresh)), update);
      v128.store(to, dUpdate, 16);
      v128.store(to, dFresh, 32);
      const dP = f32x4.mul(dFresh, reset);
      v128.store(to, dP, 48);
      direct = f32x4.mul(d, update);
      through = f32x4.add(chain(H, dReset, w, rowY), chain(H, dUpdate, w + block, rowY));
      through = f32x4.add(through, chain(H, dP, w + block * 2, rowY));
    } else {
      const out = v128.load(y);
      const d = f32x4.add(dy, through);
      const delta = kind == RELU ? v128.and(d, f32x4.gt(out, zero)) : tanhGrad(d, out);
      v128.store(to, delta);
      through = chain(H, delta, w, rowY);
    }
  }
  v128.store(q, f32x4.add(f32x4.add(through, direct), zero));
  v128.store(dc, cell);
}

/** Column j of a gate's rows of dW, if there is one. */
@inline
function columnOut(H: i32, columns: i32, j: i32, x: v128, dW: usize): void {
  if (j >= columns) return;
  const row = <usize>columns << 2;
  const to = dW + (<usize>j << 2);
  v128.store_lane<f32>(to, x, 0);
  if (H > 1) v128.store_lane<f32>(to + row, x, 1);
  if (H > 2) v128.store_lane<f32>(to + (row << 1), x, 2);
  if (H > 3) v128.store_lane<f32>(to + row * 3, x, 3);
}

/** Four columns. */
@inline
function columnsOut(H: i32, columns: i32, j: i32, s0: v128, s1: v128, s2: v128, s3: v128, dW: usize): void {
  columnOut(H, columns, j, s0, dW);
  columnOut(H, columns, j + 1, s1, dW);
  columnOut(H, columns, j + 2, s2, dW);
  columnOut(H, columns, j + 3, s3, dW);
}

/**
 * Of one gate, columns j to j + 3 of dW_ih and, with the first of them, all of dW_hh: each element one chain over the rows, a column in
 * the lanes of a vector. δ stands at d for what comes of x, at e for what comes of h. Those that are 0 are not wanted.
 */
function gateWeights(r: Recurrence, j: i32, first: usize, d: usize, e: usize, dWih: usize, dWhh: usize): void {
  const H = r.H;
  const rows = r.rows;
  const rowX = <usize>r.I << 2;
  const rowY = <usize>H << 2;
  const zero = f32x4.splat(0);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let t0 = zero;
  let t1 = zero;
  let t2 = zero;
  let t3 = zero;
  let x = r.x + (<usize>j << 2);
  let before = r.reverse ? r.y + rowY : r.y - rowY;
  const start = r.reverse ? rows - 1 : 0;
  for (let n = 0; n < rows; n++, x += rowX, before += rowY, d += 64, e += 64) {
    const p = v128.load(d);
    s0 = f32x4.add(f32x4.mul(p, v128.load_splat<f32>(x)), s0);
    s1 = f32x4.add(f32x4.mul(p, v128.load_splat<f32>(x, 4)), s1);
    s2 = f32x4.add(f32x4.mul(p, v128.load_splat<f32>(x, 8)), s2);
    s3 = f32x4.add(f32x4.mul(p, v128.load_splat<f32>(x, 12)), s3);
    if (j == 0) {
      const q = v128.load(e);
      const h = n == start ? first : before;
      t0 = f32x4.add(f32x4.mul(q, v128.load_splat<f32>(h)), t0);
      t1 = f32x4.add(f32x4.mul(q, v128.load_splat<f32>(h, 4)), t1);
      t2 = f32x4.add(f32x4.mul(q, v128.load_splat<f32>(h, 8)), t2);
      t3 = f32x4.add(f32x4.mul(q, v128.load_splat<f32>(h, 12)), t3);
    }
  }
  if (dWih) columnsOut(H, r.I, j, s0, s1, s2, s3, dWih);
  if (dWhh && j == 0) columnsOut(H, H, 0, t0, t1, t2, t3, dWhh);
}

/** dx = δ·W_ih, gate by gate. */
function inputGrads(r: Recurrence, deltas: usize): void {
  const I = r.I;
  const H = r.H;
  const gates = gateCount(r.kind);
  const rowX = <usize>I << 2;
  let to = r.dx;
  for (let n = 0; n < r.rows; n++, to += rowX, deltas += 64) {
    for (let j: usize = 0; j < rowX; j += 16) {
      let w = r.weightIh + j;
      let sum = f32x4.splat(0);
      for (let g: usize = 0; g < <usize>gates; g++, w += rowX * H) {
        sum = f32x4.add(chain(H, v128.load(deltas + (g << 4)), w, rowX), sum);
      }
      v128.store(to + j, sum);
    }
  }
}

/** Gradients of weights, biases and x. `room` is scratch of 64 bytes. */
export function singleGrads(r: Recurrence, first: usize, deltas: usize, room: usize): void {
  const H = r.H;
  const I = r.I;
  const gates = gateCount(r.kind);
  for (let g = 0; g < gates; g++) {
    const d = deltas + (<usize>g << 4);
    const e = r.kind == GRU && g == 2 ? d + 16 : d;
    const dWih = r.dWeightIh ? r.dWeightIh + (<usize>(g * H * I) << 2) : 0;
    const dWhh = r.dWeightHh ? r.dWeightHh + (<usize>(g * H * H) << 2) : 0;
    for (let j = 0; j < max(I, 1); j += 4) {
      if (dWih || (dWhh && j == 0)) gateWeights(r, j, first, d, e, dWih, dWhh);
    }
  }
  if (r.dBiasIh || r.dBiasHh) {
    sumDown(r.rows, r.kind < LSTM ? 4 : 16, deltas, 64, room);
    for (let g = 0; g < gates; g++) {
      const from = room + (<usize>g << 4);
      const at = <usize>(g * H) << 2;
      if (r.dBiasIh) memory.copy(r.dBiasIh + at, from, <usize>H << 2);
      if (r.dBiasHh) memory.copy(r.dBiasHh + at, r.kind == GRU && g == 2 ? from + 16 : from, <usize>H << 2);
    }
  }
  if (r.dx) {
    const end = r.dx + (<usize>(r.rows * I) << 2);
    const behind = v128.load(end);
    inputGrads(r, deltas);
    v128.store(end, behind);
  }
}
