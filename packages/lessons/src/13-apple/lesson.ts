import { capture, functional, manualSeed, nn, optim, type Tensor, tensor } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { about } from "./about.js";

class Net extends nn.Module {
  readonly rnn: nn.RNN;
  readonly fc: nn.Linear;

  constructor(inputSize: number, hiddenSize: number, outputSize: number) {
    super();
    this.rnn = new nn.RNN(inputSize, hiddenSize, { batchFirst: true });
    this.fc = new nn.Linear(hiddenSize, outputSize);
  }

  override forward(x: Tensor): Tensor {
    const [h, _status] = this.rnn.forward(x);
    return this.fc.forward(h);
  }
}

export const lesson = defineLesson({
  ...about,

  *run({ seed }) {
    const inputStr = "apple";
    const labelStr = "pple!";
    const charVocab = Vocabulary.from(inputStr + labelStr);
    const vocabSize = charVocab.size;
    const hiddenSize = 5;
    const outputSize = 5;
    const learningRate = 0.1;

    const xData = [charVocab.encode(inputStr)];
    const yData = [charVocab.encode(labelStr)];
    const X = functional.oneHot(xData, vocabSize).to("float32");
    const Y = tensor(yData, { dtype: "int64" });

    manualSeed(seed);
    const net = new Net(vocabSize, hiddenSize, outputSize);
    const criterion = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam(net.parameters(), { lr: learningRate });

    const oneEpoch = capture(() => {
      optimizer.zeroGrad();
      const outputs = net.forward(X);
      const loss = criterion.forward(outputs.view([-1, vocabSize]), Y.view([-1]));
      loss.backward();
      optimizer.step();
      return { loss: loss.item(), result: outputs.argmax(2).toArray() as number[][] };
    });

    const steps: string[] = [];
    let firstRight = -1;
    for (let i = 0; i < 100; i++) {
      const { loss, result } = oneEpoch();
      const resultStr = charVocab.decode(result[0] as number[]);
      if (resultStr === labelStr && firstRight < 0) firstRight = i;
      steps.push(`${i} loss: ${loss} prediction: ${JSON.stringify(result)} prediction str: ${resultStr}`);
      yield { epoch: i, epochs: 100, loss };
    }

    const outputs = net.forward(X).data;
    const yhat = outputs.select(0, 0).softmax(1);

    return {
      tensors: { outputs, yhat },
      printed: {
        characters: `${JSON.stringify(charVocab.symbols)}, ${vocabSize}`,
        "x, y": `${JSON.stringify(xData)} ${JSON.stringify(yData)}`,
        X,
        "shapes of X, Y, outputs": [X, Y, outputs].map((t) => `[${t.shape.join(", ")}]`).join("\n"),
        "shapes after view": [outputs.view([-1, vocabSize]), Y.view([-1])]
          .map((t) => `[${t.shape.join(", ")}]`)
          .join("\n"),
        steps: steps.join("\n"),
        yhat,
      },
      figures: {
        yhat: matshow(yhat, {
          cmap: "bwr",
          vmin: -1,
          vmax: 1,
          xticks: charVocab.symbols,
          rowLabels: [...inputStr],
          annotate: true,
        }),
      },
      facts: {
        prediction: charVocab.decode(outputs.argmax(2).flatten().toArray() as number[]),
        "first right after": firstRight,
      },
    };
  },
});
