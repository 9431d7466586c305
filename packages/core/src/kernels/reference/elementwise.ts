/**
 * Element kernels for both element types. Storing into an array rounds, so `round` stands only where an equation has more than one
 * operation.
 *
 * @module
 */
import type { BinaryName, FloatArray, Kernels } from "../contract.js";

type ElementKernels = Pick<Kernels, "unary" | "binary" | "axpy">;
type Functions = { readonly [F in "exp" | "log" | "tanh" | "sigmoid"]: (x: number) => number };

/** The kernels for one element type: how it rounds, and its functions. */
export function elementKernels(round: (x: number) => number, { exp, log, tanh, sigmoid }: Functions): ElementKernels {
  const unary: ElementKernels["unary"] = (f, n, x, xo, y, yo) => {
    switch (f) {
      case "neg":
        for (let i = 0; i < n; i++) y[yo + i] = -(x[xo + i] as number);
        break;
      case "abs":
        for (let i = 0; i < n; i++) y[yo + i] = Math.abs(x[xo + i] as number);
        break;
      case "square":
        for (let i = 0; i < n; i++) y[yo + i] = (x[xo + i] as number) * (x[xo + i] as number);
        break;
      case "sqrt":
        for (let i = 0; i < n; i++) y[yo + i] = Math.sqrt(x[xo + i] as number);
        break;
      case "reciprocal":
        for (let i = 0; i < n; i++) y[yo + i] = 1 / (x[xo + i] as number);
        break;
      case "exp":
        for (let i = 0; i < n; i++) y[yo + i] = exp(x[xo + i] as number);
        break;
      case "log":
        for (let i = 0; i < n; i++) y[yo + i] = log(x[xo + i] as number);
        break;
      case "tanh":
        for (let i = 0; i < n; i++) y[yo + i] = tanh(x[xo + i] as number);
        break;
      case "sigmoid":
        for (let i = 0; i < n; i++) y[yo + i] = sigmoid(x[xo + i] as number);
        break;
      case "relu":
        for (let i = 0; i < n; i++) y[yo + i] = (x[xo + i] as number) < 0 ? 0 : (x[xo + i] as number);
        break;
    }
  };

  /** y[i] = f(a[i·da], b[i·db]): a step of 0 holds that side still. */
  function pairs(
    f: BinaryName,
    n: number,
    a: FloatArray,
    ao: number,
    da: number,
    b: FloatArray,
    bo: number,
    db: number,
    y: FloatArray,
    yo: number,
  ): void {
    let p = ao;
    let q = bo;
    switch (f) {
      case "add":
        for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) + (b[q] as number);
        break;
      case "sub":
        for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) - (b[q] as number);
        break;
      case "mul":
        for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) * (b[q] as number);
        break;
      case "div":
        for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (a[p] as number) / (b[q] as number);
        break;
      case "maximum":
        for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = Math.max(a[p] as number, b[q] as number);
        break;
      case "minimum":
        for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = Math.min(a[p] as number, b[q] as number);
        break;
      case "tanhGrad":
        for (let i = 0; i < n; i++, p += da, q += db) {
          const out = b[q] as number;
          y[yo + i] = (a[p] as number) * round(1 - round(out * out));
        }
        break;
      case "sigmoidGrad":
        for (let i = 0; i < n; i++, p += da, q += db) {
          const out = b[q] as number;
          y[yo + i] = round((a[p] as number) * out) * round(1 - out);
        }
        break;
      case "reluGrad":
        for (let i = 0; i < n; i++, p += da, q += db) y[yo + i] = (b[q] as number) > 0 ? (a[p] as number) : 0;
        break;
    }
  }

  return {
    unary,

    binary(f, mode, n, a, ao, b, bo, y, yo, width) {
      if (mode === "row") {
        for (let i = 0; i < n; i += width) pairs(f, width, a, ao + i, 1, b, bo, 1, y, yo + i);
      } else {
        pairs(f, n, a, ao, mode === "scalarLeft" ? 0 : 1, b, bo, mode === "scalar" ? 0 : 1, y, yo);
      }
    },

    axpy(n, alpha, x, xo, y, yo) {
      const factor = round(alpha);
      for (let i = 0; i < n; i++) y[yo + i] = (y[yo + i] as number) + round(factor * (x[xo + i] as number));
    },
  };
}
