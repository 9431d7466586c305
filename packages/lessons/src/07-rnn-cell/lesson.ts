import { capture, cat, functional, manualSeed, nn, optim, zeros } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { frame } from "../table.js";
import { about } from "./about.js";

export const lesson = defineLesson({
  ...about,

  *run({ seed }) {
    const txt = [..."AbAcAd".repeat(50)];
    const txtX = txt.slice(0, -1);
    const txtY = txt.slice(1);
    const mapping = new Vocabulary(["A", "b", "c", "d"]);
    const X = functional.oneHot(mapping.encode(txtX)).to("float32");
    const y = functional.oneHot(mapping.encode(txtY)).to("float32");

    manualSeed(seed);
    const rnncell = new nn.RNNCell(4, 3);
    const linr = new nn.Linear(3, 4);
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam([...rnncell.parameters(), ...linr.parameters()], { lr: 0.1 });

    const L = X.shape[0] as number;
    const oneEpoch = capture(() => {
      let loss = zeros([]);
      let ht = zeros([3]);
      for (let t = 0; t < L; t++) {
        const Xt = X.getItem(t);
        const yt = y.getItem(t);
        ht = rnncell.forward(Xt, ht);
        const netout = linr.forward(ht);
        loss = loss.add(lossFn.forward(netout, yt));
      }
      loss = loss.div(L);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    });
    for (let epoch = 0; epoch < 200; epoch++) {
      yield { epoch, epochs: 200, loss: oneEpoch() };
    }

    const h = zeros([L, 3]);
    const water = zeros([3]);
    h.setItem(0, rnncell.forward(X.getItem(0), water));
    for (let t = 1; t < L; t++) h.setItem(t, rnncell.forward(X.getItem(t), h.getItem(t - 1)));
    const soft = new nn.Softmax(1);
    const yhat = soft.forward(linr.forward(h));
    const mat = cat([h, yhat], 1).data.slice(0, 0, 10);
    const right = yhat.argmax(1).eq(y.argmax(1)).to("float32");

    return {
      tensors: { h, yhat },
      printed: { "x, y": frame({ x: txtX, y: txtY }, 5), yhat: yhat.data },
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
