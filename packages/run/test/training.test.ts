import { defaultGenerator, manualSeed, nn } from "@unroll/core";
import {
  DivergedError,
  type EpochStep,
  evaluate,
  isSound,
  newRun,
  type Run,
  readRun,
  type SettingsInput,
  type Step,
  type TextData,
  type TrainingStep,
  train,
  writeRun,
} from "@unroll/run";
import { describe, expect, test } from "vitest";
import { english, korean } from "./texts.js";

const tiny = { hidden: 12, embedding: 8, steps: 16, batch: 4, seed: 3 } as const;

const epochsOf = (steps: Iterable<Step>): EpochStep[] => [...steps].filter((step) => step.kind === "epoch");

/** Everything that decides what comes next, bit for bit. */
const bits = (run: Run): Uint8Array => writeRun(run);

describe("train", () => {
  test.each(["rnn", "gru", "lstm"] as const)("%s learns English", (cell) => {
    const { run, data } = newRun(english, { ...tiny, cell, epochs: 8, lr: 0.02 });
    const epochs = epochsOf(train(run, data));
    const [first, last] = [epochs[0] as EpochStep, epochs.at(-1) as EpochStep];
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(first.loss).toBeLessThan(Math.log(run.vocabulary.size) + 0.3);
    expect(last.loss).toBeLessThan(first.loss - 0.7);
    expect(last.validation?.loss).toBeLessThan(first.validation?.loss as number);
    expect(last.perplexity).toBe(Math.exp(last.loss));
  });

  test("learns Korean, syllable by syllable and byte by byte", () => {
    for (const level of ["character", "byte"] as const) {
      const { run, data } = newRun(korean, { ...tiny, level, epochs: 4, lr: 0.02 });
      const epochs = epochsOf(train(run, data));
      expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss as number) - 0.3);
    }
  });

  test("tells each step as plain data", () => {
    const { run, data } = newRun("abcabcabcabcabcabcabcab", { hidden: 3, steps: 4, batch: 2, epochs: 2, seed: 1 });
    const steps = [...train(run, data)];
    expect(steps.map(({ kind }) => kind).join(" ")).toBe(
      "step step step validation epoch step step step validation epoch",
    );
    expect(steps[1]).toEqual({
      kind: "step",
      epoch: 1,
      epochs: 2,
      window: 2,
      windows: 3,
      loss: expect.any(Number),
      epochLoss: expect.any(Number),
      gradientNorm: expect.any(Number),
    });
    const [first, second] = steps as TrainingStep[] as [TrainingStep, TrainingStep];
    expect(second.epochLoss).toBeCloseTo((first.loss + second.loss) / 2, 12);
    expect(JSON.parse(JSON.stringify(steps))).toEqual(steps);
  });

  test("the same seed gives the same bits, another gives others, and nobody's random numbers change", () => {
    manualSeed(99);
    const before = defaultGenerator().getState();
    const settings: SettingsInput = { ...tiny, layers: 2, dropout: 0.3, epochs: 1 };
    const trained = (seed: number): Uint8Array => {
      const { run, data } = newRun(english, { ...settings, seed });
      for (const _ of train(run, data));
      return bits(run);
    };
    expect(trained(7)).toEqual(trained(7));
    expect(trained(7)).not.toEqual(trained(8));
    expect(defaultGenerator().getState()).toEqual(before);
  });

  test("the initial weights are those of the layers under manualSeed", () => {
    const { run } = newRun(english, { ...tiny, cell: "gru" });
    const V = run.vocabulary.size;
    manualSeed(tiny.seed);
    const layers = { embedding: new nn.Embedding(V, 8), rnn: new nn.GRU(8, 12), linear: new nn.Linear(12, V) };
    const expected = Object.entries(layers).flatMap(([layer, module]) =>
      Object.entries(module.stateDict()).map(([name, x]) => [`${layer}.${name}`, x.toTypedArray()]),
    );
    const own = Object.entries(run.model.stateDict()).map(([name, x]) => [name, x.toTypedArray()]);
    expect(own).toEqual(expected);
  });

  test("the state is carried from window to window and begins anew with each epoch", () => {
    const { run, data } = newRun(english, { ...tiny, cell: "gru", epochs: 2 });
    const states: (number | null)[] = [];
    for (const step of train(run, data)) {
      if (step.kind !== "validation") states.push(run.position.state?.[0]?.norm().item() ?? null);
    }
    const perEpoch = states.length / 2;
    expect(states.slice(0, perEpoch - 1).every((size) => size !== null && size > 0)).toBe(true);
    expect(states[perEpoch - 1]).toBeNull();
  });

  const wild: [settings: SettingsInput, message: RegExp][] = [
    [
      { lr: 10, clip: 0 },
      /diverged at step \d+, in epoch 1: the loss is .* Lower lr, such as 1 instead of 10, or set clip to 1 instead of 0/,
    ],
    [{ lr: 10 }, /Lower lr, such as 1 instead of 10$/],
  ];
  test.each(wild)("%o diverges with advice", (settings, message) => {
    const { run, data } = newRun(english, { ...tiny, epochs: 4, ...settings });
    expect(() => [...train(run, data)]).toThrow(message);
    expect(isSound(run, data)).toBe(false);
  });

  test("a NaN in the weights stops training before anything is changed", () => {
    const { run, data } = newRun(english, { ...tiny, epochs: 1 });
    expect(isSound(run, data)).toBe(true);
    run.model.linear.bias?.data.setItem(0, Number.NaN);
    const before = bits(run);
    expect(() => [...train(run, data)]).toThrow(DivergedError);
    expect(() => [...train(run, data)]).toThrow("training diverged at step 1, in epoch 1: the loss is NaN");
    expect(bits(run)).toEqual(before);
    expect(isSound(run, data)).toBe(false);
  });
});

describe("going on", () => {
  const kinds: SettingsInput[] = [
    { cell: "rnn", embedding: 0 },
    { cell: "gru", layers: 2, dropout: 0.25 },
    { cell: "lstm", dropout: 0.25, level: "byte" },
  ];
  const restored = (run: Run, epochs: number): Run => readRun(bits(run), (settings) => ({ ...settings, epochs }));

  test.each(kinds)("four epochs are two and two more: %o", (settings) => {
    const straight = newRun(english, { ...tiny, ...settings, epochs: 4 });
    const told = epochsOf(train(straight.run, straight.data));

    const half = newRun(english, { ...tiny, ...settings, epochs: 2 });
    const toldFirst = epochsOf(train(half.run, half.data));
    const other = restored(half.run, 4);
    const toldThen = epochsOf(train(other, half.data));

    expect(bits(other)).toEqual(bits(straight.run));
    const losses = (steps: EpochStep[]) => steps.map(({ loss, validation }) => [loss, validation]);
    expect([...losses(toldFirst), ...losses(toldThen)]).toEqual(losses(told));
  });

  test.each(kinds)("stopping after any step changes nothing: %o", (settings) => {
    const all = { ...tiny, ...settings, steps: 48, epochs: 2 };
    const straight = newRun(english, all);
    const steps = [...train(straight.run, straight.data)];
    const expected = bits(straight.run);
    let { run } = newRun(english, all);
    const told: Step[] = [];
    // One step, save, load, one step, …; validation is done anew when it was broken off.
    const next = (data: TextData): Step | undefined => {
      for (const step of train(run, data)) if (step.kind !== "validation") return step;
      return undefined;
    };
    for (let step = next(straight.data); step !== undefined; step = next(straight.data)) {
      told.push(step);
      run = restored(run, 2);
    }
    expect(bits(run)).toEqual(expected);
    expect(told).toEqual(steps.filter(({ kind }) => kind !== "validation"));
  });
});

describe("evaluate", () => {
  test("an untrained network is about as good as guessing, and judging changes nothing", () => {
    const { run, data } = newRun(english, { ...tiny, dropout: 0.5 });
    const before = bits(run);
    run.model.train();
    const judged = evaluate(run.model, data.validation, run.settings);
    expect(run.model.training).toBe(true);
    expect(judged?.loss).toBeCloseTo(Math.log(run.vocabulary.size), 0);
    expect(judged?.perplexity).toBe(Math.exp(judged?.loss as number));
    expect(judged?.symbols).toBeGreaterThan(data.validation.length - 1 - tiny.batch);
    expect(evaluate(run.model, data.validation, run.settings)).toEqual(judged);
    expect(bits(run)).toEqual(before);
    expect(evaluate(run.model, [1], run.settings)).toBeNull();
  });

  test("a network that learned a rule is nearly always right", () => {
    const { run, data } = newRun("abcd".repeat(60), {
      hidden: 8,
      embedding: 0,
      batch: 2,
      steps: 16,
      epochs: 12,
      lr: 0.05,
    });
    const last = epochsOf(train(run, data)).at(-1);
    expect(last?.validation?.accuracy).toBe(1);
    expect(last?.validation?.perplexity).toBeLessThan(1.2);
  });
});
