/** Every operation of the table against plain numbers, against differences and on memory of every kind. */
import { describe, expect, test } from "vitest";
import { gradcheck, type Tensor, tensor, zeros } from "../src/index.js";
import { rows } from "./tables/ops.js";
import type { Plain } from "./tables/plain.js";
import type { Input, Row, Sample } from "./tables/row.js";

type FloatDType = "float32" | "float64";

const epsilon = { float32: 2 ** -23, float64: 2 ** -52 } as const;
const smallest = { float32: 2 ** -149, float64: 2 ** -1074 } as const;

const make = ({ shape, data, dtype }: Input, float: FloatDType): Tensor =>
  tensor([...data], { dtype: dtype ?? float }).reshape(shape);

const isFloat = (x: Tensor): boolean => x.dtype === "float32" || x.dtype === "float64";

/** The inputs as plain numbers, rounded to the dtype under test. */
const plainly = (inputs: readonly Tensor[]): Plain[] =>
  inputs.map((x) => ({ shape: x.shape, data: Array.from(x.toTypedArray()) }));

function compare(what: string, actual: Tensor, expected: Plain, relative: number): void {
  expect(actual.shape, what).toEqual(expected.shape);
  const values = actual.toTypedArray();
  const dtype = actual.dtype === "float32" ? "float32" : "float64";
  const round = dtype === "float32" ? Math.fround : Number;
  const sizes = expected.data.map(round).map(Math.abs).filter(Number.isFinite);
  const largest = relative > 4 * epsilon[dtype] ? Math.max(1, ...sizes) : 0;
  expected.data.forEach((exact, k) => {
    const wanted = round(exact);
    const got = values[k] as number;
    if (Object.is(got, wanted) || (got === 0 && wanted === 0)) return;
    const allowed = relative * Math.max(Math.abs(wanted), largest) + 2 * smallest[dtype];
    if (!(Number.isFinite(wanted) && Math.abs(got - wanted) <= allowed)) {
      expect.fail(`${what}: expected ${wanted} at element ${k} of shape [${expected.shape.join(", ")}], got ${got}`);
    }
  });
}

function tryValues(row: Row, sample: Sample, dtype: FloatDType): void {
  const inputs = sample.inputs.map((x) => make(x, dtype));
  const before = inputs.map((x) => x.clone());
  const result = row.run(...inputs);
  const firstFloat = inputs.find(isFloat)?.dtype ?? "float64";
  expect(result.dtype, sample.name).toBe(row.dtype ?? firstFloat);
  compare(
    `${sample.name} in ${dtype}`,
    result,
    row.reference(...plainly(inputs)),
    row.tolerance?.[dtype] ?? 2 * epsilon[dtype],
  );
  inputs.forEach((x, i) => {
    const same = Array.from(x.toTypedArray()).every((value, k) =>
      Object.is(value, (before[i] as Tensor).toTypedArray()[k]),
    );
    if (!same) expect.fail(`${sample.name}: input ${i} was changed`);
  });
}

/** The same numbers with the axes of memory the other way round. */
function turned(x: Tensor): Tensor {
  const order = x.shape.map((_, axis) => x.ndim - 1 - axis);
  return x.permute(order).clone().permute(order);
}

/** The same numbers as every other one of a larger tensor, away from its edges. */
function spread(x: Tensor): Tensor {
  const large = zeros(
    x.shape.map((length) => 2 * length + 2),
    { dtype: x.dtype },
  );
  const part = (y: Tensor): Tensor => x.shape.reduce((view, length, axis) => view.slice(axis, 1, 2 * length + 1, 2), y);
  part(large).copy_(x);
  return part(large);
}

/** Result and gradients of a run, as bits. */
function everything(row: Row, inputs: readonly Tensor[]): number[][] {
  const leaves = inputs.map((x) => {
    const leaf = x.detach();
    if (row.differentiable !== false && isFloat(leaf)) leaf.requiresGrad = true;
    return leaf;
  });
  const result = row.run(...leaves);
  if (row.differentiable !== false && result.requiresGrad && result.numel() > 0) {
    const gradient = tensor(Array.from({ length: result.numel() }, (_, k) => ((7 * k) % 5) - 1.5)).reshape(
      result.shape,
    );
    result.backward({ gradient: turned(gradient) });
  }
  return [result, ...leaves.map((x) => x.grad ?? zeros([0]))].map((x) => Array.from(x.toTypedArray()));
}

describe.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
  test("gives what plain numbers give", () => {
    for (const sample of row.samples) {
      tryValues(row, sample, "float64");
      tryValues(row, sample, "float32");
    }
  });

  test("does not mind how its inputs lie in memory", () => {
    for (const sample of row.samples) {
      const inputs = sample.inputs.map((x) => make(x, "float32"));
      const expected = everything(row, inputs);
      for (const move of [turned, spread]) {
        expect(everything(row, inputs.map(move)), `${sample.name}, ${move.name}`).toEqual(expected);
      }
    }
  });

  if (row.differentiable !== false) {
    test("has the derivatives that differences show", () => {
      for (const sample of row.samples.filter(({ smooth }) => smooth !== false)) {
        const inputs = sample.inputs.map((x) => make(x, "float64"));
        for (const x of inputs) if (isFloat(x)) x.requiresGrad = true;
        expect(gradcheck(row.run, inputs, { atol: 1e-6, rtol: 1e-5 }), sample.name).toBe(true);
      }
    });
  }
});

test("the table holds every operation there is a promise of", () => {
  const promised = [
    ...["T", "view", "reshape", "flatten", "transpose", "permute", "squeeze", "unsqueeze", "expand", "slice", "select"],
    ...["indexSelect", "gather", "flip", "getItem", "clone", "contiguous", "to", "cat", "stack", "matmul", "where"],
    ...["add", "sub", "mul", "div", "pow", "maximum", "minimum", "neg", "abs", "exp", "log", "sqrt", "sin", "cos"],
    ...["tanh", "sigmoid", "relu", "clamp", "softmax", "logSoftmax", "eq", "ne", "lt", "le", "gt", "ge"],
    ...["sum", "mean", "var", "std", "norm", "cumsum", "max", "min", "argmax", "argmin"],
    ...["fill_", "zero_", "add_", "sub_", "mul_", "div_", "copy_", "setItem"],
    ...["linear", "embedding", "oneHot", "functional.gelu", "functional.dropout", "layerNorm", "crossEntropy"],
    ...["nllLoss", "mseLoss", "l1Loss", "binaryCrossEntropy", "binaryCrossEntropyWithLogits"],
  ];
  const there = new Set(rows.map(({ name }) => name.replace(/[ ,].*/, "")));
  expect(promised.filter((name) => !there.has(name))).toEqual([]);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});
