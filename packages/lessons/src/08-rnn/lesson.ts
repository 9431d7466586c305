import { capture, cat, functional, manualSeed, nn, optim, zeros } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { about } from "./about.js";

export const lesson = defineLesson({
  ...about,

  *run({ seed }) {
    const txt = [..."AbAcAd".repeat(50)];
    const mapping = new Vocabulary(["A", "b", "c", "d"]);
    const X = functional.oneHot(mapping.encode(txt.slice(0, -1))).to("float32");
    const y = functional.oneHot(mapping.encode(txt.slice(1))).to("float32");

    manualSeed(seed);
    const rnn = new nn.RNN(4, 3);
    const linr = new nn.Linear(3, 4);
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam([...rnn.parameters(), ...linr.parameters()], { lr: 0.1 });

    const water = zeros([1, 3]);
    const oneEpoch = capture(() => {
      const [h] = rnn.forward(X, water);
      const netout = linr.forward(h);
      const loss = lossFn.forward(netout, y);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    });
    for (let epoch = 0; epoch < 200; epoch++) {
      yield { epoch, epochs: 200, loss: oneEpoch() };
    }

    const [h, hL] = rnn.forward(X, water);
    const soft = new nn.Softmax(1);
    const yhat = soft.forward(linr.forward(h));
    const mat = cat([h, yhat], 1).data.slice(0, 0, 10);
    const right = yhat.argmax(1).eq(y.argmax(1)).to("float32");

    return {
      tensors: { h, yhat },
      printed: { yhat: yhat.data, "h[-1], hL": `${h.data.getItem(-1)}\n${hL.data}` },
      figures: {
        states: matshow(mat, {
          cmap: "bwr",
          vmin: -1,
          vmax: 1,
          vlines: [2.5],
          xticks: ["$h_1$", "$h_2$", "$h_3$", "$P_A$", "$P_b$", "$P_c$", "$P_d$"],
          rowLabels: txt.slice(0, 10),
        }),
      },
      facts: { accuracy: right.mean().item(), "right from the second round on": right.slice(0, 6).min().item() === 1 },
    };
  },
});
