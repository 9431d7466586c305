/** One step of a recurrent cell on arrays without gaps, as users see them; `gates.ts` does the same on slots of whole vectors. */
import { sigmoidGrad, tanhGrad } from "./gates";
import { sigmoid4, tanh4 } from "./math";
import { put } from "./partial";

@inline
function dot(n: i32, x: usize, w: usize): f32 {
  let s: f32 = 0;
  for (; n > 0; n--, x += 4, w += 4) s += load<f32>(x) * load<f32>(w);
  return s;
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
  for (let g: usize = 0; g < <usize>G << 2; g += 4, wIh += rowIh, wHh += rowHh) {
    let s = dot(I, x, wIh);
    if (bIh) s += load<f32>(bIh + g) + load<f32>(bHh + g);
    store<f32>(y + g, s + dot(H, h, wHh));
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
