/** Operations of two arguments that treat each element by itself, with broadcasting; in place too. */
import { DTypeError, GradientError, OptionError, ShapeError, type Tensor, tensor } from "../../src/index.js";
import { broadcastAt, broadcastShape, build, type Plain, zip } from "./plain.js";
import { type Input, input, numbers, positives, type Row, twoArguments, unaryRow as unary, type Wrong } from "./row.js";

function binary(
  name: string,
  run: (x: Tensor, y: Tensor) => Tensor,
  f: (x: number, y: number) => number,
  more: Partial<Row> = {},
): Row {
  return {
    name,
    run: run as Row["run"],
    reference: (x, y) => zip(x as Plain, y as Plain, f),
    samples: twoArguments,
    ...more,
  };
}

type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
type Binary = "add" | "sub" | "mul" | "div" | "maximum" | "minimum" | "pow" | Comparison;

/** What goes wrong in every operation of two arguments. */
const mismatch = (name: Binary): readonly Wrong[] => [
  {
    name: "shapes that do not broadcast",
    call: () => tensor([[1, 2, 3]])[name](tensor([1, 2])),
    error: ShapeError,
    says: /\[1, 3\] and \[2\] do not broadcast.*got 3 and 2/s,
  },
  {
    name: "something that is no tensor",
    call: () => tensor([1])[name]("2" as unknown as number),
    error: OptionError,
    says: /expected a Tensor or a number, got "2"/,
  },
];

const larger = (x: number, y: number): number => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.max(x, y));
const smaller = (x: number, y: number): number => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.min(x, y));

const binaryRows: readonly Row[] = [
  binary(
    "add",
    (x, y) => x.add(y),
    (x, y) => x + y,
    { wrong: mismatch("add") },
  ),
  binary(
    "sub",
    (x, y) => x.sub(y),
    (x, y) => x - y,
    {
      wrong: [
        ...mismatch("sub"),
        {
          name: "two truth values",
          call: () => tensor([true]).sub(tensor([false])),
          error: DTypeError,
          says: /two bool tensors/,
        },
      ],
    },
  ),
  binary(
    "mul",
    (x, y) => x.mul(y),
    (x, y) => x * y,
    { wrong: mismatch("mul") },
  ),
  binary(
    "div",
    (x, y) => x.div(y),
    (x, y) => x / y,
    { wrong: mismatch("div") },
  ),
  binary("maximum", (x, y) => x.maximum(y), larger, { wrong: mismatch("maximum") }),
  binary("minimum", (x, y) => x.minimum(y), smaller, { wrong: mismatch("minimum") }),
  binary(
    "pow",
    (x, y) => x.pow(y),
    (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y),
    {
      samples: [
        { name: "positive bases", inputs: [positives([2, 3]), numbers([2, 3], 3)] },
        { name: "whole exponents", inputs: [numbers([5, 1]), input([4], [-2, 1, 2, 3])], smooth: false },
        ...twoArguments.map((sample) => ({ ...sample, smooth: false })),
      ],
      wrong: mismatch("pow"),
    },
  ),
];

const numberRows: readonly Row[] = [
  unary(
    "add a number",
    (x) => x.add(0.5),
    (x) => x + 0.5,
  ),
  unary(
    "sub a number",
    (x) => x.sub(0.5),
    (x) => x - 0.5,
  ),
  unary(
    "mul by a number",
    (x) => x.mul(-1.5),
    (x) => x * -1.5,
  ),
  unary(
    "div by a number",
    (x) => x.div(4),
    (x) => x / 4,
  ),
  unary(
    "maximum of a number",
    (x) => x.maximum(0.25),
    (x) => larger(x, 0.25),
  ),
  unary(
    "minimum of a number",
    (x) => x.minimum(0.25),
    (x) => smaller(x, 0.25),
  ),
  unary(
    "lt a number",
    (x) => x.lt(0.25),
    (x) => Number(x < 0.25),
    { dtype: "bool", differentiable: false },
  ),
  unary(
    "ge a number",
    (x) => x.ge(0.25),
    (x) => Number(x >= 0.25),
    { dtype: "bool", differentiable: false },
  ),
];

const comparison = (name: Comparison, f: (x: number, y: number) => boolean): Row =>
  binary(
    name,
    (x, y) => x[name](y),
    (x, y) => Number(f(x, y)),
    {
      dtype: "bool",
      differentiable: false,
      wrong: mismatch(name),
    },
  );

const comparisonRows: readonly Row[] = [
  comparison("eq", (x, y) => x === y),
  comparison("ne", (x, y) => x !== y),
  comparison("lt", (x, y) => x < y),
  comparison("le", (x, y) => x <= y),
  comparison("gt", (x, y) => x > y),
  comparison("ge", (x, y) => x >= y),
];

const whether = (shape: readonly number[], values: readonly number[]): Input => input(shape, values, "bool");

const whereRow: Row = {
  name: "where",
  run: (x, condition, y) => (x as Tensor).where(condition as Tensor, y as Tensor),
  reference: (x, condition, y) => {
    const [a, c, b] = [x as Plain, condition as Plain, y as Plain];
    return build(broadcastShape(a.shape, c.shape, b.shape), (index) =>
      broadcastAt(broadcastAt(c, index) !== 0 ? a : b, index),
    );
  },
  samples: [
    { name: "equal shapes", inputs: [numbers([2, 3]), whether([2, 3], [1, 0, 1, 1, 0, 0]), numbers([2, 3], 5)] },
    { name: "all three broadcast", inputs: [numbers([3, 1]), whether([4], [1, 0, 0, 1]), numbers([], 5)] },
    { name: "no element", inputs: [numbers([0]), whether([0], []), numbers([0], 5)] },
    {
      name: "NaN on the side not taken",
      inputs: [input([2], [1, Number.NaN]), whether([2], [1, 0]), input([2], [Number.NaN, 2])],
      smooth: false,
    },
  ],
  wrong: [
    {
      name: "a condition that is no tensor",
      call: () => tensor([1]).where(true as unknown as Tensor, 0),
      error: OptionError,
      says: /where: expected a Tensor, got true/,
    },
    {
      name: "a condition that does not broadcast",
      call: () => tensor([1, 2]).where(tensor([true, false, true]), 0),
      error: ShapeError,
      says: /do not broadcast/,
    },
  ],
};

type InPlace = "add_" | "sub_" | "mul_" | "div_" | "copy_";

function inPlace(name: InPlace, f: (x: number, y: number) => number): Row {
  return binary(name, (x, y) => x.clone()[name](y), f, {
    samples: twoArguments.filter(({ inputs }) => {
      const [x, y] = inputs as [Input, Input];
      return String(broadcastShape(x.shape, y.shape)) === String(x.shape);
    }),
    wrong: [
      {
        name: "more elements than there is room for",
        call: () =>
          tensor([1, 2])[name](
            tensor([
              [1, 2],
              [3, 4],
            ]),
          ),
        error: ShapeError,
        says: /expected .* shape \[2\], got (shape )?\[2, 2\]/,
      },
      {
        name: "a leaf that requires a gradient",
        call: () => tensor([1, 2], { requiresGrad: true })[name](tensor([1, 2])),
        error: GradientError,
        says: /leaf that requires a gradient.*noGrad\(\).*clone\(\)/s,
      },
    ],
  });
}

const inPlaceRows: readonly Row[] = [
  inPlace("add_", (x, y) => x + y),
  inPlace("sub_", (x, y) => x - y),
  inPlace("mul_", (x, y) => x * y),
  inPlace("div_", (x, y) => x / y),
  inPlace("copy_", (_, y) => y),
  unary(
    "add_ a number",
    (x) => x.clone().add_(0.5),
    (x) => x + 0.5,
  ),
  unary(
    "mul_ by a number",
    (x) => x.clone().mul_(-1.5),
    (x) => x * -1.5,
  ),
  unary(
    "mul_ by itself",
    (x) => {
      const y = x.clone();
      return y.mul_(y);
    },
    (x) => x * x,
  ),
  unary(
    "fill_",
    (x) => x.mul(2).fill_(3),
    () => 3,
    {
      wrong: [
        {
          name: "a number that the dtype cannot hold",
          call: () => tensor([1], { dtype: "int8" }).fill_(300),
          error: DTypeError,
          says: /from -128 to 127 for int8, got 300.*\.to\("int8"\)/s,
        },
      ],
    },
  ),
  unary(
    "zero_",
    (x) => x.mul(2).zero_(),
    () => 0,
  ),
];

export const pairRows: readonly Row[] = [...binaryRows, ...numberRows, ...comparisonRows, whereRow, ...inPlaceRows];
