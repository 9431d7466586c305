import { capture, cat, manualSeed, nn, optim, type Tensor, tensor } from "@unroll/core";
import { Vocabulary, windows } from "@unroll/core/data";
import { grid, lines, matshow } from "@unroll/figures";
import { defineLesson, type LessonOptions, type Progress } from "../lesson.js";
import { frame, shapeOf, table } from "../table.js";
import { about } from "./about.js";

/** The naive repair: predict from the last `n` symbols together. */
function* learnWindows(
  text: string,
  n: number,
  { seed, lang }: Pick<LessonOptions, "seed" | "lang">,
): Generator<Progress, { net: Net; yhat: Tensor; right: number }> {
  const mapping = new Vocabulary(["A", "b", "c", "d"]);
  const data = windows(mapping.encode(text), n);
  const x = tensor(data.x, { dtype: "int64" });
  const y = tensor(data.y, { dtype: "int64" });

  manualSeed(seed);
  const net = makeNet(n);
  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam(net.parameters());
  const start = `${text.slice(0, 9)}…`;
  const stage = { en: `${start}, window of ${n}`, ko: `${start}, 창 너비 ${n}` }[lang];
  const oneEpoch = capture(() => {
    const loss = lossFn.forward(net.forward(x), y);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  for (let epoch = 0; epoch < 5000; epoch++) {
    oneEpoch();
    yield { epoch, epochs: 5000, stage };
  }
  const yhat = net.forward(x).data.softmax(1);
  return { net, yhat, right: yhat.argmax(1).eq(y).to("float32").mean().item() };
}

const makeNet = (n: number) =>
  new nn.Sequential(new nn.Embedding(4, 2), new nn.Flatten(), new nn.Tanh(), new nn.Linear(2 * n, 4));
type Net = ReturnType<typeof makeNet>;

export const lesson = defineLesson({
  ...about,

  *run({ seed, lang }) {
    const txt = [..."AbAcAd".repeat(100)];
    const txtX = txt.slice(0, -1);
    const txtY = txt.slice(1);

    const mapping = new Vocabulary(["A", "b", "c", "d"]);
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
    const combined = cat([hidden, netout, yhat], 1);
    const right = yhat.argmax(1).eq(y).to("float32");
    const afterA = x.eq(0).to("float32");

    const pairs = windows(txt, 2);
    // The naive repair, and a text for which it is one symbol too short.
    const two = yield* learnWindows("AbAcAd".repeat(100), 2, { seed, lang });
    const short = yield* learnWindows("AAbAAcAAd".repeat(100), 2, { seed, lang });
    const three = yield* learnWindows("AAbAAcAAd".repeat(100), 3, { seed, lang });

    const say = words[lang];
    return {
      tensors: {
        hidden: hidden.slice(0, 0, 13),
        weight: net.get(-1).weight.data.T,
        bias: net.get(-1).bias.data,
        logits: netout.slice(0, 0, 13),
        yhat: yhat.slice(0, 0, 13),
        pairs: two.yhat.slice(0, 0, 6),
      },
      printed: {
        "x, y": frame({ x: txtX, y: txtY }, 6),
        "x[:5], y[:5]": `${x.slice(0, 0, 5)}\n${y.slice(0, 0, 5)}`,
        "combined.shape": shapeOf(combined),
        "hidden[:6]": hidden.slice(0, 0, 6),
        "yhat[:6]": yhat.slice(0, 0, 6),
        "X, y": frame({ X: pairs.x.map((pair) => pair.join()), y: pairs.y }, 8),
        "yhat of pairs": two.yhat.slice(0, 0, 6),
        windows: table(
          [
            [say.text, "AbAcAd…", "AbAcAd…", "AAbAAcAAd…", "AAbAAcAAd…"],
            [say.seen, "1", "2", "2", "3"],
            [say.parameters, "20", String(count(two.net)), String(count(short.net)), String(count(three.net))],
            [say.right, ...[right.mean().item(), two.right, short.right, three.right].map((p) => p.toFixed(3))],
          ],
          ["left"],
        ),
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
          vmin: -5,
          vmax: 5,
          cmap: "bwr",
          xticks: "$h$ $h$ $y=A?$ $y=b?$ $y=c?$ $y=d?$ $P(y=A)$ $P(y=b)$ $P(y=c)$ $P(y=d)$".split(" "),
          rowLabels: txtX.slice(0, 15),
          colorbar: true,
          title: "Vis2: $[h | net(x) | \\hat{y}]$",
        }),
      },
      facts: {
        accuracy: right.mean().item(),
        "right answers": right.sum().item(),
        "right after A": right.mul(afterA).sum().div(afterA.sum()).item(),
        "accuracy with a window of two": two.right,
        "accuracy with a window of two on AAbAAcAAd": short.right,
        "accuracy with a window of three on AAbAAcAAd": three.right,
      },
    };
  },
});

/** Heads of the table of windows. */
const words = {
  en: { text: "text", seen: "symbols seen", parameters: "parameters", right: "right" },
  ko: { text: "글", seen: "보는 문자", parameters: "파라미터", right: "맞힌 비율" },
};

const count = (net: Net): number => net.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0);
