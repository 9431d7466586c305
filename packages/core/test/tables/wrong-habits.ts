/** Calls as PyTorch or JavaScript would take them, which would do something else here, or nothing. */
import {
  DTypeError,
  enableGrad,
  functional as F,
  nn,
  noGrad,
  OptionError,
  ones,
  optim,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import type { WrongCall } from "./wrong-call.js";

/** Without the compiler's objections. */
// biome-ignore lint/suspicious/noExplicitAny: what a program in JavaScript may call
const loose = (value: unknown): any => value;
const x = ones([2, 3]);

class Holder extends nn.Module {
  constructor(readonly inside: unknown) {
    super();
  }

  override forward(): void {}
}

/** Two steps of a cell that returns what `next` makes of its state (2, 3). */
function run(next: (h: Tensor) => unknown): unknown {
  class Odd extends nn.Module {
    initialState = (batch: number): Tensor => zeros([batch, 3]);
    step = (_: Tensor, h: Tensor): Tensor => loose(next(h));
    output = (h: Tensor): Tensor => h;
    override forward(): void {}
  }
  return new nn.Recurrent(() => new Odd()).forward(ones([2, 2, 3]));
}

export const wrongHabits: readonly WrongCall[] = [
  [
    "a mask turned round by its sign",
    () => tensor([true]).neg(),
    DTypeError,
    /neg: expected numbers, got bool\. Use eq\(0\)/,
  ],
  ["a shape as several numbers", () => loose(x).reshape(3, 2), ShapeError, /one array .* reshape\(\[2, 3\]\), got 3/],
  ["a view as one number", () => loose(x).view(-1), ShapeError, /one array.*got -1/],
  ["an order as several numbers", () => loose(x).permute(1, 0), ShapeError, /permute: expected one array.*got 1/],
  ["a stretched shape as several numbers", () => loose(x).expand(2, 2, 3), ShapeError, /expand: expected one array/],
  ["axes to flip as several numbers", () => loose(x).flip(0, 1), OptionError, /flip\(\[0, 1\]\), got 2 arguments/],
  ["nothing to flip", () => loose(x).flip(), OptionError, /an axis or an array of axes.*got undefined/],
  ["an axis as an option", () => loose(x).sum({ axis: 0 }), OptionError, /an axis or an array of axes.*"axis"/],
  ["keepdim as a number", () => x.sum(0, loose({ keepdim: 1 })), OptionError, /keepdim to be true or false, got 1/],
  ["a list of rows as an index", () => x.getItem(loose([[0, 1]])), OptionError, /got \[0,1\].*indexSelect/s],
  ["a tensor of rows as an index", () => x.getItem(loose(tensor([0]))), OptionError, /got a Tensor.*indexSelect/s],
  ["text as an index", () => x.getItem(loose(["0:1"])), OptionError, /a slice such as .*got "0:1"/],
  ["no index", () => x.getItem(loose([undefined])), OptionError, /null for the whole axis.*got undefined/],
  ["a slice in other words", () => x.getItem(loose([{ from: 1 }])), OptionError, /slice: unknown option 'from'/],
  ["a bound that is text", () => x.slice(0, loose("1")), ShapeError, /whole bounds, got "1"/],
  ["bounds to clamp as two numbers", () => loose(x).clamp(0, 1), OptionError, /\{min, max\}, got 0/],
  ["no bounds to clamp", () => loose(x).clamp(), OptionError, /\{min, max\}, got null/],
  ["a bound that is a tensor", () => x.clamp(loose({ min: x })), OptionError, /numbers min ≤ max, got min a Tensor/],
  [
    "a product by an operator",
    () => loose(x) * 2,
    OptionError,
    /arithmetic or a comparison, got a Tensor.*x\.mul\(2\)/s,
  ],
  ["a comparison by an operator", () => loose(x) < 1, OptionError, /arithmetic or a comparison.*item\(\)/s],
  ["a gradient as the first argument", () => loose(x).backward(x), OptionError, /Pass the gradient as \{ gradient \}/],
  ["no function for noGrad", () => noGrad(loose(undefined)), OptionError, /noGrad: expected a function.*undefined/],
  ["a function for noGrad that waits", () => noGrad(async () => 1), OptionError, /noGrad: .*got a promise/],
  ["a function for enableGrad that waits", () => enableGrad(async () => 1), OptionError, /enableGrad: .*got a promise/],
  ["a number as a layer's input", () => F.relu(loose(1)), OptionError, /relu: expected a Tensor, got 1/],
  [
    "axes to normalise as a number",
    () => F.layerNorm(x, loose(3)),
    ShapeError,
    /normalizedShape: expected a shape, .*got 3/,
  ],
  ["a dtype of torch", () => F.oneHot([1], 2, loose({ dtype: "float" })), OptionError, /dtype .*got "float"/],
  ["a class below 0", () => F.oneHot([-1]), ShapeError, /whole indices from 0 to 0, got -1/],
  [
    "one-hot targets in integers",
    () => F.crossEntropy(zeros([2, 3]), F.oneHot([0, 2], 3)),
    DTypeError,
    /classes, shape \[2\], or floating probabilities, shape \[2, 3\].*\.to\("float32"\)/s,
  ],
  [
    "the weight of a class as a number",
    () => F.binaryCrossEntropyWithLogits(x, x, loose({ posWeight: 2 })),
    OptionError,
    /weight: expected a Tensor, got 2/,
  ],
  [
    "a module instead of parameters",
    () => nn.utils.parametersToVector(loose(new nn.Linear(1, 1))),
    OptionError,
    /net\.parameters\(\), got a Linear/,
  ],
  [
    "names and parameters",
    () => new optim.Adam(loose(new nn.Linear(1, 1).namedParameters())),
    OptionError,
    /got \["weight", a Parameter\]\. Give net.parameters\(\)/,
  ],
  [
    "a gradient that is no tensor",
    () => {
      const weight = ones([1], { requiresGrad: true });
      weight.grad = loose([1]);
      new optim.SGD([weight], { lr: 0.1 }).step();
    },
    OptionError,
    /SGD\.step: grad: expected a Tensor, got \[1\]/,
  ],
  [
    "a class instead of a function that makes cells",
    () => new nn.Recurrent(loose(nn.GRUCell)),
    OptionError,
    /\(inputSize\) => new MyCell.*got the function GRUCell/,
  ],
  [
    "a step that returns nothing",
    () => run(() => undefined),
    OptionError,
    /Odd\.step: expected a state .* got undefined/,
  ],
  [
    "a step that returns more than the state",
    () => run((h) => [h, h]),
    OptionError,
    /like initialState's, with state, got \[a Tensor, a Tensor\]/,
  ],
  [
    "a step that returns another shape",
    () => run((h) => h.sum(0, { keepdim: true })),
    ShapeError,
    /to keep its shape \[2, 3\], got \[1, 3\]/,
  ],
  [
    "modules in an object",
    () => new Holder({ a: new nn.Tanh() }).parameters(),
    OptionError,
    /'inside', an object with keys/,
  ],
  ["modules in a map", () => new Holder(new Map([["a", new nn.Tanh()]])).parameters(), OptionError, /'inside', a Map/],
  ["modules in rows", () => new Holder([[new nn.Tanh()]]).parameters(), OptionError, /'inside', \[\[a Tanh\]/],
];
