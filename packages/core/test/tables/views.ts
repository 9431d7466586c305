/** Views, and operations that only move numbers about. */
import { DTypeError, OptionError, ShapeError, type Tensor, tensor } from "../../src/index.js";
import { build, at as elementAt, type Plain } from "./plain.js";
import { numbers, type Row } from "./row.js";

/** An operation whose result at an index is the input at another. */
function moved(
  name: string,
  shape: readonly number[],
  run: (x: Tensor) => Tensor,
  result: readonly number[],
  from: (index: number[]) => number[],
  wrong: Row["wrong"] = [],
): Row {
  return {
    name: `${name} of [${shape.join(", ")}]`,
    run: (x) => run(x as Tensor),
    reference: (x) => build(result, (index) => elementAt(x as Plain, from(index))),
    samples: [{ name: "numbers", inputs: [numbers(shape)] }],
    tolerance: { float64: 0, float32: 0 },
    wrong,
  };
}

/** The same numbers in the same order. */
function reshaped(
  name: string,
  shape: readonly number[],
  run: (x: Tensor) => Tensor,
  result: readonly number[],
  wrong: Row["wrong"] = [],
): Row {
  return {
    ...moved(name, shape, run, result, (index) => index, wrong),
    reference: (x) => ({ shape: result, data: (x as Plain).data }),
  };
}

const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const whole = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "int64" });

const shapes: readonly Row[] = [
  reshaped(
    "reshape",
    [2, 6],
    (x) => x.reshape([3, 4]),
    [3, 4],
    [
      {
        name: "another number of elements",
        call: () => matrix.reshape([4, 2]),
        error: ShapeError,
        says: /a shape of 6 elements.*\[2, 3\], got \[4, 2\]/s,
      },
      {
        name: "two open lengths",
        call: () => matrix.reshape([-1, -1]),
        error: ShapeError,
        says: /one entry may be −1/,
      },
      {
        name: "an open length that is no whole number",
        call: () => matrix.reshape([4, -1]),
        error: ShapeError,
        says: /got \[4, -1\]/,
      },
    ],
  ),
  reshaped("reshape with an open length", [2, 6], (x) => x.reshape([4, -1]), [4, 3]),
  reshaped("reshape to one number", [1, 1], (x) => x.reshape([]), []),
  reshaped("reshape of nothing", [0, 3], (x) => x.reshape([3, 0]), [3, 0]),
  reshaped("flatten", [2, 3, 2], (x) => x.flatten(), [12]),
  reshaped("squeeze", [1, 3, 1], (x) => x.squeeze(), [3]),
  reshaped("squeeze of one axis", [1, 3, 1], (x) => x.squeeze(-1), [1, 3]),
  reshaped(
    "squeeze of an axis that is longer",
    [2, 3],
    (x) => x.squeeze(0),
    [2, 3],
    [{ name: "an axis that is not there", call: () => matrix.squeeze(3), error: ShapeError, says: /from -2 to 1/ }],
  ),
  reshaped("unsqueeze", [2, 3], (x) => x.unsqueeze(1), [2, 1, 3]),
  reshaped(
    "unsqueeze at the end",
    [2, 3],
    (x) => x.unsqueeze(-1),
    [2, 3, 1],
    [{ name: "an axis that is not there", call: () => matrix.unsqueeze(4), error: ShapeError, says: /from -3 to 2/ }],
  ),
];

const views: readonly Row[] = [
  {
    ...reshaped("view", [2, 6], (x) => x.contiguous().view([3, -1]), [3, 4]),
    wrong: [
      {
        name: "memory that is not row-major",
        call: () => matrix.T.view([6]),
        error: ShapeError,
        says: /expected row-major memory, got strides \[1, 3\].*reshape/s,
      },
    ],
  },
  moved(
    "permute",
    [2, 3, 4],
    (x) => x.permute([2, 0, 1]),
    [4, 2, 3],
    ([a, b, c]) => [b, c, a] as number[],
    [
      {
        name: "an axis twice",
        call: () => matrix.permute([0, 0]),
        error: ShapeError,
        says: /each of the 2 axes once, got \[0, 0\]/,
      },
      { name: "an axis too few", call: () => matrix.permute([0]), error: ShapeError, says: /each of the 2 axes once/ },
    ],
  ),
  moved(
    "permute with negative axes",
    [2, 3, 4],
    (x) => x.permute([-1, 0, -2]),
    [4, 2, 3],
    ([a, b, c]) => [b, c, a] as number[],
  ),
  moved(
    "transpose",
    [2, 3, 4],
    (x) => x.transpose(0, -1),
    [4, 3, 2],
    ([a, b, c]) => [c, b, a] as number[],
    [
      {
        name: "an axis that is not there",
        call: () => matrix.transpose(0, 2),
        error: ShapeError,
        says: /from -2 to 1/,
      },
    ],
  ),
  moved(
    "T",
    [2, 3],
    (x) => x.T,
    [3, 2],
    ([i, j]) => [j, i] as number[],
    [
      {
        name: "three dimensions",
        call: () => matrix.unsqueeze(0).T,
        error: ShapeError,
        says: /at most 2 dimensions.*permute/s,
      },
    ],
  ),
  moved(
    "T",
    [3],
    (x) => x.T,
    [3],
    (index) => index,
  ),
  moved(
    "expand",
    [2, 1],
    (x) => x.expand([3, 2, 4]),
    [3, 2, 4],
    ([, j]) => [j as number, 0],
    [
      {
        name: "an axis that is longer than one",
        call: () => matrix.expand([2, 6]),
        error: ShapeError,
        says: /\[2, 3\].*\[2, 6\]/s,
      },
      {
        name: "fewer dimensions",
        call: () => matrix.expand([3]),
        error: ShapeError,
        says: /\[2, 3\] stretches to, got \[3\]/,
      },
    ],
  ),
  moved(
    "expand keeping an axis",
    [2, 1],
    (x) => x.expand([-1, 4]),
    [2, 4],
    ([i]) => [i as number, 0],
  ),
  moved(
    "select",
    [2, 3, 4],
    (x) => x.select(1, -1),
    [2, 4],
    ([i, j]) => [i, 2, j] as number[],
    [
      {
        name: "an index that is not there",
        call: () => matrix.select(0, 2),
        error: ShapeError,
        says: /from -2 to 1, got 2/,
      },
      {
        name: "an index that is no whole number",
        call: () => matrix.select(0, 0.5),
        error: ShapeError,
        says: /whole index.*got 0.5/s,
      },
      {
        name: "a tensor without dimensions",
        call: () => tensor(1).select(0, 0),
        error: ShapeError,
        says: /at least one dimension/,
      },
    ],
  ),
  moved(
    "slice",
    [5, 3],
    (x) => x.slice(0, 1, 4, 2),
    [2, 3],
    ([i, j]) => [1 + 2 * (i as number), j as number],
    [
      {
        name: "a step backwards",
        call: () => matrix.slice(0, 0, 2, -1),
        error: ShapeError,
        says: /step \(flip reverses\) .*≥ 1, got -1/,
      },
      {
        name: "a bound that is no whole number",
        call: () => matrix.slice(0, 0.5),
        error: ShapeError,
        says: /whole bounds, got 0.5/,
      },
    ],
  ),
  moved(
    "slice from the end",
    [5, 3],
    (x) => x.slice(-2, -3),
    [3, 3],
    ([i, j]) => [(i as number) + 2, j as number],
  ),
  moved(
    "slice past the end",
    [5, 3],
    (x) => x.slice(0, 3, 100),
    [2, 3],
    ([i, j]) => [(i as number) + 3, j as number],
  ),
  moved(
    "slice of nothing",
    [5, 3],
    (x) => x.slice(0, 4, 2),
    [0, 3],
    (index) => index,
  ),
  moved(
    "getItem of an index",
    [2, 3],
    (x) => x.getItem(-1),
    [3],
    ([j]) => [1, j as number],
    [
      {
        name: "more indices than dimensions",
        call: () => matrix.getItem([0, 0, 0]),
        error: ShapeError,
        says: /at most 2 indices for shape \[2, 3\], got 3/,
      },
      {
        name: "no index",
        call: () => matrix.getItem("1" as unknown as number),
        error: OptionError,
        says: /a whole number, a slice such as .*got "1"/,
      },
    ],
  ),
  moved(
    "getItem of everything",
    [2, 3],
    (x) => x.getItem([null, null]),
    [2, 3],
    (index) => index,
  ),
  moved(
    "getItem of indices and slices",
    [4, 3, 5],
    (x) => x.getItem([{ start: 1, stop: 3 }, 2, { step: 2 }]),
    [2, 3],
    ([i, j]) => [(i as number) + 1, 2, 2 * (j as number)],
  ),
  moved(
    "flip",
    [2, 3],
    (x) => x.flip(1),
    [2, 3],
    ([i, j]) => [i as number, 2 - (j as number)],
    [{ name: "an axis that is not there", call: () => matrix.flip(2), error: ShapeError, says: /from -2 to 1/ }],
  ),
  moved(
    "flip of both axes",
    [2, 3],
    (x) => x.flip([0, -1]),
    [2, 3],
    ([i, j]) => [1 - (i as number), 2 - (j as number)],
  ),
  moved(
    "indexSelect",
    [3, 2],
    (x) => x.indexSelect(0, [2, 0, 2, 1]),
    [4, 2],
    ([i, j]) => [[2, 0, 2, 1][i as number], j] as number[],
    [
      {
        name: "an index that is not there",
        call: () => matrix.indexSelect(0, [0, 2]),
        error: ShapeError,
        says: /from 0 to 1, got 2 at position 1/,
      },
      {
        name: "indices that are no whole numbers",
        call: () => matrix.indexSelect(0, tensor([0, 1])),
        error: DTypeError,
        says: /whole indices.*float32.*\{ dtype: "int64" \}/s,
      },
    ],
  ),
  moved(
    "indexSelect by a tensor",
    [2, 3],
    (x) => x.indexSelect(-1, whole([1, 1])),
    [2, 2],
    ([i]) => [i as number, 1],
  ),
];

export const viewRows: readonly Row[] = [...shapes, ...views];
