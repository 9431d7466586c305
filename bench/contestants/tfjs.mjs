/**
 * TensorFlow.js's programs: its layers, its losses, its Adam. `node tfjs.mjs cpu|wasm` says where they run.
 *
 * Its layers have one bias where PyTorch has two, so that only the first loss and the gradients can be compared, and its GRU
 * cannot do what PyTorch's does.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { abacad, abc, fingerprint, numbers, symbols } from "./formula.mjs";
import { serve } from "./serve.mjs";

const [backend = "cpu"] = process.argv.slice(2);
const require = createRequire(import.meta.url);
setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
setThreadsCount(1);
await tf.setBackend(backend);
await tf.ready();

const formed = (shape, seed, scale) => tf.tensor(numbers(tf.util.sizeFromShape(shape), seed, scale), shape);

/**
 * PyTorch's parameters from `first` on, (rows, columns) for matrices, as TensorFlow.js has them: transposed, and the two
 * biases of a recurrent layer added.
 */
function weightsOf(sizes, scale, first) {
  const all = sizes.map((shape, i) => formed(shape, first + i, scale));
  const matrices = all.filter((x) => x.rank === 2).map((x) => x.transpose());
  const biases = all.filter((x) => x.rank === 1);
  return [...matrices, biases.reduce((a, b) => a.add(b))];
}

/** Fingerprints in PyTorch's order: matrices turned back, a bias of two standing twice. */
function gradientsOf(layers, gradients) {
  return layers.flatMap(({ layer, sizes }) => {
    const found = layer.trainableWeights.map((w) => gradients[w.val.name]);
    const matrices = found.filter((g) => g.rank === 2).map((g) => fingerprint(g.transpose().dataSync()));
    const bias = found.filter((g) => g.rank === 1).map((g) => fingerprint(g.dataSync()));
    return [...matrices, ...sizes.filter((shape) => shape.length === 1).flatMap(() => bias)];
  });
}

/** Only one loss can be compared, so that the rate at which training stands still will do from the start, see unroll.mjs. */
function training(layers, lossOf) {
  const optimizer = tf.train.adam(1e-7, 0.9, 0.999, 1e-8);
  const run = () => {
    const loss = optimizer.minimize(lossOf, true);
    const value = loss.dataSync()[0];
    loss.dispose();
    return value;
  };
  return {
    check() {
      const { grads } = tf.variableGrads(lossOf);
      const gradients = gradientsOf(layers, grads);
      return { losses: [run()], gradients };
    },
    run,
  };
}

/** A layer with its weights set by formula; `sizes` are PyTorch's shapes of its parameters, `first` the first one's number. */
function build(layer, inputShape, sizes, scale, first) {
  // Calling a layer is what makes its weights; `build` alone leaves it thinking that it has none.
  tf.tidy(() => void layer.apply(tf.zeros(inputShape)));
  layer.setWeights(weightsOf(sizes, scale, first));
  return { layer, sizes };
}

const recurrentSizes = (gates, I, H) => [[gates * H, I], [gates * H, H], [gates * H], [gates * H]];

function recurrent(kind, I, H, scale) {
  const options = { units: H, returnSequences: true, inputShape: [null, I] };
  if (kind === "rnn") {
    return build(tf.layers.simpleRNN(options), [1, 1, I], recurrentSizes(1, I, H), scale, 1);
  }
  const layer = tf.layers.lstm({ ...options, recurrentActivation: "sigmoid", recurrentInitializer: "glorotNormal" });
  return build(layer, [1, 1, I], recurrentSizes(4, I, H), scale, 1);
}

const dense = (I, O, scale, first) =>
  build(tf.layers.dense({ units: O, inputShape: [I] }), [1, I], [[O, I], [O]], scale, first);

const oneHot = (text, V) => tf.oneHot(tf.tensor1d(text, "int32"), V).toFloat();

function predictor(layer, head, x, Y, V) {
  const targets = oneHot(Y, V);
  return training([layer, head], () => {
    const h = layer.layer.apply(x).reshape([Y.length, -1]);
    return tf.losses.softmaxCrossEntropy(targets, head.layer.apply(h)).asScalar();
  });
}

const workloads = {
  lesson(kind) {
    if (kind === "gru") return { unsupported: "its GRU has no reset gate after the product" };
    const { x, y } = abacad();
    return predictor(recurrent(kind, 4, 3, 0.5), dense(3, 4, 0.5, 5), oneHot(x, 4).expandDims(0), y, 4);
  },

  embedding() {
    if (backend === "wasm") return { unsupported: "the wasm backend cannot train an embedding" };
    const { x, y } = abc();
    const table = tf.variable(formed([3, 1], 1, 1));
    const head = dense(1, 3, 1, 2);
    const targets = oneHot(y, 3);
    const X = tf.tensor1d(x, "int32");
    const { run } = training([head], () =>
      tf.losses.softmaxCrossEntropy(targets, head.layer.apply(table.gather(X).tanh())).asScalar(),
    );
    return { run, check: () => ({ losses: [run()], gradients: [] }) };
  },

  "lstm-step"(B, T, H, V) {
    const scale = H ** -0.5;
    const text = symbols(B * T + 1, V);
    const x = oneHot(text.slice(0, -1), V).reshape([B, T, V]);
    return predictor(recurrent("lstm", V, H, scale), dense(H, V, scale, 5), x, text.slice(1), V);
  },

  layer(kind, H, B, T) {
    if (kind === "gru") return { unsupported: "its GRU has no reset gate after the product" };
    const layer = recurrent(kind, H, H, H ** -0.5);
    // Batch first, which is the only order that it has.
    const x = formed([T, B, H], 50, 1).transpose([1, 0, 2]);
    const g = formed([T, B, H], 51, 1).transpose([1, 0, 2]);
    const pass = () => tf.variableGrads(() => layer.layer.apply(x).mul(g).sum().asScalar());
    return {
      check() {
        const output = tf.tidy(() => layer.layer.apply(x).transpose([1, 0, 2]).dataSync());
        return { losses: fingerprint(output), gradients: gradientsOf([layer], pass().grads) };
      },
      run() {
        const { value, grads } = pass();
        value.dataSync();
        tf.dispose([value, grads]);
      },
    };
  },

  sgemm(n) {
    const [a, b] = [formed([n, n], 1, 1), formed([n, n], 2, 1)];
    const run = () => {
      const c = a.matMul(b);
      const values = c.dataSync();
      c.dispose();
      return values;
    };
    return { check: () => ({ losses: fingerprint(run()), gradients: [] }), run };
  },
};

await serve({ name: "TensorFlow.js", version: `${tf.version.tfjs}, ${tf.getBackend()} backend` }, workloads);
