import { capture, manualSeed, nn, noGrad, optim, type Tensor, tensor } from "@unroll/core";
import { accuracyByLength, gradientFlow as gradientFigure } from "@unroll/figures";
import { defineLesson, type Progress } from "../lesson.js";
import { table } from "../table.js";
import { about } from "./about.js";
import { cells, gradientFlow, stepOf } from "./flow.js";
import { makeBatch, type Task } from "./sequences.js";
import { words } from "./words.js";

const lengths = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20];
/** Steps back in time that the tables show. */
const steps = [0, 1, 2, 5, 10, 17, 19];

interface Settings {
  readonly nonlinearity: "relu" | "tanh";
  readonly lr: number;
  readonly iterations: number;
  readonly seed: number;
  readonly stage: string;
}

/** Trains 50 units on one of the two tasks, 32 sequences of one length at a time, and tests every length. */
function* train(task: Task, { nonlinearity, lr, iterations, seed, stage }: Settings): Generator<Progress, Trained> {
  manualSeed(seed);
  const rnn = new nn.RNN(10, 50, { nonlinearity });
  const linear = new nn.Linear(50, 2);
  const lossFn = new nn.CrossEntropyLoss();
  const parameters = [...rnn.parameters(), ...linear.parameters()];
  const optimizer = new optim.Adam(parameters, { lr });
  const oneIteration = capture((x: Tensor, y: number[]) => {
    const [h] = rnn.forward(x);
    const output = linear.forward(h.getItem(-1));
    const loss = lossFn.forward(output, y);
    loss.backward();
    nn.utils.clipGradNorm(parameters, 1);
    optimizer.step();
    optimizer.zeroGrad();
    return { loss: loss.item(), accuracy: output.argmax(1).eq(tensor(y)).to("float32").mean().item() };
  });
  const losses: number[] = [];
  for (let i = 0; i < iterations; i++) {
    const { x, y } = makeBatch(task, 1 + (i % 10), 32);
    const { loss, accuracy } = oneIteration(x, y);
    if (i % 20 === 0) {
      losses.push(loss);
      yield { epoch: i, epochs: iterations, loss, accuracy, stage };
    }
  }
  const correct = lengths.map((length) =>
    noGrad(() => {
      const { x, y } = makeBatch(task, length / 2, 1000);
      const [h] = rnn.forward(x);
      return linear.forward(h.getItem(-1)).argmax(1).eq(tensor(y)).to("float32").sum().item();
    }),
  );
  return { rnn, linear, losses, correct };
}

interface Trained {
  readonly rnn: nn.RNN;
  readonly linear: nn.Linear;
  /** Every twentieth. */
  readonly losses: readonly number[];
  readonly correct: readonly number[];
}

export const lesson = defineLesson({
  ...about,

  *run({ seed, fast, lang }) {
    const say = words[lang];
    const iterations = fast ? 200 : 10_000;

    // 1. Before any training: four kinds of cells, 50 units each, sequences of 20 digits.
    manualSeed(seed);
    const { x, y } = makeBatch("ends", 10, 200);
    const output = new nn.Linear(50, 2);
    const before = Object.entries(cells(10, 50)).map(
      ([name, step]) => [name, relative(gradientFlow(step, output, x, y))] as const,
    );

    // 2. The cell of lesson 15 on its own task, and on a task in which only the distance grows.
    const common = { iterations, seed };
    const halves = yield* train("halves", { ...common, nonlinearity: "relu", lr: 0.001, stage: say.halves });
    const ends = yield* train("ends", { ...common, nonlinearity: "relu", lr: 0.001, stage: say.ends });
    const endsTanh = yield* train("ends", { ...common, nonlinearity: "tanh", lr: 0.003, stage: say.endsTanh });

    // 3. The gradients of the trained networks.
    const afterHalves = relative(gradientFlow(stepOf(halves.rnn), halves.linear, x, y));
    const afterEnds = relative(gradientFlow(stepOf(ends.rnn), ends.linear, x, y));

    const share = ({ correct }: Trained): number[] => correct.map((count) => count / 1000);
    const total = lengths.map(() => 1000);
    const labels = { xlabel: say.stepsBack, ylabel: say.size };
    return {
      losses: halves.losses,
      every: 20,
      tensors: {
        before: before.map(([, sizes]) => sizes),
        afterHalves,
        afterEnds,
        accuracyHalves: share(halves),
        accuracyEnds: share(ends),
        accuracyEndsTanh: share(endsTanh),
      },
      printed: {
        protocol: say.protocol(iterations, fast),
        "gradients before": table([
          [say.stepsBack, ...steps.map(String), say.perStep],
          ...before.map(([name, sizes]) => [
            name,
            ...steps.map((k) => (sizes[k] as number).toExponential(1)),
            perStep(sizes).toFixed(2),
          ]),
        ]),
        "accuracy by length": table([
          [say.length, ...lengths.map(String)],
          [say.halves, ...share(halves).map((value) => value.toFixed(3))],
          [say.ends, ...share(ends).map((value) => value.toFixed(3))],
          [say.endsTanh, ...share(endsTanh).map((value) => value.toFixed(3))],
        ]),
        "gradients after": table([
          [say.stepsBack, ...steps.map(String), say.perStep],
          ...[[say.halves, afterHalves] as const, [say.ends, afterEnds] as const].map(([name, sizes]) => [
            name,
            ...steps.map((k) => (sizes[k] as number).toExponential(1)),
            perStep(sizes).toFixed(2),
          ]),
        ]),
      },
      figures: {
        before: gradientFigure(Object.fromEntries(before), labels),
        byLength: accuracyByLength(
          {
            [say.halves]: { lengths, correct: halves.correct, total },
            [say.ends]: { lengths, correct: ends.correct, total },
            [say.endsTanh]: { lengths, correct: endsTanh.correct, total },
          },
          { xlabel: say.length, ylabel: say.accuracy, words: { chance: say.chance } },
        ),
        after: gradientFigure({ [say.halves]: afterHalves, [say.ends]: afterEnds }, labels),
      },
      facts: Object.fromEntries(
        before.map(([name, sizes]) => [`${name}: gradient 19 steps back`, sizes[19] as number]),
      ),
    };
  },
});

/** Sizes divided by the first, which belongs to the last step. */
const relative = (sizes: readonly number[]): number[] => sizes.map((size) => size / (sizes[0] as number));

/** The mean factor from one step to the one before it. */
const perStep = (sizes: readonly number[]): number => (sizes.at(-1) as number) ** (1 / (sizes.length - 1));
