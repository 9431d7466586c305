import { capture, manualSeed, nn, noGrad, optim, stack, type Tensor } from "@unroll/core";

/** What became of one network: `"wrong"` somewhere, `"right"` everywhere, `"clean"` when no right answer has less than 0.9. */
export type Outcome = "wrong" | "right" | "clean";

/**
 * Trains one network for each seed on the cycle of `symbols` symbols and says what became of it.
 *
 * Embedding → Tanh → Linear and Adam as in the lesson, but on one round of the cycle (a → b, …, e → a) instead of a hundred: the mean
 * loss is the same. Adam treats every number by itself, so all networks are trained side by side as slices of one tensor:
 * E (S, k, u), W (S, u, k), b (S, 1, k) for S seeds, k symbols, u units.
 */
export function* measure(
  units: number,
  symbols: number,
  seeds: readonly number[],
  { lr = 0.001, epochs = 5000 }: { readonly lr?: number; readonly epochs?: number } = {},
): Generator<number, Outcome[]> {
  const nets = seeds.map((seed) => {
    manualSeed(seed);
    return new nn.Sequential(new nn.Embedding(symbols, units), new nn.Tanh(), new nn.Linear(units, symbols));
  });
  const E = new nn.Parameter(stack(nets.map((net) => net.get(0).weight.data)));
  const W = new nn.Parameter(stack(nets.map((net) => net.get(-1).weight.data.T)));
  const b = new nn.Parameter(stack(nets.map((net) => net.get(-1).bias.data.unsqueeze(0))));
  const logits = (): Tensor => E.tanh().matmul(W).add(b);

  const next = Array.from({ length: symbols }, (_, i) => (i + 1) % symbols);
  const y = seeds.flatMap(() => next);
  const lossFn = new nn.CrossEntropyLoss({ reduction: "sum" });
  const optimizer = new optim.Adam([E, W, b], { lr });
  const oneEpoch = capture(() => {
    const loss = lossFn.forward(logits().reshape([-1, symbols]), y).div(symbols);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  for (let epoch = 0; epoch < epochs; epoch++) {
    oneEpoch();
    yield epoch;
  }
  const yhat = noGrad(() => logits().softmax(-1)).toArray() as number[][][];
  return yhat.map((network) => {
    const right = network.every((row, i) => row.indexOf(Math.max(...row)) === next[i]);
    const least = Math.min(...network.map((row, i) => row[next[i] as number] as number));
    return !right ? "wrong" : least >= 0.9 ? "clean" : "right";
  });
}
