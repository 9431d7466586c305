/** Losses, functions and tensor operations against PyTorch: values and gradients of `fixtures/functional.json`. */
import { describe, expect, test } from "vitest";
import { cat, functional as F, manualSeed, stack, Tensor } from "../src/index.js";
import {
  camelOptions,
  expectClose,
  loadFixture,
  pattern,
  restore,
  type Stored,
  type StoredTensor,
} from "./fixture-loader.js";

type Argument = StoredTensor | StoredTensor[] | number | number[];

interface Case {
  readonly op: string;
  readonly args: Argument[];
  readonly options: Record<string, unknown>;
  readonly seed?: number;
  readonly outputs: StoredTensor[];
  readonly grads?: (Stored[] | null)[];
}

/** What any of the operations may be given by name. */
interface Options {
  readonly dim?: number | number[];
  readonly keepdim?: boolean;
  readonly correction?: number;
  /** Of norm ("Infinity" as JSON has it) and dropout. */
  readonly p?: number;
  readonly exponent?: number;
  readonly min?: number;
  readonly max?: number;
  readonly approximate?: "none" | "tanh";
  readonly eps?: number;
  readonly paddingIdx?: number;
  readonly numClasses?: number;
  readonly training?: boolean;
}

type Call = (x: Tensor, rest: unknown[], options: Options) => unknown;

const loss =
  (call: (input: Tensor, target: Tensor, options: object) => Tensor): Call =>
  (x, [target], options) =>
    call(x, target as Tensor, options);
const oneAxis =
  (method: "cumsum" | "softmax" | "logSoftmax"): Call =>
  (x, _, { dim }) =>
    x[method](dim as number);
const binary =
  (method: "add" | "sub" | "mul" | "div" | "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "matmul"): Call =>
  (x, [y]) =>
    x[method](y as Tensor);
const unary =
  (method: "exp" | "log" | "sqrt" | "sin" | "cos" | "abs" | "tanh" | "sigmoid" | "relu"): Call =>
  (x) =>
    x[method]();

/** max and min over an axis give values and indices; over everything one tensor. */
const extreme =
  (method: "max" | "min"): Call =>
  (x, _, { dim, ...rest }) => {
    if (dim === undefined) return x[method]();
    const { values, indices } = x[method](dim as number, rest);
    return [values, indices];
  };

const calls: Readonly<Record<string, Call>> = {
  cross_entropy: loss(F.crossEntropy),
  nll_loss: loss(F.nllLoss),
  mse_loss: loss(F.mseLoss),
  l1_loss: loss(F.l1Loss),
  binary_cross_entropy: loss(F.binaryCrossEntropy),
  binary_cross_entropy_with_logits: loss(F.binaryCrossEntropyWithLogits),
  softmax: oneAxis("softmax"),
  log_softmax: oneAxis("logSoftmax"),
  cumsum: oneAxis("cumsum"),
  gelu: (x, _, options) => F.gelu(x, options),
  layer_norm: (x, [shape, weight, bias], options) =>
    F.layerNorm(x, shape as number[], weight as Tensor | undefined, bias as Tensor | undefined, options),
  linear: (x, [weight, bias]) => F.linear(x, weight as Tensor, bias as Tensor | undefined),
  embedding: (x, [weight], options) => F.embedding(x, weight as Tensor, options),
  one_hot: (x, _, { numClasses }) => F.oneHot(x, numClasses),
  dropout: (x, _, options) => F.dropout(x, options),
  sum: (x, _, { dim, ...rest }) => x.sum(dim, rest),
  mean: (x, _, { dim, ...rest }) => x.mean(dim, rest),
  var: (x, _, { dim, ...rest }) => x.var(dim, rest),
  std: (x, _, { dim, ...rest }) => x.std(dim, rest),
  norm: (x, _, { dim, p, ...rest }) =>
    x.norm({ ...rest, ...(dim === undefined ? {} : { axis: dim }), ...(p === undefined ? {} : { p: Number(p) }) }),
  max: extreme("max"),
  min: extreme("min"),
  argmax: (x, _, { dim, ...rest }) => x.argmax(dim as number | undefined, rest),
  argmin: (x, _, { dim, ...rest }) => x.argmin(dim as number | undefined, rest),
  pow: (x, [exponent], options) => x.pow((exponent as Tensor | undefined) ?? (options.exponent as number)),
  clamp: (x, _, options) => x.clamp(options),
  where: (condition, [x, y]) => (x as Tensor).where(condition, y as Tensor),
  index_select: (x, [axis, index]) => x.indexSelect(axis as number, index as Tensor),
  gather: (x, [axis, index]) => x.gather(axis as number, index as Tensor),
  flip: (x, [axes]) => x.flip(axes as number[]),
  permute: (x, [order]) => x.permute(order as number[]),
  transpose: (x, [a, b]) => x.transpose(a as number, b as number),
  reshape: (x, [shape]) => x.reshape(shape as number[]),
  expand: (x, [shape]) => x.expand(shape as number[]),
  unsqueeze: (x, [axis]) => x.unsqueeze(axis as number),
  squeeze: (x, [axis]) => x.squeeze(axis as number | undefined),
  select: (x, [axis, index]) => x.select(axis as number, index as number),
};

function callOf(name: string): Call {
  const call = calls[name];
  if (call) return call;
  if (["add", "sub", "mul", "div", "eq", "ne", "lt", "le", "gt", "ge", "matmul"].includes(name))
    return binary(name as "add");
  return unary(name as "exp");
}

const isStored = (value: unknown): value is StoredTensor =>
  typeof value === "object" && value !== null && "data" in value;

const fixture = loadFixture<Case>("functional");

test("enough cases of enough operations", () => {
  expect(fixture.cases.length).toBeGreaterThanOrEqual(290);
  expect(new Set(fixture.cases.map(({ op }) => op)).size).toBeGreaterThanOrEqual(55);
});

describe.each([...new Set(fixture.cases.map(({ op }) => op))])("%s", (op) => {
  const cases = fixture.cases.filter((entry) => entry.op === op);
  test.each(cases.map((entry, i) => [`${i} ${JSON.stringify(entry.options).slice(0, 90)}`, entry] as const))(
    "%s",
    (_, entry) => {
      replay(entry);
    },
  );
});

function replay({ op, args, options, seed, outputs, grads }: Case): void {
  const needGrad = grads?.length ?? 0;
  const leaves: Tensor[] = [];
  const given = (stored: StoredTensor): Tensor => {
    const made = restore(stored);
    if (leaves.length < needGrad && stored.dtype.startsWith("float")) {
      made.requiresGrad = true;
      leaves.push(made);
    }
    return made;
  };
  const ready = args.map((a) =>
    isStored(a) ? given(a) : Array.isArray(a) && isStored(a[0]) ? (a as StoredTensor[]).map(given) : a,
  );
  const named = Object.fromEntries(
    Object.entries(camelOptions(options)).map(([name, value]) => [name, isStored(value) ? restore(value) : value]),
  );
  if (seed !== undefined) manualSeed(seed);
  const result =
    op === "cat" || op === "stack"
      ? { cat, stack }[op](ready[0] as Tensor[], (options as { dim: number }).dim)
      : callOf(op)(ready[0] as Tensor, ready.slice(1), named);
  const results = (Array.isArray(result) ? result : [result]) as Tensor[];

  expect(results.length).toBe(outputs.length);
  outputs.forEach((expected, i) => {
    const actual = results[i] as Tensor;
    expect(actual).toBeInstanceOf(Tensor);
    expect([...actual.shape]).toEqual(expected.shape);
    expect(actual.dtype).toBe(expected.dtype);
    expectClose(`${op}, output ${i}`, actual, expected.data, expected.dtype === "float32" ? 1e-6 : 1e-12);
  });
  if (!grads) return;
  const first = results[0] as Tensor;
  first
    .mul(pattern(first.shape, 43, 1, first.dtype as "float64"))
    .sum()
    .backward();
  grads.forEach((expected, i) => {
    if (expected) expectClose(`${op}, gradient of argument ${i}`, leaves[i]?.grad ?? null, expected, 1e-12);
  });
}
