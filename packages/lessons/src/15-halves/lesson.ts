import { capture, cat, manualSeed, nn, noGrad, optim, type Tensor, zeros } from "@unroll/core";
import { accuracyByLength, curves } from "@unroll/figures";
import { defineLesson, type Progress } from "../lesson.js";
import { shapeOf, table } from "../table.js";
import { about } from "./about.js";
import { generateSequence } from "./sequences.js";
import { words } from "./words.js";

export class RNN extends nn.Module {
  readonly fc_x2h: nn.Linear;
  readonly fc_h2h: nn.Linear;
  readonly fc_h2y: nn.Linear;
  readonly relu = new nn.ReLU();

  constructor(input: number, recurrent: number, output: number) {
    super();
    this.fc_x2h = new nn.Linear(input, recurrent);
    this.fc_h2h = new nn.Linear(recurrent, recurrent);
    this.fc_h2y = new nn.Linear(recurrent, output);
  }

  override forward(x: Tensor, h = zeros([1, this.fc_h2h.outFeatures])): [Tensor, Tensor] {
    const hList: Tensor[] = [];
    for (const xt of x) {
      h = this.relu.forward(this.fc_x2h.forward(xt.unsqueeze(0)).add(this.fc_h2h.forward(h)));
      hList.push(h);
    }
    const allH = cat(hList, 0);
    const allY = this.fc_h2y.forward(allH);
    return [allY, allH];
  }
}

/** The share of right answers. */
export const accuracy = (predictions: Tensor, truth: Tensor): number =>
  predictions.argmax(1).eq(truth).to("float32").mean().item();

const plots = 1000;

/** One training; the averages are cumulative: over all iterations from the first one on. */
export function* train(
  palindrome: boolean,
  numEpochs: number,
  seed: number,
  stage: string,
): Generator<Progress, Training> {
  manualSeed(seed);
  const model = new RNN(10, 50, 2);
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
  const lossAverages: number[] = [];
  const accAverages: number[] = [];
  for (let epoch = 0; epoch < numEpochs; epoch++) {
    const { x, target } = generateSequence(1, 10, palindrome);
    const { loss, acc } = oneIteration(x, target);
    lossSum += loss;
    accSum += acc;
    const [lossAverage, accAverage] = [lossSum / (epoch + 1), accSum / (epoch + 1)];
    if (epoch % plots === 0 && epoch > 0) {
      lossAverages.push(lossAverage);
      accAverages.push(accAverage);
      const line = `Epoch ${epoch}/${numEpochs}, Loss: ${lossAverage.toFixed(4)}, acc : ${accAverage}`;
      yield { epoch, epochs: numEpochs, loss: lossAverage, accuracy: accAverage, stage, line };
    } else if (epoch % 100 === 0 && epoch > 0) {
      yield { epoch, epochs: numEpochs, loss: lossAverage, accuracy: accAverage, stage };
    }
  }
  return { model, lossAverages, accAverages };
}

interface Training {
  readonly model: RNN;
  readonly lossAverages: readonly number[];
  readonly accAverages: readonly number[];
}

/** How many fresh sequences of each length there were, and how many of them were judged rightly. */
export function* test(model: RNN, palindrome: boolean, count: number, stage: string): Generator<Progress, Counts> {
  const judge = capture((x: Tensor) => noGrad(() => model.forward(x)[0].slice(0, -1).argmax(1).item()));

  const total = new Array<number>(10).fill(0);
  const correct = new Array<number>(10).fill(0);
  for (let i = 0; i < count; i++) {
    const { x, target, sequence } = generateSequence(1, 10, palindrome);
    const at = sequence.length / 2 - 1;
    total[at] = (total[at] as number) + 1;
    if (judge(x) === target.item()) correct[at] = (correct[at] as number) + 1;
    if (i % 100 === 0) yield { epoch: i, epochs: count, stage };
  }
  return { total, correct };
}

interface Counts {
  readonly total: readonly number[];
  readonly correct: readonly number[];
}

const lengths = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20];
const shares = ({ total, correct }: Counts): number[] =>
  total.map((n, i) => (n === 0 ? 0 : (correct[i] as number) / n));

export const lesson = defineLesson({
  ...about,

  *run({ seed, fast, lang }) {
    const numEpochs = fast ? 3_001 : 100_000;
    const tests = fast ? 2_000 : 100_000;
    const say = words[lang];

    manualSeed(seed);
    const examples = [1, 2, 3].map(() => generateSequence());
    const labelsRight = [false, true].every((palindrome) =>
      Array.from({ length: 100 }, () => generateSequence(1, 10, palindrome)).every(
        ({ sequence, target }) => matches(sequence, palindrome) === (target.item() === 1),
      ),
    );

    const plain = yield* train(false, numEpochs, seed, say.training);
    const plainCounts = yield* test(plain.model, false, tests, say.testing);
    const mirrored = yield* train(true, numEpochs, seed, say.mirroredTraining);
    const mirroredCounts = yield* test(mirrored.model, true, tests, say.mirroredTesting);

    const x = plain.lossAverages.map((_, i) => plots * (i + 1));
    const curvesOf = ({ lossAverages, accAverages }: Training) =>
      curves(
        { loss: { x, y: lossAverages }, accuracy: { x, y: accAverages } },
        {
          sharedAxis: true,
          chance: 0.5,
          guessLoss: Math.LN2,
          grid: true,
          xlabel: say.iteration,
          words: { loss: say.loss, accuracy: say.accuracy, chance: say.chance, guess: say.guess },
        },
      );
    return {
      losses: plain.lossAverages,
      every: plots,
      tensors: {
        lossAverages: [...plain.lossAverages],
        accAverages: [...plain.accAverages],
        accuracyByLength: shares(plainCounts),
        mirroredLossAverages: [...mirrored.lossAverages],
        mirroredAccAverages: [...mirrored.accAverages],
        mirroredAccuracyByLength: shares(mirroredCounts),
      },
      printed: {
        protocol: say.protocol(numEpochs, tests, fast),
        examples: examples.map((e) => `[${e.sequence.join(" ")}]  x ${shapeOf(e.x)}  y ${e.target.item()}`).join("\n"),
        "x of the first": String(examples[0]?.x),
        averages: table([
          ["Epoch", ...x.filter(shown).map(String)],
          ["Loss", ...plain.lossAverages.filter((_, i) => shown(x[i] as number)).map((value) => value.toFixed(4))],
          ["acc", ...plain.accAverages.filter((_, i) => shown(x[i] as number)).map((value) => value.toFixed(4))],
          [
            say.mirrored,
            ...mirrored.accAverages.filter((_, i) => shown(x[i] as number)).map((value) => value.toFixed(4)),
          ],
        ]),
        "accuracy by length": table([
          [say.length, ...lengths.map(String)],
          [say.sequences, ...plainCounts.total.map(String)],
          [say.repeated, ...shares(plainCounts).map((share) => share.toFixed(3))],
          [say.mirrored, ...shares(mirroredCounts).map((share) => share.toFixed(3))],
        ]),
      },
      figures: {
        curves: curvesOf(plain),
        mirroredCurves: curvesOf(mirrored),
        byLength: accuracyByLength(
          { [say.repeated]: { lengths, ...plainCounts }, [say.mirrored]: { lengths, ...mirroredCounts } },
          { xlabel: say.length, ylabel: say.accuracy, words: { chance: say.chance } },
        ),
      },
      facts: {
        "labels are right": labelsRight,
        "last average loss": plain.lossAverages.at(-1) as number,
        "last average accuracy": plain.accAverages.at(-1) as number,
        "mirrored last average accuracy": mirrored.accAverages.at(-1) as number,
      },
    };
  },
});

const shown = (epoch: number): boolean => epoch % 10_000 === 0 || epoch === 1_000 || epoch === 99_000;

/** Whether the second half repeats the first, or mirrors it. */
function matches(sequence: readonly number[], palindrome: boolean): boolean {
  const n = sequence.length / 2;
  return sequence.slice(0, n).every((digit, i) => digit === sequence[palindrome ? 2 * n - 1 - i : n + i]);
}
