/** Matrix products and layers as functions. */
import { DTypeError, functional as F, OptionError, ShapeError, type Tensor, tensor } from "../../src/index.js";
import { at, broadcastAt, build, type Plain, product, sizeOf, sum, zip } from "./plain.js";
import { input, numbers, ordinary, type Row, refusesFractions, type Sample, type Wrong } from "./row.js";

const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

/** matmul by its rules: vectors count as a row on the left and a column on the right, leading axes broadcast. */
function matmul(x: Plain, y: Plain): Plain {
  const left = x.shape.length === 1 ? { ...x, shape: [1, ...x.shape] } : x;
  const right = y.shape.length === 1 ? { ...y, shape: [...y.shape, 1] } : y;
  const rows = left.shape.at(-2) as number;
  const inner = left.shape.at(-1) as number;
  const columns = right.shape.at(-1) as number;
  const leadX = build(left.shape.slice(0, -2), (index) =>
    index.reduce((k, i, axis) => k * (left.shape[axis] as number) + i, 0),
  );
  const leadY = build(right.shape.slice(0, -2), (index) =>
    index.reduce((k, i, axis) => k * (right.shape[axis] as number) + i, 0),
  );
  const lead = zip(leadX, leadY, () => 0).shape;
  const result = build([...lead, rows, columns], (index) => {
    const batch = index.slice(0, -2);
    const [i, j] = index.slice(-2) as [number, number];
    const p = broadcastAt(leadX, batch) * rows * inner;
    const q = broadcastAt(leadY, batch) * inner * columns;
    return sum(
      Array.from(
        { length: inner },
        (_, k) => (left.data[p + i * inner + k] as number) * (right.data[q + k * columns + j] as number),
      ),
    );
  });
  const shape = [...lead, ...(x.shape.length === 1 ? [] : [rows]), ...(y.shape.length === 1 ? [] : [columns])];
  return { shape, data: result.data };
}

const productSamples: readonly Sample[] = (
  [
    [
      [2, 3],
      [3, 4],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [5, 1],
      [1, 7],
    ],
    [
      [17, 9],
      [9, 13],
    ],
    [[3], [3]],
    [[3], [3, 2]],
    [[2, 3], [3]],
    [
      [4, 2, 3],
      [3, 2],
    ],
    [
      [2, 3],
      [4, 3, 2],
    ],
    [
      [2, 1, 2, 3],
      [3, 3, 2],
    ],
    [
      [0, 3],
      [3, 2],
    ],
    [
      [2, 0],
      [0, 3],
    ],
  ] as const
).map(([p, q]) => ({ name: `[${p.join(", ")}] by [${q.join(", ")}]`, inputs: [numbers(p), numbers(q, 5)] }));

const weights = numbers([4, 3], 8);

const linearRow = (bias: boolean): Row => ({
  name: `linear ${bias ? "with" : "without"} a bias`,
  run: (x, w, b) => F.linear(x as Tensor, w as Tensor, b),
  reference: (...inputs) => {
    const [x, w, b] = inputs as [Plain, Plain, Plain | undefined];
    const rows = { shape: [sizeOf(x.shape.slice(0, -1)), 3], data: x.data };
    const turned = build([3, 4], ([i, j]) => at(w, [j, i] as number[]));
    const y = product(rows, turned);
    return { shape: [...x.shape.slice(0, -1), 4], data: y.data.map((value, k) => value + (b?.data[k % 4] ?? 0)) };
  },
  samples: [[3], [2, 3], [2, 5, 3], [0, 3]].map((shape) => ({
    name: `[${shape.join(", ")}]`,
    inputs: [numbers(shape), weights, ...(bias ? [numbers([4], 9)] : [])],
  })),
  tolerance: ordinary,
  wrong: [
    {
      name: "an input of another width",
      call: () => F.linear(tensor([1, 2]), tensor([[1, 2, 3]])),
      error: ShapeError,
      says: /\[2\] and \[1, 3\], which cannot be multiplied/,
    },
    {
      name: "dtypes that differ",
      call: () => F.linear(matrix.to("float64"), matrix),
      error: DTypeError,
      says: /\(float64\) does not match weight dtype \(float32\).*\.to\("float32"\), or the module with \.to\("float64"\)/s,
    },
    {
      name: "a bias of another length",
      call: () => F.linear(matrix, matrix, tensor([1, 2, 3])),
      error: ShapeError,
      says: /bias of shape \[2\], got \[3\]/,
    },
    {
      name: "whole numbers",
      call: () => F.linear(matrix.to("int64"), matrix),
      error: DTypeError,
      says: /int64.*\.to\("float32"\)/s,
    },
  ],
});

const outside = (call: () => unknown): Wrong => ({
  name: "an index that is not there",
  call,
  error: ShapeError,
  says: /whole indices from 0 to 1, got 2 at position 1/,
});

const lookups: readonly Row[] = [
  {
    name: "embedding",
    run: (index, table) => F.embedding(index as Tensor, table as Tensor),
    reference: (...inputs) => {
      const [index, table] = inputs as [Plain, Plain];
      return build([...index.shape, 3], (place) => at(table, [at(index, place.slice(0, -1)), place.at(-1) as number]));
    },
    samples: [
      { name: "a row of indices", inputs: [input([5], [0, 2, 2, 1, 0], "int64"), numbers([4, 3])] },
      { name: "a table of indices", inputs: [input([2, 2], [3, 2, 2, 1], "uint8"), numbers([4, 3])] },
      { name: "one index", inputs: [input([], [3], "int32"), numbers([4, 3])] },
      { name: "no index", inputs: [input([0], [], "int64"), numbers([4, 3])] },
    ],
    tolerance: { float64: 0, float32: 0 },
    wrong: [
      outside(() => F.embedding([0, 2], matrix)),
      refusesFractions(() => F.embedding(tensor([0, 1]), matrix)),
      {
        name: "a weight that is no table",
        call: () => F.embedding([0], tensor([1, 2])),
        error: ShapeError,
        says: /2 dimensions, got shape \[2\]/,
      },
      {
        name: "rows of different lengths",
        call: () => F.embedding([[0, 1], [0]], matrix),
        error: ShapeError,
        says: /inner arrays of one length/,
      },
    ],
  },
  {
    name: "oneHot",
    run: (index) => F.oneHot(index as Tensor, 4, { dtype: "float64" }),
    reference: (x) =>
      build([...(x as Plain).shape, 4], (place) => Number(at(x as Plain, place.slice(0, -1)) === place.at(-1))),
    samples: [
      { name: "a row of indices", inputs: [input([3], [0, 3, 2], "int64")] },
      { name: "one index", inputs: [input([], [1], "int64")] },
    ],
    differentiable: false,
    dtype: "float64",
    wrong: [
      outside(() => F.oneHot([0, 2], 2)),
      refusesFractions(() => F.oneHot(tensor([0, 1]), 2)),
      { name: "no class", call: () => F.oneHot([0], 0), error: OptionError, says: /at least one class, got 0/ },
    ],
  },
];

export const layerRows: readonly Row[] = [
  {
    name: "matmul",
    run: (x, y) => (x as Tensor).matmul(y as Tensor),
    reference: (x, y) => matmul(x as Plain, y as Plain),
    samples: productSamples,
    tolerance: ordinary,
    wrong: [
      {
        name: "sizes that do not meet",
        call: () => matrix.matmul(matrix),
        error: ShapeError,
        says: /columns .* rows .*got \[2, 3\] and \[2, 3\], which cannot be multiplied/,
      },
      {
        name: "dtypes that differ",
        call: () => matrix.matmul(matrix.T.to("float64")),
        error: DTypeError,
        says: /got float32 and float64.*\.to\(dtype\)/s,
      },
      {
        name: "whole numbers",
        call: () => matrix.to("int64").matmul(matrix.T.to("int64")),
        error: DTypeError,
        says: /got int64 and int64/,
      },
      {
        name: "a tensor without dimensions",
        call: () => matrix.matmul(tensor(2)),
        error: ShapeError,
        says: /at least one dimension on both sides.*\[\]/s,
      },
      {
        name: "batches that do not broadcast",
        call: () => matrix.expand([2, 2, 3]).matmul(matrix.T.expand([3, 3, 2])),
        error: ShapeError,
        says: /do not broadcast/,
      },
      {
        name: "a number",
        call: () => matrix.matmul(2 as unknown as Tensor),
        error: OptionError,
        says: /matmul: expected a Tensor, got 2/,
      },
    ],
  },
  linearRow(true),
  linearRow(false),
  ...lookups,
];
