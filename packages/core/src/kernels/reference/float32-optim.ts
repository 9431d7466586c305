/**
 * Optimiser updates on float32: hyper-parameters are rounded to float32, then every operation rounds.
 *
 * @module
 */
import type { AdamScalars, RmspropScalars, SgdScalars } from "../contract.js";

const { abs, fround, sqrt } = Math;

const SMALLEST_NORMAL = 1.1754943508222875e-38;

/** Moments that sink below the smallest normal number are set to zero. */
const flush = (moment: number): number => (abs(moment) < SMALLEST_NORMAL ? 0 : moment);

/** sign·g, with λ·p added when there is a penalty. */
const penalised = (g: number, sign: number, decay: number, p: number): number =>
  decay === 0 ? sign * g : fround(sign * g + fround(decay * p));

export function adam(
  n: number,
  p: Float32Array,
  g: Float32Array,
  m: Float32Array,
  v: Float32Array,
  vmax: Float32Array | null,
  s: AdamScalars,
): void {
  const rest1 = fround(1 - s.beta1);
  const rest2 = fround(1 - s.beta2);
  const beta2 = fround(s.beta2);
  const eps = fround(s.eps);
  const step = fround(-s.stepSize);
  const root = fround(s.bias2Root);
  const decay = fround(s.weightDecay);
  const shrink = fround(s.shrink);
  for (let i = 0; i < n; i++) {
    const weight = fround((p[i] as number) * shrink);
    const grad = penalised(g[i] as number, s.sign, decay, weight);
    const mean = m[i] as number;
    const first = flush(fround(mean + fround(rest1 * fround(grad - mean))));
    const second = flush(fround(fround((v[i] as number) * beta2) + fround(fround(rest2 * grad) * grad)));
    m[i] = first;
    v[i] = second;
    let largest = second;
    if (vmax !== null) {
      largest = Math.max(vmax[i] as number, second);
      vmax[i] = largest;
    }
    const size = fround(fround(fround(sqrt(largest)) / root) + eps);
    p[i] = weight + fround(fround(step * first) / size);
  }
}

export function sgd(n: number, p: Float32Array, g: Float32Array, buf: Float32Array | null, s: SgdScalars): void {
  const step = fround(-s.lr);
  const momentum = fround(s.momentum);
  const rest = fround(1 - s.dampening);
  const decay = fround(s.weightDecay);
  for (let i = 0; i < n; i++) {
    const weight = p[i] as number;
    let grad = penalised(g[i] as number, s.sign, decay, weight);
    if (buf !== null) {
      const kept = flush(s.firstStep ? grad : fround(fround((buf[i] as number) * momentum) + fround(rest * grad)));
      buf[i] = kept;
      grad = s.nesterov ? fround(grad + fround(momentum * kept)) : kept;
    }
    p[i] = weight + fround(step * grad);
  }
}

export function rmsprop(
  n: number,
  p: Float32Array,
  g: Float32Array,
  square: Float32Array,
  mean: Float32Array | null,
  buf: Float32Array | null,
  s: RmspropScalars,
): void {
  const step = fround(-s.lr);
  const alpha = fround(s.alpha);
  const rest = fround(1 - s.alpha);
  const eps = fround(s.eps);
  const decay = fround(s.weightDecay);
  const momentum = fround(s.momentum);
  for (let i = 0; i < n; i++) {
    const weight = p[i] as number;
    const grad = penalised(g[i] as number, s.sign, decay, weight);
    const second = flush(fround(fround((square[i] as number) * alpha) + fround(fround(rest * grad) * grad)));
    square[i] = second;
    let variance = second;
    if (mean !== null) {
      const old = mean[i] as number;
      const first = flush(fround(old + fround(rest * fround(grad - old))));
      mean[i] = first;
      variance = fround(second + fround(-first * first));
    }
    const size = fround(fround(sqrt(variance)) + eps);
    if (buf !== null) {
      const kept = flush(fround(fround((buf[i] as number) * momentum) + fround(grad / size)));
      buf[i] = kept;
      p[i] = weight + fround(step * kept);
    } else {
      p[i] = weight + fround(fround(step * grad) / size);
    }
  }
}

export function adagrad(
  n: number,
  p: Float32Array,
  g: Float32Array,
  sum: Float32Array,
  clr: number,
  eps: number,
  weightDecay: number,
  sign: number,
): void {
  const step = fround(-clr);
  const least = fround(eps);
  const decay = fround(weightDecay);
  for (let i = 0; i < n; i++) {
    const weight = p[i] as number;
    const grad = penalised(g[i] as number, sign, decay, weight);
    const total = flush(fround((sum[i] as number) + fround(grad * grad)));
    sum[i] = total;
    p[i] = weight + fround(fround(step * grad) / fround(fround(sqrt(total)) + least));
  }
}
