/**
 * A small seeded training with a bit of everything, told in bits: run in Node and in Chromium, the two must agree.
 */
import { cat, functional as F, manualSeed, nn, optim, rand, randint, randn, type Tensor } from "../../src/index.js";

/** The bits of a float32 tensor in hexadecimal, every NaN as one. */
function bits(x: Tensor): string {
  const numbers = Float32Array.from(x.toTypedArray(), (v) => v);
  return Array.from(new Uint32Array(numbers.buffer), (word, i) =>
    Number.isNaN(numbers[i]) ? "nan" : word.toString(16),
  ).join(" ");
}

/** Twenty steps of training; every loss, every parameter and a few random numbers as bits. */
export function tiny(): string[] {
  manualSeed(43052);
  const out: string[] = [];
  const embedding = new nn.Embedding(5, 6);
  const lstm = new nn.LSTM(6, 9, { numLayers: 2, bidirectional: true, dropout: 0.25 });
  const gru = new nn.GRU(18, 17);
  const rnn = new nn.RNN(17, 33, { nonlinearity: "relu" });
  const norm = new nn.LayerNorm(33);
  const head = new nn.Sequential(new nn.GELU(), new nn.Linear(33, 5));
  const modules: nn.Module[] = [embedding, lstm, gru, rnn, norm, head];
  const parameters = modules.flatMap((m) => m.parameters());
  const optimizers = [
    new optim.Adam(parameters, { lr: 0.01 }),
    new optim.RMSprop(parameters, { lr: 0.001, momentum: 0.9 }),
  ];
  const x = randint(0, 5, [7, 4]);
  const y = randint(0, 5, [7, 4]);
  for (let step = 0; step < 20; step++) {
    const [a] = lstm.forward(embedding.forward(x), null, { lengths: [7, 3, 5, 1] });
    const [b] = gru.forward(a);
    const [c] = rnn.forward(b);
    const logits = head.forward(norm.forward(c));
    const loss = F.crossEntropy(logits.reshape([-1, 5]), y.flatten(), { labelSmoothing: 0.1 });
    loss.backward();
    nn.utils.clipGradNorm(parameters, 0.5);
    const optimizer = optimizers[step % 2] as optim.Optimizer;
    optimizer.step();
    optimizer.zeroGrad();
    out.push(bits(loss));
  }
  for (const p of parameters) out.push(bits(p));
  const wide = cat([randn([40]), rand([40]).mul(200).sub(100), randn([33]).mul(1e-20)]);
  for (const f of [
    wide.exp(),
    wide.abs().log(),
    wide.tanh(),
    wide.sigmoid(),
    wide.sin(),
    wide.cos(),
    wide.softmax(0),
    wide.pow(3),
  ]) {
    out.push(bits(f));
  }
  const m = randn([37, 70]);
  out.push(bits(m.matmul(randn([70, 65]))), bits(m.sum(0)), bits(m.sum(1)), bits(m.mean()), bits(m.var(1)));
  return out;
}
