/**
 * Unroll's programs, written as its lessons write them.
 *
 * `node unroll.mjs ENGINE eager|captured|lanes [BLAS]`: captured wraps the same functions in `capture`; lanes trains many networks at
 * once. BLAS is the library of engine native, when it is not to be the first that is found.
 */
import * as core from "@unroll/core";
import { engineKernels } from "@unroll/core/engine";
import { trainMany } from "@unroll/core/lanes";
import { abacad, abc, fingerprint, halves, numbers, symbols } from "./formula.mjs";
import { serve } from "./serve.mjs";

const { cat, functional: F, nn, noGrad, optim, tensor, zeros } = core;
const [engine = "wasm", mode = "eager", library] = process.argv.slice(2);
const native = engine === "native" ? await import("@unroll/native") : null;
if (library) native.useBlas({ library });
core.setEngine(engine);
const wrap = mode === "captured" ? core.capture : (f) => f;

const formed = (shape, seed, scale) =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
      scale,
    ),
  ).reshape(shape);

/** All parameters of the modules, set by formula. */
function parametersOf(modules, scale) {
  const parameters = modules.flatMap((m) => m.parameters());
  parameters.forEach((p, i) => {
    p.data = formed(p.shape, i + 1, scale);
  });
  return parameters;
}

const STANDSTILL = 1e-7;

const gradientsOf = (parameters) => parameters.map((p) => fingerprint(p.grad.toTypedArray()));

/**
 * A training: `lossOf(...batch)` for a batch, then backward and one step of Adam. The gradients that are compared are
 * taken once, from a pass of its own. After the comparison training all but stands still: thousands of epochs on one
 * lesson end with subnormal gradients, and everyone would be timed on those.
 */
function training(parameters, lossOf, batches = [[]], lr = 0.1) {
  const optimizer = new optim.Adam(parameters, { lr });
  const step = wrap((...batch) => {
    const loss = lossOf(...batch);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  });
  let turn = 0;
  const next = () => step(...batches[turn++ % batches.length]).item();
  return {
    check() {
      lossOf(...batches[0]).backward();
      const gradients = gradientsOf(parameters);
      optimizer.zeroGrad();
      const result = { losses: [next(), next(), next()], gradients };
      for (const group of optimizer.paramGroups) group.lr = STANDSTILL;
      return result;
    },
    run: next,
  };
}

const layers = { rnn: nn.RNN, lstm: nn.LSTM, gru: nn.GRU };

class OwnCell extends nn.Module {
  i2h = new nn.Linear(4, 3);
  h2h = new nn.Linear(3, 3);

  forward(x, h) {
    return this.i2h.forward(x).add(this.h2h.forward(h)).tanh();
  }
}

class ReluNet extends nn.Module {
  x2h = new nn.Linear(10, 50);
  h2h = new nn.Linear(50, 50);
  h2y = new nn.Linear(50, 2);

  forward(x) {
    let h = zeros([1, 50]);
    const all = [];
    for (let t = 0; t < x.shape[0]; t++) {
      h = this.x2h.forward(x.getItem(t).unsqueeze(0)).add(this.h2h.forward(h)).relu();
      all.push(h);
    }
    return this.h2y.forward(cat(all));
  }
}

function lessonData() {
  const { x, y } = abacad();
  return { X: F.oneHot(x, 4).to("float32"), Y: F.oneHot(y, 4).to("float32") };
}

const workloads = {
  lesson(kind) {
    const { X, Y } = lessonData();
    const layer = new layers[kind](4, 3);
    const linear = new nn.Linear(3, 4);
    const lossFn = new nn.CrossEntropyLoss();
    const parameters = parametersOf([layer, linear], 0.5);
    return training(parameters, () => lossFn.forward(linear.forward(layer.forward(X)[0]), Y));
  },

  loop(kind) {
    const { X, Y } = lessonData();
    const L = X.shape[0];
    const cell = { own: () => new OwnCell(), rnn: () => new nn.RNNCell(4, 3), lstm: () => new nn.LSTMCell(4, 3) }[
      kind
    ]();
    const linear = new nn.Linear(3, 4);
    const lossFn = new nn.CrossEntropyLoss();
    const parameters = parametersOf([cell, linear], 0.5);
    return training(parameters, () => {
      let loss = zeros([]);
      let h = zeros([3]);
      let c = zeros([3]);
      for (let t = 0; t < L; t++) {
        if (kind === "lstm") [h, c] = cell.forward(X.getItem(t), [h, c]);
        else h = cell.forward(X.getItem(t), h);
        loss = loss.add(lossFn.forward(linear.forward(h), Y.getItem(t)));
      }
      return loss.div(L);
    });
  },

  embedding() {
    const { x, y } = abc();
    const net = new nn.Sequential(new nn.Embedding(3, 1), new nn.Tanh(), new nn.Linear(1, 3));
    const lossFn = new nn.CrossEntropyLoss();
    const [X, Y] = [tensor(x, { dtype: "int64" }), tensor(y, { dtype: "int64" })];
    return training(parametersOf([net], 1), () => lossFn.forward(net.forward(X), Y), [[]], 0.001);
  },

  relu(kind) {
    const net = new ReluNet();
    const parameters = parametersOf([net], 0.14);
    const lossFn = new nn.CrossEntropyLoss();
    const batches = halves().map(({ digits, match }) => [
      F.oneHot(digits, 10).to("float32"),
      tensor([match], { dtype: "int64" }),
    ]);
    if (kind === "train") {
      return training(parameters, (x, y) => lossFn.forward(net.forward(x).slice(0, -1), y), batches, 0.001);
    }
    const predict = wrap((x) => net.forward(x).slice(0, -1).argmax(1));
    let turn = 0;
    const next = () => noGrad(() => predict(batches[turn++ % batches.length][0])).item();
    return { check: () => ({ losses: batches.map(next), gradients: [] }), run: next };
  },

  "lstm-step"(B, T, H, V) {
    const lstm = new nn.LSTM(V, H, { batchFirst: true });
    const linear = new nn.Linear(H, V);
    const lossFn = new nn.CrossEntropyLoss();
    const text = symbols(B * T + 1, V);
    const x = F.oneHot(text.slice(0, -1), V).to("float32").reshape([B, T, V]);
    const y = tensor(text.slice(1), { dtype: "int64" });
    const parameters = parametersOf([lstm, linear], H ** -0.5);
    return training(
      parameters,
      () => lossFn.forward(linear.forward(lstm.forward(x)[0]).reshape([B * T, V]), y),
      [[]],
      0.001,
    );
  },

  layer(kind, H, B, T) {
    const layer = new layers[kind](H, H);
    const parameters = parametersOf([layer], H ** -0.5);
    const x = formed([T, B, H], 50, 1);
    const g = formed([T, B, H], 51, 1);
    const pass = wrap(() => {
      for (const p of parameters) p.grad = null;
      const [output] = layer.forward(x);
      output.backward({ gradient: g });
      return output;
    });
    return {
      check() {
        const output = pass();
        return { losses: fingerprint(output.toTypedArray()), gradients: gradientsOf(parameters) };
      },
      run: () => void pass(),
    };
  },

  sgemm(n) {
    const [a, b, c] = [numbers(n * n, 1), numbers(n * n, 2), new Float32Array(n * n)];
    const kernels = engineKernels(engine);
    const run = () => kernels.gemm(false, false, n, n, n, a, 0, n, b, 0, n, c, 0, n, false);
    return {
      check() {
        run();
        return { losses: fingerprint(c), gradients: [] };
      },
      run,
    };
  },

  /** 100 symbols, one after the other, each the likeliest after what was written. */
  generate(H) {
    const V = 64;
    const lstm = new nn.LSTM(V, H);
    const linear = new nn.Linear(H, V);
    parametersOf([lstm, linear], 2 * H ** -0.5);
    const oneHot = core.eye(V);
    let state = null;
    let symbol = 0;
    const step = wrap((x, h, c) => {
      const [output, [hN, cN]] = lstm.forward(x, [h, c]);
      return [linear.forward(output.squeeze(0)).argmax(1), hN, cN];
    });
    const write = () => {
      const [choice, h, c] = step(oneHot.slice(0, symbol, symbol + 1).unsqueeze(0), ...state);
      state = [h, c];
      symbol = choice.item();
      return symbol;
    };
    const restart = () => {
      state = [zeros([1, 1, H]), zeros([1, 1, H])];
      symbol = 0;
    };
    const run = () =>
      noGrad(() => {
        restart();
        return Array.from({ length: 100 }, write);
      });
    return { check: () => ({ losses: run().slice(0, 20), gradients: [] }), run };
  },

  /** One small training step: RNN(4, 3) on ten symbols. */
  steady() {
    const { x, y } = abacad();
    const [X, Y] = [x, y].map((text) => F.oneHot(text.slice(0, 10), 4).to("float32"));
    const [layer, linear, lossFn] = [new nn.RNN(4, 3), new nn.Linear(3, 4), new nn.CrossEntropyLoss()];
    return training(parametersOf([layer, linear], 0.5), () => lossFn.forward(linear.forward(layer.forward(X)[0]), Y));
  },

  /** A whole training of the RNN lesson, 200 epochs from fresh weights. */
  many() {
    const train = () => {
      const { run } = workloads.lesson("rnn");
      const losses = Array.from({ length: 200 }, run);
      return { losses: losses.slice(0, 10), gradients: [] };
    };
    return { check: train, run: train };
  },
};

/** Trainings that are done at once. */
const TOGETHER = 250;

const manyAtOnce = {
  many() {
    const { X, Y } = lessonData();
    const lossFn = new nn.CrossEntropyLoss();
    const build = () => {
      const [layer, linear] = [new nn.RNN(4, 3), new nn.Linear(3, 4)];
      const optimizer = new optim.Adam(parametersOf([layer, linear], 0.5), { lr: 0.1 });
      const step = () => {
        const loss = lossFn.forward(linear.forward(layer.forward(X)[0]), Y);
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss;
      };
      return { optimizer, step };
    };
    const train = () => {
      const { losses } = trainMany([...Array(TOGETHER).keys()], build, { steps: 200 });
      return { losses: [...losses.at(-1).slice(0, 10)], gradients: [], units: TOGETHER };
    };
    return { check: train, run: train };
  },
};

/** The library's name and version without how it was built. */
const blas = native && `, ${native.blasInfo().version.match(/^.*?\d+(?:\.\d+)+/)?.[0] ?? native.blasInfo().library}`;
const version = `engine ${core.engineName()}, ${mode}${blas ?? ""}`;
await serve({ name: "unroll", version }, mode === "lanes" ? manyAtOnce : workloads);
