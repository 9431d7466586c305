/**
 * Many small networks trained at once: the same program under many seeds.
 *
 * @module
 */
import { countChange } from "../array.js";
import { captured } from "../capture/capture.js";
import type { Workplace } from "../capture/workplace.js";
import { checkOptions, describe, OptionError, ShapeError, shapeText } from "../errors.js";
import { Optimizer } from "../optim/index.js";
import { defaultGenerator } from "../random/index.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { Lanes, noLanes } from "./lanes.js";

/** One network in training. */
export interface Trainee {
  /** Has all parameters that are learned. */
  readonly optimizer: Optimizer;
  /** One step: loss, backward, `optimizer.step()`, `zeroGrad()`. Returns the loss, or whatever one number is to be followed. */
  readonly step: () => Tensor;
}

export interface TrainManyOptions {
  /** How many steps each network is trained. */
  readonly steps: number;
  /** Told after each step: which one it was, from 1, and what it returned for each network. */
  readonly onStep?: (step: number, losses: Float32Array) => void;
}

export interface Trained<T> {
  /** What `build` returned for each seed, trained. */
  readonly trainees: T[];
  /** For each seed what each step returned. */
  readonly losses: Float32Array[];
}

/**
 * Trains the same small network under many seeds at once, four in the lanes of a vector: each ends with the bits that it would have
 * alone. Data is shared: the first network's step says what is done, with which numbers, and the others do the same to parameters of
 * their own.
 *
 * ```ts
 * const { trainees, losses } = trainMany([1, 2, 3, 4, 5], (seed) => {
 *   manualSeed(seed);
 *   const net = new nn.Sequential(new nn.Embedding(3, 1), new nn.Tanh(), new nn.Linear(1, 3));
 *   const optimizer = new optim.Adam(net.parameters(), { lr: 0.1 });
 *   const step = () => {
 *     const loss = F.crossEntropy(net.forward(x), y);
 *     loss.backward();
 *     optimizer.step();
 *     optimizer.zeroGrad();
 *     return loss;
 *   };
 *   return { net, optimizer, step };
 * }, { steps: 200 });
 * ```
 *
 * What a step may do: anything that is arithmetic on tensors, the same every time. It may not look at numbers (`item()`, printing,
 * `clipGradNorm`), decide by them, or carry tensors from step to step. In the second step every network also goes alone, to see that it
 * comes to the same.
 *
 * @throws OptionError for networks that differ in more than their parameters' numbers, for a step that draws random numbers, which
 *   all networks would share, that looks at numbers, or that is not the same every time
 * @throws UnrollError for a step with an op that cannot be done for several networks at once
 */
export function trainMany<T extends Trainee>(
  seeds: readonly number[],
  build: (seed: number) => T,
  options: TrainManyOptions,
): Trained<T> {
  checkOptions("trainMany", options, ["steps", "onStep"]);
  const { steps, onStep } = options;
  if (!Number.isInteger(steps) || steps < 1)
    throw new OptionError(`trainMany: expected steps to be a whole number ≥ 1, got ${describe(steps)}`);
  if (!Array.isArray(seeds) || seeds.length === 0)
    throw new OptionError(`trainMany: expected an array of seeds, got ${describe(seeds)}`);
  const trainees = seeds.map((seed) => build(seed));
  const groups = trainees.map(({ optimizer }) => parametersOf(optimizer));
  checkAlike(groups);
  checkOptimizers(trainees);
  const [leader, ...followers] = trainees as [T, ...T[]];
  const losses = trainees.map(() => new Float32Array(steps));
  const last = new Float32Array(trainees.length);
  let followed: Tensor | null = null;
  const { call, workplace } = captured(() => {
    followed = leader.step();
    return checkedLoss(followed);
  });
  let lanes: Lanes | null = null;
  try {
    for (let step = 0; step < steps; step++) {
      const before = drawn();
      last[0] = call().item();
      if (drawn() !== before) throw randomStep();
      if (lanes === null) {
        // The first step is what makes the optimisers' memories.
        followers.forEach((trainee, i) => {
          last[i + 1] = checkedLoss(trainee.step()).item();
        });
        lanes = follow(trainees, workplace());
      } else {
        lanes.follow(lanes.device.addressOf((followed as unknown as Tensor).layout.data as Float32Array), last);
        if (step === 1) compare(followers, lanes, last);
      }
      losses.forEach((list, i) => {
        list[step] = last[i] as number;
      });
      onStep?.(step + 1, last.slice());
    }
  } finally {
    if (lanes !== null) settle(trainees, lanes);
  }
  return { trainees, losses };
}

/**
 * Lets each network do the second step by itself as well, as it has done the first.
 *
 * @throws OptionError when one comes to another loss, other parameters or other moments
 */
function compare(followers: readonly Trainee[], lanes: Lanes, losses: Float32Array): void {
  followers.forEach((trainee, i) => {
    const alone = checkedLoss(trainee.step()).item();
    const together = losses[i + 1] as number;
    if (!Object.is(alone, together)) throw otherwise(i, `a loss of ${alone} alone and ${together} with the others`);
    memoriesOf(trainee).forEach((x, k) => {
      const { data, offset } = x.array;
      if (!lanes.has(i, k, data, offset)) throw otherwise(i, "other parameters alone than with the others");
    });
  });
  checkOptimizers(followers);
}

const otherwise = (i: number, how: string): OptionError =>
  new OptionError(
    `trainMany: in the second step network ${i + 1} comes to ${how}. Expected networks ` +
      "that differ in nothing but the numbers of the optimiser's parameters: the same data, learning rate and constants, every module in the optimiser, " +
      "no state that is carried from step to step. Train one network at a time otherwise",
  );

/** @throws OptionError unless all optimisers are of one kind and have the same options */
function checkOptimizers(trainees: readonly Trainee[]): void {
  const kinds = trainees.map(({ optimizer }) => {
    const groups = optimizer.paramGroups.map(({ params, ...options }) => ({ ...options, params: params.length }));
    return `${optimizer.constructor.name} with ${JSON.stringify(groups)}`;
  });
  const other = kinds.find((kind) => kind !== kinds[0]);
  if (other !== undefined)
    throw new OptionError(
      `trainMany: expected the same optimiser for all networks, got ${kinds[0]} and ${other}. Train one network at a time otherwise`,
    );
}

const parametersOf = (optimizer: Optimizer): Tensor[] => {
  if (!(optimizer instanceof Optimizer))
    throw new OptionError(
      `trainMany: expected build(seed) to return { optimizer, step }, got optimizer ${describe(optimizer)}`,
    );
  return optimizer.paramGroups.flatMap(({ params }) => params);
};

/** @throws OptionError unless all networks have parameters of the same shapes */
function checkAlike(networks: readonly Tensor[][]): void {
  const shapes = (parameters: readonly Tensor[]): string =>
    parameters.map((x) => x.dtype + shapeText(x.shape)).join(", ");
  const first = shapes(networks[0] as Tensor[]);
  if (/float64/.test(first)) throw new OptionError("trainMany: expected float32 parameters, got float64");
  for (const parameters of networks) {
    const own = shapes(parameters);
    if (own !== first)
      throw new OptionError(
        `trainMany: expected networks that differ in numbers only, got parameters ${first} and ${own}`,
      );
  }
}

function checkedLoss(loss: Tensor): Tensor {
  checkTensor("trainMany: step's result", loss);
  if (loss.numel() !== 1)
    throw new ShapeError(
      `trainMany: expected step to return one number, got a tensor of shape ${shapeText(loss.shape)}`,
    );
  return loss;
}

/** What tells whether random numbers have been drawn. */
function drawn(): number {
  const { next, state } = defaultGenerator().engine;
  return next * 2 ** 32 + ((state[0] as number) >>> 0);
}

const randomStep = (): OptionError =>
  new OptionError(
    "trainMany: step draws random numbers, and the networks would share them. Expected dropout switched off (eval()) and " +
      "data drawn beforehand; train one network at a time otherwise",
  );

/** A network's parameters and what its optimiser keeps for them, in a fixed order. */
function memoriesOf({ optimizer }: Trainee): Tensor[] {
  return parametersOf(optimizer).flatMap((x) => [x, ...Object.values(optimizer.keptFor(x)?.arrays ?? {})]);
}

/** Lets all networks but the first follow it from here on. */
function follow(trainees: readonly Trainee[], work: Workplace): Lanes {
  const [leader, ...followers] = trainees as [Trainee, ...Trainee[]];
  const device = work.deviceFor(0);
  if (device === null) throw noLanes();
  const lanes = new Lanes(device, followers.length);
  for (const x of memoriesOf(leader)) {
    const copy = work.copies.get(x);
    if (copy === undefined)
      throw new OptionError(
        "trainMany: a parameter took no part in the first step. Expected step to compute a loss that depends on all parameters of " +
          "the optimiser, to call backward() and optimizer.step(), in float32 on engine 'wasm'",
      );
    lanes.own(device.addressOf(copy.data as Float32Array), copy.span);
  }
  lanes.layOut();
  followers.forEach((trainee, i) => {
    memoriesOf(trainee).forEach((x, k) => {
      lanes.write(i, k, x.array.data, x.array.offset);
    });
  });
  device.follower = lanes;
  return lanes;
}

/** Gives the networks what they have learned. */
function settle(trainees: readonly Trainee[], lanes: Lanes): void {
  const [leader, ...followers] = trainees as [Trainee, ...Trainee[]];
  lanes.device.follower = null;
  followers.forEach((trainee, i) => {
    memoriesOf(trainee).forEach((x, k) => {
      const { data, offset, memory } = x.array;
      lanes.read(i, k, data, offset);
      countChange(memory);
    });
    trainee.optimizer.goOnAs(leader.optimizer);
  });
}
