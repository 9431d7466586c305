/**
 * A recurrent network by hand: four functions, plain loops over nested arrays, nothing hidden.
 *
 * The layout is the textbook's: features first, time last. n_x input features, n_h hidden units, n_y output classes,
 * m sequences in the batch, T_x steps.
 *
 *     x (n_x, m, T_x)   h (n_h, m, T_x)   ŷ (n_y, m, T_x)   h0 (n_h, m)
 *     Whx (n_h, n_x)    Whh (n_h, n_h)    Wyh (n_y, n_h)    bh (n_h, 1)    by (n_y, 1)
 *
 * `nn.RNN` keeps the same numbers as `weight_ih_l0` = Whx and `weight_hh_l0` = Whh, and two biases whose sum is bh.
 *
 * @module
 */
import { checkOptions, describe, OptionError, ShapeError } from "../errors.js";
import { exp, tanh } from "../math/float64.js";
import {
  add,
  addColumn,
  at,
  checkShape,
  type Matrix,
  matmul,
  rowSums,
  type Sequence,
  sameShape,
  sequenceOf,
  shapeOf,
  stepOf,
  transpose,
  zeros,
} from "./matrix.js";

export interface RnnParameters {
  /** Input to hidden, (n_h, n_x). */
  readonly Whx: Matrix;
  /** Hidden to hidden, (n_h, n_h). */
  readonly Whh: Matrix;
  /** Hidden to output, (n_y, n_h). Left out together with `by`, there is no output and ŷ is null. */
  readonly Wyh?: Matrix;
  /** Bias of the hidden state, a column (n_h, 1). */
  readonly bh: Matrix;
  /** Bias of the output, a column (n_y, 1). */
  readonly by?: Matrix;
}

/** What one step forward remembers for the step backward. */
export interface RnnCellCache {
  readonly hNext: Matrix;
  readonly hPrev: Matrix;
  readonly xt: Matrix;
  readonly parameters: RnnParameters;
}

/** The caches of all steps, in the order of time, and the input. */
export interface RnnCaches {
  readonly steps: readonly RnnCellCache[];
  readonly x: Sequence;
}

/**
 * One step: h′ = tanh(Whh·h + Whx·x + bh), ŷ = softmax(Wyh·h′ + by), the softmax going over the classes of each sequence.
 *
 * @param xt input of this step, (n_x, m)
 * @param hPrev hidden state before it, (n_h, m)
 * @returns hNext (n_h, m); yPred (n_y, m), null without Wyh; cache for {@link rnnCellBackward}
 * @throws ShapeError naming the array whose shape does not fit
 */
export function rnnCellForward(
  xt: Matrix,
  hPrev: Matrix,
  parameters: RnnParameters,
): { hNext: Matrix; yPred: Matrix | null; cache: RnnCellCache } {
  const { nx, nh } = checkParameters("rnnCellForward", parameters);
  const m = shapeOf("rnnCellForward", "xt", xt, "n_x, m")[1] as number;
  checkShape("rnnCellForward", "xt", xt, "n_x, m", [nx, m]);
  checkShape("rnnCellForward", "hPrev", hPrev, "n_h, m", [nh, m]);
  return cellForward(xt, hPrev, parameters);
}

function cellForward(xt: Matrix, hPrev: Matrix, parameters: RnnParameters): ReturnType<typeof rnnCellForward> {
  const { Whx, Whh, Wyh, bh, by } = parameters;
  const z = addColumn(add(matmul(Whh, hPrev), matmul(Whx, xt)), bh);
  const hNext = sameShape(z, (i, j) => tanh(at(z, i, j)));
  const yPred = Wyh && by ? softmaxColumns(addColumn(matmul(Wyh, hNext), by)) : null;
  return { hNext, yPred, cache: { hNext, hPrev, xt, parameters } };
}

/** softmax(a)ᵢⱼ = exp(aᵢⱼ − maxᵢ aᵢⱼ) / Σᵢ exp(aᵢⱼ − maxᵢ aᵢⱼ): taking the largest away first keeps exp from overflowing. */
function softmaxColumns(a: Matrix): Matrix {
  const columns = transpose(a).map((column) => {
    const largest = Math.max(...column);
    const powers = column.map((value) => exp(value - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  });
  return transpose(columns);
}

/**
 * All steps: h⟨t⟩ comes out of x⟨t⟩ and h⟨t−1⟩, beginning with h0.
 *
 * @param x input, (n_x, m, T_x)
 * @param h0 hidden state before the first step, (n_h, m)
 * @returns h (n_h, m, T_x); yPred (n_y, m, T_x), null without Wyh; caches for {@link rnnBackward}
 * @throws ShapeError naming the array whose shape does not fit
 */
export function rnnForward(
  x: Sequence,
  h0: Matrix,
  parameters: RnnParameters,
): { h: Sequence; yPred: Sequence | null; caches: RnnCaches } {
  const { nx, nh } = checkParameters("rnnForward", parameters);
  const [, m, Tx] = shapeOf("rnnForward", "x", x, "n_x, m, T_x") as [number, number, number];
  checkShape("rnnForward", "x", x, "n_x, m, T_x", [nx, m, Tx]);
  checkShape("rnnForward", "h0", h0, "n_h, m", [nh, m]);

  const hs: Matrix[] = [];
  const yPreds: Matrix[] = [];
  const steps: RnnCellCache[] = [];
  let hNext = h0;
  for (let t = 0; t < Tx; t++) {
    const step = cellForward(stepOf(x, t), hNext, parameters);
    hNext = step.hNext;
    hs.push(step.hNext);
    if (step.yPred) yPreds.push(step.yPred);
    steps.push(step.cache);
  }
  return { h: sequenceOf(hs), yPred: yPreds.length > 0 ? sequenceOf(yPreds) : null, caches: { steps, x } };
}

/**
 * One step backward. With z the argument of tanh, tanh′(z) = 1 − h′²:
 *
 *     dz = dh′ ⊙ (1 − h′²)   dx = Whxᵀ·dz   dh = Whhᵀ·dz   dWhx = dz·xᵀ   dWhh = dz·hᵀ   dbh = Σ over the batch of dz
 *
 * @param dhNext gradient of the loss with respect to hNext, (n_h, m)
 * @throws ShapeError when dhNext has another shape than the hidden state
 */
export function rnnCellBackward(
  dhNext: Matrix,
  cache: RnnCellCache,
): { dxt: Matrix; dhPrev: Matrix; dWhx: Matrix; dWhh: Matrix; dbh: Matrix } {
  const nh = cache.hNext.length;
  const m = (cache.hNext[0] as number[]).length;
  checkShape("rnnCellBackward", "dhNext", dhNext, "n_h, m", [nh, m]);
  const { hNext, hPrev, xt, parameters } = cache;
  const dz = sameShape(hNext, (i, j) => at(dhNext, i, j) * (1 - at(hNext, i, j) * at(hNext, i, j)));
  return {
    dxt: matmul(transpose(parameters.Whx), dz),
    dhPrev: matmul(transpose(parameters.Whh), dz),
    dWhx: matmul(dz, transpose(xt)),
    dWhh: matmul(dz, transpose(hPrev)),
    dbh: rowSums(dz),
  };
}

/**
 * All steps backward: at each step the gradient that comes from outside, dh⟨t⟩, meets the one that comes back from step t + 1,
 * and the gradients of the shared parameters add up.
 *
 * This is the textbook's half of the way: it follows the hidden state only. `dh` is the gradient with respect to h as the output
 * sees it, and is given. For the loss Σ −log ŷ[target] it is dh⟨t⟩ = Wyhᵀ·(ŷ⟨t⟩ − one-hot target⟨t⟩); the output's own gradients,
 * dWyh = Σₜ (ŷ⟨t⟩ − one-hot)·h⟨t⟩ᵀ and dby, are no part of it.
 *
 * @param dh (n_h, m, T_x)
 * @returns dx (n_x, m, T_x), dh0 (n_h, m), dWhx (n_h, n_x), dWhh (n_h, n_h), dbh (n_h, 1)
 * @throws ShapeError when dh does not fit the steps that went forward
 */
export function rnnBackward(
  dh: Sequence,
  caches: RnnCaches,
): { dx: Sequence; dh0: Matrix; dWhx: Matrix; dWhh: Matrix; dbh: Matrix } {
  const { steps } = caches;
  const first = steps[0];
  if (!first)
    throw new ShapeError("rnnBackward: expected caches of at least one step, got none. Pass rnnForward's caches");
  const nx = first.xt.length;
  const nh = first.hNext.length;
  const m = (first.hNext[0] as number[]).length;
  checkShape("rnnBackward", "dh", dh, "n_h, m, T_x", [nh, m, steps.length]);

  const dxs: Matrix[] = new Array(steps.length);
  let dWhx = zeros(nh, nx);
  let dWhh = zeros(nh, nh);
  let dbh = zeros(nh, 1);
  let dhPrev = zeros(nh, m);
  for (let t = steps.length - 1; t >= 0; t--) {
    const gradients = rnnCellBackward(add(stepOf(dh, t), dhPrev), steps[t] as RnnCellCache);
    dxs[t] = gradients.dxt;
    dhPrev = gradients.dhPrev;
    dWhx = add(dWhx, gradients.dWhx);
    dWhh = add(dWhh, gradients.dWhh);
    dbh = add(dbh, gradients.dbh);
  }
  return { dx: sequenceOf(dxs), dh0: dhPrev, dWhx, dWhh, dbh };
}

function checkParameters(where: string, parameters: RnnParameters): { nx: number; nh: number } {
  checkOptions(where, parameters, ["Whx", "Whh", "Wyh", "bh", "by"]);
  const { Whx, Whh, Wyh, bh, by } = parameters;
  const [nh, nx] = shapeOf(where, "Whx", Whx, "n_h, n_x") as [number, number];
  checkShape(where, "Whh", Whh, "n_h, n_h", [nh, nh]);
  checkShape(where, "bh", bh, "n_h, 1", [nh, 1]);
  if ((Wyh === undefined) !== (by === undefined)) {
    throw new OptionError(
      `${where}: expected Wyh and by together or neither, got Wyh ${describe(Wyh)} and by ${describe(by)}`,
    );
  }
  if (Wyh !== undefined) {
    const ny = shapeOf(where, "Wyh", Wyh, "n_y, n_h")[0] as number;
    checkShape(where, "Wyh", Wyh, "n_y, n_h", [ny, nh]);
    checkShape(where, "by", by, "n_y, 1", [ny, 1]);
  }
  return { nx, nh };
}
