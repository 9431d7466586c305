/**
 * The part of the contract that is about one row, and one step of a recurrent cell; see `contract.ts`.
 *
 * @module
 */
import type { FloatArray } from "./contract.js";

export interface CellKernels {
  /** y (O) = x·Wᵀ + b for one row x (I) and W (O×I), every product a chain over k from 0. Without a bias (null) it is left out. */
  affineRow(
    O: number,
    I: number,
    x: FloatArray,
    xo: number,
    weight: FloatArray,
    wo: number,
    bias: FloatArray | null,
    bo: number,
    y: FloatArray,
    yo: number,
  ): void;

  /** y (I) = g·W for one row g (O), or y + g·W with `accumulate`; every product a chain over k from 0. */
  rowTimes(
    O: number,
    I: number,
    g: FloatArray,
    go: number,
    weight: FloatArray,
    wo: number,
    y: FloatArray,
    yo: number,
    accumulate: boolean,
  ): void;

  /**
   * y (G) = (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ for one row x (I) and h (H), every product a chain over k from 0. Without biases
   * (null) their sum is left out. As long as `version` is the same for the same arrays, weights and biases hold the same numbers.
   */
  cellSum(
    G: number,
    I: number,
    H: number,
    x: FloatArray,
    xo: number,
    weightIh: FloatArray,
    weightIho: number,
    weightHh: FloatArray,
    weightHho: number,
    h: FloatArray,
    ho: number,
    biasIh: FloatArray | null,
    biasIho: number,
    biasHh: FloatArray | null,
    biasHho: number,
    y: FloatArray,
    yo: number,
    version?: number,
  ): void;

  /**
   * An LSTM's step behind its products, on n rows: i f g o = σ, σ, tanh, σ of a (n×4H) in place;  after = f⊙before + i⊙g;
   * t = tanh(after);  h = o⊙t.
   */
  lstmStep(
    n: number,
    H: number,
    a: FloatArray,
    ao: number,
    before: FloatArray,
    bo: number,
    after: FloatArray,
    afo: number,
    t: FloatArray,
    to: number,
    h: FloatArray,
    ho: number,
  ): void;

  /**
   * Its derivative, from dh and dc, the gradient of c after the step, which becomes that of c before it:
   * d = dc + tanh′(dh⊙o);  da = σ′(d⊙g), σ′(d⊙before), tanh′(d⊙i), σ′(dh⊙t), where f′(g) is g·f′ in terms of f's value;  dc = d⊙f.
   */
  lstmStepGrad(
    n: number,
    H: number,
    dh: FloatArray,
    dho: number,
    dc: FloatArray,
    dco: number,
    before: FloatArray,
    bo: number,
    gates: FloatArray,
    go: number,
    t: FloatArray,
    to: number,
    da: FloatArray,
    dao: number,
  ): void;
}
