/**
 * float64 error function by Taylor's series about a few points.
 *
 * @module
 */
import { exp } from "./float64-exp.js";

/** erf at 1.375, 2.375, …, 6.375, points where rounding takes little; about 0 the series stands by itself. */
const VALUES = [
  0, 0.9481700727820903, 0.9992170617821089, 0.9999981847185726, 0.9999999993875167, 0.9999999999999707, 1,
] as const;
const pointOf = (k: number): number => (k === 0 ? 0 : k + 0.375);

/**
 * Coefficients of (erf(c + h) − erf(c))/h: the derivative 2/√π·e^(−x²) is Σ bₙ·hⁿ, and as its own derivative is −2x times itself,
 * bₙ = −2·(c·bₙ₋₁ + bₙ₋₂)/n; they are b₀, b₁/2, b₂/3, …
 */
const SERIES = /* @__PURE__ */ VALUES.map((_, k) => {
  const c = pointOf(k);
  const list: number[] = [];
  let [before, b] = [0, 1.1283791670955126 * exp(-c * c)];
  for (let n = 1; n <= 30; n++) {
    list.push(b / n);
    [before, b] = [b, (-2 * (c * b + before)) / n];
  }
  // About 0 it is erf(h) − h, to lose nothing of h: 2/√π − 1.
  if (k === 0) list[0] = 0.12837916709551256;
  return list;
});

/** erf x = 2/√π·∫₀ˣ e^(−t²) dt. Error below 1.1 ulp. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < 6)) return Math.sign(x);
  const k = Math.round(Math.max(size - 0.3, 0));
  const c = SERIES[k] as readonly number[];
  // About 0 only even powers of h are left.
  const step = k === 0 ? 2 : 1;
  const h = size - pointOf(k);
  const power = k === 0 ? h * h : h;
  let y = 0;
  for (let n = 30 - step; n >= 0; n -= step) y = (c[n] as number) + power * y;
  if (k === 0) return x + x * y;
  y = (VALUES[k] as number) + h * y;
  return x < 0 ? -y : y;
}
