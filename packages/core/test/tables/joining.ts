/** Operations that pick, join and replace. */
import { cat, DTypeError, OptionError, ShapeError, stack, type Tensor, tensor } from "../../src/index.js";
import { build, at as elementAt, type Plain } from "./plain.js";
import { type Input, input, numbers, type Row, type Sample } from "./row.js";

const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const whole = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "int64" });
const gather = (axis: 0 | 1): Row => ({
  name: `gather along axis ${axis}`,
  run: (x, index) => (x as Tensor).gather(axis, index as Tensor),
  reference: (x, index) =>
    build((index as Plain).shape, (place) => elementAt(x as Plain, place.with(axis, elementAt(index as Plain, place)))),
  samples: [
    {
      name: "indices of the same shape",
      inputs: [numbers([3, 3]), input([3, 3], [0, 1, 2, 2, 1, 0, 1, 1, 1], "int64")],
    },
    { name: "fewer indices", inputs: [numbers([3, 3]), input([2, 2], [0, 2, 2, 0], "int32")] },
    { name: "no index", inputs: [numbers([3, 3]), input([0, 2], [], "int64")] },
  ],
  tolerance: { float64: 0, float32: 0 },
  wrong: [
    {
      name: "an index that is not there",
      call: () => matrix.gather(1, whole([[3], [0]])),
      error: ShapeError,
      says: /from 0 to 2, got 3/,
    },
    {
      name: "indices of another rank",
      call: () => matrix.gather(0, whole([0])),
      error: ShapeError,
      says: /index with 2 dimensions.*got \[1\]/s,
    },
    {
      name: "indices that are no whole numbers",
      call: () => matrix.gather(0, matrix),
      error: DTypeError,
      says: /whole indices, got a float32 tensor/,
    },
  ],
});

/** `h.setItem(index, value)` on a copy: the input with a part replaced. */
function setItem(
  name: string,
  shape: readonly number[],
  value: Input,
  run: (h: Tensor, v: Tensor) => Tensor,
  from: (index: number[]) => number[] | null,
): Row {
  return {
    name: `setItem of ${name}`,
    run: (h, v) => run((h as Tensor).clone(), v as Tensor),
    reference: (h, v) =>
      build(shape, (index) => {
        const place = from(index);
        return place === null ? elementAt(h as Plain, index) : elementAt(v as Plain, place);
      }),
    samples: [{ name: "numbers", inputs: [numbers(shape), value] }],
    tolerance: { float64: 0, float32: 0 },
    wrong: [
      {
        name: "a value that does not fit",
        call: () => matrix.clone().setItem(0, tensor([1, 2])),
        error: ShapeError,
        says: /setItem: expected a value that broadcasts to shape \[3\], got shape \[2\]/,
      },
      {
        name: "an index that is not there",
        call: () => matrix.clone().setItem(2, 0),
        error: ShapeError,
        says: /from -2 to 1.*got 2/s,
      },
    ],
  };
}

const assigned: readonly Row[] = [
  setItem(
    "a row",
    [3, 2],
    numbers([2], 4),
    (h, v) => h.setItem(1, v),
    ([i, j]) => (i === 1 ? [j as number] : null),
  ),
  setItem(
    "a column",
    [3, 2],
    numbers([3], 4),
    (h, v) => h.setItem([null, -1], v),
    ([i, j]) => (j === 1 ? [i as number] : null),
  ),
  setItem(
    "a slice, broadcast",
    [4, 2],
    numbers([], 4),
    (h, v) => h.setItem([{ start: 1, stop: 3 }], v),
    ([i]) => (i === 1 || i === 2 ? [] : null),
  ),
];

const joined: readonly Sample[] = [
  { name: "two", inputs: [numbers([2, 3]), numbers([2, 3], 3)] },
  { name: "three", inputs: [numbers([2, 3]), numbers([2, 3], 3), numbers([2, 3], 6)] },
  { name: "one", inputs: [numbers([2, 3])] },
  { name: "nothing and something", inputs: [numbers([0, 2]), numbers([0, 2], 3)] },
];

const cats: readonly Row[] = ([0, -1] as const).map((axis) => ({
  name: `cat along axis ${axis}`,
  run: (...xs) => cat(xs, axis),
  reference: (...xs) => {
    const first = xs[0] as Plain;
    const a = axis < 0 ? axis + first.shape.length : axis;
    const length = first.shape[a] as number;
    return build(first.shape.with(a, length * xs.length), (index) => {
      const i = index[a] as number;
      return elementAt(xs[Math.floor(i / length)] as Plain, index.with(a, i % length));
    });
  },
  samples: joined,
  tolerance: { float64: 0, float32: 0 },
  wrong: [
    {
      name: "lengths that differ off the axis",
      call: () => cat([matrix, tensor([[1, 2]])]),
      error: ShapeError,
      says: /\[2, 3\] off axis 0, got \[1, 2\] at position 1/,
    },
    {
      name: "dtypes that differ",
      call: () => cat([matrix, matrix.to("float64")]),
      error: DTypeError,
      says: /float32 first and float64 at position 1/,
    },
    { name: "nothing to join", call: () => cat([]), error: OptionError, says: /at least one Tensor/ },
    { name: "tensors without dimensions", call: () => cat([tensor(1), tensor(2)]), error: ShapeError, says: /\[\]/ },
  ],
}));

const stacks: readonly Row[] = ([0, 1, -1] as const).map((axis) => ({
  name: `stack along axis ${axis}`,
  run: (...xs) => stack(xs, axis),
  reference: (...xs) => {
    const first = xs[0] as Plain;
    const a = axis < 0 ? axis + first.shape.length + 1 : axis;
    return build(first.shape.toSpliced(a, 0, xs.length), (index) =>
      elementAt(xs[index[a] as number] as Plain, index.toSpliced(a, 1)),
    );
  },
  samples: [...joined, { name: "numbers without dimension", inputs: [numbers([]), numbers([], 3)] }].filter(
    (sample) => axis === 0 || !sample.name.includes("without") || axis === -1,
  ),
  tolerance: { float64: 0, float32: 0 },
  wrong: [
    {
      name: "shapes that differ",
      call: () => stack([matrix, matrix.T]),
      error: ShapeError,
      says: /every shape to be \[2, 3\], got \[3, 2\] at position 1/,
    },
    { name: "an axis that is not there", call: () => stack([matrix], 3), error: ShapeError, says: /from -3 to 2/ },
  ],
}));

export const joiningRows: readonly Row[] = [gather(0), gather(1), ...assigned, ...cats, ...stacks];
