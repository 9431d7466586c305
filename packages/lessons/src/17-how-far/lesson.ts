import { capture, manualSeed, nn, noGrad, optim, type Tensor } from "@unroll/core";
import { accuracyByLength, curves } from "@unroll/figures";
import { accuracy, RNN } from "../15-halves/lesson.js";
import { generateSequence } from "../15-halves/sequences.js";
import { defineLesson, type Progress } from "../lesson.js";
import { table } from "../table.js";
import { about } from "./about.js";
import { words } from "./words.js";

/** The network of lesson 15 with an LSTM in place of its cell. */
class LSTM extends nn.Module {
  readonly lstm = new nn.LSTM(10, 50);
  readonly fc = new nn.Linear(50, 2);

  override forward(x: Tensor): [Tensor, Tensor] {
    const [allH] = this.lstm.forward(x);
    return [this.fc.forward(allH), allH];
  }
}

/** And with a GRU. */
class GRU extends nn.Module {
  readonly gru = new nn.GRU(10, 50);
  readonly fc = new nn.Linear(50, 2);

  override forward(x: Tensor): [Tensor, Tensor] {
    const [allH] = this.gru.forward(x);
    return [this.fc.forward(allH), allH];
  }
}

type Model = RNN | LSTM | GRU;
const makers = { RNN: () => new RNN(10, 50, 2), LSTM: () => new LSTM(), GRU: () => new GRU() };

/** Trained on lengths 2 to 20, tested on twice that. */
const lengths = Array.from({ length: 20 }, (_, i) => 2 * (i + 1));

/** Lesson 15's training, for any of the three. */
function* train(model: Model, numEpochs: number, plots: number, stage: string): Generator<Progress, number[]> {
  const optimizer = new optim.Adam(model.parameters());
  const lossFn = new nn.CrossEntropyLoss();

  const oneIteration = capture((x: Tensor, target: Tensor) => {
    optimizer.zeroGrad();
    const [all] = model.forward(x);
    const output = all.slice(0, -1);

    const loss = lossFn.forward(output, target);
    loss.backward();
    optimizer.step();
    return { loss: loss.item(), acc: accuracy(output, target) };
  });

  let lossSum = 0;
  let accSum = 0;
  const accAverages: number[] = [];
  for (let epoch = 0; epoch < numEpochs; epoch++) {
    const { x, target } = generateSequence();
    const { loss, acc } = oneIteration(x, target);
    lossSum += loss;
    accSum += acc;
    const [lossAverage, accAverage] = [lossSum / (epoch + 1), accSum / (epoch + 1)];
    if (epoch % plots === 0 && epoch > 0) accAverages.push(accAverage);
    if (epoch % 100 === 0 && epoch > 0)
      yield { epoch, epochs: numEpochs, loss: lossAverage, accuracy: accAverage, stage };
  }
  return accAverages;
}

/** How many of `count` fresh sequences of each length were judged rightly. */
function* test(model: Model, count: number, stage: string): Generator<Progress, number[]> {
  const judge = capture((x: Tensor) => noGrad(() => model.forward(x)[0].slice(0, -1).argmax(1).item()));

  const correct: number[] = [];
  for (const [at, length] of lengths.entries()) {
    let right = 0;
    for (let i = 0; i < count; i++) {
      const { x, target } = generateSequence(length / 2, length / 2);
      if (judge(x) === target.item()) right++;
    }
    correct.push(right);
    yield { epoch: at, epochs: lengths.length, stage };
  }
  return correct;
}

export const lesson = defineLesson({
  ...about,

  *run({ seed, fast, lang }) {
    const say = words[lang];
    const numEpochs = fast ? 1_001 : 100_000;
    const plots = fast ? 100 : 1_000;
    const tests = fast ? 20 : 1_000;

    const names = ["RNN", "LSTM", "GRU"] as const;
    const averages: number[][] = [];
    const correct: number[][] = [];
    const weights: number[] = [];
    for (const name of names) {
      manualSeed(seed);
      const model = makers[name]();
      weights.push(model.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0));
      averages.push(yield* train(model, numEpochs, plots, `${name}, ${say.training}`));
      correct.push(yield* test(model, tests, `${name}, ${say.testing}`));
    }

    const shares = correct.map((counts) => counts.map((count) => count / tests));
    const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
    const within = shares.map((list) => mean(list.slice(0, 10)));
    const beyond = shares.map((list) => mean(list.slice(10)));
    const byName = <T>(lists: readonly T[]): Record<string, T> =>
      Object.fromEntries(names.map((name, i) => [name, lists[i] as T]));
    const x = (averages[0] as number[]).map((_, i) => plots * (i + 1));
    const total = lengths.map(() => tests);
    return {
      losses: [],
      tensors: { accAverages: averages, accuracyByLength: shares },
      printed: {
        protocol: say.protocol(numEpochs, tests, fast),
        networks: table([
          [say.network, ...names],
          [say.weights, ...weights.map(String)],
          [say.average, ...averages.map((list) => (list.at(-1) as number).toFixed(4))],
          [say.within, ...within.map((value) => value.toFixed(3))],
          [say.beyond, ...beyond.map((value) => value.toFixed(3))],
        ]),
        "accuracy by length": table([
          [say.length, ...lengths.map(String)],
          ...names.map((name, i) => [name, ...(shares[i] as number[]).map((share) => share.toFixed(3))]),
        ]),
      },
      figures: {
        curves: curves(
          { accuracy: byName(averages.map((y) => ({ x, y }))) },
          { chance: 0.5, grid: true, xlabel: say.iteration, words: { accuracy: say.accuracy, chance: say.chance } },
        ),
        byLength: accuracyByLength(byName(correct.map((counts) => ({ lengths, correct: counts, total }))), {
          xlabel: say.length,
          ylabel: say.accuracy,
          words: { chance: say.chance },
        }),
      },
      facts: {
        ...byName(within),
        ...Object.fromEntries(names.map((name, i) => [`${name}, beyond`, beyond[i] as number])),
      },
    };
  },
});
