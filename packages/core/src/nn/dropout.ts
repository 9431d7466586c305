import { checkProbability, dropout } from "../functional.js";
import type { Tensor } from "../tensor.js";
import { Module } from "./module.js";

/**
 * In training, zeroes each element with probability p and divides the others by 1 − p; after `eval()` it changes nothing.
 * Masks are PyTorch's under the same seed. Srivastava et al. 2014.
 *
 * @throws OptionError unless 0 ≤ p ≤ 1
 */
export class Dropout extends Module {
  /** May be changed between calls. */
  p: number;

  constructor(p = 0.5) {
    super();
    checkProbability("Dropout", p);
    this.p = p;
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training });
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=False`;
  }
}
