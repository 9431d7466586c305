import { capture, cat, functional, manualSeed, nn, optim, type Tensor, zeros } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { embedding, matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { about } from "./about.js";

export class RNNCell extends nn.Module {
  i2h = new nn.Linear(4, 2);
  h2h = new nn.Linear(2, 2);
  tanh = new nn.Tanh();

  override forward(Xt: Tensor, ht: Tensor): Tensor {
    return this.tanh.forward(this.i2h.forward(Xt).add(this.h2h.forward(ht)));
  }
}

export const lesson = defineLesson({
  ...about,

  *run({ seed, lang }) {
    const txt = [..."AbAcAd".repeat(50)];
    const mapping = new Vocabulary(["A", "b", "c", "d"]);
    const X = functional.oneHot(mapping.encode(txt.slice(0, -1))).to("float32");
    const y = functional.oneHot(mapping.encode(txt.slice(1))).to("float32");

    manualSeed(seed);
    const rnncell = new RNNCell();
    const cook = new nn.Linear(2, 4);
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam([...rnncell.parameters(), ...cook.parameters()], { lr: 0.1 });

    const L = X.shape[0] as number;
    const oneEpoch = capture(() => {
      // 1, 2
      let ht = zeros([2]);
      let loss = zeros([]);
      for (let t = 0; t < L; t++) {
        const Xt = X.getItem(t);
        const yt = y.getItem(t);
        ht = rnncell.forward(Xt, ht);
        const ot = cook.forward(ht);
        loss = loss.add(lossFn.forward(ot, yt));
      }
      loss = loss.div(L);
      // 3
      loss.backward();
      // 4
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    });
    for (let epoch = 0; epoch < 200; epoch++) {
      yield { epoch, epochs: 200, loss: oneEpoch() };
    }

    const h = zeros([L, 2]);
    const water = zeros([2]);
    h.setItem(0, rnncell.forward(X.getItem(0), water));
    for (let t = 1; t < L; t++) h.setItem(t, rnncell.forward(X.getItem(t), h.getItem(t - 1)));
    const soft = new nn.Softmax(1);
    const yhat = soft.forward(cook.forward(h));
    const mat = cat([h, yhat], 1).data.slice(0, 0, 10);
    const right = yhat.argmax(1).eq(y.argmax(1)).to("float32");

    return {
      tensors: { h, yhat },
      printed: { yhat: yhat.data, "h[:10]": h.data.slice(0, 0, 10) },
      figures: {
        states: matshow(mat, {
          cmap: "bwr",
          vmin: -1,
          vmax: 1,
          vlines: [1.5],
          xticks: ["$h_1$", "$h_2$", "$P_A$", "$P_b$", "$P_c$", "$P_d$"],
          rowLabels: txt.slice(0, 10),
        }),
        plane: embedding(h.data.slice(0, 6, 12), {
          symbols: txt.slice(6, 12),
          regions: { weight: cook.weight.data, bias: cook.bias.data },
          classNames: "Abcd",
          legendTitle: { en: "next symbol", ko: "다음 문자" }[lang],
          path: true,
          xlabel: "$h_1$",
          ylabel: "$h_2$",
        }),
      },
      facts: { accuracy: right.mean().item(), "right from the second round on": right.slice(0, 6).min().item() === 1 },
    };
  },
});
