/** Wrong calls of modules, losses, containers, initial values and of what works on parameters. */
import { DTypeError, nn, OptionError, ones, ShapeError, type Tensor, tensor, zeros } from "../../src/index.js";
import type { WrongCall } from "./wrong-call.js";

const { init } = nn;
const x = ones([2, 3]);

export const wrongModules: readonly WrongCall[] = [
  [
    "a size that is no whole number",
    () => new nn.Linear(1.5, 2),
    ShapeError,
    /inFeatures to be a whole number ≥ 0, got 1.5/,
  ],
  ["a size below 0", () => new nn.Embedding(-1, 2), ShapeError, /numEmbeddings to be a whole number ≥ 0, got -1/],
  [
    "a bias that is no truth value",
    () => new nn.Linear(1, 2, { bias: 0 as never }),
    OptionError,
    /bias to be true or false, got 0/,
  ],
  [
    "an option instead of the options",
    () => new nn.Linear(1, 2, false as never),
    OptionError,
    /options object.*got false/,
  ],
  [
    "an unknown option",
    () => new nn.Linear(1, 2, { biased: true } as never),
    OptionError,
    /unknown option 'biased'. Did you mean 'bias'/,
  ],
  [
    "whole numbers as dtype",
    () => new nn.Linear(1, 2, { dtype: "int64" }),
    DTypeError,
    /float32 or float64, got int64/,
  ],
  [
    "a dtype that does not exist",
    () => new nn.Embedding(1, 2, { dtype: "half" as never }),
    OptionError,
    /dtype .*"float32".* got "half"/,
  ],
  [
    "an input of another width",
    () => new nn.Linear(4, 2).forward(x),
    ShapeError,
    /\[2, 3\] and \[2, 4\], which cannot be multiplied/,
  ],
  [
    "an input of another dtype",
    () => new nn.Linear(3, 2).forward(x.to("float64")),
    DTypeError,
    /input dtype \(float64\).*weight dtype \(float32\)/s,
  ],
  [
    "padding outside the table",
    () => new nn.Embedding(3, 2, { paddingIdx: 3 }),
    ShapeError,
    /paddingIdx.*from -3 to 2.*got 3/s,
  ],
  [
    "an index outside the table",
    () => new nn.Embedding(3, 2).forward([0, 3]),
    ShapeError,
    /from 0 to 2, got 3 at position 1/,
  ],
  [
    "indices that are no whole numbers",
    () => new nn.Embedding(3, 2).forward(tensor([1])),
    DTypeError,
    /\{ dtype: "int64" \}/,
  ],
  [
    "no axis",
    () => new nn.Softmax(undefined as never),
    ShapeError,
    /axis to be a whole number such as 1 or -1, got undefined/,
  ],
  ["an axis the input lacks", () => new nn.LogSoftmax(2).forward(x), ShapeError, /from -2 to 1.*got 2/s],
  ["a probability above 1", () => new nn.Dropout(2), OptionError, /\[0, 1\], got 2/],
  [
    "a probability that is an option",
    () => new nn.Dropout({ p: 0.5 } as never),
    OptionError,
    /\[0, 1\], got an object with keys \["p"\]/,
  ],
  [
    "an approximation that does not exist",
    () => new nn.GELU({ approximate: "erf" as never }),
    OptionError,
    /"none" or "tanh", got "erf"/,
  ],
  ["no shape", () => new nn.LayerNorm([]), ShapeError, /at least one axis/],
  [
    "an input that does not end in the shape",
    () => new nn.LayerNorm(4).forward(x),
    ShapeError,
    /ending in \[4\], got \[2, 3\]/,
  ],
  ["a negative eps", () => new nn.LayerNorm(4, { eps: -1 }), OptionError, /eps to be a finite number ≥ 0, got -1/],
  [
    "axes to flatten in the wrong order",
    () => new nn.Flatten(1, 0).forward(x),
    ShapeError,
    /startAxis before endAxis, got axes 1 and 0/,
  ],
  ["an axis to flatten that is not there", () => new nn.Flatten(2).forward(x), ShapeError, /startAxis.*from -2 to 1/s],
  [
    "an input that is no tensor",
    () => new nn.Tanh().forward([1] as never),
    OptionError,
    /tanh: expected a Tensor, got \[1\]/,
  ],
  [
    "a class instead of a module",
    () => new nn.Sequential(nn.Tanh as never),
    OptionError,
    /got the function Tanh at position 0. Build it first/,
  ],
  ["an array of modules", () => new nn.Sequential([new nn.Tanh()] as never), OptionError, /at position 0. Spread it/],
  [
    "a place that is not there",
    () => new nn.Sequential(new nn.Tanh()).get(1 as never),
    ShapeError,
    /Sequential.get.*from -1 to 0.*got 1/s,
  ],
  [
    "a list of something else",
    () => new nn.ModuleList([1] as never),
    OptionError,
    /expected modules, got 1 at position 0/,
  ],
  [
    "a list that is one module",
    () => new nn.ModuleList(new nn.Tanh() as never),
    OptionError,
    /an array of modules, got a Tanh/,
  ],
  [
    "a list as a function",
    () => new nn.ModuleList().forward(),
    OptionError,
    /one by one, as in for .* got a call of forward/,
  ],
  [
    "modules in a plain array",
    () => {
      class Net extends nn.Module {
        layers = [new nn.Linear(1, 1)];
        override forward(): void {}
      }
      return new Net().parameters();
    },
    OptionError,
    /field 'layers', \[a Linear\].*new nn\.ModuleList/s,
  ],
  [
    "a reduction that does not exist",
    () => new nn.MSELoss({ reduction: "average" as never }),
    OptionError,
    /"mean" or "sum" or "none", got "average"/,
  ],
  [
    "too much smoothing",
    () => new nn.CrossEntropyLoss({ labelSmoothing: 2 }),
    OptionError,
    /labelSmoothing to be a number in \[0, 1\], got 2/,
  ],
  [
    "an index to ignore that is none",
    () => new nn.NLLLoss({ ignoreIndex: 0.5 }),
    OptionError,
    /ignoreIndex to be a whole number, got 0.5/,
  ],
  [
    "weights that are no tensor",
    () => new nn.CrossEntropyLoss({ weight: [1, 2] as never }),
    OptionError,
    /expected a Tensor, got \[1,2\]/,
  ],
  [
    "a negative norm to clip to",
    () => nn.utils.clipGradNorm([], -1),
    OptionError,
    /maxNorm to be a number ≥ 0, got -1/,
  ],
  [
    "a norm that is none",
    () => nn.utils.clipGradNorm([], 1, { normType: 0 }),
    OptionError,
    /normType to be a number > 0.*got 0/s,
  ],
  [
    "something to clip that has no gradients",
    () => nn.utils.clipGradNorm([1] as never, 1),
    OptionError,
    /parameter 0: expected a Tensor, got 1/,
  ],
  [
    "a number to clip",
    () => nn.utils.clipGradValue(1 as never, 1),
    OptionError,
    /a module, its namedParameters\(\) or an array.*got 1/s,
  ],
  [
    "no value to clip to",
    () => nn.utils.clipGradValue([], undefined as never),
    OptionError,
    /clipValue to be a number ≥ 0, got undefined/,
  ],
  ["no parameters for a vector", () => nn.utils.parametersToVector([]), OptionError, /at least one parameter/],
  [
    "a vector too short",
    () => nn.utils.vectorToParameters(tensor([1]), [new nn.Parameter(ones([2]))]),
    ShapeError,
    /vector of shape \[2\], got \[1\]/,
  ],
  [
    "a vector of another dtype",
    () => nn.utils.vectorToParameters(tensor([1], { dtype: "float64" }), [new nn.Parameter(ones([1]))]),
    DTypeError,
    /float32, got "?float64/,
  ],
];

export const wrongInitialValues: readonly WrongCall[] = [
  [
    "a bias",
    () => init.kaimingUniform_(zeros([3])),
    ShapeError,
    /at least 2 dimensions.*got shape \[3\].*uniform_ or zeros_/s,
  ],
  [
    "a mode that does not exist",
    () => init.kaimingNormal_(zeros([3, 3]), { mode: "fan_in" as "fanIn" }),
    OptionError,
    /"fanIn" or "fanOut", got "fan_in"/,
  ],
  ["bounds the wrong way round", () => init.uniform_(zeros([3]), { a: 1, b: 0 }), OptionError, /from=1 and to=0/],
  [
    "a bound that is no number",
    () => init.uniform_(zeros([3]), { a: Number.NaN }),
    OptionError,
    /a to be a finite number, got NaN/,
  ],
  ["a negative deviation", () => init.normal_(zeros([3]), { std: -1 }), OptionError, /std to be a number ≥ 0, got -1/],
  ["an eye of three dimensions", () => init.eye_(zeros([2, 2, 2])), ShapeError, /2 dimensions, got shape \[2, 2, 2\]/],
  ["no tensor", () => init.zeros_([1, 2] as unknown as Tensor), OptionError, /expected a Tensor, got \[1,2\]/],
  [
    "a constant that does not fit",
    () => init.constant_(tensor([1], { dtype: "uint8" }), 256),
    DTypeError,
    /from 0 to 255/,
  ],
];
