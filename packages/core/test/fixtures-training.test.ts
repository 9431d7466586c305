/** Training runs against PyTorch: losses, learning rates and final parameters of `fixtures/training-runs.json`. */
import { describe, expect, test } from "vitest";
import { functional as F, manualSeed, nn, optim, type Tensor, tensor } from "../src/index.js";
import { camelOptions, expectClose, indices, loadFixture, pattern, type Stored } from "./fixture-loader.js";

type Options = Record<string, unknown>;
type Spec = [string, ...(unknown[] | Options)[]];
type Data = [kind: string, shape: number[], end?: number];

interface Run {
  readonly name: string;
  readonly seed: number;
  readonly steps: number;
  readonly net: Spec[];
  readonly input: Data;
  readonly target: Data;
  readonly loss: [string, Options];
  /** Train on the loss's negative. */
  readonly negate?: boolean;
  readonly optimizer: [string, Options];
  readonly groups?: (Options & { modules: number[] })[];
  readonly scheduler?: [string, Options];
  readonly clip?: ["norm" | "value", number, { norm_type?: Stored }?];
  /** Places in the net whose parameters are not trained. */
  readonly frozen?: number[];
  readonly losses: Stored[];
  readonly lr: number[][];
  readonly norms?: Stored[];
  readonly final: Record<string, Stored[]>;
}

/** A class looked up by the name that PyTorch gives it. */
function named<T>(table: object, name: string): new (...args: unknown[]) => T {
  const found = (table as Record<string, unknown>)[name];
  if (typeof found !== "function") throw new Error(`there is no ${name}`);
  return found as new (
    ...args: unknown[]
  ) => T;
}

/** A module with a forward of one tensor. */
interface Layer extends nn.Module {
  forward(x: Tensor): Tensor;
}

/** A recurrent layer of which only the output goes on. */
class Output extends nn.Module {
  constructor(readonly layer: nn.Module & { forward(x: Tensor): [Tensor, unknown] }) {
    super();
  }

  forward(x: Tensor): Tensor {
    return this.layer.forward(x)[0];
  }
}

function layerOf([name, ...parts]: Spec): Layer {
  const sizes = parts.filter(Array.isArray).flat();
  const options = parts.find((part) => !Array.isArray(part)) as Options | undefined;
  const built = new (named<Layer>(nn, name))(...sizes, ...(options ? [camelOptions(options)] : []));
  return ["RNN", "LSTM", "GRU"].includes(name) ? new Output(built as never) : built;
}

function dataOf(salt: number, [kind, shape, end]: Data): Tensor {
  if (kind === "indices") return indices(shape, salt, end as number);
  const values = pattern(shape, salt);
  if (kind === "binary") return values.gt(0).to("float64");
  return kind === "probabilities" ? F.softmax(values, -1) : values;
}

function lossOf([name, options]: Run["loss"]): { forward(input: Tensor, target: Tensor): Tensor } {
  const ready = Object.entries(options).map(([key, value]) => [
    key,
    Array.isArray(value) ? tensor(value, { dtype: "float64" }) : value,
  ]);
  return new (named<{ forward(input: Tensor, target: Tensor): Tensor }>(nn, name))(
    camelOptions(Object.fromEntries(ready)),
  );
}

const rules: Readonly<Record<string, (epoch: number) => number>> = {
  "1 / (1 + epoch / 8)": (epoch) => 1 / (1 + epoch / 8),
};

function scheduleOf(optimizer: optim.Optimizer, [name, options]: [string, Options]): { step(metric?: number): void } {
  const ready = name === "LambdaLR" ? { lr_lambda: rules[options.lr_lambda as string] } : options;
  return new (named<{ step(metric?: number): void }>(optim.lrScheduler, name))(optimizer, camelOptions(ready));
}

function replay(run: Run): void {
  manualSeed(run.seed);
  const layers = run.net.map(layerOf);
  const net = new nn.Sequential(...layers).to("float64");
  for (const place of run.frozen ?? []) {
    for (const parameter of (layers[place] as nn.Module).parameters()) parameter.requiresGrad = false;
  }
  const x = dataOf(61, run.input);
  const y = dataOf(67, run.target);
  const loss = lossOf(run.loss);
  const groups = run.groups?.map(({ modules, ...options }) => ({
    params: modules.flatMap((place) => (layers[place] as nn.Module).parameters()),
    ...camelOptions(options),
  }));
  const [name, options] = run.optimizer;
  const optimizer = new (named<optim.Optimizer>(optim, name))(groups ?? net.parameters(), camelOptions(options));
  const scheduler = run.scheduler ? scheduleOf(optimizer, run.scheduler) : null;
  const trained = net.parameters().filter((parameter) => parameter.requiresGrad);
  const losses: number[] = [];
  const rates: number[][] = [];
  const norms: number[] = [];
  for (let step = 1; step <= run.steps; step++) {
    optimizer.zeroGrad();
    const value = loss.forward(net.forward(x), y);
    const objective = run.negate ? value.neg() : value;
    objective.backward();
    losses.push(objective.item());
    if (run.clip?.[0] === "value") nn.utils.clipGradValue(trained, run.clip[1]);
    if (run.clip?.[0] === "norm") {
      const normType = run.clip[2]?.norm_type;
      const norm = nn.utils.clipGradNorm(
        trained,
        run.clip[1],
        normType === undefined ? {} : { normType: kindOf(normType) },
      );
      norms.push(norm);
    }
    rates.push(optimizer.paramGroups.map((group) => group.lr));
    optimizer.step();
    if (run.scheduler?.[0] === "ReduceLROnPlateau") scheduler?.step(objective.item());
    else if (step < run.steps) scheduler?.step();
  }
  expectClose("losses", losses, run.losses, 1e-10);
  // One unit in the last place of the rates: not all libraries round all cosines the same way.
  expectClose("learning rates", rates.flat(), run.lr.flat(), 1e-17);
  if (run.norms) expectClose("norms", norms, run.norms, 1e-10);
  const finals = Object.fromEntries([...net.namedParameters()].map(([key, p]) => [key.replace(".layer.", "."), p]));
  expect(Object.keys(finals)).toEqual(Object.keys(run.final));
  for (const [key, values] of Object.entries(run.final))
    expectClose(`final ${key}`, finals[key] ?? null, values, 1e-10);
}

const kindOf = (normType: Stored): number => (normType === "inf" ? Number.POSITIVE_INFINITY : Number(normType));

const fixture = loadFixture<Run>("training-runs");

test("at least 12 runs; every optimiser, scheduler and loss is among them", () => {
  const { cases } = fixture;
  expect(cases.length).toBeGreaterThanOrEqual(12);
  const names = (pick: (run: Run) => string | undefined): string[] =>
    [...new Set(cases.map(pick))].filter((n) => n !== undefined).sort();
  expect(names(({ optimizer }) => optimizer[0])).toEqual(["Adagrad", "Adam", "AdamW", "RMSprop", "SGD"]);
  expect(names(({ scheduler }) => scheduler?.[0])).toEqual([
    "CosineAnnealingLR",
    "ExponentialLR",
    "LambdaLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "StepLR",
  ]);
  expect(names(({ loss }) => loss[0])).toEqual([
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "L1Loss",
    "MSELoss",
    "NLLLoss",
  ]);
  expect(names(({ clip }) => clip?.[0])).toEqual(["norm", "value"]);
});

describe("float64 within 1e-10", () => {
  test.each(fixture.cases.map((run) => [run.name, run] as const))("%s", (_, run) => replay(run));
});
