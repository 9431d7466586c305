/**
 * The loops over cells on a bare tape: one object for the result of an op, which is also its node, and numbers side by side in blocks. No
 * views, no shapes, no checks, no counting of changes in place: about what an eager step costs in JavaScript before a library does
 * anything for its users. It is no contestant but a roofline.
 */
import { abacad, fingerprint, numbers } from "./formula.mjs";
import { serve } from "./serve.mjs";

const BLOCK = 4096;
let block = new Float32Array(BLOCK);
let used = 0;
let tape = [];

class Value {
  constructor(n, back, a, b, c) {
    if (used + 2 * n > BLOCK) {
      block = new Float32Array(BLOCK);
      used = 0;
    }
    this.n = n;
    this.data = block;
    this.at = used;
    this.gradAt = used + n;
    this.back = back;
    this.a = a;
    this.b = b;
    this.c = c;
    used += 2 * n;
    if (back !== null) tape.push(this);
  }
}

const none = () => {};

function constant(values) {
  const x = new Value(values.length, null, null, null, null);
  x.data.set(values, x.at);
  return x;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** y (O) = or += W·x + b at `to` of y. */
function affine(x, w, b, y, to, adds) {
  const I = x.n;
  for (let o = 0, q = w.at; o < b.n; o++) {
    let s = b.data[b.at + o];
    for (let k = 0; k < I; k++) s += x.data[x.at + k] * w.data[q++];
    y[to + o] = adds ? y[to + o] + s : s;
  }
}

/** From the gradient g (O) at `from` to those of x, W and b. */
function affineBack(g, from, x, w, b) {
  const I = x.n;
  for (let o = 0, q = 0; o < b.n; o++) {
    const d = g[from + o];
    b.data[b.gradAt + o] += d;
    for (let k = 0; k < I; k++, q++) {
      x.data[x.gradAt + k] += d * w.data[w.at + q];
      w.data[w.gradAt + q] += d * x.data[x.at + k];
    }
  }
}

function linearBack(y) {
  affineBack(y.data, y.gradAt, y.a, y.b, y.c);
}

function linear(x, w, b) {
  const y = new Value(b.n, linearBack, x, w, b);
  affine(x, w, b, y.data, y.at, false);
  return y;
}

function addBack({ n, data, gradAt, a, b }) {
  for (let i = 0; i < n; i++) {
    a.data[a.gradAt + i] += data[gradAt + i];
    b.data[b.gradAt + i] += data[gradAt + i];
  }
}

function add(a, b) {
  const y = new Value(a.n, addBack, a, b, null);
  for (let i = 0; i < a.n; i++) y.data[y.at + i] = a.data[a.at + i] + b.data[b.at + i];
  return y;
}

function tanhBack({ n, data, at, gradAt, a }) {
  for (let i = 0; i < n; i++) a.data[a.gradAt + i] += data[gradAt + i] * (1 - data[at + i] ** 2);
}

function tanh(a) {
  const y = new Value(a.n, tanhBack, a, null, null);
  for (let i = 0; i < a.n; i++) y.data[y.at + i] = Math.tanh(a.data[a.at + i]);
  return y;
}

function scaleBack({ data, gradAt, a, b }) {
  a.data[a.gradAt] += data[gradAt] * b;
}

function scale(a, by) {
  const y = new Value(1, scaleBack, a, by, null);
  y.data[y.at] = a.data[a.at] * by;
  return y;
}

function lossBack({ data, gradAt, a, b, c }) {
  for (let i = 0; i < a.n; i++) a.data[a.gradAt + i] += data[gradAt] * (c.data[c.at + i] - b.data[b.at + i]);
}

function crossEntropy(a, target) {
  const p = new Value(a.n, none, null, null, null);
  const y = new Value(1, lossBack, a, target, p);
  let [most, sum] = [-Infinity, 0];
  for (let i = 0; i < a.n; i++) most = Math.max(most, a.data[a.at + i]);
  for (let i = 0; i < a.n; i++) sum += Math.exp(a.data[a.at + i] - most);
  const all = most + Math.log(sum);
  for (let i = 0; i < a.n; i++) {
    const lp = a.data[a.at + i] - all;
    p.data[p.at + i] = Math.exp(lp);
    y.data[y.at] -= target.data[target.at + i] * lp;
  }
  return y;
}

/** W_ih·x + b_ih + W_hh·h + b_hh as one op; `weights` has them in PyTorch's order: W_ih, W_hh, b_ih, b_hh. */
function cellBack(y) {
  const [wIh, wHh, bIh, bHh] = y.c;
  affineBack(y.data, y.gradAt, y.a, wIh, bIh);
  affineBack(y.data, y.gradAt, y.b, wHh, bHh);
}

function cellSum(x, h, weights) {
  const [wIh, wHh, bIh, bHh] = weights;
  const y = new Value(bIh.n, cellBack, x, h, weights);
  affine(x, wIh, bIh, y.data, y.at, false);
  affine(h, wHh, bHh, y.data, y.at, true);
  return y;
}

/** An LSTM's gates, a step after `cellSum`: h, whose node does the derivative of both, and c. */
function gatesBack(h) {
  const { a, b: before, c: after, n, data } = h;
  for (let j = 0; j < n; j++) {
    const [i, f, g, o] = [0, 1, 2, 3].map((k) => a.data[a.at + k * n + j]);
    const up = data[h.gradAt + j];
    const t = Math.tanh(after.data[after.at + j]);
    const d = after.data[after.gradAt + j] + up * o * (1 - t * t);
    const to = a.gradAt + j;
    a.data[to] += d * g * i * (1 - i);
    a.data[to + n] += d * before.data[before.at + j] * f * (1 - f);
    a.data[to + 2 * n] += d * i * (1 - g * g);
    a.data[to + 3 * n] += up * t * o * (1 - o);
    before.data[before.gradAt + j] += d * f;
  }
}

function lstmCell(x, h, c, weights) {
  const a = cellSum(x, h, weights);
  const n = h.n;
  const after = new Value(n, none, null, null, null);
  const out = new Value(n, gatesBack, a, c, after);
  for (let j = 0, p = a.at; j < n; j++, p++) {
    const z = a.data;
    z[p] = sigmoid(z[p]);
    z[p + n] = sigmoid(z[p + n]);
    z[p + 2 * n] = Math.tanh(z[p + 2 * n]);
    z[p + 3 * n] = sigmoid(z[p + 3 * n]);
    after.data[after.at + j] = z[p + n] * c.data[c.at + j] + z[p] * z[p + 2 * n];
    out.data[out.at + j] = z[p + 3 * n] * Math.tanh(after.data[after.at + j]);
  }
  return [out, after];
}

function backward(loss) {
  loss.data[loss.gradAt] = 1;
  for (let i = tape.length - 1; i >= 0; i--) tape[i].back(tape[i]);
  tape = [];
}

const cells = {
  own: { sizes: [12, 3, 9, 3], step: (x, h, c, [w, b, v, d]) => [tanh(add(linear(x, w, b), linear(h, v, d))), c] },
  rnn: { sizes: [12, 9, 3, 3], step: (x, h, c, weights) => [tanh(cellSum(x, h, weights)), c] },
  lstm: { sizes: [48, 36, 12, 12], step: lstmCell },
};

function loop(kind) {
  const { x, y } = abacad();
  const oneHot = (text) => text.map((symbol) => constant([0, 1, 2, 3].map((k) => +(k === symbol))));
  const [inputs, targets] = [oneHot(x), oneHot(y)];
  const { sizes, step } = cells[kind];
  const parameters = [...sizes, 12, 4].map((n, i) => constant(numbers(n, i + 1, 0.5)));
  const moments = parameters.map(({ n }) => [new Float64Array(n), new Float64Array(n)]);
  const weights = parameters.slice(0, 4);
  const [w, b] = parameters.slice(4);
  const start = constant([0, 0, 0]);
  let [lr, t] = [0.1, 0];

  function lossOf() {
    let [loss, h, c] = [constant([0]), start, start];
    for (let i = 0; i < inputs.length; i++) {
      [h, c] = step(inputs[i], h, c, weights);
      loss = add(loss, crossEntropy(linear(h, w, b), targets[i]));
    }
    return scale(loss, 1 / inputs.length);
  }

  function adam() {
    t++;
    const [correction1, correction2] = [1 - 0.9 ** t, 1 - 0.999 ** t];
    parameters.forEach(({ n, data, at, gradAt }, k) => {
      const [m, v] = moments[k];
      for (let i = 0; i < n; i++) {
        const g = data[gradAt + i];
        m[i] += 0.1 * (g - m[i]);
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        data[at + i] -= ((lr / correction1) * m[i]) / (Math.sqrt(v[i] / correction2) + 1e-8);
        data[gradAt + i] = 0;
      }
    });
  }

  function run() {
    const loss = lossOf();
    backward(loss);
    adam();
    return loss.data[loss.at];
  }

  return {
    check() {
      backward(lossOf());
      const gradients = parameters.map(({ n, data, gradAt }) => {
        const gradient = fingerprint(data.subarray(gradAt, gradAt + n));
        data.fill(0, gradAt, gradAt + n);
        return gradient;
      });
      const losses = [run(), run(), run()];
      lr = 1e-7;
      return { losses, gradients };
    },
    run,
  };
}

await serve({ name: "a bare tape", version: `in JavaScript, ${process.version}` }, { loop });
