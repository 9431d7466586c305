/** Operations that make fewer numbers out of many, and those that work along an axis. */
import { DTypeError, functional as F, OptionError, ShapeError, type Tensor, tensor } from "../../src/index.js";
import { allAxes, alongAxis, build, logSoftmax, map, type Plain, reduce, scalar, sum } from "./plain.js";
import { input, numbers, type Row, type Sample } from "./row.js";

const samples: readonly Sample[] = [
  { name: "two dimensions", inputs: [numbers([3, 4])] },
  { name: "three dimensions", inputs: [numbers([2, 3, 5], 1)] },
  { name: "an axis longer than four chains", inputs: [numbers([2, 9], 2)] },
  { name: "not a number among numbers", inputs: [input([2, 2], [1, Number.NaN, 3, 4])], smooth: false },
  {
    name: "infinities",
    inputs: [input([2, 2], [1, Number.POSITIVE_INFINITY, 3, Number.NEGATIVE_INFINITY])],
    smooth: false,
  },
];

const scalars: readonly Sample[] = [{ name: "no dimension", inputs: [numbers([], 2)] }];
const nothing: readonly Sample[] = [{ name: "no element", inputs: [numbers([0, 3])] }];

/** What has no variance. */
const unsmooth: readonly Sample[] = [...scalars, ...nothing].map((sample) => ({ ...sample, smooth: false }));

type Fold = (values: number[]) => number;

/** An operation over everything, over one axis, over several, with and without keeping them. */
function reduction(
  name: string,
  run: (x: Tensor, axis?: number | number[], options?: { keepdim: boolean }) => Tensor,
  f: Fold,
  more: Partial<Row> & { readonly everything?: readonly Sample[] } = {},
): Row[] {
  const { everything = [...scalars, ...nothing], ...rest } = more;
  const forms: [string, number[] | undefined, boolean][] = [
    ["over everything", undefined, false],
    ["over the last axis", [-1], false],
    ["over the first axis, kept", [0], true],
    ["over two axes", [0, 1], false],
  ];
  return forms.map(([form, axes, keepdim], i) => ({
    name: `${name} ${form}`,
    run: (x) =>
      axes === undefined
        ? run(x as Tensor)
        : run(x as Tensor, axes.length === 1 ? (axes[0] as number) : axes, { keepdim }),
    reference: (plain) => {
      const x = plain as Plain;
      const wanted = axes?.map((axis) => (axis < 0 ? axis + x.shape.length : axis)) ?? allAxes(x);
      return reduce(x, wanted, keepdim, f);
    },
    tolerance: { float64: 1e-14, float32: 1e-6 },
    ...rest,
    samples: [...(more.samples ?? samples), ...(axes === undefined ? everything : [])],
    wrong: i === 0 ? (more.wrong ?? []) : [],
  }));
}

const axisOutside = (call: () => unknown): NonNullable<Row["wrong"]>[number] => ({
  name: "an axis that is not there",
  call,
  error: ShapeError,
  says: /expected an axis from -2 to 1, got 2/,
});

const mean: Fold = (values) => sum(values) / values.length;
const variance =
  (correction: number): Fold =>
  (values) => {
    const m = mean(values);
    return sum(values.map((v) => (v - m) ** 2)) / Math.max(values.length - correction, 0);
  };
const pNorm =
  (p: number): Fold =>
  (values) =>
    p === Number.POSITIVE_INFINITY
      ? largest(values.map(Math.abs))
      : sum(values.map((v) => Math.abs(v) ** p)) ** (1 / p);
const largest: Fold = (values) => (values.some(Number.isNaN) ? Number.NaN : Math.max(...values));
const smallest: Fold = (values) => (values.some(Number.isNaN) ? Number.NaN : Math.min(...values));

const square = tensor([
  [1, 2],
  [3, 4],
]);
const whole = tensor([1, 2], { dtype: "int64" });

const norms: Row[] = [1, 2, 3, 1.5, Number.POSITIVE_INFINITY].flatMap((p) =>
  reduction(
    `norm (p = ${p})`,
    (x, axis, options) => x.norm(axis === undefined ? { p } : { p, axis, ...options }),
    pNorm(p),
    {
      samples: samples.slice(0, 3),
      everything: scalars,
      tolerance: { float64: 1e-13, float32: 1e-6 },
    },
  ),
);

/** values[index] of a line, for the largest or the smallest; NaN wins, then the first. */
function best(line: readonly number[], larger: boolean): number {
  const nan = line.findIndex(Number.isNaN);
  return nan >= 0 ? nan : line.indexOf(larger ? Math.max(...line) : Math.min(...line));
}

const notEmpty = (name: "max" | "min" | "argmax" | "argmin"): NonNullable<Row["wrong"]> => [
  {
    name: "no element",
    call: () => tensor([])[name](),
    error: ShapeError,
    says: /expected at least one element.*\[0\]/s,
  },
  {
    name: "an option that does not exist",
    call: () => square[name](0, { keepDim: true } as object),
    error: OptionError,
    says: /Did you mean 'keepdim'/,
  },
  axisOutside(() => square[name](2)),
];

const extremumSamples = [
  ...samples,
  { name: "equal numbers", inputs: [input([2, 3], [1, 3, 3, 2, 2, 1])], smooth: false },
];

const extrema: Row[] = ([true, false] as const).flatMap((larger) => {
  const name = larger ? "max" : "min";
  const arg = larger ? "argmax" : "argmin";
  return [
    {
      name: `${name} of everything`,
      run: (x) => (x as Tensor)[name](),
      reference: (x) => scalar((larger ? largest : smallest)([...(x as Plain).data])),
      samples: [...extremumSamples, ...scalars],
      wrong: notEmpty(name),
    },
    {
      name: `${name} along an axis`,
      run: (x) => (x as Tensor)[name](0).values,
      reference: (x) => reduce(x as Plain, [0], false, (line) => line[best(line, larger)] as number),
      samples: extremumSamples,
    },
    {
      name: `${name} along an axis, kept`,
      run: (x) => (x as Tensor)[name](-1, { keepdim: true }).values,
      reference: (x) => {
        const plain = x as Plain;
        return reduce(plain, [plain.shape.length - 1], true, (line) => line[best(line, larger)] as number);
      },
      samples: extremumSamples,
    },
    {
      name: `places of ${name} along an axis`,
      run: (x) => (x as Tensor)[name](1).indices,
      reference: (x) => reduce(x as Plain, [1], false, (line) => best(line, larger)),
      samples: extremumSamples,
      differentiable: false,
      dtype: "int64",
    },
    {
      name: `${arg} of everything`,
      run: (x) => (x as Tensor)[arg](),
      reference: (x) => scalar(best((x as Plain).data, larger)),
      samples: [...extremumSamples, ...scalars],
      differentiable: false,
      dtype: "int64",
      wrong: notEmpty(arg),
    },
    {
      name: `${arg} along an axis, kept`,
      run: (x) => (x as Tensor)[arg](0, { keepdim: true }),
      reference: (x) => reduce(x as Plain, [0], true, (line) => best(line, larger)),
      samples: extremumSamples,
      differentiable: false,
      dtype: "int64",
    },
  ] satisfies Row[];
});

/** An operation that turns a line into a line, along the first and the last axis. */
function lines(
  name: string,
  run: (x: Tensor, axis: number) => Tensor,
  f: (line: number[]) => number[],
  more: Partial<Row> = {},
): Row[] {
  return ([0, -1] as const).map((axis) => ({
    name: `${name} along axis ${axis}`,
    run: (x) => run(x as Tensor, axis),
    reference: (plain) => {
      const x = plain as Plain;
      if (x.shape.length === 0) return scalar(f([...x.data])[0] as number);
      return alongAxis(x, axis < 0 ? axis + x.shape.length : axis, f);
    },
    samples: [
      ...samples.slice(0, 3),
      ...scalars,
      { name: "no line", inputs: [numbers([0, 3])] },
      ...(more.samples ?? []),
    ],
    tolerance: { float64: 1e-14, float32: 1e-6 },
    wrong: axis === 0 ? (more.wrong ?? []) : [],
  }));
}

const farApart: Sample = {
  name: "numbers far apart",
  inputs: [input([2, 3], [1000, 0, -1000, 1e30, 1e30, -1e30])],
  smooth: false,
};

const softmaxWrong = (name: "softmax" | "logSoftmax"): NonNullable<Row["wrong"]> => [
  {
    name: "whole numbers",
    call: () => whole[name](0),
    error: DTypeError,
    says: /expected a float32 or float64 tensor, got int64.*\.to\("float32"\)/s,
  },
  axisOutside(() => square[name](2)),
];

const running = (line: number[]): number[] => {
  let total = 0;
  return line.map((value) => {
    total += value;
    return total;
  });
};

export const reductionRows: readonly Row[] = [
  ...reduction("sum", (x, axis, options) => x.sum(axis, options), sum, {
    wrong: [
      axisOutside(() => square.sum(2)),
      {
        name: "an axis twice",
        call: () => square.sum([0, -2]),
        error: ShapeError,
        says: /expected each axis once, got \[0,-2\]/,
      },
      {
        name: "an option that does not exist",
        call: () => square.sum(0, { keepDim: true } as object),
        error: OptionError,
        says: /Did you mean 'keepdim'/,
      },
    ],
  }),
  ...reduction("mean", (x, axis, options) => x.mean(axis, options), mean, {
    wrong: [
      { name: "whole numbers", call: () => whole.mean(), error: DTypeError, says: /got int64.*\.to\("float32"\)/s },
    ],
  }),
  ...reduction("var", (x, axis, options) => x.var(axis, options), variance(1), {
    wrong: [
      { name: "whole numbers", call: () => whole.var(), error: DTypeError, says: /got int64.*\.to\("float32"\)/s },
    ],
    everything: unsmooth,
  }),
  ...reduction("biased var", (x, axis, options) => x.var(axis, { ...options, correction: 0 }), variance(0), {
    everything: unsmooth,
  }),
  ...reduction(
    "std",
    (x, axis, options) => x.std(axis, options),
    (values) => Math.sqrt(variance(1)(values)),
    {
      samples: samples.slice(0, 3),
      everything: unsmooth,
    },
  ),
  ...norms,
  {
    name: "norm of large numbers",
    run: (x) => (x as Tensor).norm(),
    reference: (x) => scalar(Math.hypot(...(x as Plain).data)),
    samples: [{ name: "squares beyond float32", inputs: [input([2], [3e30, 4e30])], smooth: false }],
    wrong: [
      {
        name: "a p that is no norm",
        call: () => square.norm({ p: 0 }),
        error: OptionError,
        says: /expected p to be a number > 0, got 0/,
      },
    ],
  },
  ...extrema,
  ...lines("cumsum", (x, axis) => x.cumsum(axis), running, { wrong: [axisOutside(() => square.cumsum(2))] }),
  ...lines(
    "softmax",
    (x, axis) => x.softmax(axis),
    (line) => logSoftmax(line).map(Math.exp),
    {
      samples: [farApart],
      wrong: softmaxWrong("softmax"),
    },
  ),
  ...lines("logSoftmax", (x, axis) => x.logSoftmax(axis), logSoftmax, {
    samples: [farApart],
    wrong: softmaxWrong("logSoftmax"),
  }),
  ...lines("functional.softmax", F.softmax, (line) => logSoftmax(line).map(Math.exp)),
  ...lines("functional.logSoftmax", F.logSoftmax, logSoftmax),
  {
    name: "sum of whole numbers",
    run: (x) => (x as Tensor).sum(),
    reference: (x) => scalar(sum((x as Plain).data)),
    samples: [
      { name: "bytes", inputs: [input([3], [200, 100, 50], "uint8")] },
      { name: "truth values", inputs: [input([3], [1, 0, 1], "bool")] },
    ],
    differentiable: false,
    dtype: "int64",
  },
  {
    name: "layerNorm without weights",
    run: (x) => F.layerNorm(x as Tensor, [4]),
    reference: (x) =>
      alongAxis(x as Plain, (x as Plain).shape.length - 1, (line) =>
        line.map((v) => (v - mean(line)) / Math.sqrt(variance(0)(line) + 1e-5)),
      ),
    samples: [
      { name: "two dimensions", inputs: [numbers([3, 4])] },
      { name: "one dimension", inputs: [numbers([4], 1)] },
      { name: "no row", inputs: [numbers([0, 4])] },
    ],
    tolerance: { float64: 1e-13, float32: 1e-6 },
    wrong: [
      {
        name: "a shape that the input does not end in",
        call: () => F.layerNorm(square, [3]),
        error: ShapeError,
        says: /ending in \[3\], got \[2, 2\]/,
      },
      {
        name: "a weight of another shape",
        call: () => F.layerNorm(square, [2], tensor([1, 2, 3])),
        error: ShapeError,
        says: /weight of shape \[2\], got \[3\]/,
      },
    ],
  },
  {
    name: "layerNorm over two axes, with weight and bias",
    run: (x, w, b) => F.layerNorm(x as Tensor, [2, 3], w as Tensor, b as Tensor, { eps: 0.1 }),
    reference: (...inputs) => {
      const [x, w, b] = inputs as [Plain, Plain, Plain];
      const flat = { shape: [x.data.length / 6, 6], data: x.data };
      const normal = alongAxis(flat, 1, (line) =>
        line.map((v) => (v - mean(line)) / Math.sqrt(variance(0)(line) + 0.1)),
      );
      return map(
        build(x.shape, (index) => index.reduce((k, i, axis) => k * (x.shape[axis] as number) + i, 0)),
        (k) => {
          return (normal.data[k] as number) * (w.data[k % 6] as number) + (b.data[k % 6] as number);
        },
      );
    },
    samples: [{ name: "a batch", inputs: [numbers([4, 2, 3]), numbers([2, 3], 1), numbers([2, 3], 2)] }],
    tolerance: { float64: 1e-13, float32: 1e-6 },
  },
];
