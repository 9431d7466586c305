/**
 * jax-js's programs on its WebAssembly backend: a loop over time, unrolled and compiled by `jit`, because it has no scan.
 */
import { init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { abacad, fingerprint, numbers, symbols } from "./formula.mjs";
import { serve } from "./serve.mjs";

await init("wasm");

const formed = (shape, seed, scale) =>
  np
    .array(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        seed,
        scale,
      ),
    )
    .reshape(shape);

const refs = (parameters) => parameters.map((p) => p.ref);

/** One step of Adam: the next parameter and moments. */
function adam(p, m, v, g, lr, t) {
  const nextM = m.mul(0.9).add(g.ref.mul(0.1));
  const nextV = v.mul(0.999).add(np.square(g).mul(0.001));
  const size = np.sqrt(nextV.ref.mul(1 / (1 - 0.999 ** t))).add(1e-8);
  const nextP = p.sub(nextM.ref.mul(lr / (1 - 0.9 ** t)).div(size));
  return [nextP, nextM, nextV];
}

function training(parameters, lossOf, lr) {
  const gradient = jit(valueAndGrad(lossOf));
  let state = parameters.map((p) => [p, np.zeros(p.shape), np.zeros(p.shape)]);
  let t = 0;
  let rate = lr;
  const run = async () => {
    const [loss, gradients] = gradient(refs(state.map(([p]) => p)));
    t++;
    state = state.map(([p, m, v], i) => adam(p, m, v, gradients[i], rate, t));
    for (const row of state) for (const x of row) await x.blockUntilReady();
    return (await loss.data())[0];
  };
  return {
    async check() {
      const [loss, gradients] = gradient(refs(state.map(([p]) => p)));
      loss.dispose();
      const found = await Promise.all(gradients.map(async (g) => fingerprint(await g.data())));
      const losses = [await run(), await run(), await run()];
      // Training all but stands still after the comparison, see unroll.mjs.
      rate = 1e-7;
      return { losses, gradients: found };
    },
    run,
  };
}

function lstmStep(z, c) {
  const [i, f, g, o] = np.split(z, 4, 1);
  const next = nn
    .sigmoid(f)
    .mul(c)
    .add(nn.sigmoid(i).mul(np.tanh(g)));
  return { h: nn.sigmoid(o).mul(np.tanh(next.ref)), c: next };
}

/** Mean cross-entropy of a recurrent layer and a linear one on x (T, B, V) with one-hot targets (T·B, V). */
function lossOfLayer(kind, x, targets, H) {
  const [T, B] = x.shape;
  return ([wih, whh, bih, bhh, w, b]) => {
    const projected = np
      .matmul(x.ref.reshape([T * B, -1]), wih.transpose())
      .add(bih.add(bhh))
      .reshape([T, B, -1]);
    const steps = np.split(projected, T, 0);
    const recurrent = whh.transpose();
    let h = np.zeros([B, H]);
    let c = np.zeros([B, H]);
    const outputs = [];
    for (const step of steps) {
      const z = step.reshape([B, -1]).add(np.matmul(h, recurrent.ref));
      if (kind === "lstm") ({ h, c } = lstmStep(z, c));
      else h = np.tanh(z);
      outputs.push(h.ref);
    }
    h.dispose();
    recurrent.dispose();
    if (kind === "lstm") c.dispose();
    const logits = np.matmul(np.concatenate(outputs, 0), w.transpose()).add(b);
    return nn
      .logSoftmax(logits, 1)
      .mul(targets.ref)
      .sum()
      .mul(-1 / (T * B));
  };
}

function oneHot(text, V) {
  const x = new Float32Array(text.length * V);
  text.forEach((symbol, i) => {
    x[i * V + symbol] = 1;
  });
  return np.array(x).reshape([text.length, V]);
}

function predictor(kind, x, targets, V, H, scale, lr) {
  const rows = (kind === "lstm" ? 4 : 1) * H;
  const shapes = [[rows, V], [rows, H], [rows], [rows], [V, H], [V]];
  const parameters = shapes.map((shape, i) => formed(shape, i + 1, scale));
  return training(parameters, lossOfLayer(kind, x, targets, H), lr);
}

const workloads = {
  lesson(kind) {
    if (kind !== "rnn") return { unsupported: "299 steps unrolled overflow its stack" };
    const { x, y } = abacad();
    return predictor(kind, oneHot(x, 4).reshape([299, 1, 4]), oneHot(y, 4), 4, 3, 0.5, 0.1);
  },

  "lstm-step"(B, T, H, V) {
    const text = symbols(B * T + 1, V);
    const x = np.transpose(oneHot(text.slice(0, -1), V).reshape([B, T, V]), [1, 0, 2]);
    const targets = np.transpose(oneHot(text.slice(1), V).reshape([B, T, V]), [1, 0, 2]).reshape([T * B, V]);
    return predictor("lstm", x, targets, V, H, H ** -0.5, 0.001);
  },
};

await serve({ name: "jax-js", version: "wasm backend" }, workloads);
