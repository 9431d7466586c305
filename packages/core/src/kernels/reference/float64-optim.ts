/**
 * Optimiser updates on float64.
 *
 * @module
 */
import type { AdamScalars, RmspropScalars, SgdScalars } from "../contract.js";

const { abs, sqrt } = Math;

const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** Moments that sink below the smallest normal number are set to zero. */
const flush = (moment: number): number => (abs(moment) < SMALLEST_NORMAL ? 0 : moment);

/** sign·g, with λ·p added when there is a penalty. */
const penalised = (g: number, sign: number, decay: number, p: number): number =>
  decay === 0 ? sign * g : sign * g + decay * p;

export function adam(
  n: number,
  p: Float64Array,
  g: Float64Array,
  m: Float64Array,
  v: Float64Array,
  vmax: Float64Array | null,
  s: AdamScalars,
): void {
  for (let i = 0; i < n; i++) {
    const weight = (p[i] as number) * s.shrink;
    const grad = penalised(g[i] as number, s.sign, s.weightDecay, weight);
    const mean = m[i] as number;
    const first = flush(mean + (1 - s.beta1) * (grad - mean));
    const second = flush((v[i] as number) * s.beta2 + (1 - s.beta2) * grad * grad);
    m[i] = first;
    v[i] = second;
    let largest = second;
    if (vmax !== null) {
      largest = Math.max(vmax[i] as number, second);
      vmax[i] = largest;
    }
    p[i] = weight + (-s.stepSize * first) / (sqrt(largest) / s.bias2Root + s.eps);
  }
}

export function sgd(n: number, p: Float64Array, g: Float64Array, buf: Float64Array | null, s: SgdScalars): void {
  for (let i = 0; i < n; i++) {
    const weight = p[i] as number;
    let grad = penalised(g[i] as number, s.sign, s.weightDecay, weight);
    if (buf !== null) {
      const kept = flush(s.firstStep ? grad : (buf[i] as number) * s.momentum + (1 - s.dampening) * grad);
      buf[i] = kept;
      grad = s.nesterov ? grad + s.momentum * kept : kept;
    }
    p[i] = weight + -s.lr * grad;
  }
}

export function rmsprop(
  n: number,
  p: Float64Array,
  g: Float64Array,
  square: Float64Array,
  mean: Float64Array | null,
  buf: Float64Array | null,
  s: RmspropScalars,
): void {
  for (let i = 0; i < n; i++) {
    const weight = p[i] as number;
    const grad = penalised(g[i] as number, s.sign, s.weightDecay, weight);
    const second = flush((square[i] as number) * s.alpha + (1 - s.alpha) * grad * grad);
    square[i] = second;
    let variance = second;
    if (mean !== null) {
      const old = mean[i] as number;
      const first = flush(old + (1 - s.alpha) * (grad - old));
      mean[i] = first;
      variance = second + -first * first;
    }
    const size = sqrt(variance) + s.eps;
    if (buf !== null) {
      const kept = flush((buf[i] as number) * s.momentum + grad / size);
      buf[i] = kept;
      p[i] = weight + -s.lr * kept;
    } else {
      p[i] = weight + (-s.lr * grad) / size;
    }
  }
}

export function adagrad(
  n: number,
  p: Float64Array,
  g: Float64Array,
  sum: Float64Array,
  clr: number,
  eps: number,
  weightDecay: number,
  sign: number,
): void {
  for (let i = 0; i < n; i++) {
    const weight = p[i] as number;
    const grad = penalised(g[i] as number, sign, weightDecay, weight);
    const total = flush((sum[i] as number) + grad * grad);
    sum[i] = total;
    p[i] = weight + (-clr * grad) / (sqrt(total) + eps);
  }
}
