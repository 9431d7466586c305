/** What tests of recurrent layers share: a cell of one's own, and how far two tensors are apart. */
import { expect } from "vitest";
import { nn, type Tensor, zeros } from "../src/index.js";

/** The largest difference between two tensors; NaN counts as infinite. */
export function gap(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  const [p, q] = [a.toTypedArray(), b.toTypedArray()];
  let worst = 0;
  p.forEach((value, i) => {
    const difference = Math.abs(value - (q[i] as number));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
  return worst;
}

/** h′ = tanh(x·Wᵀ + b + h·Uᵀ + c) */
export class PlainCell extends nn.Module implements nn.Cell<Tensor> {
  readonly i2h: nn.Linear;
  readonly h2h: nn.Linear;

  constructor(
    inputSize: number,
    readonly hiddenSize: number,
  ) {
    super();
    this.i2h = new nn.Linear(inputSize, hiddenSize);
    this.h2h = new nn.Linear(hiddenSize, hiddenSize);
  }

  initialState(batch: number, options: object): Tensor {
    return zeros([batch, this.hiddenSize], options);
  }

  step(x: Tensor, h: Tensor): Tensor {
    return this.i2h.forward(x).add(this.h2h.forward(h)).tanh();
  }

  output(h: Tensor): Tensor {
    return h;
  }

  override forward(x: Tensor, h: Tensor): Tensor {
    return this.step(x, h);
  }
}
