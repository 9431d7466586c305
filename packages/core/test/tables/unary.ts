/** Operations of one argument that treat each element by itself. */
import { functional as F, OptionError, tensor } from "../../src/index.js";
import { input, oneArgument, positives, type Row, type Sample, unaryRow as unary } from "./row.js";

/** Where an operation is defined for x > 0 only, other numbers are tried for their values alone. */
const positive: readonly Sample[] = [
  { name: "positive numbers", inputs: [positives([2, 3])] },
  { name: "three dimensions", inputs: [positives([2, 3, 4], 1)] },
  ...oneArgument.map((sample) => ({ ...sample, smooth: false })),
];

const normalPart = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2));

/** The error function by its series and, far out, its continued fraction. Abramowitz & Stegun 7.1.6 and 7.1.14. */
function erf(x: number): number {
  if (Number.isNaN(x) || Math.abs(x) > 6) return Math.sign(x);
  if (Math.abs(x) < 2.5) {
    let term = x;
    let total = x;
    for (let n = 1; n < 120; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      total += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  }
  const z = Math.abs(x);
  let fraction = 0;
  for (let n = 200; n >= 1; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (z + fraction));
}

const cube = 0.044715;
const rootTwoOverPi = Math.sqrt(2 / Math.PI);

export const unaryRows: readonly Row[] = [
  unary(
    "neg",
    (x) => x.neg(),
    (x) => -x,
  ),
  unary("abs", (x) => x.abs(), Math.abs),
  unary("exp", (x) => x.exp(), Math.exp),
  unary("log", (x) => x.log(), Math.log, { samples: positive }),
  unary("sqrt", (x) => x.sqrt(), Math.sqrt, { samples: positive }),
  unary("sin", (x) => x.sin(), Math.sin),
  unary("cos", (x) => x.cos(), Math.cos),
  unary("tanh", (x) => x.tanh(), Math.tanh),
  unary(
    "sigmoid",
    (x) => x.sigmoid(),
    (x) => 1 / (1 + Math.exp(-x)),
  ),
  unary(
    "relu",
    (x) => x.relu(),
    (x) => (x < 0 ? 0 : x),
  ),
  unary("functional.tanh", F.tanh, Math.tanh),
  unary("functional.sigmoid", F.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  unary("functional.relu", F.relu, (x) => (x < 0 ? 0 : x)),
  unary(
    "pow by 2",
    (x) => x.pow(2),
    (x) => x * x,
  ),
  unary("pow by 0.5", (x) => x.pow(0.5), Math.sqrt, { samples: positive }),
  unary(
    "pow by -1",
    (x) => x.pow(-1),
    (x) => 1 / x,
  ),
  unary(
    "pow by 3",
    (x) => x.pow(3),
    (x) => x ** 3,
  ),
  unary(
    "pow by -2.5",
    (x) => x.pow(-2.5),
    (x) => x ** -2.5,
    { samples: positive },
  ),
  unary(
    "pow by 0",
    (x) => x.pow(0),
    () => 1,
  ),
  unary(
    "clamp to both sides",
    (x) => x.clamp({ min: -0.75, max: 1.05 }),
    (x) => (x < -0.75 ? -0.75 : x > 1.05 ? 1.05 : x),
    {
      wrong: [
        {
          name: "bounds the wrong way round",
          call: () => tensor([1]).clamp({ min: 2, max: 1 }),
          error: OptionError,
          says: /min ≤ max/,
        },
        {
          name: "an unknown bound",
          call: () => tensor([1]).clamp({ low: 1 } as object),
          error: OptionError,
          says: /unknown option 'low'/,
        },
      ],
    },
  ),
  unary(
    "clamp from below",
    (x) => x.clamp({ min: 0.3 }),
    (x) => (x < 0.3 ? 0.3 : x),
  ),
  unary(
    "clamp from above",
    (x) => x.clamp({ max: 0.3 }),
    (x) => (x > 0.3 ? 0.3 : x),
  ),
  unary(
    "functional.gelu",
    (x) => F.gelu(x),
    (x) => x * normalPart(x),
    {
      samples: oneArgument.filter(({ name }) => name !== "extreme numbers"),
      tolerance: { float64: 1e-13 },
      wrong: [
        {
          name: "an approximation that does not exist",
          call: () => F.gelu(tensor([1]), { approximate: "sigmoid" as "tanh" }),
          error: OptionError,
          says: /expected approximate "none" or "tanh", got "sigmoid"/,
        },
      ],
    },
  ),
  unary(
    "functional.gelu by tanh",
    (x) => F.gelu(x, { approximate: "tanh" }),
    (x) => 0.5 * x * (1 + Math.tanh(rootTwoOverPi * (x + cube * x ** 3))),
    { samples: oneArgument.filter(({ name }) => name !== "extreme numbers"), tolerance: { float64: 1e-13 } },
  ),
  unary(
    "functional.dropout of nothing",
    (x) => F.dropout(x, { p: 0 }),
    (x) => x,
    {
      wrong: [
        {
          name: "a probability above 1",
          call: () => F.dropout(tensor([1]), { p: 1.5 }),
          error: OptionError,
          says: /\[0, 1\], got 1.5/,
        },
      ],
    },
  ),
  unary(
    "functional.dropout after training",
    (x) => F.dropout(x, { p: 0.9, training: false }),
    (x) => x,
  ),
  unary(
    "functional.dropout of everything",
    (x) => F.dropout(x, { p: 1 }),
    (x) => x * 0,
  ),
  unary(
    "clone",
    (x) => x.clone(),
    (x) => x,
  ),
  unary(
    "contiguous",
    (x) => x.contiguous(),
    (x) => x,
  ),
  unary(
    "to float64",
    (x) => x.to("float64"),
    (x) => x,
    { dtype: "float64" },
  ),
  unary("to float32", (x) => x.to("float32"), Math.fround, {
    dtype: "float32",
    differentiable: false,
    tolerance: { float64: 0, float32: 0 },
  }),
  unary("to int32", (x) => x.to("int32"), Math.trunc, {
    dtype: "int32",
    differentiable: false,
    samples: [{ name: "fractions of both signs", inputs: [input([6], [0.5, -0.5, 1.99, -1.99, 3, -4])] }],
  }),
  unary(
    "to bool",
    (x) => x.to("bool"),
    (x) => (x === 0 ? 0 : 1),
    { dtype: "bool", differentiable: false },
  ),
];
