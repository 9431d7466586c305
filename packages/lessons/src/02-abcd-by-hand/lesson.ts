import { capture, cat, nn, optim, stack, type Tensor, tensor } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { grid, lines, matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { shapeOf } from "../table.js";
import { about } from "./about.js";

export const lesson = defineLesson({
  ...about,

  *run({ lang }) {
    const txt = [..."abcd".repeat(100)];
    const txtX = txt.slice(0, -1);
    const txtY = txt.slice(1);

    const mapping = new Vocabulary(["a", "b", "c", "d"]);
    const x = tensor(mapping.encode(txtX), { dtype: "int64" });
    const y = tensor(mapping.encode(txtY), { dtype: "int64" });

    const net = new nn.Sequential(
      new nn.Embedding(4, 1),
      new nn.Tanh(),
      //===//
      new nn.Linear(1, 4),
    );
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.Adam(net.parameters());

    const { weight, bias } = net.get(-1);
    net.get(0).weight.data = tensor([[-0.3333], [-2.5], [5.0], [0.3333]]);
    weight.data = tensor([[1.5], [-6.0], [-2.0], [6.0]]);
    bias.data = tensor([0.15, -2.0, 0.15, -2.0]);
    const start = net.forward(x).data;

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
    const moves: Tensor[] = [];
    for (let epoch = 0; epoch < 5000; epoch++) {
      if (epoch % 50 === 0) moves.push(net.get(0).weight.data.tanh().flatten());
      yield { epoch, epochs: 5000, loss: oneEpoch() };
    }

    const soft = new nn.Softmax(1);
    const hidden = net.slice(0, -1).forward(x).data;
    const netout = net.forward(x).data;
    const yhat = soft.forward(netout);
    const ends = tensor([[-1], [1]]);
    const straight = ends.matmul(weight.data.T).add(bias.data);
    const combined = cat([hidden, netout, yhat], 1);

    return {
      tensors: {
        start: start.slice(0, 0, 4),
        hidden: hidden.slice(0, 0, 9),
        weight: weight.data.T,
        bias: bias.data,
        logits: netout.slice(0, 0, 9),
        yhat: yhat.slice(0, 0, 9),
      },
      printed: {
        "x[:5], y[:5]": `${x.slice(0, 0, 5)}\n${y.slice(0, 0, 5)}`,
        "start[:4]": start.slice(0, 0, 4),
        "hidden[:4]": hidden.slice(0, 0, 4),
        "weight.T": weight.data.T,
        bias: bias.data,
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
        moves: lines(stack(moves), {
          x: moves.map((_, i) => 50 * i),
          labels: ["a", "b", "c", "d"],
          legend: "right",
          xlabel: { en: "epoch", ko: "에폭" }[lang],
          ylabel: "$h$",
        }),
        straight: lines(straight, {
          x: ends.flatten(),
          labels: ["$y=a?$", "$y=b?$", "$y=c?$", "$y=d?$"],
          vlines: hidden.slice(0, 0, 4).flatten().toArray() as number[],
          xticks: {
            positions: hidden.slice(0, 0, 4).flatten().toArray() as number[],
            labels: ["$h$(a)", "$h$(b)", "$h$(c)", "$h$(d)"],
          },
          legend: "right",
          ylabel: "$net(x)$",
        }),
        vis2: matshow(combined.slice(0, 0, 15), {
          vmin: -15,
          vmax: 15,
          cmap: "bwr",
          xticks: ["$h$", "$y=a?$", "$y=b?$", "$y=c?$", "$y=d?$", "$P(y=a)$", "$P(y=b)$", "$P(y=c)$", "$P(y=d)$"],
          rowLabels: txtX.slice(0, 15),
          colorbar: true,
          title: "Vis2: $[h | net(x) | \\hat{y}]$",
        }),
      },
      facts: {
        accuracy: yhat.argmax(1).eq(y).to("float32").mean().item(),
        "accuracy before training": start.argmax(1).eq(y).to("float32").mean().item(),
      },
    };
  },
});
