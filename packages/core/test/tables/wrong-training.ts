/** Wrong calls of the tape, of optimisers and of schedulers. */
import {
  DTypeError,
  GradientError,
  nn,
  OptionError,
  optim,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import type { WrongCall } from "./wrong-call.js";

const { lrScheduler } = optim;
const x = new nn.Parameter(tensor([1, 2], { dtype: "float64" }));
const net = new nn.Linear(2, 1);
const optimizer = new optim.SGD([new nn.Parameter(zeros([1]))], { momentum: 0.9 });

export const wrongGradients: readonly WrongCall[] = [
  ["without history", () => tensor(1).backward(), GradientError, /got one without history.*noGrad\(\)/s],
  [
    "more than one element",
    () => x.mul(2).backward(),
    GradientError,
    /one element.*got shape \[2\].*sum\(\) or mean\(\)/s,
  ],
  [
    "a gradient of another shape",
    () => x.mul(2).backward({ gradient: tensor([1]) }),
    ShapeError,
    /gradient of shape \[2\], got \[1\]/,
  ],
  [
    "a gradient that is no tensor",
    () => x.mul(2).backward({ gradient: [1, 1] as unknown as Tensor }),
    OptionError,
    /expected a Tensor, got \[1,1\]/,
  ],
  [
    "an option that does not exist",
    () => x.sum().backward({ retain: true } as object),
    OptionError,
    /unknown option 'retain'/,
  ],
  [
    "a gradient for whole numbers",
    () => tensor([1], { dtype: "int64", requiresGrad: true }),
    DTypeError,
    /float32 or float64 tensor, got int64/,
  ],
  [
    "data of another dtype",
    () => {
      x.data = tensor([1, 2]);
    },
    DTypeError,
    /expected dtype float64, got float32/,
  ],
  [
    "data that is no tensor",
    () => {
      x.data = [1, 2] as unknown as Tensor;
    },
    OptionError,
    /expected a Tensor, got \[1,2\]/,
  ],
];

export const wrongOptimizers: readonly WrongCall[] = [
  ["no parameters", () => new optim.Adam([]), OptionError, /at least one parameter, got an empty list.*fields/s],
  ["a module", () => new optim.Adam(net as never), OptionError, /net\.parameters\(\).*got a Linear/s],
  ["one parameter", () => new optim.Adam(x as never), OptionError, /an array of parameters.*got a Parameter/s],
  [
    "names with the parameters",
    () => new optim.Adam(net.namedParameters() as never),
    OptionError,
    /Give net.parameters\(\)/,
  ],
  ["numbers", () => new optim.Adam([1, 2] as never), OptionError, /parameter 0: expected a parameter, got 1/],
  [
    "the result of an operation",
    () => new optim.Adam([x.mul(2)]),
    OptionError,
    /parameter 0: expected a leaf.*nn\.Parameter/s,
  ],
  [
    "whole numbers",
    () => new optim.Adam([tensor([1], { dtype: "int64" })]),
    DTypeError,
    /parameter 0: expected a float32 or float64 tensor, got int64/,
  ],
  [
    "a parameter twice",
    () => new optim.Adam([x, x]),
    OptionError,
    /parameter 1 of shape \[2\] is in a group already.*twice a step/s,
  ],
  [
    "a parameter in two groups",
    () => new optim.Adam([{ params: [x] }, { params: [x] }]),
    OptionError,
    /Adam: group 1, parameter 0/,
  ],
  [
    "groups and parameters",
    () => new optim.Adam([{ params: [x] }, x] as never),
    OptionError,
    /expected a parameter, got an object with keys .*into a group of their own/,
  ],
  ["a group without parameters", () => new optim.Adam([{ params: [] }]), OptionError, /at least one parameter/],
  [
    "an option of PyTorch's spelling",
    () => new optim.Adam([x], { weight_decay: 0.1 } as never),
    OptionError,
    /Did you mean 'weightDecay'/,
  ],
  [
    "an option of another optimiser",
    () => new optim.Adam([x], { momentum: 0.9 } as never),
    OptionError,
    /unknown option 'momentum'/,
  ],
  [
    "an unknown option of a group",
    () => new optim.Adam([{ params: [x], learningRate: 1 }] as never),
    OptionError,
    /Adam: group 0: unknown option 'learningRate'/,
  ],
  ["a negative rate", () => new optim.Adam([x], { lr: -0.1 }), OptionError, /lr to be a finite number ≥ 0, got -0.1/],
  [
    "a rate that is undefined",
    () => new optim.Adam([x], { lr: undefined } as never),
    OptionError,
    /lr to be a finite number ≥ 0, got undefined/,
  ],
  [
    "a rate that is text",
    () => new optim.SGD([x], { lr: "0.1" as never }),
    OptionError,
    /lr to be a finite number ≥ 0, got "0.1"/,
  ],
  [
    "a beta of 1",
    () => new optim.Adam([x], { betas: [0.9, 1] }),
    OptionError,
    /betas\[1\] to be a number in \[0, 1\), got 1/,
  ],
  [
    "one beta",
    () => new optim.Adam([x], { betas: 0.9 as never }),
    OptionError,
    /betas to be two numbers in \[0, 1\), got 0.9/,
  ],
  ["a negative eps", () => new optim.AdamW([x], { eps: -1 }), OptionError, /eps to be a finite number ≥ 0, got -1/],
  [
    "a number for a truth value",
    () => new optim.Adam([x], { amsgrad: 1 as never }),
    OptionError,
    /amsgrad to be true or false, got 1/,
  ],
  [
    "Nesterov without momentum",
    () => new optim.SGD([x], { nesterov: true }),
    OptionError,
    /momentum > 0 and dampening 0 with nesterov, got momentum 0/,
  ],
  [
    "Nesterov with dampening",
    () => new optim.SGD([x], { nesterov: true, momentum: 0.9, dampening: 0.1 }),
    OptionError,
    /dampening 0.1/,
  ],
  [
    "a negative decay",
    () => new optim.RMSprop([x], { weightDecay: -1 }),
    OptionError,
    /weightDecay to be a finite number ≥ 0, got -1/,
  ],
  [
    "a negative start",
    () => new optim.Adagrad([x], { initialAccumulatorValue: -1 }),
    OptionError,
    /initialAccumulatorValue .*got -1/,
  ],
];

export const wrongSchedulers: readonly WrongCall[] = [
  [
    "no optimiser",
    () => new lrScheduler.StepLR(new nn.Linear(1, 1) as never, { stepSize: 1 }),
    OptionError,
    /expected an optimiser, got a Linear/,
  ],
  [
    "no options",
    () => new lrScheduler.StepLR(optimizer, undefined as never),
    OptionError,
    /options object with keys from {stepSize, gamma}, got null/,
  ],
  ["a number for options", () => new lrScheduler.StepLR(optimizer, 10 as never), OptionError, /options object.*got 10/],
  [
    "PyTorch's spelling",
    () => new lrScheduler.StepLR(optimizer, { step_size: 3 } as never),
    OptionError,
    /unknown option 'step_size'. Did you mean 'stepSize'/,
  ],
  [
    "a step that is no whole number",
    () => new lrScheduler.StepLR(optimizer, { stepSize: 1.5 }),
    ShapeError,
    /stepSize to be a whole number ≥ 1, got 1.5/,
  ],
  [
    "no gamma",
    () => new lrScheduler.ExponentialLR(optimizer, {} as never),
    OptionError,
    /gamma to be a finite number, got undefined/,
  ],
  [
    "a period of 0",
    () => new lrScheduler.CosineAnnealingLR(optimizer, { tMax: 0 }),
    ShapeError,
    /tMax to be a whole number ≥ 1, got 0/,
  ],
  [
    "a factor that is no function",
    () => new lrScheduler.LambdaLR(optimizer, { lrLambda: 0.5 as never }),
    OptionError,
    /function \(epoch\) => factor.*got 0.5/,
  ],
  [
    "too many factors",
    () => new lrScheduler.LambdaLR(optimizer, { lrLambda: [() => 1, () => 2] }),
    OptionError,
    /one lrLambda for each of 1 groups, got 2/,
  ],
  [
    "a factor that gives NaN",
    () => new lrScheduler.LambdaLR(optimizer, { lrLambda: () => Number.NaN }),
    OptionError,
    /lrLambda\(0\) to be a finite number, got NaN/,
  ],
  [
    "a mode that does not exist",
    () => new lrScheduler.ReduceLROnPlateau(optimizer, { mode: "low" as "min" }),
    OptionError,
    /"min" or "max", got "low"/,
  ],
  [
    "a factor of 1",
    () => new lrScheduler.ReduceLROnPlateau(optimizer, { factor: 1 }),
    OptionError,
    /factor to be a number in \[0, 1\), got 1/,
  ],
  [
    "too many lowest rates",
    () => new lrScheduler.ReduceLROnPlateau(optimizer, { minLr: [0, 0] }),
    OptionError,
    /one minLr for each of 1 groups, got 2/,
  ],
  [
    "no metric",
    () => new lrScheduler.ReduceLROnPlateau(optimizer).step(undefined as never),
    OptionError,
    /the metric to watch, a number, got undefined/,
  ],
  [
    "no steps",
    () => new lrScheduler.OneCycleLR(optimizer, { maxLr: 1 }),
    OptionError,
    /totalSteps, or epochs and stepsPerEpoch/,
  ],
  [
    "no rate",
    () => new lrScheduler.OneCycleLR(optimizer, { totalSteps: 10 } as never),
    OptionError,
    /maxLr to be a finite number ≥ 0, got undefined/,
  ],
  [
    "a share above 1",
    () => new lrScheduler.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10, pctStart: 30 }),
    OptionError,
    /pctStart to be a number in \[0, 1\], got 30/,
  ],
  [
    "a curve that does not exist",
    () => new lrScheduler.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10, annealStrategy: "cosine" as "cos" }),
    OptionError,
    /"cos" or "linear", got "cosine"/,
  ],
];
