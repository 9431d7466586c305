/**
 * Nonlinearities as modules, without parameters; shapes are kept.
 *
 * @module
 */
import { checkChoice, checkOptions, describe, ShapeError } from "../errors.js";
import { gelu, logSoftmax, relu, sigmoid, softmax, tanh } from "../functional.js";
import type { Tensor } from "../tensor.js";
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
    return tanh(x);
  }
}

/** max(x, 0). */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** σ(x) = 1/(1 + e⁻ˣ). */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

abstract class AlongAxis extends Module {
  constructor(readonly axis: number) {
    super();
    checkWholeAxis(this.constructor.name, "axis", axis);
  }

  override extraRepr(): string {
    return `dim=${this.axis}`;
  }
}

/**
 * e^(xᵢ)/Σ e^(xₖ) along an axis; negative axes count from the end.
 *
 * @throws ShapeError when an input has no such axis
 */
export class Softmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return softmax(x, this.axis);
  }
}

/**
 * xᵢ − ln Σ e^(xₖ) along an axis; negative axes count from the end.
 *
 * @throws ShapeError when an input has no such axis
 */
export class LogSoftmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.axis);
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
    checkChoice("GELU", "approximate", approximate, ["none", "tanh"]);
    this.approximate = approximate;
  }

  override forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}
