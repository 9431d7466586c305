import type { TypedArray } from "../dtype.js";
import { checkShare } from "../errors.js";
import type { Generator } from "./generator.js";

/**
 * Fills with 1 where a uniform is below p and 0 elsewhere, `Tensor.bernoulli_(p)` for 0 ≤ p ≤ 1. Two words an element, whatever the
 * dtype. PyTorch's dropout keeps the elements where `fillBernoulli(mask, 1 - p, g)` gives 1.
 */
export function fillBernoulli(out: TypedArray, p: number, g: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = g.uniform53() < p ? 1 : 0;
}

/**
 * Fills with 1 where a uniform is below the probability of that element, `torch.bernoulli(probabilities)`. One word an
 * element where the probabilities are float32, two where they are float64.
 *
 * @throws OptionError unless all probabilities are from 0 to 1
 */
export function fillBernoulliFrom(probabilities: Float32Array | Float64Array, out: TypedArray, g: Generator): void {
  for (let i = 0; i < probabilities.length; i++) checkShare("bernoulli", "a probability", probabilities[i]);
  const single = probabilities instanceof Float32Array;
  for (let i = 0; i < out.length; i++) {
    out[i] = (single ? g.uniform24() : g.uniform53()) < (probabilities[i] as number) ? 1 : 0;
  }
}
