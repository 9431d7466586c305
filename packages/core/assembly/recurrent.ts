/**
 * Time steps of recurrent layers, forward and back. The equations stand in `src/kernels/contract.ts`, `Recurrence`.
 *
 * Inside, gates and states are padded to whole vectors: H′ for H, P′ for P. What is added stays zero, because the packed weights are
 * zero there. `width` is H′ in bytes, `widthP` P′. Rows of states stand P′ apart (c: H′), rows of gates g·H′, rows of what is kept
 * slots·H′. A missing summand is an array of −0, which changes nothing.
 *
 * Arrays over all rows are given by the first row of the first step to be taken or, with `down`, by the end of its last row, and
 * `sizes` by the place of that step's size.
 */
import { one, sigmoid4, tanh4 } from "./math";
import { copyRows, product } from "./panels";

const RELU = 1;
const LSTM = 2;
const GRU = 3;

@inline
function gateCount(kind: i32): i32 {
  return kind == LSTM ? 4 : kind == GRU ? 3 : 1;
}

@inline
function sum(p: usize, q: usize): v128 {
  return f32x4.add(v128.load(p), v128.load(q));
}

/** h = f((z + bh) + (x + bi)) */
function plainStep(relu: bool, n: i32, width: usize, z: usize, bh: usize, x: usize, bi: usize, h: usize, y: usize): void {
  for (; n > 0; n--) {
    for (let j: usize = 0; j < width; j += 16) {
      const a = f32x4.add(sum(z + j, bh + j), sum(x + j, bi + j));
      const v = relu ? f32x4.pmax(a, f32x4.splat(0)) : tanh4(a);
      v128.store(h + j, v);
      v128.store(y + j, v);
    }
    z += width;
    x += width;
    h += width;
    y += width;
  }
}

function lstmStep(
  n: i32,
  width: usize,
  z: usize,
  bh: usize,
  x: usize,
  bi: usize,
  c: usize,
  kept: usize,
  rowKept: usize,
  h: usize,
  y: usize,
): void {
  const two = width << 1;
  const three = two + width;
  const four = two << 1;
  for (; n > 0; n--) {
    // One piece of code for all sigmoids: the gates at `two`, tanh's, are left out.
    for (let j: usize = 0; j < four; j += 16) {
      if (j == two) j = three;
      v128.store(kept + j, sigmoid4(f32x4.add(sum(z + j, bh + j), sum(x + j, bi + j))));
    }
    for (let j: usize = 0; j < width; j += 16) {
      const g = tanh4(f32x4.add(sum(z + two + j, bh + two + j), sum(x + two + j, bi + two + j)));
      const before = v128.load(c + j);
      const to = kept + j;
      const after = f32x4.add(f32x4.mul(v128.load(to + width), before), f32x4.mul(v128.load(to), g));
      const t = tanh4(after);
      const out = f32x4.mul(v128.load(to + three), t);
      v128.store(c + j, after);
      v128.store(h + j, out);
      v128.store(y + j, out);
      v128.store(to + two, g);
      v128.store(to + four, before);
      v128.store(to + four + width, t);
    }
    z += four;
    x += four;
    c += width;
    h += width;
    y += width;
    kept += rowKept;
  }
}

function gruStep(
  n: i32,
  width: usize,
  z: usize,
  bh: usize,
  x: usize,
  bi: usize,
  kept: usize,
  rowKept: usize,
  h: usize,
  y: usize,
): void {
  const two = width << 1;
  const three = two + width;
  for (; n > 0; n--) {
    for (let j: usize = 0; j < two; j += 16) {
      v128.store(kept + j, sigmoid4(f32x4.add(sum(z + j, bh + j), sum(x + j, bi + j))));
    }
    for (let j: usize = 0; j < width; j += 16) {
      const to = kept + j;
      const p = sum(z + two + j, bh + two + j);
      const fresh = tanh4(f32x4.add(sum(x + two + j, bi + two + j), f32x4.mul(p, v128.load(to))));
      const out = f32x4.add(f32x4.mul(f32x4.sub(v128.load(h + j), fresh), v128.load(to + width)), fresh);
      v128.store(h + j, out);
      v128.store(y + j, out);
      v128.store(to + two, fresh);
      v128.store(to + three, p);
    }
    z += three;
    x += three;
    h += width;
    y += width;
    kept += rowKept;
  }
}

/** `steps` steps. x: what the input product made of the rows; w: W_hh packed by rows; wr: W_hr likewise, 0 without projection. */
export function forwardSteps(
  kind: i32,
  steps: i32,
  down: bool,
  sizes: usize,
  width: usize,
  widthP: usize,
  P: i32,
  w: usize,
  bh: usize,
  bi: usize,
  x: usize,
  z: usize,
  h: usize,
  c: usize,
  y: usize,
  kept: usize,
  rowKept: usize,
  wr: usize,
  H: i32,
  raw: usize,
): void {
  const row = width * gateCount(kind);
  for (; steps > 0; steps--) {
    const n = load<i32>(sizes);
    if (down) {
      x -= row * n;
      y -= widthP * n;
      kept -= rowKept * n;
    }
    product(n, <i32>(row >> 4), P, h, widthP, w, z, row);
    if (kind == LSTM) {
      if (wr) {
        lstmStep(n, width, z, bh, x, bi, c, kept, rowKept, raw, raw);
        product(n, <i32>(widthP >> 4), H, raw, width, wr, h, widthP);
        copyRows(1, <i32>(widthP >> 2) * n, h, 0, y, 0);
      } else {
        lstmStep(n, width, z, bh, x, bi, c, kept, rowKept, h, y);
      }
    } else if (kind == GRU) {
      gruStep(n, width, z, bh, x, bi, kept, rowKept, h, y);
    } else {
      plainStep(kind == RELU, n, width, z, bh, x, bi, h, y);
    }
    if (down) {
      sizes -= 4;
    } else {
      sizes += 4;
      x += row * n;
      y += widthP * n;
      kept += rowKept * n;
    }
  }
}

@inline
function tanhGrad(g: v128, y: v128): v128 {
  return f32x4.mul(g, f32x4.sub(one(), f32x4.mul(y, y)));
}

@inline
function sigmoidGrad(g: v128, y: v128): v128 {
  return f32x4.mul(f32x4.mul(g, y), f32x4.sub(one(), y));
}

function plainGrad(relu: bool, size: usize, dy: usize, q: usize, y: usize, da: usize): void {
  for (let j: usize = 0; j < size; j += 16) {
    const d = sum(dy + j, q + j);
    const out = v128.load(y + j);
    v128.store(da + j, relu ? v128.and(d, f32x4.gt(out, f32x4.splat(0))) : tanhGrad(d, out));
  }
}

function lstmGrad(
  n: i32,
  width: usize,
  dy: usize,
  q: usize,
  rowQ: usize,
  dc: usize,
  kept: usize,
  da: usize,
): void {
  const two = width << 1;
  const three = two + width;
  const four = two << 1;
  for (; n > 0; n--) {
    for (let j: usize = 0; j < width; j += 16) {
      const d = sum(dy + j, q + j);
      const from = kept + j;
      const i = v128.load(from);
      const f = v128.load(from + width);
      const g = v128.load(from + two);
      const o = v128.load(from + three);
      const t = v128.load(from + four + width);
      const dAfter = f32x4.add(v128.load(dc + j), tanhGrad(f32x4.mul(d, o), t));
      v128.store(da + j, sigmoidGrad(f32x4.mul(dAfter, g), i));
      v128.store(da + width + j, sigmoidGrad(f32x4.mul(dAfter, v128.load(from + four)), f));
      v128.store(da + two + j, tanhGrad(f32x4.mul(dAfter, i), g));
      v128.store(da + three + j, sigmoidGrad(f32x4.mul(d, t), o));
      v128.store(dc + j, f32x4.mul(dAfter, f));
    }
    dy += width;
    q += rowQ;
    dc += width;
    kept += four + two;
    da += four;
  }
}

function gruGrad(
  n: i32,
  width: usize,
  dy: usize,
  q: usize,
  direct: usize,
  kept: usize,
  before: usize,
  da: usize,
  dp: usize,
): void {
  const two = width << 1;
  const three = two + width;
  for (; n > 0; n--) {
    for (let j: usize = 0; j < width; j += 16) {
      const d = f32x4.add(sum(dy + j, direct + j), v128.load(q + j));
      const from = kept + j;
      const reset = v128.load(from);
      const update = v128.load(from + width);
      const fresh = v128.load(from + two);
      const gap = f32x4.sub(v128.load(before + j), fresh);
      const dUpdate = sigmoidGrad(f32x4.mul(d, gap), update);
      const dFresh = tanhGrad(f32x4.mul(d, f32x4.sub(one(), update)), fresh);
      const dReset = sigmoidGrad(f32x4.mul(dFresh, v128.load(from + three)), reset);
      v128.store(da + j, dReset);
      v128.store(da + width + j, dUpdate);
      v128.store(da + two + j, dFresh);
      v128.store(dp + j, dReset);
      v128.store(dp + width + j, dUpdate);
      v128.store(dp + two + j, f32x4.mul(dFresh, reset));
      v128.store(direct + j, f32x4.mul(d, update));
    }
    dy += width;
    q += width;
    direct += width;
    kept += three + width;
    before += width;
    da += three;
    dp += three;
  }
}

/**
 * `steps` steps back through time. w: W_hh packed by columns; wr: W_hr likewise, 0 without projection. q holds δ′·W_hh of the step
 * taken last; dc the gradient of c, for GRU what of dh goes past the products; `states` y, for GRU the states before each row.
 * With a projection, dh and what was projected are left for all rows at `dProjected` and `unprojected`.
 */
export function backwardSteps(
  kind: i32,
  steps: i32,
  down: bool,
  sizes: usize,
  width: usize,
  widthP: usize,
  w: usize,
  dy: usize,
  q: usize,
  dc: usize,
  states: usize,
  kept: usize,
  da: usize,
  dp: usize,
  wr: usize,
  raw: usize,
  none: usize,
  dProjected: usize,
  unprojected: usize,
): void {
  const row = width * gateCount(kind);
  const rowKept = kind == LSTM ? width * 6 : width << 2;
  for (; steps > 0; steps--) {
    const n = load<i32>(sizes);
    if (down) {
      dy -= widthP * n;
      states -= widthP * n;
      kept -= rowKept * n;
      da -= row * n;
      dp -= row * n;
      dProjected -= widthP * n;
      unprojected -= width * n;
    }
    if (kind == LSTM) {
      if (wr) {
        for (let j: usize = 0; j < widthP * n; j += 16) v128.store(dProjected + j, sum(dy + j, q + j));
        product(n, <i32>(width >> 4), <i32>(widthP >> 2), dProjected, widthP, wr, raw, width);
        lstmGrad(n, width, raw, none, 0, dc, kept, da);
        const o = kept + width * 3;
        for (let i: usize = 0; i < <usize>n; i++) {
          for (let j: usize = 0; j < width; j += 16) {
            const from = o + rowKept * i + j;
            v128.store(unprojected + width * i + j, f32x4.mul(v128.load(from), v128.load(from + (width << 1))));
          }
        }
      } else {
        lstmGrad(n, width, dy, q, width, dc, kept, da);
      }
    } else if (kind == GRU) {
      gruGrad(n, width, dy, q, dc, kept, states, da, dp);
    } else {
      plainGrad(kind == RELU, width * n, dy, q, states, da);
    }
    product(n, <i32>(widthP >> 4), <i32>(row >> 2), dp, row, w, q, widthP);
    if (down) {
      sizes -= 4;
    } else {
      sizes += 4;
      dy += widthP * n;
      states += widthP * n;
      kept += rowKept * n;
      da += row * n;
      dp += row * n;
      dProjected += widthP * n;
      unprojected += width * n;
    }
  }
}
