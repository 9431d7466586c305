/**
 * What a row of the table of operations says.
 *
 * @module
 */
import { type DType, DTypeError, type Tensor, type UnrollError } from "../../src/index.js";
import { map, type Plain, sizeOf } from "./plain.js";

/** One input: floating numbers are tried as float64 and as float32, others have the dtype that stands here. */
export interface Input extends Plain {
  readonly dtype?: DType;
}

export interface Sample {
  readonly name: string;
  readonly inputs: readonly Input[];
  /** Whether derivatives are compared with differences here: not where they jump or the numbers are extreme (default true). */
  readonly smooth?: boolean;
}

/** A call that must fail. */
export interface Wrong {
  readonly name: string;
  readonly call: () => unknown;
  readonly error: new (message: string) => UnrollError;
  /** What the message must say. */
  readonly says: RegExp;
}

export interface Row {
  readonly name: string;
  readonly run: (...inputs: Tensor[]) => Tensor;
  /** The same in plain numbers. */
  readonly reference: (...inputs: Plain[]) => Plain;
  readonly samples: readonly Sample[];
  /** Whether results have gradients (default true). */
  readonly differentiable?: boolean;
  /** Dtype of the result where it is not that of the first input. */
  readonly dtype?: DType;
  /** Relative tolerances where a result is more than one rounding away. */
  readonly tolerance?: { readonly float64?: number; readonly float32?: number };
  readonly wrong?: readonly Wrong[];
}

export const input = (shape: readonly number[], data: readonly number[], dtype?: DType): Input => {
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} numbers for shape ${shape}`);
  return dtype === undefined ? { shape, data } : { shape, data, dtype };
};

/** Numbers without pattern, from −2 to 2 and none nearer to zero than 0.1, equal for equal arguments. */
export function numbers(shape: readonly number[], salt = 0): Input {
  const data = Array.from({ length: sizeOf(shape) }, (_, k) => {
    const u = ((k * 73 + salt * 31 + 17) * 7919) % 1009;
    const size = 0.1 + (1.9 * (u % 500)) / 500;
    return u < 505 ? size : -size;
  });
  return { shape, data };
}

/** The same without their signs. */
export const positives = (shape: readonly number[], salt = 0): Input => ({
  shape,
  data: numbers(shape, salt).data.map(Math.abs),
});

/** Zeros of both signs, infinities, NaN, very large and very small numbers, and numbers below the smallest normal one. */
export const extremes: readonly number[] = [
  ...[0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
  ...[1, -1, 1e30, -1e30, 1e-30, -1e-30, 1e-40, -3e-42, 2e-310],
];

/** What every operation of one argument is tried on. */
export const oneArgument: readonly Sample[] = [
  { name: "ordinary numbers", inputs: [numbers([2, 3])] },
  { name: "three dimensions", inputs: [numbers([2, 3, 4], 1)] },
  { name: "no dimension", inputs: [numbers([], 2)] },
  { name: "no element", inputs: [numbers([0, 3])] },
  { name: "extreme numbers", inputs: [input([extremes.length], extremes)], smooth: false },
];

/** What every operation of two arguments that broadcasts is tried on. */
export const twoArguments: readonly Sample[] = [
  { name: "equal shapes", inputs: [numbers([2, 3]), numbers([2, 3], 5)] },
  { name: "a row for every row", inputs: [numbers([4, 3]), numbers([3], 5)] },
  { name: "a column for every column", inputs: [numbers([4, 3]), numbers([4, 1], 5)] },
  { name: "a row and a column", inputs: [numbers([3, 1]), numbers([1, 4], 5)] },
  { name: "one number on the right", inputs: [numbers([2, 3]), numbers([], 5)] },
  { name: "one number on the left", inputs: [numbers([1, 1]), numbers([2, 3], 5)] },
  { name: "axes missing on the left", inputs: [numbers([3]), numbers([2, 1, 3], 5)] },
  { name: "a middle axis stretched", inputs: [numbers([2, 1, 3]), numbers([2, 4, 3], 5)] },
  { name: "no element", inputs: [numbers([0, 3]), numbers([3], 5)] },
  {
    name: "extreme numbers, each with each",
    inputs: [input([extremes.length, 1], extremes), input([1, extremes.length], extremes)],
    smooth: false,
  },
];

/** An operation of one argument that treats each element by itself. */
export function unaryRow(
  name: string,
  run: (x: Tensor) => Tensor,
  f: (x: number) => number,
  more: Partial<Row> = {},
): Row {
  return { name, run, reference: (x) => map(x as Plain, f), samples: oneArgument, ...more };
}

/** Relative tolerances for sums and products of a handful of numbers. */
export const ordinary = { float64: 1e-14, float32: 1e-6 };

/** Indices must be whole numbers. */
export const refusesFractions = (call: () => unknown): Wrong => ({
  name: "indices that are no whole numbers",
  call,
  error: DTypeError,
  says: /whole indices, got a float32 tensor.*\{ dtype: "int64" \}/s,
});
