/**
 * The part of the contract that is about one step of a recurrent cell; see `contract.ts`.
 *
 * @module
 */
import type { FloatArray } from "./contract.js";

export interface CellKernels {
  /**
   * y (G) = (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ for one row x (I) and h (H), every product a chain over k from 0. Without biases
   * (null) their sum is left out.
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
