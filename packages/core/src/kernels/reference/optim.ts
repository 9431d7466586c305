/**
 * Optimiser updates for both element types: hyper-parameters are rounded to the type, then every operation rounds.
 *
 * @module
 */
import type { Kernels } from "../contract.js";

const { abs, sqrt } = Math;

type UpdateKernels = Pick<Kernels, "adam" | "sgd" | "rmsprop" | "adagrad">;

/** The updates for one element type: how it rounds, and its smallest normal number. */
export function updateKernels(round: (x: number) => number, smallestNormal: number): UpdateKernels {
  /** Moments that sink below the smallest normal number are set to zero. */
  const flush = (moment: number): number => (abs(moment) < smallestNormal ? 0 : moment);

  /** sign·g, with λ·p added when there is a penalty. */
  const penalised = (g: number, sign: number, decay: number, p: number): number =>
    decay === 0 ? sign * g : round(sign * g + round(decay * p));

  return {
    adam(n, p, g, m, v, vmax, s) {
      const rest1 = round(1 - s.beta1);
      const rest2 = round(1 - s.beta2);
      const beta2 = round(s.beta2);
      const eps = round(s.eps);
      const step = round(-s.stepSize);
      const root = round(s.bias2Root);
      const decay = round(s.weightDecay);
      const shrink = round(s.shrink);
      for (let i = 0; i < n; i++) {
        const weight = round((p[i] as number) * shrink);
        const grad = penalised(g[i] as number, s.sign, decay, weight);
        const mean = m[i] as number;
        const first = flush(round(mean + round(rest1 * round(grad - mean))));
        const second = flush(round(round((v[i] as number) * beta2) + round(round(rest2 * grad) * grad)));
        m[i] = first;
        v[i] = second;
        let largest = second;
        if (vmax !== null) {
          largest = Math.max(vmax[i] as number, second);
          vmax[i] = largest;
        }
        const size = round(round(round(sqrt(largest)) / root) + eps);
        p[i] = weight + round(round(step * first) / size);
      }
    },

    sgd(n, p, g, buf, s) {
      const step = round(-s.lr);
      const momentum = round(s.momentum);
      const rest = round(1 - s.dampening);
      const decay = round(s.weightDecay);
      for (let i = 0; i < n; i++) {
        const weight = p[i] as number;
        let grad = penalised(g[i] as number, s.sign, decay, weight);
        if (buf !== null) {
          const kept = flush(s.firstStep ? grad : round(round((buf[i] as number) * momentum) + round(rest * grad)));
          buf[i] = kept;
          grad = s.nesterov ? round(grad + round(momentum * kept)) : kept;
        }
        p[i] = weight + round(step * grad);
      }
    },

    rmsprop(n, p, g, square, mean, buf, s) {
      const step = round(-s.lr);
      const alpha = round(s.alpha);
      const rest = round(1 - s.alpha);
      const eps = round(s.eps);
      const decay = round(s.weightDecay);
      const momentum = round(s.momentum);
      for (let i = 0; i < n; i++) {
        const weight = p[i] as number;
        const grad = penalised(g[i] as number, s.sign, decay, weight);
        const second = flush(round(round((square[i] as number) * alpha) + round(round(rest * grad) * grad)));
        square[i] = second;
        let variance = second;
        if (mean !== null) {
          const old = mean[i] as number;
          const first = flush(round(old + round(rest * round(grad - old))));
          mean[i] = first;
          variance = round(second + round(-first * first));
        }
        const size = round(round(sqrt(variance)) + eps);
        if (buf !== null) {
          const kept = flush(round(round((buf[i] as number) * momentum) + round(grad / size)));
          buf[i] = kept;
          p[i] = weight + round(step * kept);
        } else {
          p[i] = weight + round(round(step * grad) / size);
        }
      }
    },

    adagrad(n, p, g, sum, clr, eps, weightDecay, sign) {
      const step = round(-clr);
      const least = round(eps);
      const decay = round(weightDecay);
      for (let i = 0; i < n; i++) {
        const weight = p[i] as number;
        const grad = penalised(g[i] as number, sign, decay, weight);
        const total = flush(round((sum[i] as number) + round(grad * grad)));
        sum[i] = total;
        p[i] = weight + round(round(step * grad) / round(round(sqrt(total)) + least));
      }
    },
  };
}
