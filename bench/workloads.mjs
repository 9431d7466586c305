/**
 * What is measured. `words` go to the contestants' `prepare`; one repetition does `units` pieces of work; `cycle`
 * repetitions make a whole; `flops` are the additions and multiplications of the matrix products in one repetition, `products` the size
 * of a matrix product to be timed beside it.
 */

const ours = ["unroll", "captured"];
/** Engine native with the BLAS that is found by name, and with MKL. */
export const natives = ["native", "native-mkl"];

const gates = { rnn: 1, lstm: 4, gru: 3 };
const names = { rnn: "RNN", lstm: "LSTM", gru: "GRU" };

/** Forward, gradients of states and weights; the input's gradient is not asked for. */
const layerFlops = (kind, I, H, B, T) => 2 * T * B * gates[kind] * H * (2 * (I + H) + H);

const lesson = (kind, peers) => ({
  words: `lesson ${kind}`,
  title: `${names[kind]}(4,3) lesson epoch, layer form`,
  contestants: [...ours, "torch", ...peers],
});

const loop = (kind, title) => ({
  words: `loop ${kind}`,
  title: `loop over ${title}, lesson epoch`,
  contestants: [...ours, "tape", "torch"],
});

const layer = (kind, H, B, T, more = {}) => ({
  words: `layer ${kind} ${H} ${B} ${T}`,
  title: `${names[kind]} forward+backward (${H},${B},${T})`,
  contestants: ["unroll", "relaxed", ...natives, "torch"],
  flops: layerFlops(kind, H, H, B, T),
  products: H < 256 ? 256 : 1024,
  ...more,
});

const sgemm = (n, more = {}) => ({
  words: `sgemm ${n}`,
  title: `matrix product ${n}×${n}×${n}`,
  contestants: ["unroll", "relaxed", ...natives, "torch", "tfjs-wasm"],
  flops: 2 * n ** 3,
  ...more,
});

const generate = (H, more = {}) => ({
  words: `generate ${H}`,
  title: `writing symbol by symbol, LSTM H=${H}`,
  contestants: [...ours, "native", "torch", "c-generate"],
  units: 100,
  unit: "symbol",
  flops: 100 * 2 * (4 * H * H + 64 * H),
  ...more,
});

const slow = { quick: false };

export const workloads = [
  lesson("rnn", ["c-lesson", "tfjs-cpu", "tfjs-wasm", "jax"]),
  lesson("lstm", ["c-lesson", "tfjs-cpu", "tfjs-wasm"]),
  lesson("gru", []),
  loop("rnn", "RNNCell"),
  loop("lstm", "LSTMCell"),
  loop("own", "a cell of one's own"),
  {
    words: "embedding",
    title: "Embedding(3,1)→Tanh→Linear epoch, 299 symbols",
    contestants: [...ours, "torch", "tfjs-cpu"],
  },
  {
    words: "relu train",
    title: "50-unit ReLU cell, one sequence, one iteration",
    contestants: [...ours, "torch"],
    cycle: 10,
    // Ten lengths from 2 to 20: 11 steps on average, forward once, backward twice.
    flops: 3 * 11 * 2 * (10 * 50 + 50 * 50 + 50 * 2),
    products: 256,
  },
  {
    words: "relu test",
    title: "50-unit ReLU cell, one sequence, one test",
    contestants: [...ours, "torch"],
    cycle: 10,
    flops: 11 * 2 * (10 * 50 + 50 * 50 + 50 * 2),
  },
  {
    words: "lstm-step 32 64 128 64",
    title: "LSTM training step, B32 T64 H128 V64",
    contestants: [...ours, "relaxed", ...natives, "torch", "tfjs-wasm", "tfjs-cpu", "jax"],
    flops: layerFlops("lstm", 64, 128, 32, 64) + 3 * 2 * 32 * 64 * 128 * 64,
  },
  layer("rnn", 64, 16, 50, { contestants: [...ours, "relaxed", ...natives, "torch", "tfjs-wasm"] }),
  layer("lstm", 64, 16, 50, { contestants: [...ours, "relaxed", ...natives, "torch", "tfjs-wasm"] }),
  layer("gru", 64, 16, 50, { contestants: [...ours, "relaxed", ...natives, "torch"] }),
  layer("rnn", 128, 32, 50, { contestants: [...ours, "relaxed", ...natives, "torch"] }),
  layer("lstm", 128, 32, 50, { contestants: [...ours, "relaxed", ...natives, "torch"] }),
  layer("gru", 128, 32, 50, { contestants: [...ours, "relaxed", ...natives, "torch"] }),
  layer("rnn", 256, 32, 50, slow),
  layer("lstm", 256, 32, 50, slow),
  layer("gru", 256, 32, 50, slow),
  layer("rnn", 512, 64, 50, slow),
  layer("lstm", 512, 64, 50, slow),
  layer("gru", 512, 64, 50, slow),
  sgemm(64),
  sgemm(256),
  sgemm(1024, slow),
  generate(128),
  generate(512, slow),
  {
    words: "many",
    title: "a whole training of RNN(4,3), 200 epochs",
    contestants: [...ours, "lanes", "torch"],
    unit: "training",
  },
];

const sweep = (kind, H, B, T) => layer(kind, H, B, T, { contestants: ["unroll", "native", "torch"], products: null });

/** Cost against hidden size, length and batch, for a picture. */
export const sweeps = ["rnn", "lstm", "gru"].flatMap((kind) => [
  ...[2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].map((H) => sweep(kind, H, 16, 50)),
  ...[10, 100, 1000, 10_000].map((T) => sweep(kind, 64, 1, T)),
  ...[1, 4, 16, 64, 256].map((B) => sweep(kind, 64, B, 50)),
]);
