import { capture, cat, manualSeed, nn, optim, tensor } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { embedding, grid, lines, matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { shapeOf } from "../table.js";
import { about } from "./about.js";

export const lesson = defineLesson({
  ...about,

  *run({ seed, lang }) {
    const txt = [..."abcd".repeat(100)];
    const txtX = txt.slice(0, -1);
    const txtY = txt.slice(1);

    const mapping = new Vocabulary(["a", "b", "c", "d"]);
    const x = tensor(mapping.encode(txtX), { dtype: "int64" });
    const y = tensor(mapping.encode(txtY), { dtype: "int64" });

    manualSeed(seed);
    const net = new nn.Sequential(
      new nn.Embedding(4, 2),
      new nn.Tanh(),
      //===//
      new nn.Linear(2, 4),
    );
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam(net.parameters());
    const oneEpoch = capture(() => {
      // 1
      const netout = net.forward(x);
      // 2
      const loss = lossFn.forward(netout, y);
      // 3
      loss.backward();
      // 4
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    });
    for (let epoch = 0; epoch < 5000; epoch++) {
      yield { epoch, epochs: 5000, loss: oneEpoch() };
    }

    const soft = new nn.Softmax(1);
    const hidden = net.slice(0, -1).forward(x).data;
    const netout = net.forward(x).data;
    const yhat = soft.forward(netout);
    const weight = net.get(-1).weight.data;
    const bias = net.get(-1).bias.data;
    const combined = cat([hidden, netout, yhat], 1);

    return {
      tensors: {
        hidden: hidden.slice(0, 0, 9),
        weight: weight.T,
        bias,
        logits: netout.slice(0, 0, 9),
        yhat: yhat.slice(0, 0, 9),
      },
      printed: {
        "x[:5], y[:5]": `${x.slice(0, 0, 5)}\n${y.slice(0, 0, 5)}`,
        "hidden[:4]": hidden.slice(0, 0, 4),
        "weight.T": weight.T,
        bias,
        "net(x)[:4]": netout.slice(0, 0, 4),
        "yhat[:4]": yhat.slice(0, 0, 4),
        "combined.shape": shapeOf(combined),
      },
      figures: {
        vis1: grid(
          [
            lines(hidden.slice(0, 0, 9), { format: "--o", title: "$h:=(tanh \\circ linr_1)(x)$" }),
            lines(netout.slice(0, 0, 9), { format: "--o", title: "$net(x):=(linr_2 \\circ tanh \\circ linr_1)(x)$" }),
            lines(yhat.slice(0, 0, 9), { format: "--o", title: "$\\hat{y}$ = softmax$(net(x))$" }),
          ],
          { suptitle: "Vis1: $h,net(x),\\hat{y}$", figsize: [15, 5] },
        ),
        vis2: matshow(combined.slice(0, 0, 15), {
          vmin: -7,
          vmax: 7,
          cmap: "bwr",
          xticks: "$h$ $h$ $y=a?$ $y=b?$ $y=c?$ $y=d?$ $P(y=a)$ $P(y=b)$ $P(y=c)$ $P(y=d)$".split(" "),
          rowLabels: txtX.slice(0, 15),
          colorbar: true,
          title: "Vis2: $[h | net(x) | \\hat{y}]$",
        }),
        plane: embedding(hidden.slice(0, 0, 4), {
          symbols: "abcd",
          regions: { weight, bias },
          classNames: "abcd",
          legendTitle: { en: "next symbol", ko: "다음 문자" }[lang],
          xlabel: "$h_1$",
          ylabel: "$h_2$",
        }),
      },
      facts: { accuracy: yhat.argmax(1).eq(y).to("float32").mean().item() },
    };
  },
});
