import { capture, cat, manualSeed, nn, optim, tensor } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { grid, lines, matshow, successMap } from "@unroll/figures";
import type { Language } from "../about.js";
import { defineLesson } from "../lesson.js";
import { shapeOf, table } from "../table.js";
import { about } from "./about.js";
import { measure, type Outcome } from "./measure.js";
import { asInTheNotes, withPatience } from "./measured.js";

export const lesson = defineLesson({
  ...about,

  *run({ seed, fast, lang }) {
    const txt = [..."abcde".repeat(100)];
    const txtX = txt.slice(0, -1);
    const txtY = txt.slice(1);

    const mapping = new Vocabulary(["a", "b", "c", "d", "e"]);
    const x = tensor(mapping.encode(txtX), { dtype: "int64" });
    const y = tensor(mapping.encode(txtY), { dtype: "int64" });

    manualSeed(seed);
    const net = new nn.Sequential(
      new nn.Embedding(5, 3),
      new nn.Tanh(),
      //===//
      new nn.Linear(3, 5),
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

    // The same with one, two and three units and several seeds, to compare with the outcomes kept in measured.ts.
    const seeds = Array.from({ length: fast ? 10 : 100 }, (_, i) => i);
    const again: Outcome[][] = [];
    for (const units of [1, 2, 3]) {
      const work = measure(units, 5, seeds);
      const stage = {
        en: `abcde, ${seeds.length} seeds, units: ${units}`,
        ko: `abcde, 시드 ${seeds.length}개, 은닉노드 ${units}개`,
      }[lang];
      let next = work.next();
      for (; !next.done; next = work.next()) {
        yield { epoch: next.value, epochs: 5000, stage };
      }
      again.push(next.value);
    }
    const say = words[lang];
    const kept = asInTheNotes.map((row) => row[3] as string);

    return {
      tensors: {
        hidden: hidden.slice(0, 0, 11),
        weight: net.get(-1).weight.data.T,
        bias: net.get(-1).bias.data,
        logits: netout.slice(0, 0, 11),
        yhat: yhat.slice(0, 0, 11),
        right: shares(asInTheNotes, "rC"),
        clean: shares(asInTheNotes, "C"),
        rightWithPatience: shares(withPatience, "rC"),
      },
      printed: {
        "x[:5], y[:5]": `${x.slice(0, 0, 5)}\n${y.slice(0, 0, 5)}`,
        "hidden[:5]": hidden.slice(0, 0, 5),
        "yhat[:5]": yhat.slice(0, 0, 5),
        "combined.shape": shapeOf(combined),
        "measured again": table([
          [say.units, "1", "2", "3"],
          [say.seeds, ...again.map((list) => String(list.length))],
          [say.right, ...again.map((list) => String(list.filter((outcome) => outcome !== "wrong").length))],
          [say.clean, ...again.map((list) => String(list.filter((outcome) => outcome === "clean").length))],
        ]),
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
          xticks: [
            ...["$h$", "$h$", "$h$", "$y=a?$", "$y=b?$", "$y=c?$", "$y=d?$", "$y=e?$"],
            ...["$P(y=a)$", "$P(y=b)$", "$P(y=c)$", "$P(y=d)$", "$P(y=e)$"],
          ],
          rowLabels: txtX.slice(0, 15),
          colorbar: true,
          title: "Vis2: $[h | net(x) | \\hat{y}]$",
        }),
        right: map(asInTheNotes, "rC", lang, {
          en: "all right, Adam 0.001, 5000 epochs",
          ko: "모두 정답, Adam 0.001, 5000 에폭",
        }),
        clean: map(asInTheNotes, "C", lang, {
          en: "clean, Adam 0.001, 5000 epochs",
          ko: "깔끔한 성공, Adam 0.001, 5000 에폭",
        }),
        patience: map(withPatience, "rC", lang, {
          en: "all right, Adam 0.01, 20,000 epochs",
          ko: "모두 정답, Adam 0.01, 20,000 에폭",
        }),
      },
      facts: {
        accuracy: yhat.argmax(1).eq(y).to("float32").mean().item(),
        "least certain right answer": Math.min(...yhat.max(1).values.toTypedArray()),
        "measured as kept": again.every((list, i) => list.every((outcome, k) => letters[outcome] === kept[i]?.[k])),
      },
    };
  },
});

const letters: Readonly<Record<Outcome, string>> = { wrong: ".", right: "r", clean: "C" };

/** The share of seeds whose letter is among `good`, for each number of units and symbols. */
function shares(outcomes: readonly (readonly string[])[], good: string): number[][] {
  return outcomes.map((row) =>
    row.map((text) => [...text].filter((letter) => good.includes(letter)).length / text.length),
  );
}

/** Heads of the table. */
const words = {
  en: { units: "units", seeds: "seeds", right: "right", clean: "clean" },
  ko: { units: "은닉노드", seeds: "시드", right: "모두 정답", clean: "깔끔" },
};

type Words = Readonly<Record<Language, string>>;

function map(outcomes: readonly (readonly string[])[], good: string, lang: Language, title: Words) {
  return successMap(
    outcomes.map((row) => row.map((text) => [...text].map((letter) => (good.includes(letter) ? 1 : 0)))),
    {
      rows: [1, 2, 3, 4],
      columns: [2, 3, 4, 5, 6, 7, 8],
      ylabel: { en: "units", ko: "은닉노드" }[lang],
      xlabel: { en: "symbols", ko: "문자" }[lang],
      title: title[lang],
      words: { learned: { en: "share of seeds", ko: "시드의 비율" }[lang] },
    },
  );
}
