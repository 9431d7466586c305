/**
 * The seam between mathematics and machine: what each kernel computes, and in which order.
 *
 * Every implementation gives the same bits for the same inputs (NaNs compared as a class), so the order of each sum
 * and the place of each rounding is part of the contract:
 *
 * - **element kernels** round to the element type after every single addition, multiplication, division and square
 *   root; no fused multiply-add. `exp log tanh sigmoid` are functions of their own, in float32 defined by
 *   `math/float32.ts`, in float64 fdlibm's (`math/float64.ts`).
 * - **gemm**: each element of the product is one chain over k = 0, 1, …, K−1 starting from 0:
 *   `s = round(s + round(a·b))`. With `accumulate` the finished chain is added to what stands in C (one rounding).
 * - **sums** run in float64 whatever the element type and are rounded once at the end. Over contiguous elements there
 *   are four chains, element i going to chain i mod 4, joined as `(s0 + s1) + (s2 + s3)`; over strided elements
 *   (`inner > 1`) each result is a single chain.
 * - **softmax, log-softmax**: subtract the row's maximum, `exp` each (element type), sum as above (float64, rounded to
 *   the element type), then divide resp. subtract the logarithm: `y = (x − max) − log(sum)`.
 * - **recurrences** are what products, sums and functions of single elements make of them, each rounded as above, in the order
 *   in which {@link Recurrence} writes the equations; gradients of weights are one chain over all rows.
 * - **optimiser updates** round after every operation in the order their equations are written; moments smaller in size
 *   than the smallest normal number are flushed to zero (a denormal makes a multiplication fifty times slower). Moments
 *   are all that is kept from step to step: m, v, buf, s and a below. Hyper-parameters and differences of them (1 − β)
 *   are worked out in float64 and rounded to the element type before use.
 *
 * All arrays of one call have the same element type. They are row-major and dense unless a leading dimension says
 * otherwise; `xo`, `yo`, … are offsets in elements. An output may be the same array as an input of the same size at the
 * same offset, and may not overlap an input otherwise; the product of `gemm` lies apart from both factors. Arrays
 * belong to the garbage-collected heap; an implementation that needs other memory copies in and out.
 *
 * @module
 */
import type { CellKernels } from "./contract-cell.js";

export type FloatArray = Float32Array | Float64Array;

/** y = f(x), one element at a time. `relu(x) = x < 0 ? 0 : x`, so NaN stays NaN and −0 stays −0. */
export type UnaryName = "neg" | "abs" | "square" | "sqrt" | "reciprocal" | "exp" | "log" | "tanh" | "sigmoid" | "relu";

/**
 * y = f(a, b), one element at a time. The last three are derivatives in terms of the output y:
 * `tanhGrad(g, y) = g·(1 − y·y)`, `sigmoidGrad(g, y) = (g·y)·(1 − y)`, `reluGrad(g, y) = y > 0 ? g : 0`.
 * `maximum` and `minimum` give NaN when either side is NaN, and order −0 below +0.
 */
export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "maximum"
  | "minimum"
  | "tanhGrad"
  | "sigmoidGrad"
  | "reluGrad";

/**
 * How the two sides of a binary kernel run: equal lengths; b one number; a one number; b a row repeated for every row
 * of a.
 */
export type BinaryMode = "same" | "scalar" | "scalarLeft" | "row";

/** Hyper-parameters of one Adam update, all computed in float64 by the caller. */
export interface AdamScalars {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** lr / (1 − β₁ᵗ) */
  readonly stepSize: number;
  /** √(1 − β₂ᵗ) */
  readonly bias2Root: number;
  /** L2 penalty added to the gradient (Adam); 0 for none. */
  readonly weightDecay: number;
  /** Factor on the parameter before the step (AdamW: 1 − lr·λ); 1 for none. */
  readonly shrink: number;
  /** +1, or −1 to maximise. */
  readonly sign: number;
}

/** Hyper-parameters of one SGD update. `firstStep`: the momentum buffer is set to the gradient rather than updated. */
export interface SgdScalars {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly firstStep: boolean;
  readonly sign: number;
}

export interface RmspropScalars {
  readonly lr: number;
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly sign: number;
}

/**
 * One direction of one recurrent layer over a batch of sequences. Letters: N rows, B batch, I input, H hidden, P the width of h
 * (H unless projected), g gates: 1 for tanh and relu, 4 for LSTM (i f g o), 3 for GRU (r z n).
 *
 * Rows are time steps one after the other; step t has `sizes[t]` rows, one for each sequence still going, which are always the
 * first ones. N = Σ sizes, B = sizes[0]. With `reverse` steps are taken from the last to the first.
 *
 *   a = (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ
 *   tanh, relu:  h ← f(a)
 *   lstm:  c ← σ(a_f)⊙c + σ(a_i)⊙tanh(a_g);  h ← σ(a_o)⊙tanh(c);  projected: h ← h·W_hrᵀ
 *   gru:   r, z from a likewise;  n = tanh((x·W_inᵀ + b_in) + p⊙r) with p = h·W_hnᵀ + b_hn;  h ← (h − n)⊙z + n
 *
 * Without biases (null) their sums are left out.
 */
export interface Recurrence {
  readonly kind: RecurrenceKind;
  readonly sizes: readonly number[];
  readonly rows: number;
  readonly reverse: boolean;
  readonly I: number;
  readonly H: number;
  readonly P: number;
}

export type RecurrenceKind = "tanh" | "relu" | "lstm" | "gru";

export interface Kernels extends CellKernels {
  /** Name of the implementation, for messages and tables. */
  readonly name: string;

  /** y[i] = f(x[i]) for i < n. */
  unary(f: UnaryName, n: number, x: FloatArray, xo: number, y: FloatArray, yo: number): void;

  /**
   * y[i] = f(a[i], b[i]) for i < n, with one side held or repeated as `mode` says.
   * `width` is the row's length in mode `row` (n is a multiple of it), ignored otherwise.
   */
  binary(
    f: BinaryName,
    mode: BinaryMode,
    n: number,
    a: FloatArray,
    ao: number,
    b: FloatArray,
    bo: number,
    y: FloatArray,
    yo: number,
    width: number,
  ): void;

  /** y[i] = round(y[i] + round(alpha·x[i])). */
  axpy(n: number, alpha: number, x: FloatArray, xo: number, y: FloatArray, yo: number): void;

  /**
   * C (M×N, leading dimension ldc) = op(A)·op(B), or += with `accumulate`. op(A) is M×K: A itself, or the transpose of
   * A stored K×M when `transA`. op(B) is K×N: B, or the transpose of B stored N×K. With `version`, B holds what it held whenever that was
   * the same for the same array: an engine may have kept it.
   */
  gemm(
    transA: boolean,
    transB: boolean,
    M: number,
    N: number,
    K: number,
    a: FloatArray,
    ao: number,
    lda: number,
    b: FloatArray,
    bo: number,
    ldb: number,
    c: FloatArray,
    co: number,
    ldc: number,
    accumulate: boolean,
    version?: number,
  ): void;

  /** x seen as [outer, n, inner]; y [outer, inner] = Σ over the middle axis. */
  sum(outer: number, n: number, inner: number, x: FloatArray, xo: number, y: FloatArray, yo: number): void;

  /** Each of `rows` rows of length n: y = softmax(x). */
  softmax(rows: number, n: number, x: FloatArray, xo: number, y: FloatArray, yo: number): void;

  /** dx = y ⊙ (g − Σ g⊙y), the products rounded to the element type before they are summed. */
  softmaxGrad(
    rows: number,
    n: number,
    g: FloatArray,
    go: number,
    y: FloatArray,
    yo: number,
    dx: FloatArray,
    dxo: number,
  ): void;

  /** Each of `rows` rows of length n: y = log softmax(x). */
  logSoftmax(rows: number, n: number, x: FloatArray, xo: number, y: FloatArray, yo: number): void;

  /** dx = g − exp(y)·Σ g. */
  logSoftmaxGrad(
    rows: number,
    n: number,
    g: FloatArray,
    go: number,
    y: FloatArray,
    yo: number,
    dx: FloatArray,
    dxo: number,
  ): void;

  /**
   * Cross-entropy of `rows` rows of n logits. With lp = (x − max) − log S, S = Σ e^(x − max) as a single float64 chain rounded once,
   * a row's loss is u·(−lp[index]), or with `target` (rows×n) in place of `index` −Σ a·lp, a float64 chain over the row's a.
   * u is the row's `weight`, 1 when null. Where it is 0 the row does not count, whatever its logits; with `target` it says nothing else
   * but what a mean divides by.
   * Losses are float64 until they are rounded into `loss`: one for each row, or the sum of all in order, or ("mean") that divided by
   * Σu. `slope`, if not null, gets the derivative of that by x: p·v − v[c = index] with v = u·f, resp. p·A − b with b = a·f and
   * A = Σ b (float64 chain), where p = e^lp and f is 1 or for a mean 1/Σu (0 when that is none); every operation rounded.
   */
  crossEntropy(
    rows: number,
    n: number,
    x: FloatArray,
    xo: number,
    target: FloatArray | null,
    to: number,
    index: readonly number[] | null,
    weight: FloatArray | null,
    wo: number,
    reduction: "none" | "sum" | "mean",
    loss: FloatArray,
    lo: number,
    slope: FloatArray | null,
    so: number,
  ): void;

  /** out row i (length `width`) = table row index[i]. Indices have been checked. */
  gatherRows(
    count: number,
    width: number,
    table: FloatArray,
    to: number,
    index: ArrayLike<number>,
    out: FloatArray,
    oo: number,
  ): void;

  /** table row index[i] += g row i, for i = 0, 1, … in this order. */
  scatterAddRows(
    count: number,
    width: number,
    g: FloatArray,
    go: number,
    index: ArrayLike<number>,
    table: FloatArray,
    to: number,
  ): void;

  /**
   * Adam (Kingma & Ba 2015), AdamW (Loshchilov & Hutter 2019), with `vmax` AMSGrad (Reddi et al. 2018). Per element:
   *   p ← p·shrink;  g ← sign·g;  g ← g + λ·p  (each only when it changes something)
   *   m ← m + (1−β₁)·(g − m);  v ← v·β₂ + ((1−β₂)·g)·g;  vmax ← max(vmax, v)
   *   p ← p + (−stepSize·m) / (√v / bias2Root + eps)
   */
  adam(
    n: number,
    p: FloatArray,
    g: FloatArray,
    m: FloatArray,
    v: FloatArray,
    vmax: FloatArray | null,
    s: AdamScalars,
  ): void;

  /**
   * SGD. Per element:
   *   g ← sign·g;  g ← g + λ·p
   *   buf ← buf·μ + (1−τ)·g (first step: buf ← g);  g ← nesterov ? g + μ·buf : buf
   *   p ← p + (−lr)·g
   * `buf` is null without momentum.
   */
  sgd(n: number, p: FloatArray, g: FloatArray, buf: FloatArray | null, s: SgdScalars): void;

  /**
   * RMSprop (Hinton, lecture 6e). Per element:
   *   g ← sign·g;  g ← g + λ·p;  s ← s·α + ((1−α)·g)·g
   *   centred: a ← a + (1−α)·(g − a), r = √(s + (−a)·a), else r = √s;  r ← r + eps
   *   momentum: buf ← buf·μ + g/r, p ← p + (−lr)·buf, else p ← p + (−lr·g)/r
   * `mean` (a) is null unless centred, `buf` without momentum.
   */
  rmsprop(
    n: number,
    p: FloatArray,
    g: FloatArray,
    square: FloatArray,
    mean: FloatArray | null,
    buf: FloatArray | null,
    s: RmspropScalars,
  ): void;

  /** Adagrad (Duchi et al. 2011). g ← sign·g; g ← g + λ·p; s ← s + g·g;  p ← p + (−clr·g) / (√s + eps). */
  adagrad(
    n: number,
    p: FloatArray,
    g: FloatArray,
    sum: FloatArray,
    clr: number,
    eps: number,
    weightDecay: number,
    sign: number,
  ): void;

  /**
   * Runs a {@link Recurrence}. `h` (B×P) and for LSTM `c` (B×H) hold the first states and afterwards each sequence's last one.
   * y (N×P) gets every h. `kept` (N × slots·H′, H′ = H rounded up to a multiple of 4) gets what the backward pass needs, each
   * slot in the first H of H′ places: for LSTM i f g o, c before the step, tanh c; for GRU r z n p; null when none will come.
   * W_ih is gH×I, W_hh gH×P, W_hr P×H. With `version`, the weights hold what they held whenever it was the same for the same arrays: an
   * engine may have kept them, copied or packed.
   */
  recurrentForward(
    r: Recurrence,
    x: FloatArray,
    xo: number,
    weightIh: FloatArray,
    weightIho: number,
    weightHh: FloatArray,
    weightHho: number,
    biasIh: FloatArray | null,
    biasIho: number,
    biasHh: FloatArray | null,
    biasHho: number,
    weightHr: FloatArray | null,
    weightHro: number,
    h: FloatArray,
    c: FloatArray | null,
    y: FloatArray,
    kept: FloatArray | null,
    version?: number,
  ): void;

  /**
   * The gradients of a {@link Recurrence}, back through time. `h0` null stands for zeros, `dy` (N×P) null for none from above.
   * `dh` (B×P) and `dc` (B×H) hold the gradients of the last states and afterwards those of the first. Gradients that are null
   * are not wanted; the others are overwritten. With δ the gradient of a row's x·W_ihᵀ + b_ih and δ′ that of its h·W_hhᵀ + b_hh
   * (the same but for GRU's n):
   *
   * - the gradient that reaches h is dy + δ′·W_hh, for GRU (dy + dh⊙z) + δ′·W_hh, with δ′ and dh of the step after; after the last
   *   step the gradient of the last state stands for δ′·W_hh, for GRU for dh⊙z;
   * - δ·W_ih and δ′·W_hh go gate by gate: each gate's part is one chain over its rows, and the parts are added up in order;
   * - dx = δ·W_ih;  dW_ih = δᵀ·x, dW_hh = δ′ᵀ·(h before), dW_hr = dhᵀ·(σ(a_o)⊙tanh(c)), each element one chain over rows
   *   0, 1, …, N−1;  db_ih = Σ δ, db_hh = Σ δ′, each a chain in float64 over the rows, rounded once.
   */
  recurrentBackward(
    r: Recurrence,
    x: FloatArray,
    xo: number,
    weightIh: FloatArray,
    weightIho: number,
    weightHh: FloatArray,
    weightHho: number,
    weightHr: FloatArray | null,
    weightHro: number,
    h0: FloatArray | null,
    h0o: number,
    y: FloatArray,
    kept: FloatArray | null,
    dy: FloatArray | null,
    dyo: number,
    dh: FloatArray,
    dc: FloatArray | null,
    dx: FloatArray | null,
    dWeightIh: FloatArray | null,
    dWeightHh: FloatArray | null,
    dBiasIh: FloatArray | null,
    dBiasHh: FloatArray | null,
    dWeightHr: FloatArray | null,
  ): void;
}
