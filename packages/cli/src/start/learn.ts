/**
 * The first experiment: two small recurrent networks learn what follows in AbAcAdAbAcAd….
 *
 * @module
 */
import { cat, functional as F, manualSeed, nn, noGrad, optim, type Tensor } from "@unroll/core";
import { nextSymbolPairs, Vocabulary } from "@unroll/core/data";

/** Which network, and how many epochs it gets. */
export const networks = [
  { kind: "RNN", epochs: 200 },
  { kind: "LSTM", epochs: 500 },
] as const;

export type NetworkKind = (typeof networks)[number]["kind"];

/** With this seed both succeed. Others mostly do too: the RNN for about three in four, the LSTM for nearly all. */
export const goodSeed = 5;

export const text = "AbAcAd".repeat(50);
export const hidden = 3;

export interface Learned {
  readonly vocabulary: Vocabulary;
  readonly loss: number;
  /** ŷ: how probable each symbol is to come next, (299, 4). */
  readonly yhat: Tensor;
  /** [h | ŷ]: what the network keeps beside what it expects, (299, 7). */
  readonly table: Tensor;
  /** The symbols read and those that followed. */
  readonly read: string;
  readonly followed: string;
  /** Part of the symbols that the network expected most. */
  readonly accuracy: number;
}

/** Yields the loss of each epoch. */
export function* learn(kind: NetworkKind, epochs: number, seed: number): Generator<number, Learned, void> {
  const vocabulary = Vocabulary.from(text);
  const { x, y } = nextSymbolPairs(vocabulary.encode(text));
  const X = F.oneHot(x, vocabulary.size, { dtype: "float32" });

  manualSeed(seed);
  const rnn = kind === "RNN" ? new nn.RNN(vocabulary.size, hidden) : new nn.LSTM(vocabulary.size, hidden);
  const states = (): Tensor => (rnn instanceof nn.LSTM ? rnn.forward(X)[0] : rnn.forward(X)[0]);
  const linear = new nn.Linear(hidden, vocabulary.size);
  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam([...rnn.parameters(), ...linear.parameters()], { lr: 0.1 });

  let loss = Number.NaN;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const error = lossFn.forward(linear.forward(states()), y);
    error.backward();
    optimizer.step();
    optimizer.zeroGrad();
    loss = error.item();
    yield loss;
  }

  return noGrad(() => {
    const h = states();
    const yhat = linear.forward(h).softmax(1);
    const expected = yhat.argmax(1).toTypedArray();
    const accuracy = y.filter((symbol, t) => symbol === expected[t]).length / y.length;
    const [read, followed] = [vocabulary.decode(x), vocabulary.decode(y)];
    return { vocabulary, loss, yhat, table: cat([h, yhat], 1), read, followed, accuracy };
  });
}
