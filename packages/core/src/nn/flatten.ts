import { ShapeError, shapeText } from "../errors.js";
import { checkAxis, sizeOf } from "../shape.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { checkWholeAxis } from "./activation.js";
import { Module } from "./module.js";

/** Returns what it is given: a place holder. */
export class Identity extends Module {
  override forward<T>(x: T): T {
    return x;
  }
}

/**
 * Joins the axes from `startAxis` to `endAxis` into one: with the defaults (N, a, b, …) → (N, a·b·…).
 *
 * @throws ShapeError when an input lacks one of the axes or they come in the wrong order
 */
export class Flatten extends Module {
  readonly startAxis: number;
  readonly endAxis: number;

  constructor(startAxis = 1, endAxis = -1) {
    super();
    checkWholeAxis("Flatten", "startAxis", startAxis);
    checkWholeAxis("Flatten", "endAxis", endAxis);
    this.startAxis = startAxis;
    this.endAxis = endAxis;
  }

  override forward(x: Tensor): Tensor {
    checkTensor("Flatten", x);
    const start = checkAxis("Flatten: startAxis", this.startAxis, x.ndim);
    const end = checkAxis("Flatten: endAxis", this.endAxis, x.ndim);
    if (start > end) {
      throw new ShapeError(
        `Flatten: expected startAxis before endAxis, got axes ${start} and ${end} of an input of shape ${shapeText(x.shape)}`,
      );
    }
    const joined = sizeOf(x.shape.slice(start, end + 1));
    return x.reshape([...x.shape.slice(0, start), joined, ...x.shape.slice(end + 1)]);
  }

  override extraRepr(): string {
    return `start_dim=${this.startAxis}, end_dim=${this.endAxis}`;
  }
}
