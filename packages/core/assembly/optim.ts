/**
 * Optimiser updates, in place; the equations stand in `src/kernels/contract.ts`. Hyper-parameters arrive rounded to
 * float32. They are spread over vectors before the loop, because V8 does not move that out of it.
 */
import { smallestNormal } from "./math";

/** Moments below the smallest normal number become zero; NaN stays. */
@inline
function flushed(moment: v128): v128 {
  return v128.andnot(moment, f32x4.lt(f32x4.abs(moment), smallestNormal()));
}

/** sign·g, with decay·p added when there is a penalty. */
@inline
function penalised(g: v128, sign: v128, decay: f32, decays: v128, p: v128): v128 {
  const ascent = f32x4.mul(sign, g);
  return decay == 0 ? ascent : f32x4.add(ascent, f32x4.mul(decays, p));
}

/** `vmax` is 0 without AMSGrad; rest1 = 1 − β₁, rest2 = 1 − β₂, step = −stepSize. */
export function adam(
  n: i32,
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  vmax: usize,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  eps: f32,
  step: f32,
  root: f32,
  decay: f32,
  shrink: f32,
  sign: f32,
): void {
  const signs = f32x4.splat(sign);
  const shrinks = f32x4.splat(shrink);
  const rest1s = f32x4.splat(rest1);
  const beta2s = f32x4.splat(beta2);
  const rest2s = f32x4.splat(rest2);
  const roots = f32x4.splat(root);
  const epses = f32x4.splat(eps);
  const steps = f32x4.splat(step);
  const decays = f32x4.splat(decay);
  for (let i: usize = 0; i < <usize>n << 2; i += 16) {
    const weight = f32x4.mul(v128.load(p + i), shrinks);
    const grad = penalised(v128.load(g + i), signs, decay, decays, weight);
    const mean = v128.load(m + i);
    const first = flushed(f32x4.add(mean, f32x4.mul(rest1s, f32x4.sub(grad, mean))));
    const second = flushed(
      f32x4.add(
        f32x4.mul(v128.load(v + i), beta2s),
        f32x4.mul(f32x4.mul(rest2s, grad), grad),
      ),
    );
    v128.store(m + i, first);
    v128.store(v + i, second);
    let largest = second;
    if (vmax) {
      largest = f32x4.max(v128.load(vmax + i), second);
      v128.store(vmax + i, largest);
    }
    const size = f32x4.add(f32x4.div(f32x4.sqrt(largest), roots), epses);
    v128.store(p + i, f32x4.add(weight, f32x4.div(f32x4.mul(steps, first), size)));
  }
}

/** `buf` is 0 without momentum; rest = 1 − dampening, step = −lr. */
export function sgd(
  n: i32,
  p: usize,
  g: usize,
  buf: usize,
  step: f32,
  momentum: f32,
  rest: f32,
  decay: f32,
  nesterov: bool,
  firstStep: bool,
  sign: f32,
): void {
  const signs = f32x4.splat(sign);
  const momentums = f32x4.splat(momentum);
  const rests = f32x4.splat(rest);
  const steps = f32x4.splat(step);
  const decays = f32x4.splat(decay);
  for (let i: usize = 0; i < <usize>n << 2; i += 16) {
    const weight = v128.load(p + i);
    let grad = penalised(v128.load(g + i), signs, decay, decays, weight);
    if (buf) {
      let kept = grad;
      if (!firstStep) {
        kept = f32x4.add(
          f32x4.mul(v128.load(buf + i), momentums),
          f32x4.mul(rests, grad),
        );
      }
      kept = flushed(kept);
      v128.store(buf + i, kept);
      grad = nesterov ? f32x4.add(grad, f32x4.mul(momentums, kept)) : kept;
    }
    v128.store(p + i, f32x4.add(weight, f32x4.mul(steps, grad)));
  }
}

/** `mean` is 0 unless centred, `buf` without momentum; rest = 1 − α, step = −lr. */
export function rmsprop(
  n: i32,
  p: usize,
  g: usize,
  square: usize,
  mean: usize,
  buf: usize,
  step: f32,
  alpha: f32,
  rest: f32,
  eps: f32,
  decay: f32,
  momentum: f32,
  sign: f32,
): void {
  const signs = f32x4.splat(sign);
  const alphas = f32x4.splat(alpha);
  const rests = f32x4.splat(rest);
  const epses = f32x4.splat(eps);
  const momentums = f32x4.splat(momentum);
  const steps = f32x4.splat(step);
  const decays = f32x4.splat(decay);
  for (let i: usize = 0; i < <usize>n << 2; i += 16) {
    const weight = v128.load(p + i);
    const grad = penalised(v128.load(g + i), signs, decay, decays, weight);
    const second = flushed(
      f32x4.add(
        f32x4.mul(v128.load(square + i), alphas),
        f32x4.mul(f32x4.mul(rests, grad), grad),
      ),
    );
    v128.store(square + i, second);
    let variance = second;
    if (mean) {
      const old = v128.load(mean + i);
      const first = flushed(f32x4.add(old, f32x4.mul(rests, f32x4.sub(grad, old))));
      v128.store(mean + i, first);
      variance = f32x4.add(second, f32x4.mul(f32x4.neg(first), first));
    }
    const size = f32x4.add(f32x4.sqrt(variance), epses);
    if (buf) {
      const kept = flushed(
        f32x4.add(f32x4.mul(v128.load(buf + i), momentums), f32x4.div(grad, size)),
      );
      v128.store(buf + i, kept);
      v128.store(p + i, f32x4.add(weight, f32x4.mul(steps, kept)));
    } else {
      v128.store(p + i, f32x4.add(weight, f32x4.div(f32x4.mul(steps, grad), size)));
    }
  }
}

/** step = −clr */
export function adagrad(
  n: i32,
  p: usize,
  g: usize,
  sum: usize,
  step: f32,
  eps: f32,
  decay: f32,
  sign: f32,
): void {
  const signs = f32x4.splat(sign);
  const epses = f32x4.splat(eps);
  const steps = f32x4.splat(step);
  const decays = f32x4.splat(decay);
  for (let i: usize = 0; i < <usize>n << 2; i += 16) {
    const weight = v128.load(p + i);
    const grad = penalised(v128.load(g + i), signs, decay, decays, weight);
    const total = flushed(f32x4.add(v128.load(sum + i), f32x4.mul(grad, grad)));
    v128.store(sum + i, total);
    const size = f32x4.add(f32x4.sqrt(total), epses);
    v128.store(p + i, f32x4.add(weight, f32x4.div(f32x4.mul(steps, grad), size)));
  }
}
