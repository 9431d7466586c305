import { functional, manualSeed, nn, optim, zeros } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
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
    const lstmcell = new nn.LSTMCell(4, 2);
    const cook = new nn.Linear(2, 4);
    const lstm = new nn.LSTM(4, 2);
    lstm.weight_ih_l0.data = lstmcell.weight_ih.data;
    lstm.weight_hh_l0.data = lstmcell.weight_hh.data;
    lstm.bias_ih_l0.data = lstmcell.bias_ih.data;
    lstm.bias_hh_l0.data = lstmcell.bias_hh.data;
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam([...lstm.parameters(), ...cook.parameters()], { lr: 0.1 });

    // The cell, step by step, before anything is trained.
    const L = X.shape[0] as number;
    let ht = zeros([2]);
    let ct = zeros([2]);
    for (let t = 0; t < L; t++) [ht, ct] = lstmcell.forward(X.getItem(t), [ht, ct]);

    const Water = zeros([1, 2]);
    let [hL, cL] = [Water, Water];
    for (let epoch = 0; epoch < 1; epoch++) {
      // 1
      const [h, last] = lstm.forward(X, [Water, Water]);
      const netout = cook.forward(h);
      // 2
      const loss = lossFn.forward(netout, y);
      // 3
      loss.backward();
      // 4
      optimizer.step();
      optimizer.zeroGrad();
      [hL, cL] = last;
      yield { epoch, epochs: 1, loss: loss.item() };
    }

    return {
      tensors: { hL, cL, ht, ct },
      printed: { "ht, ct": `${ht.data}\n${ct.data}`, "hL, cL": `${hL.data}\n${cL.data}` },
      figures: {},
      facts: {
        "largest |cell - layer|": Math.max(hL.sub(ht).abs().max().item(), cL.sub(ct).abs().max().item()),
        "the cell has learned too": lstmcell.weight_ih.equal(lstm.weight_ih_l0),
      },
    };
  },
});
