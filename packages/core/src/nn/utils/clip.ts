import { stack } from "../../creation.js";
import {
  checkBoolean,
  checkLimit,
  checkOptions,
  checkPositive,
  describe,
  GradientError,
  OptionError,
  shapeText,
} from "../../errors.js";
import { checkTensor, noGrad, Tensor } from "../../tensor.js";
import { Module } from "../module.js";

/** Whose gradients: a module, its `namedParameters()` (errors then name them), an array of parameters, or one. */
export type Parameters = Module | Tensor | Iterable<Tensor> | Iterable<readonly [string, Tensor]>;

export interface ClipOptions {
  /** p of the p-norm: 2 by default, Infinity for the largest size. */
  readonly normType?: number;
  /** Whether a norm that is NaN or infinite is an error (default true; in PyTorch false). */
  readonly errorIfNonfinite?: boolean;
}

interface Gradient {
  readonly owner: string;
  readonly grad: Tensor;
}

/** The gradients there are, with words for whose they are. */
function gradientsOf(where: string, parameters: Parameters): Gradient[] {
  const named = parameters instanceof Module ? parameters.namedParameters() : parameters;
  const all: Iterable<unknown> = named instanceof Tensor ? [named] : named;
  if (typeof all?.[Symbol.iterator] !== "function") {
    throw new OptionError(
      `${where}: expected a module, its namedParameters() or an array of parameters, got ${describe(all)}`,
    );
  }
  return [...all].flatMap((entry, i) => {
    const [name, x]: readonly unknown[] = Array.isArray(entry) ? entry : [i, entry];
    checkTensor(`${where}: parameter ${i}`, x);
    return x.grad === null ? [] : [{ owner: `parameter '${name}' of shape ${shapeText(x.shape)}`, grad: x.grad }];
  });
}

function complaint(gradients: readonly Gradient[], total: number): GradientError {
  const spoiled = gradients.flatMap(({ owner, grad }) => {
    const numbers = grad.toTypedArray();
    const nan = numbers.filter(Number.isNaN).length;
    const infinite = numbers.filter((x) => Math.abs(x) === Infinity).length;
    return nan + infinite > 0 ? [`${owner} (${nan} NaN, ${infinite} infinite of ${numbers.length})`] : [];
  });
  return new GradientError(
    `clipGradNorm: expected finite gradients and a finite norm, got ${[...spoiled, `a norm of ${total}`].join("; ")}. Nothing was changed. ` +
      "Look for a division by 0, a log of 0 or a learning rate that is too high; { errorIfNonfinite: false } goes on all the same",
  );
}

/**
 * Scales all gradients together so that their norm as one vector is at most `maxNorm`: with total = ‖(‖g₁‖, ‖g₂‖, …)‖,
 * g ← g·min(maxNorm/(total + 10⁻⁶), 1). Pascanu, Mikolov & Bengio 2013.
 *
 * @returns the norm before
 * @throws GradientError naming the parameters whose gradients are NaN or infinite; nothing is changed then
 */
export function clipGradNorm(parameters: Parameters, maxNorm: number, options: ClipOptions = {}): number {
  checkOptions("clipGradNorm", options, ["normType", "errorIfNonfinite"]);
  const { normType = 2, errorIfNonfinite = true } = options;
  checkLimit("clipGradNorm", "maxNorm", maxNorm);
  checkPositive("clipGradNorm", "normType", normType);
  checkBoolean("clipGradNorm", "errorIfNonfinite", errorIfNonfinite);
  const gradients = gradientsOf("clipGradNorm", parameters).filter(({ grad }) => grad.numel() > 0);
  if (gradients.length === 0) return 0;
  return noGrad(() => {
    const norms = gradients.map(({ grad }) => grad.norm({ p: normType }));
    const first = norms[0] as Tensor;
    const total = stack(norms.map((norm) => norm.to(first.dtype))).norm({ p: normType });
    const size = total.item();
    if (errorIfNonfinite && !Number.isFinite(size)) throw complaint(gradients, size);
    const factor = total.add(1e-6).pow(-1).mul(maxNorm).clamp({ max: 1 }).item();
    if (factor !== 1) for (const { grad } of gradients) grad.mul_(factor);
    return size;
  });
}

/**
 * Holds every element of every gradient within [−clipValue, clipValue], in place.
 *
 * @throws OptionError unless clipValue ≥ 0
 */
export function clipGradValue(parameters: Parameters, clipValue: number): void {
  checkLimit("clipGradValue", "clipValue", clipValue);
  const gradients = gradientsOf("clipGradValue", parameters);
  noGrad(() => {
    for (const { grad } of gradients) grad.copy_(grad.clamp({ min: -clipValue, max: clipValue }));
  });
}
