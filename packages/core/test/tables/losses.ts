/** Losses as functions. */
import { DTypeError, functional as F, OptionError, ShapeError, type Tensor, tensor } from "../../src/index.js";
import { alongAxis, at, build, logSoftmax, map, type Plain, scalar, sum, zip } from "./plain.js";
import {
  type Input,
  input,
  numbers,
  ordinary,
  positives,
  type Row,
  refusesFractions,
  type Sample,
  type Wrong,
} from "./row.js";

const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

type Reduction = "mean" | "sum" | "none";
const reductions: readonly Reduction[] = ["mean", "sum", "none"];

const reduced = (x: Plain, reduction: Reduction): Plain =>
  reduction === "none" ? x : scalar(reduction === "sum" ? sum(x.data) : sum(x.data) / x.data.length);

function pairWrong(call: (x: Tensor, y: Tensor, options?: object) => unknown): readonly Wrong[] {
  const half = tensor([0.5, 0.5]);
  return [
    {
      name: "shapes that differ",
      call: () => call(half, tensor([[0.5, 0.5]])),
      error: ShapeError,
      says: /\[1, 2\] must be the same as input size \[2\]/,
    },
    {
      name: "a reduction that does not exist",
      call: () => call(half, half, { reduction: "avg" }),
      error: OptionError,
      says: /"mean" or "sum" or "none", got "avg"/,
    },
    {
      name: "an option that does not exist",
      call: () => call(half, half, { reductoin: "sum" }),
      error: OptionError,
      says: /Did you mean 'reduction'/,
    },
  ];
}

const pairSamples: readonly Sample[] = [
  { name: "two dimensions", inputs: [numbers([3, 4]), numbers([3, 4], 5)] },
  { name: "one number", inputs: [numbers([]), numbers([], 5)] },
];

const shares = (shape: readonly number[], salt = 0): Input => map(positives(shape, salt), (x) => x / 2.5);

const pairLosses: readonly Row[] = reductions.flatMap((reduction): Row[] => [
  {
    name: `mseLoss (${reduction})`,
    run: (x, y) => F.mseLoss(x as Tensor, y as Tensor, { reduction }),
    reference: (x, y) =>
      reduced(
        zip(x as Plain, y as Plain, (a, b) => (a - b) ** 2),
        reduction,
      ),
    samples: pairSamples,
    tolerance: ordinary,
    wrong: pairWrong(F.mseLoss),
  },
  {
    name: `l1Loss (${reduction})`,
    run: (x, y) => F.l1Loss(x as Tensor, y as Tensor, { reduction }),
    reference: (x, y) =>
      reduced(
        zip(x as Plain, y as Plain, (a, b) => Math.abs(a - b)),
        reduction,
      ),
    samples: pairSamples,
    tolerance: ordinary,
    wrong: pairWrong(F.l1Loss),
  },
  {
    name: `binaryCrossEntropy (${reduction})`,
    run: (x, y, w) => F.binaryCrossEntropy(x as Tensor, y as Tensor, { reduction, weight: w?.detach() ?? null }),
    reference: (x, y, w) => {
      const held = (p: number): number => Math.max(Math.log(p), -100);
      const loss = zip(x as Plain, y as Plain, (p, q) => -q * held(p) - (1 - q) * held(1 - p));
      return reduced(w === undefined ? loss : zip(loss, w, (a, b) => a * b), reduction);
    },
    samples: [
      { name: "shares", inputs: [shares([3, 2]), shares([3, 2], 5)] },
      { name: "the ends", inputs: [input([4], [0, 1, 0, 1]), input([4], [0, 1, 1, 0])], smooth: false },
      { name: "weights", inputs: [shares([3, 2]), shares([3, 2], 5), positives([2], 7)], smooth: false },
    ],
    tolerance: { float64: 1e-14, float32: 2e-6 },
    wrong: [
      ...pairWrong(F.binaryCrossEntropy),
      {
        name: "logits",
        call: () => F.binaryCrossEntropy(tensor([1.5]), tensor([1])),
        error: OptionError,
        says: /from 0 to 1, got 1.5.*binaryCrossEntropyWithLogits/s,
      },
    ],
  },
  {
    name: `binaryCrossEntropyWithLogits (${reduction})`,
    run: (x, y, p, w) =>
      F.binaryCrossEntropyWithLogits(x as Tensor, y as Tensor, {
        reduction,
        posWeight: p?.detach() ?? null,
        weight: w?.detach() ?? null,
      }),
    reference: (x, y, p, w) => {
      const softplus = map(x as Plain, (v) => Math.max(-v, 0) + Math.log1p(Math.exp(-Math.abs(v))));
      const factor = zip(y as Plain, p ?? scalar(1), (q, weight) => 1 + (weight - 1) * q);
      const first = zip(x as Plain, y as Plain, (v, q) => (1 - q) * v);
      const loss = zip(
        first,
        zip(factor, softplus, (a, b) => a * b),
        (a, b) => a + b,
      );
      return reduced(w === undefined ? loss : zip(loss, w, (a, b) => a * b), reduction);
    },
    samples: [
      { name: "logits", inputs: [numbers([3, 2]), shares([3, 2], 5)] },
      { name: "large logits", inputs: [input([4], [1000, -1000, 80, -80]), input([4], [1, 0, 0, 1])], smooth: false },
      {
        name: "weights",
        inputs: [numbers([3, 2]), shares([3, 2], 5), positives([2], 7), positives([3, 1], 8)],
        smooth: false,
      },
    ],
    tolerance: ordinary,
    wrong: pairWrong(F.binaryCrossEntropyWithLogits),
  },
]);

/** Cross-entropy by its definition, from log-probabilities with the classes on axis 1 (axis 0 of a single row). */
function likelihood(
  lp: Plain,
  target: Plain,
  options: { weight?: readonly number[]; ignoreIndex?: number; smoothing?: number; reduction: Reduction },
): Plain {
  const { weight, ignoreIndex = -100, smoothing = 0, reduction } = options;
  const classAxis = lp.shape.length === 1 ? 0 : 1;
  const classes = lp.shape[classAxis] as number;
  const share = (place: number[], c: number): number => at(lp, place.toSpliced(classAxis, 0, c));
  const w = (c: number): number => weight?.[c] ?? 1;
  let divisor = 0;
  const losses = build(target.shape, (place) => {
    const t = at(target, place);
    if (t === ignoreIndex) return 0;
    divisor += w(t);
    const all = Array.from({ length: classes }, (_, c) => w(c) * share(place, c));
    return -(1 - smoothing) * w(t) * share(place, t) - (smoothing / classes) * sum(all);
  });
  if (reduction === "none") return losses;
  return scalar(reduction === "sum" ? sum(losses.data) : sum(losses.data) / divisor);
}

const classSamples: readonly Sample[] = [
  { name: "rows", inputs: [numbers([4, 3]), input([4], [2, 0, 0, 1], "int64")] },
  { name: "one row", inputs: [numbers([3]), input([], [2], "int64")] },
  { name: "a batch of rows in time", inputs: [numbers([2, 3, 2]), input([2, 2], [0, 1, 2, 2], "int64")] },
  { name: "rows to ignore", inputs: [numbers([4, 3]), input([4], [2, -100, 0, -100], "int64")] },
];

const classWrong = (call: (x: Tensor, t: Tensor | number[], options?: object) => unknown): readonly Wrong[] => [
  {
    name: "a class that is not there",
    call: () => call(matrix, [0, 3]),
    error: ShapeError,
    says: /target 3 at position 1 is out of bounds.*0 to 2.*-100/s,
  },
  {
    name: "another number of targets",
    call: () => call(matrix, [0, 1, 2]),
    error: ShapeError,
    says: /target of shape \[2\].*\[2, 3\].*got \[3\]/s,
  },
  refusesFractions(() => call(matrix, tensor([0, 1]))),
  {
    name: "weights for other classes",
    call: () => call(matrix, [0, 1], { weight: tensor([1, 2]) }),
    error: ShapeError,
    says: /each of 3 classes.*got \[2\]/s,
  },
];

const classWeights = [0.5, 2, 1.25];

const classLosses: readonly Row[] = reductions.flatMap((reduction): Row[] => {
  const logits = (x: Plain): Plain => alongAxis(x, x.shape.length === 1 ? 0 : 1, logSoftmax);
  return [
    {
      name: `crossEntropy (${reduction})`,
      run: (x, t) => F.crossEntropy(x as Tensor, t as Tensor, { reduction }),
      reference: (x, t) => likelihood(logits(x as Plain), t as Plain, { reduction }),
      samples: classSamples,
      tolerance: ordinary,
      wrong: [
        ...classWrong(F.crossEntropy),
        {
          name: "an input that is no tensor",
          call: () => F.crossEntropy("logits" as unknown as Tensor, matrix, { reduction }),
          error: OptionError,
          says: /expected a Tensor, got "logits"/,
        },
        {
          name: "probabilities of another shape",
          call: () => F.crossEntropy(matrix, tensor([[0.5, 0.5]]), { reduction }),
          error: DTypeError,
          says: /probabilities in the shape of the input, \[2, 3\], or whole classes of shape \[2\]; got float32 numbers of shape \[1, 2\]/,
        },
        {
          name: "too much smoothing",
          call: () => F.crossEntropy(matrix, [0, 1], { labelSmoothing: 1.2 }),
          error: OptionError,
          says: /labelSmoothing to be a number in \[0, 1\], got 1.2/,
        },
      ],
    },
    {
      name: `crossEntropy, weighted and smoothed (${reduction})`,
      run: (x, t) =>
        F.crossEntropy(x as Tensor, t as Tensor, {
          reduction,
          weight: tensor(classWeights, { dtype: "float64" }),
          labelSmoothing: 0.2,
          ignoreIndex: 1,
        }),
      reference: (x, t) =>
        likelihood(logits(x as Plain), t as Plain, { reduction, weight: classWeights, smoothing: 0.2, ignoreIndex: 1 }),
      samples: classSamples.slice(0, 3),
      tolerance: ordinary,
    },
    {
      name: `crossEntropy with probabilities (${reduction})`,
      run: (x, q) => F.crossEntropy(x as Tensor, (q as Tensor).detach(), { reduction, labelSmoothing: 0.1 }),
      reference: (x, q) => {
        const lp = logits(x as Plain);
        const parts = zip(lp, q as Plain, (l, p) => -l * (p * 0.9 + 0.1 / 3));
        const losses = build(parts.shape.toSpliced(1, 1), (place) =>
          sum([0, 1, 2].map((c) => at(parts, place.toSpliced(1, 0, c)))),
        );
        return reduced(losses, reduction);
      },
      samples: [
        { name: "rows", inputs: [numbers([4, 3]), shares([4, 3], 5)] },
        { name: "a batch of rows in time", inputs: [numbers([2, 3, 2]), shares([2, 3, 2], 5)] },
      ].map((sample) => ({ ...sample, smooth: false })),
      tolerance: ordinary,
    },
    {
      name: `nllLoss (${reduction})`,
      run: (x, t) =>
        F.nllLoss(x as Tensor, t as Tensor, { reduction, weight: tensor(classWeights, { dtype: "float64" }) }),
      reference: (x, t) => likelihood(x as Plain, t as Plain, { reduction, weight: classWeights }),
      samples: classSamples,
      tolerance: ordinary,
      wrong: classWrong(F.nllLoss),
    },
  ];
});

export const lossRows: readonly Row[] = [...pairLosses, ...classLosses];
