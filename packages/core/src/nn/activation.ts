/**
 * Nonlinearities as modules, without parameters; shapes are kept.
 *
 * @module
 */
import { checkOptions, describe, OptionError, ShapeError } from "../errors.js";
import { gelu } from "../functional.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { Module } from "./module.js";

/** @throws ShapeError unless `axis` is a whole number; whether a tensor has it shows when the tensor comes */
export function checkWholeAxis(where: string, name: string, axis: unknown): asserts axis is number {
  if (!Number.isInteger(axis)) {
    throw new ShapeError(`${where}: expected ${name} to be a whole number such as 1 or -1, got ${describe(axis)}`);
  }
}

/** (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ). */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor("Tanh", x);
    return x.tanh();
  }
}

/** max(x, 0). */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor("ReLU", x);
    return x.relu();
  }
}

/** σ(x) = 1/(1 + e⁻ˣ). */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor("Sigmoid", x);
    return x.sigmoid();
  }
}

/**
 * e^(xᵢ)/Σ e^(xₖ) along an axis; negative axes count from the end.
 *
 * @throws ShapeError when an input has no such axis
 */
export class Softmax extends Module {
  readonly axis: number;

  constructor(axis: number) {
    super();
    checkWholeAxis("Softmax", "axis", axis);
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    checkTensor("Softmax", x);
    return x.softmax(this.axis);
  }

  override extraRepr(): string {
    return `dim=${this.axis}`;
  }
}

/**
 * xᵢ − ln Σ e^(xₖ) along an axis; negative axes count from the end.
 *
 * @throws ShapeError when an input has no such axis
 */
export class LogSoftmax extends Module {
  readonly axis: number;

  constructor(axis: number) {
    super();
    checkWholeAxis("LogSoftmax", "axis", axis);
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    checkTensor("LogSoftmax", x);
    return x.logSoftmax(this.axis);
  }

  override extraRepr(): string {
    return `dim=${this.axis}`;
  }
}

export interface GeluOptions {
  /** "none" (default) for x·Φ(x), "tanh" for the approximation 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
  readonly approximate?: "none" | "tanh";
}

/** x·Φ(x), Φ the normal distribution function. Hendrycks & Gimpel 2016. */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";

  constructor(options: GeluOptions = {}) {
    super();
    checkOptions("GELU", options, ["approximate"]);
    const { approximate = "none" } = options;
    if (approximate !== "none" && approximate !== "tanh") {
      throw new OptionError(`GELU: expected approximate "none" or "tanh", got ${describe(approximate)}`);
    }
    this.approximate = approximate;
  }

  override forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}
