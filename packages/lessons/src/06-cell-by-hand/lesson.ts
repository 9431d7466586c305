import { functional, manualSeed, nn, rand, randint, randn, stack, type Tensor, tensor, zeros } from "@unroll/core";
import { rnnForward as rnnForwardInLoops } from "@unroll/core/byhand";
import { matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { shapeOf, table } from "../table.js";
import { about } from "./about.js";
import { rnnBackward, rnnForward, type Weights } from "./rnn.js";

const float64 = { dtype: "float64" } as const;

/** What stands in tables. */
const words = {
  en: {
    array: "array",
    shape: "shape",
    here: "here",
    compared: "compared",
    largest: "largest difference",
    name: (english: string) => english,
  },
  ko: {
    array: "배열",
    shape: "모양",
    here: "여기서는",
    compared: "비교한 것",
    largest: "가장 큰 차이",
    name: (english: string) => english.replace("plain loops", "단순 반복문").replace("finite differences", "유한차분"),
  },
};

export const lesson = defineLesson({
  ...about,

  *run({ seed, lang }) {
    const say = words[lang];
    manualSeed(seed);

    // A memory cell at work.
    const timesteps = 10;
    const inputSize = 4;
    const hiddenSize = 8;
    const inputs = rand([timesteps, inputSize], float64);
    let hiddenState = zeros([hiddenSize], float64);
    const Wx = rand([hiddenSize, inputSize], float64);
    const Wh = rand([hiddenSize, hiddenSize], float64);
    const b = rand([hiddenSize], float64);

    const atFirst = hiddenState;
    const totalHiddenStates: Tensor[] = [];
    const shapes: string[] = [];
    for (const input of inputs) {
      const output = Wx.matmul(input).add(Wh.matmul(hiddenState)).add(b).tanh();
      totalHiddenStates.push(output);
      shapes.push(shapeOf(stack(totalHiddenStates)));
      hiddenState = output;
      yield { epoch: shapes.length - 1, epochs: timesteps };
    }
    const states = stack(totalHiddenStates);
    const [usual] = new nn.RNN(inputSize, hiddenSize, float64).forward(inputs);

    // The network of the notes: n_x = 3 inputs, n_h = 4 units, n_y = 3 classes, m = 2 sequences, T_x = 5 steps.
    const x = randn([3, 2, 5], float64);
    const h0 = randn([4, 2], float64);
    const parameters: Weights = {
      Whx: randn([4, 3], float64),
      Whh: randn([4, 4], float64),
      Wyh: randn([3, 4], float64),
      bh: randn([4, 1], float64),
      by: randn([3, 1], float64),
    };
    const target = randint(0, 3, [2, 5]);

    const { h, yPred, caches } = rnnForward(x, h0, parameters);
    // The loss is the sum of −ln ŷ[target] over sequences and steps; its gradient reaches h as Wyhᵀ·(ŷ − one-hot target).
    const Y = functional.oneHot(target, 3).to("float64").permute([2, 0, 1]);
    const dy = yPred.sub(Y);
    const dh = stack(
      Array.from({ length: 5 }, (_, t) => parameters.Wyh.T.matmul(dy.getItem([null, null, t]))),
      2,
    );
    const gradients = rnnBackward(dh, caches);

    // The same with nn.RNN, whose layout is (T_x, m, n_x), and with its gradients.
    const rnn = new nn.RNN(3, 4, float64);
    rnn.weight_ih_l0.data = parameters.Whx;
    rnn.weight_hh_l0.data = parameters.Whh;
    rnn.bias_ih_l0.data = parameters.bh.flatten();
    rnn.bias_hh_l0.data = zeros([4], float64);
    const xAuto = x.permute([2, 1, 0]).clone();
    const h0Auto = h0.T.unsqueeze(0).clone();
    xAuto.requiresGrad = true;
    h0Auto.requiresGrad = true;
    const [hAuto] = rnn.forward(xAuto, h0Auto);
    const logits = functional.linear(hAuto, parameters.Wyh, parameters.by.flatten());
    const loss = functional.crossEntropy(logits.reshape([10, 3]), target.T.reshape([10]), { reduction: "sum" });
    loss.backward();

    // And with finite differences: how much does the loss change when one weight does?
    const lossAt = (changed: Weights): number => -rnnForward(x, h0, changed).yPred.log().mul(Y).sum().item();
    const epsilon = 1e-6;
    const differences = zeros([4, 4], float64);
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        const nudged = (step: number): Weights => ({
          ...parameters,
          Whh: parameters.Whh.clone().setItem([i, j], parameters.Whh.getItem([i, j]).item() + step),
        });
        differences.setItem([i, j], (lossAt(nudged(epsilon)) - lossAt(nudged(-epsilon))) / (2 * epsilon));
      }
    }

    const loops = rnnForwardInLoops(
      x.toArray() as number[][][],
      h0.toArray() as number[][],
      Object.fromEntries(Object.entries(parameters).map(([name, w]) => [name, (w as Tensor).toArray()])) as never,
    );
    const apart = (ours: Tensor, theirs: Tensor | null): number =>
      ours
        .sub(theirs as Tensor)
        .abs()
        .max()
        .item();
    const gaps = {
      "h, nn.RNN": apart(h, hAuto.detach().permute([2, 1, 0])),
      "h, plain loops": apart(h, tensor(loops.h, float64)),
      "loss, nn.RNN": Math.abs(lossAt(parameters) - loss.item()),
      "dx, nn.RNN": apart(gradients.dx, (xAuto.grad as Tensor).permute([2, 1, 0])),
      "dh0, nn.RNN": apart(gradients.dh0, (h0Auto.grad as Tensor).squeeze(0).T),
      "dWhx, nn.RNN": apart(gradients.dWhx, rnn.weight_ih_l0.grad),
      "dWhh, nn.RNN": apart(gradients.dWhh, rnn.weight_hh_l0.grad),
      "dbh, nn.RNN": apart(gradients.dbh.flatten(), rnn.bias_ih_l0.grad),
      "dWhh, finite differences": apart(gradients.dWhh, differences),
    };

    return {
      losses: [],
      tensors: { states, h, yPred, ...gradients },
      printed: {
        "hiddenState, at first": atFirst,
        "shapes of Wx, Wh, b": [Wx, Wh, b].map(shapeOf).join("\n"),
        "shape after each step": shapes.join("\n"),
        states,
        "shapes of the network": table([
          [say.array, "x", "h0", "Whx", "Whh", "Wyh", "bh", "by", "h", "yPred"],
          [
            say.shape,
            "(n_x, m, T_x)",
            "(n_h, m)",
            "(n_h, n_x)",
            "(n_h, n_h)",
            "(n_y, n_h)",
            "(n_h, 1)",
            "(n_y, 1)",
            "(n_h, m, T_x)",
            "(n_y, m, T_x)",
          ],
          [say.here, ...[x, h0, ...Object.values(parameters), h, yPred].map((w) => shapeOf(w as Tensor))],
        ]),
        dWhh: gradients.dWhh,
        "largest differences": table(
          [
            [say.compared, ...Object.keys(gaps).map(say.name)],
            [say.largest, ...Object.values(gaps).map((gap) => gap.toExponential(1))],
          ],
          ["left"],
        ),
      },
      figures: {
        saturated: matshow(states, { vmin: -1, vmax: 1, title: "$W, b$ from $[0, 1)$" }),
        usual: matshow(usual.data, { vmin: -1, vmax: 1, title: "nn.RNN" }),
      },
      facts: { ...gaps, "smallest state from the second step on": states.slice(0, 1).min().item() },
    };
  },
});
