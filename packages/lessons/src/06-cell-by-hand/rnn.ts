/**
 * The recurrent network of the notes, line by line: NumPy's `np.dot(a, b)` is `a.matmul(b)`, `a[:, :, t]` is
 * `a.getItem([null, null, t])`. Nothing here records gradients: the backward half is written out as well.
 */
import { type Tensor, zeros } from "@unroll/core";

export interface Weights {
  readonly Whx: Tensor;
  readonly Whh: Tensor;
  readonly Wyh: Tensor;
  readonly bh: Tensor;
  readonly by: Tensor;
}

export interface Cache {
  readonly hNext: Tensor;
  readonly hPrev: Tensor;
  readonly xt: Tensor;
  readonly parameters: Weights;
}

const float64 = { dtype: "float64" } as const;

export function rnnCellForward(xt: Tensor, hPrev: Tensor, parameters: Weights) {
  const { Whx, Whh, Wyh, bh, by } = parameters;

  const hNext = Whh.matmul(hPrev).add(Whx.matmul(xt)).add(bh).tanh();
  const yPred = Wyh.matmul(hNext).add(by).softmax(0);

  const cache: Cache = { hNext, hPrev, xt, parameters };
  return { hNext, yPred, cache };
}

export function rnnForward(x: Tensor, h0: Tensor, parameters: Weights) {
  const caches: Cache[] = [];

  const [, m, Tx] = x.shape as [number, number, number];
  const [ny, nh] = parameters.Wyh.shape as [number, number];

  const h = zeros([nh, m, Tx], float64);
  const yPred = zeros([ny, m, Tx], float64);
  let hNext = h0;

  for (let t = 0; t < Tx; t++) {
    const step = rnnCellForward(x.getItem([null, null, t]), hNext, parameters);
    hNext = step.hNext;
    h.setItem([null, null, t], hNext);
    yPred.setItem([null, null, t], step.yPred);
    caches.push(step.cache);
  }

  return { h, yPred, caches };
}

export function rnnCellBackward(dhNext: Tensor, cache: Cache) {
  const { hNext, hPrev, xt, parameters } = cache;
  const { Whx, Whh } = parameters;

  const dz = dhNext.mul(hNext.pow(2).neg().add(1));
  const dxt = Whx.T.matmul(dz);
  const dWhx = dz.matmul(xt.T);
  const dhPrev = Whh.T.matmul(dz);
  const dWhh = dz.matmul(hPrev.T);

  const dbh = dz.sum(-1, { keepdim: true });

  return { dxt, dhPrev, dWhx, dWhh, dbh };
}

export function rnnBackward(dh: Tensor, caches: readonly Cache[]) {
  const [nh, m, Tx] = dh.shape as [number, number, number];
  const nx = caches[0]?.xt.shape[0] as number;

  const dx = zeros([nx, m, Tx], float64);
  const dWhx = zeros([nh, nx], float64);
  const dWhh = zeros([nh, nh], float64);
  const dbh = zeros([nh, 1], float64);
  let dhPrev = zeros([nh, m], float64);

  for (let t = Tx - 1; t >= 0; t--) {
    const gradients = rnnCellBackward(dh.getItem([null, null, t]).add(dhPrev), caches[t] as Cache);
    dhPrev = gradients.dhPrev;
    dx.setItem([null, null, t], gradients.dxt);
    dWhx.add_(gradients.dWhx);
    dWhh.add_(gradients.dWhh);
    dbh.add_(gradients.dbh);
  }

  return { dx, dh0: dhPrev, dWhx, dWhh, dbh };
}
