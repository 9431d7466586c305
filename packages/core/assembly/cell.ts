/** One step of a recurrent cell on arrays without gaps, as users see them; `gates.ts` does the same on slots of whole vectors. */
import { sigmoidGrad, tanhGrad } from "./gates";
import { sigmoid4, tanh4 } from "./math";
import { put } from "./partial";

/**
 * x times four rows of W, `size` bytes each, as many as are left, every product a chain from 0. Four numbers of each row become columns; of
 * what does not belong to x nothing is looked at.
 */
@inline
function dots(left: i32, size: usize, x: usize, w: usize): v128 {
  const w1 = left > 1 ? w + size : w;
  const w2 = left > 2 ? w1 + size : w1;
  const w3 = left > 3 ? w2 + size : w2;
  let s = f32x4.splat(0);
  for (let k: usize = 0; k < size; k += 16) {
    const a = v128.load(w + k);
    const b = v128.load(w1 + k);
    const c = v128.load(w2 + k);
    const d = v128.load(w3 + k);
    const p = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const q = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    s = f32x4.add(f32x4.mul(v128.load_splat<f32>(x + k), v128.shuffle<f32>(p, q, 0, 1, 4, 5)), s);
    if (k + 4 == size) break;
    s = f32x4.add(f32x4.mul(v128.load_splat<f32>(x + k, 4), v128.shuffle<f32>(p, q, 2, 3, 6, 7)), s);
    if (k + 8 == size) break;
    const r = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const t = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    s = f32x4.add(f32x4.mul(v128.load_splat<f32>(x + k, 8), v128.shuffle<f32>(r, t, 0, 1, 4, 5)), s);
    if (k + 12 == size) break;
    s = f32x4.add(f32x4.mul(v128.load_splat<f32>(x + k, 12), v128.shuffle<f32>(r, t, 2, 3, 6, 7)), s);
  }
  return s;
}

/** y = W·x + b for W (O×I) and one x. */
export function affine(O: i32, I: i32, x: usize, w: usize, b: usize, y: usize): void {
  const size = <usize>I << 2;
  for (; O > 0; O -= 4, w += size << 2, b += 16, y += 16) put(O, f32x4.add(dots(O, size, x, w), v128.load(b)), y);
}

/** y (G) = (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ for one row; biases may be 0 for none. */
export function cellSum(
  G: i32,
  I: i32,
  H: i32,
  x: usize,
  wIh: usize,
  wHh: usize,
  h: usize,
  bIh: usize,
  bHh: usize,
  y: usize,
): void {
  const rowIh = <usize>I << 2;
  const rowHh = <usize>H << 2;
  for (let g: usize = 0; G > 0; G -= 4, g += 16, wIh += rowIh << 2, wHh += rowHh << 2) {
    let s = dots(G, rowIh, x, wIh);
    if (bIh) s = f32x4.add(s, f32x4.add(v128.load(bIh + g), v128.load(bHh + g)));
    put(G, f32x4.add(s, dots(G, rowHh, h, wHh)), y + g);
  }
}

/** i f g o = σ, σ, tanh, σ of a, n rows in place;  after = f⊙before + i⊙g;  t = tanh(after);  h = o⊙t. */
export function lstmStep(n: i32, H: i32, a: usize, before: usize, after: usize, t: usize, h: usize): void {
  const slot = <usize>H << 2;
  for (; n > 0; n--, a += slot << 2, before += slot, after += slot, t += slot, h += slot) {
    for (let j: usize = 0, left = H; left > 0; left -= 4, j += 16) {
      const at = a + j;
      const i = sigmoid4(v128.load(at));
      const f = sigmoid4(v128.load(at + slot));
      const g = tanh4(v128.load(at + (slot << 1)));
      const o = sigmoid4(v128.load(at + slot * 3));
      put(left, i, at);
      put(left, f, at + slot);
      put(left, g, at + (slot << 1));
      put(left, o, at + slot * 3);
      const c = f32x4.add(f32x4.mul(f, v128.load(before + j)), f32x4.mul(i, g));
      const out = tanh4(c);
      put(left, c, after + j);
      put(left, out, t + j);
      put(left, f32x4.mul(o, out), h + j);
    }
  }
}

/** From dh and dc, the gradient of c after the step, to da; dc becomes that of c before the step. */
export function lstmStepGrad(n: i32, H: i32, dh: usize, dc: usize, before: usize, gates: usize, t: usize, da: usize): void {
  const slot = <usize>H << 2;
  for (; n > 0; n--, dh += slot, dc += slot, before += slot, gates += slot << 2, t += slot, da += slot << 2) {
    for (let j: usize = 0, left = H; left > 0; left -= 4, j += 16) {
      const from = gates + j;
      const to = da + j;
      const i = v128.load(from);
      const f = v128.load(from + slot);
      const g = v128.load(from + (slot << 1));
      const o = v128.load(from + slot * 3);
      const out = v128.load(t + j);
      const up = v128.load(dh + j);
      const d = f32x4.add(v128.load(dc + j), tanhGrad(f32x4.mul(up, o), out));
      put(left, sigmoidGrad(f32x4.mul(d, g), i), to);
      put(left, sigmoidGrad(f32x4.mul(d, v128.load(before + j)), f), to + slot);
      put(left, tanhGrad(f32x4.mul(d, i), g), to + (slot << 1));
      put(left, sigmoidGrad(f32x4.mul(up, out), o), to + slot * 3);
      put(left, f32x4.mul(d, f), dc + j);
    }
  }
}
