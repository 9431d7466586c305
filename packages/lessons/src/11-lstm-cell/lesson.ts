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
    const lstmcell = new nn.LSTMCell(4, 3);
    const linr = new nn.Linear(3, 4);
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam([...lstmcell.parameters(), ...linr.parameters()], { lr: 0.1 });

    const L = X.shape[0] as number;
    const oneEpoch = capture(() => {
      let loss = zeros([]);
      let ht = zeros([3]);
      let ct = zeros([3]);
      for (let t = 0; t < L; t++) {
        const Xt = X.getItem(t);
        const yt = y.getItem(t);
        [ht, ct] = lstmcell.forward(Xt, [ht, ct]);
        const netout = linr.forward(ht);
        loss = loss.add(lossFn.forward(netout, yt));
      }
      loss = loss.div(L);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    });
    for (let epoch = 0; epoch < 100; epoch++) {
      yield { epoch, epochs: 100, loss: oneEpoch() };
    }

    const h = zeros([L, 3]);
    const c = zeros([L, 3]);
    let [ht, ct] = lstmcell.forward(X.getItem(0), [zeros([3]), zeros([3])]);
    for (let t = 0; t < L; t++) {
      if (t > 0) [ht, ct] = lstmcell.forward(X.getItem(t), [h.getItem(t - 1), c.getItem(t - 1)]);
      h.setItem(t, ht);
      c.setItem(t, ct);
    }
    const soft = new nn.Softmax(1);
    const yhat = soft.forward(linr.forward(h));
    const mat = cat([h, yhat], 1).data.slice(0, 0, 10);
    const right = yhat.argmax(1).eq(y.argmax(1)).to("float32");

    return {
      tensors: { h, c, yhat },
      printed: { yhat: yhat.data, "c[:6]": c.data.slice(0, 0, 6) },
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
