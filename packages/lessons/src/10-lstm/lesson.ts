import { capture, cat, functional, manualSeed, nn, optim, type Tensor } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { gates, matshow } from "@unroll/figures";
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
    const lstm = new nn.LSTM(4, 3);
    const linr = new nn.Linear(3, 4);
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam([...lstm.parameters(), ...linr.parameters()], { lr: 0.1 });

    const oneEpoch = capture(() => {
      const [h] = lstm.forward(X);
      const netout = linr.forward(h);
      const loss = lossFn.forward(netout, y);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    });
    for (let epoch = 0; epoch < 500; epoch++) {
      yield { epoch, epochs: 500, loss: oneEpoch() };
    }

    const [h, , record] = lstm.forward(X, null, { record: true });
    const soft = new nn.Softmax(1);
    const yhat = soft.forward(linr.forward(h));
    const mat = cat([h, yhat], 1).data.slice(0, 0, 10);
    const right = yhat.argmax(1).eq(y.argmax(1)).to("float32");
    const unitsOverTime = (name: string) => (record[name] as Tensor).select(0, 0);
    const rounds = (name: string) => unitsOverTime(name).slice(0, 6, 18);

    return {
      tensors: { h, c: unitsOverTime("cell"), yhat },
      printed: { yhat: yhat.data },
      figures: {
        states: matshow(mat, {
          cmap: "bwr",
          vmin: -1,
          vmax: 1,
          vlines: [2.5],
          xticks: ["$h_1$", "$h_2$", "$h_3$", "$P_A$", "$P_b$", "$P_c$", "$P_d$"],
          rowLabels: txt.slice(0, 10),
        }),
        gates: gates(
          {
            i: rounds("inputGate"),
            f: rounds("forgetGate"),
            g: rounds("candidate"),
            o: rounds("outputGate"),
            c: rounds("cell"),
            h: rounds("hidden"),
          },
          { symbols: txt.slice(6, 18), vlines: [5.5] },
        ),
      },
      facts: { accuracy: right.mean().item(), "right from the second round on": right.slice(0, 6).min().item() === 1 },
    };
  },
});
