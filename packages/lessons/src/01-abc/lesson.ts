import { capture, cat, manualSeed, nn, optim, tensor } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { grid, lines, matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { frame, shapeOf } from "../table.js";
import { about } from "./about.js";

export const lesson = defineLesson({
  ...about,

  *run({ seed }) {
    const txt = [..."abc".repeat(100)];
    const txtX = txt.slice(0, -1);
    const txtY = txt.slice(1);

    const mapping = new Vocabulary(["a", "b", "c"]);
    const x = tensor(mapping.encode(txtX), { dtype: "int64" });
    const y = tensor(mapping.encode(txtY), { dtype: "int64" });

    manualSeed(seed);
    const net = new nn.Sequential(
      new nn.Embedding(3, 1),
      new nn.Tanh(),
      //===//
      new nn.Linear(1, 3),
    );
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam(net.parameters());
    const oneEpoch = capture(() => {
      // 1, 2
      const loss = lossFn.forward(net.forward(x), y);
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
    const byHand = hidden.matmul(weight.T).add(bias);
    const combined = cat([hidden, netout, yhat], 1);

    const ends = tensor([[-1], [1]]);
    const straight = ends.matmul(weight.T).add(bias);

    return {
      tensors: {
        hidden: hidden.slice(0, 0, 9),
        weight: weight.T,
        bias,
        logits: netout.slice(0, 0, 9),
        yhat: yhat.slice(0, 0, 9),
      },
      printed: {
        "x, y": frame({ x: txtX, y: txtY }, 5),
        "x[:5], y[:5]": `${x.slice(0, 0, 5)}\n${y.slice(0, 0, 5)}`,
        "hidden[:9]": hidden.slice(0, 0, 9),
        "weight.T": weight.T,
        bias,
        "hidden[:9] @ weight.T + bias": byHand.slice(0, 0, 9),
        "yhat[:9]": yhat.slice(0, 0, 9),
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
        straight: lines(straight, {
          x: ends.flatten(),
          labels: ["$y=a?$", "$y=b?$", "$y=c?$"],
          vlines: hidden.slice(0, 0, 3).flatten().toArray() as number[],
          xticks: {
            positions: hidden.slice(0, 0, 3).flatten().toArray() as number[],
            labels: ["$h$(a)", "$h$(b)", "$h$(c)"],
          },
          legend: "right",
          ylabel: "$net(x)$",
        }),
        vis2: matshow(combined.slice(0, 0, 15), {
          vmin: -7,
          vmax: 7,
          cmap: "bwr",
          xticks: ["$h$", "$y=a?$", "$y=b?$", "$y=c?$", "$P(y=a)$", "$P(y=b)$", "$P(y=c)$"],
          rowLabels: txtX.slice(0, 15),
          colorbar: true,
          title: "Vis2: $[h | net(x) | \\hat{y}]$",
        }),
      },
      facts: {
        accuracy: yhat.argmax(1).eq(y).to("float32").mean().item(),
        "largest |hidden @ weight.T + bias - net(x)|": byHand.sub(netout).abs().max().item(),
      },
    };
  },
});
