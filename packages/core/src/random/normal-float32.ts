/**
 * Box and Muller's method in float32, to the bit as PyTorch's vectorised CPU kernel computes it: Cephes's `logf` and
 * `sincosf` (S. L. Moshier) with their multiplications and additions fused. A float64 sum of a product of two float32
 * numbers and a third, rounded to float32, is that fused operation. Constants are the shortest decimals of their float32.
 *
 * @module
 */

const f = Math.fround;
const TWO_PI = f(2 * Math.PI);
const SQRT_HALF = f(Math.SQRT1_2);
const LN2_LOW = f(-2.1219444e-4);
const LN2_HIGH = 0.693359375;
const LOG = [
  0.070376836, -0.1151461, 0.116769984, -0.12420141, 0.14249323, -0.16668057, 0.20000714, -0.24999994, 0.3333333,
].map(f);
const FOUR_OVER_PI = f(1.2732395);
const QUARTER_PI = [-0.78515625, f(-2.4187565e-4), f(-3.774895e-8)] as const;
const COS = [f(2.4433157e-5), f(-1.3887316e-3), f(4.1666646e-2)] as const;
const SIN = [f(-1.9515296e-4), f(8.332161e-3), f(-1.6666655e-1)] as const;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Turns the 16 uniforms at `start` into 16 normals, in place: the first eight give lengths, the last eight angles. */
export function boxMuller32(out: Float32Array | Float64Array, start: number, mean: number, std: number): void {
  const mean32 = f(mean);
  const std32 = f(std);
  for (let i = start; i < start + 8; i++) {
    const u = f(1 - (out[i] as number));
    const r = f(Math.sqrt(f(-2 * log32(u))));

    // sin and cos of an angle in [0, 2π): reduced by multiples j of π/4, j even, in three pieces.
    const angle = f(TWO_PI * (out[i + 8] as number));
    const j = (Math.trunc(f(angle * FOUR_OVER_PI)) + 1) & ~1;
    let x = f(j * QUARTER_PI[0] + angle);
    x = f(j * QUARTER_PI[1] + x);
    x = f(j * QUARTER_PI[2] + x);
    const z = f(x * x);
    let c = f(COS[0] * z + COS[1]);
    c = f(c * z + COS[2]);
    c = f(f(c * z) * z - f(z * 0.5));
    c = f(c + 1);
    let s = f(SIN[0] * z + SIN[1]);
    s = f(s * z + SIN[2]);
    s = f(f(s * z) * x + x);
    let sine = (j & 2) === 0 ? s : c;
    let cosine = (j & 2) === 0 ? c : s;
    if ((j & 4) !== 0) sine = -sine;
    if ((~(j - 2) & 4) !== 0) cosine = -cosine;

    out[i] = f(f(r * cosine) * std32 + mean32);
    out[i + 8] = f(f(r * sine) * std32 + mean32);
  }
}

/** Natural logarithm of a normal float32 x > 0: x = 2^e·m, m from √½ to √2, and a polynomial in m − 1. */
function log32(x: number): number {
  float[0] = x;
  let e = ((bits[0] as number) >> 23) - 126;
  bits[0] = ((bits[0] as number) & 0x7fffff) | 0x3f000000;
  const m = float[0] as number;
  let t = f(m - 1);
  if (m < SQRT_HALF) {
    e -= 1;
    t = f(t + m);
  }
  const z = f(t * t);
  let y = LOG[0] as number;
  for (let i = 1; i < 9; i++) y = f(y * t + (LOG[i] as number));
  y = f(f(y * t) * z + f(e * LN2_LOW));
  y = f(-z * 0.5 + y);
  return f(e * LN2_HIGH + f(t + y));
}
