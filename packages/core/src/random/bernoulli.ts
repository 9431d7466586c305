import type { TypedArray } from "../dtype.js";
import { describe, OptionError, ShapeError } from "../errors.js";
import type { Generator } from "./generator.js";

/**
 * Fills with 1 where a uniform is below p and 0 elsewhere, `Tensor.bernoulli_(p)`. Two words an element, whatever the dtype.
 * PyTorch's dropout keeps the elements where `fillBernoulli(mask, 1 - p, g)` gives 1.
 *
 * @throws OptionError unless 0 ≤ p ≤ 1
 */
export function fillBernoulli(out: TypedArray, p: number, g: Generator): void {
  checkProbability(p);
  for (let i = 0; i < out.length; i++) out[i] = g.uniform53() < p ? 1 : 0;
}

/**
 * Fills with 1 where a uniform is below the probability of that element, `torch.bernoulli(probabilities)`. One word an
 * element where the probabilities are float32, two where they are float64.
 *
 * @throws ShapeError when the lengths differ
 * @throws OptionError unless all probabilities are from 0 to 1
 */
export function fillBernoulliFrom(probabilities: Float32Array | Float64Array, out: TypedArray, g: Generator): void {
  if (probabilities.length !== out.length) {
    throw new ShapeError(
      `bernoulli: expected as many probabilities as elements, got ${probabilities.length} and ${out.length}`,
    );
  }
  for (let i = 0; i < probabilities.length; i++) checkProbability(probabilities[i] as number);
  const single = probabilities instanceof Float32Array;
  for (let i = 0; i < out.length; i++) {
    out[i] = (single ? g.uniform24() : g.uniform53()) < (probabilities[i] as number) ? 1 : 0;
  }
}

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new OptionError(`bernoulli: expected p in [0, 1], got p=${describe(p)}`);
}
