/**
 * Derivatives checked against differences.
 *
 * @module
 */
import { copyOf, countChange, emptyArray, forEach, type NdArray, toFlat } from "./array.js";
import type { TypedArray } from "./dtype.js";
import {
  checkLimit,
  checkOptions,
  checkPositive,
  DTypeError,
  describe,
  GradientError,
  OptionError,
  shapeText,
} from "./errors.js";
import { checkTensor, enableGrad, noGrad, Tensor } from "./tensor.js";

export interface GradcheckOptions {
  /** Half the width of a difference (default 1e−6). */
  readonly eps?: number;
  /** Absolute tolerance (default 1e−5). */
  readonly atol?: number;
  /** Tolerance relative to the difference quotient (default 1e−3). */
  readonly rtol?: number;
}

/**
 * Compares the gradients of `fn` with central differences (f(x + eps) − f(x − eps))/(2·eps), for every element of every input that
 * requires a gradient and every element of every output. They agree where |analytic − numeric| ≤ atol + rtol·|numeric|.
 *
 * @param fn gives a tensor or several; called many times, so it must give the same for the same inputs
 * @param inputs float64 where a gradient is required; whatever strides they have are kept
 * @returns true
 * @throws GradientError naming the place and both numbers where they differ
 * @throws DTypeError for float32 inputs or outputs, whose rounding would drown the difference
 */
export function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): true {
  checkOptions("gradcheck", options, ["eps", "atol", "rtol"]);
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  checkPositive("gradcheck", "eps", eps);
  checkLimit("gradcheck", "atol", atol);
  checkLimit("gradcheck", "rtol", rtol);
  if (typeof fn !== "function") throw new OptionError(`gradcheck: expected a function of tensors, got ${describe(fn)}`);
  const leaves = leavesOf(inputs);
  const outputsOf = (): readonly Tensor[] => outputsIn(fn(...leaves));
  const before = leaves.map((x) => x.grad);
  const analytic = enableGrad(() => jacobians(outputsOf(), leaves));
  leaves.forEach((x, i) => {
    x.grad = before[i] as Tensor | null;
  });
  leaves.forEach((x, i) => {
    if (!x.requiresGrad) return;
    let element = 0;
    forEach(x.array, (at) => {
      const numeric = noGrad(() => differences(x.array, at, eps, outputsOf));
      numeric.forEach((column, o) => {
        column.forEach((expected, k) => {
          const gradients = (analytic[o] as TypedArray[][])[k] as TypedArray[];
          const got = (gradients[i] as TypedArray)[element] as number;
          if (Math.abs(got - expected) <= atol + rtol * Math.abs(expected)) return;
          const from = `${place(x, element)} of input ${i}`;
          const to = `${place(outputsOf()[o] as Tensor, k)} of output ${o}`;
          throw new GradientError(
            `gradcheck: the derivative of element ${to} by element ${from} is ${got} by backward(), ${expected} by central differences. ` +
              `Expected them to differ by at most ${atol} + ${rtol}·|${expected}|`,
          );
        });
      });
      element++;
    });
  });
  return true;
}

/** The inputs that are leaves, such as a module's parameters, themselves; aliases without history of the others. */
function leavesOf(inputs: readonly Tensor[]): Tensor[] {
  if (!Array.isArray(inputs)) throw new OptionError(`gradcheck: expected an array of tensors, got ${describe(inputs)}`);
  const leaves = (inputs as readonly unknown[]).map((x, i) => {
    const where = `gradcheck: input ${i}`;
    checkTensor(where, x);
    if (!x.requiresGrad) return x;
    checkDouble(where, x);
    // Elements that share their number cannot be changed one by one.
    const repeats = x.array.strides.some((step, axis) => step === 0 && (x.shape[axis] as number) > 1);
    if (x.isLeaf && !repeats) return x;
    const leaf = repeats ? new Tensor(copyOf(x.array)) : x.detach();
    leaf.requiresGrad = true;
    return leaf;
  });
  if (leaves.some((x) => x.requiresGrad)) return leaves;
  throw new GradientError(
    "gradcheck: expected at least one input that requires a gradient, got none. Make it with { requiresGrad: true }",
  );
}

function outputsIn(result: Tensor | readonly Tensor[]): readonly Tensor[] {
  const outputs: readonly unknown[] = Array.isArray(result) ? result : [result];
  return outputs.map((y, o) => {
    const where = `gradcheck: output ${o}`;
    checkTensor(where, y);
    checkDouble(where, y);
    return y;
  });
}

function checkDouble(where: string, { dtype }: Tensor): void {
  if (dtype !== "float64")
    throw new DTypeError(`${where}: expected float64, got ${dtype}. Make it with { dtype: "float64" }`);
}

/** Gradients by backward(): [output][element of it][input] → flat gradient. */
function jacobians(outputs: readonly Tensor[], leaves: readonly Tensor[]): TypedArray[][][] {
  return outputs.map((y) =>
    Array.from({ length: y.numel() }, (_, k) => {
      for (const x of leaves) x.grad = null;
      if (y.requiresGrad) {
        const one = emptyArray("float64", y.shape);
        one.data[k] = 1;
        y.backward({ gradient: new Tensor(one), retainGraph: true });
      }
      return leaves.map((x) => (x.grad === null ? new Float64Array(x.numel()) : toFlat(x.grad.array)));
    }),
  );
}

/** Central differences of all elements of all outputs by the number at `at`, which is put back. */
function differences(x: NdArray, at: number, eps: number, outputsOf: () => readonly Tensor[]): number[][] {
  const value = x.data[at] as number;
  const valuesAt = (moved: number): TypedArray[] => {
    x.data[at] = moved;
    countChange(x.memory);
    return outputsOf().map((y) => toFlat(y.array));
  };
  try {
    const above = valuesAt(value + eps);
    const below = valuesAt(value - eps);
    return above.map((high, o) =>
      Array.from(high, (p, k) => (p - ((below[o] as TypedArray)[k] as number)) / (2 * eps)),
    );
  } finally {
    x.data[at] = value;
    countChange(x.memory);
  }
}

/** `[1, 2]`: where element number `k` stands, in row-major order. */
function place(x: Tensor, k: number): string {
  const index: number[] = [];
  let rest = k;
  for (let axis = x.ndim - 1; axis >= 0; axis--) {
    const length = x.shape[axis] as number;
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return shapeText(index);
}
