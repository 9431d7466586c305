/** Lesson 09 is sensitive to the last bits, as its text says; lesson 01 is not. */
import { capture, functional, manualSeed, nn, optim, type Tensor, tensor, zeros } from "@unroll/core";
import { expect, test } from "vitest";
import { RNNCell } from "../src/09-own-cell/lesson.js";
import { nudge } from "./run.js";

const codes = (text: string, symbols: string): number[] => [...text].map((symbol) => symbols.indexOf(symbol));

/** The probabilities that lesson 09's network ends with. */
function own(nudged: boolean): Tensor {
  const text = codes("AbAcAd".repeat(50), "Abcd");
  const X = functional.oneHot(text.slice(0, -1)).to("float32");
  const y = functional.oneHot(text.slice(1)).to("float32");
  manualSeed(43052);
  const [cell, cook] = [new RNNCell(), new nn.Linear(2, 4)];
  if (nudged) nudge(cook.weight);
  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam([...cell.parameters(), ...cook.parameters()], { lr: 0.1 });
  const outputs = (): Tensor[] => {
    let h = zeros([2]);
    return [...X].map((x) => {
      h = cell.forward(x, h);
      return cook.forward(h);
    });
  };
  const oneEpoch = capture(() => {
    const loss = outputs()
      .map((output, t) => lossFn.forward(output, y.getItem(t)))
      .reduce((sum, term) => sum.add(term), zeros([]))
      .div(299);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  for (let epoch = 0; epoch < 200; epoch++) oneEpoch();
  return functional.softmax(tensor(outputs().map((output) => output.data.toArray() as number[])), 1);
}

/** The probabilities that lesson 01's network ends with. */
function abc(nudged: boolean): Tensor {
  const text = codes("abc".repeat(100), "abc");
  const x = tensor(text.slice(0, -1), { dtype: "int64" });
  const y = tensor(text.slice(1), { dtype: "int64" });
  manualSeed(43052);
  const net = new nn.Sequential(new nn.Embedding(3, 1), new nn.Tanh(), new nn.Linear(1, 3));
  if (nudged) nudge(net.get(-1).weight);
  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam(net.parameters());
  const oneEpoch = capture(() => {
    lossFn.forward(net.forward(x), y).backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  for (let epoch = 0; epoch < 5000; epoch++) oneEpoch();
  return net.forward(x).data.softmax(1);
}

/** The largest relative change of an entry. */
const change = (run: (nudged: boolean) => Tensor): number => run(true).div(run(false)).sub(1).abs().max().item();

test("one weight moved by one ulp moves entries by percents in lesson 09, and by nothing that is printed in lesson 01", () => {
  expect(change(own)).toBeGreaterThan(0.005);
  expect(change(abc)).toBeLessThan(1e-4);
});
