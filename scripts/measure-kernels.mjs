/**
 * Times the kernels: from which size on WebAssembly overtakes the reference (`measuredLimits` in kernels/wasm.ts), how
 * many multiplications and additions a matrix product does in a second, and what a function costs. Needs a build.
 *
 * Timings of two engines alternate, and the best of many counts, because other programs only ever make it slower.
 */
import { referenceKernels } from "../packages/core/dist/kernels/reference.js";
import { createWasmKernels } from "../packages/core/dist/kernels/wasm.js";
import { openMachine } from "../packages/core/dist/kernels/wasm-machine.js";

const wasm = createWasmKernels({ light: 0, heavy: 0, gemm: 0, sum: 0, softmax: 0, update: 0, scatter: 0 });

const floats = (n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 1.7) * 2);
const positives = (n) => floats(n).map(Math.abs);

/** Nanoseconds of each function of the list, the best of `rounds` alternating rounds. */
function time(functions, estimate, rounds = 40) {
  const repeats = Math.max(1, Math.round(300_000 / estimate));
  const best = functions.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    functions.forEach((f, i) => {
      const start = performance.now();
      for (let r = 0; r < repeats; r++) f();
      best[i] = Math.min(best[i], ((performance.now() - start) * 1e6) / repeats);
    });
  }
  return best;
}

const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8, stepSize: 1e-9, bias2Root: 1, weightDecay: 0, shrink: 1, sign: 1 };
const sgd = { lr: 1e-9, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, firstStep: false, sign: 1 };
const unary = (f) => (n) => {
  const [x, y] = [positives(n), floats(n)];
  return (k) => k.unary(f, n, x, 0, y, 0);
};
const binary = (f, mode, widthOfB) => (n) => {
  const [x, z, y] = [floats(n), floats(widthOfB(n)), floats(n)];
  return (k) => k.binary(f, mode, n, x, 0, z, 0, y, 0, widthOfB(n));
};
const product = (ta, tb, added) => (n) => {
  const side = Math.round(Math.cbrt(n));
  const [x, w, y] = [floats(side * side), floats(side * side), floats(side * side)];
  return (k) => k.gemm(ta, tb, side, side, side, x, 0, side, w, 0, side, y, 0, side, added);
};

/** What to run for n elements (multiplications, for a product), on arrays of just the size. */
const cases = {
  "light: add": binary("add", "same", (n) => n),
  "light: add a row": binary("add", "row", (n) => n / 4),
  "light: mul by a number": binary("mul", "scalar", () => 1),
  "light: tanhGrad": binary("tanhGrad", "same", (n) => n),
  "light: relu": unary("relu"),
  "light: sqrt": unary("sqrt"),
  "heavy: tanh": unary("tanh"),
  "heavy: sigmoid": unary("sigmoid"),
  "heavy: exp": unary("exp"),
  "heavy: log": unary("log"),
  "gemm: one row · Wᵀ": (n) => {
    const [x, w, y] = [floats(4), floats(n), floats(n / 4)];
    return (k) => k.gemm(false, true, 1, n / 4, 4, x, 0, 4, w, 0, 4, y, 0, n / 4, false);
  },
  "gemm: square": product(false, false, false),
  "gemm: square · Wᵀ": product(false, true, false),
  "gemm: AᵀB, added": product(true, false, true),
  "sum: one row": (n) => {
    const [x, y] = [floats(n), floats(1)];
    return (k) => k.sum(1, n, 1, x, 0, y, 0);
  },
  "sum: columns": (n) => {
    const [x, y] = [floats(n), floats(4)];
    return (k) => k.sum(1, n / 4, 4, x, 0, y, 0);
  },
  "softmax: one row": (n) => {
    const [x, y] = [floats(n), floats(n)];
    return (k) => k.softmax(1, n, x, 0, y, 0);
  },
  "softmax: log, rows of 4": (n) => {
    const [x, y] = [floats(n), floats(n)];
    return (k) => k.logSoftmax(n / 4, 4, x, 0, y, 0);
  },
  "softmax: gradient": (n) => {
    const [g, y, dx] = [floats(n), floats(n), floats(n)];
    return (k) => k.softmaxGrad(1, n, g, 0, y, 0, dx, 0);
  },
  "update: adam": (n) => {
    const [p, g, m, v] = [floats(n), floats(n), floats(n), positives(n)];
    return (k) => k.adam(n, p, g, m, v, null, adam);
  },
  "update: sgd": (n) => {
    const [p, g] = [floats(n), floats(n)];
    return (k) => k.sgd(n, p, g, null, sgd);
  },
  "scatter: rows of 4": (n) => {
    const [g, table, index] = [floats(n), floats(16), Float64Array.from({ length: n / 4 }, (_, i) => i % 4)];
    return (k) => k.scatterAddRows(n / 4, 4, g, 0, index, table, 0);
  },
};

const sizes = [4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512];

if (openMachine(0) === null) {
  console.error("measure-kernels: this Node has no WebAssembly with SIMD, so there is nothing to measure");
  process.exit(1);
}
console.log("nanoseconds, reference / WebAssembly\n");
console.log(`${"".padEnd(26)}${sizes.map((n) => String(n).padStart(11)).join("")}`);
for (const [name, prepare] of Object.entries(cases)) {
  const row = sizes.map((n) => {
    const run = prepare(n);
    const [plain, fast] = time([() => run(referenceKernels), () => run(wasm)], 50 + n * 5, 15);
    return `${plain.toFixed(0)}/${fast.toFixed(0)}`.padStart(11);
  });
  console.log(name.padEnd(26) + row.join(""));
}

console.log("\nmatrix product in WebAssembly memory, GFLOP/s (A·B, A·Wᵀ, AᵀB)\n");
const machine = openMachine(3_000_000);
for (const [M, N, K] of [
  [64, 64, 64],
  [256, 256, 256],
  [32, 512, 128],
  [16, 256, 64],
  [1, 256, 64],
]) {
  openMachine(3_000_000);
  const [pa, pb, pc, room] = [M * K, K * N, M * N, 8 * K + 16].map((n) => machine.take(n));
  machine.put(pa, M * K, floats(M * K), 0);
  machine.put(pb, K * N, floats(K * N), 0);
  const multiply = (ta, tb) => () =>
    machine.exports.gemm(ta, tb, M, N, K, pa, ta ? M : K, pb, tb ? K : N, pc, N, 0, room);
  const flops = 2 * M * N * K;
  const best = time([multiply(0, 0), multiply(0, 1), multiply(1, 0)], flops / 30 + 50, 200);
  console.log(`${M}×${N}×${K}`.padEnd(14) + best.map((ns) => (flops / ns).toFixed(1).padStart(8)).join(""));
}

console.log("\nnanoseconds for four elements, in WebAssembly memory\n");
openMachine(8192);
const px = machine.take(4096);
const py = machine.take(4096);
machine.put(px, 4096, positives(4096), 0);
for (const [name, code] of Object.entries({ exp: 5, log: 6, tanh: 7, sigmoid: 8, add: -1 })) {
  const run =
    code < 0
      ? () => machine.exports.binary(0, 4096, px, 16, px, 16, py)
      : () => machine.exports.unary(code, 4096, px, py);
  const [ns] = time([run], 8000, 200);
  console.log(name.padEnd(10) + (ns / 1024).toFixed(2).padStart(8));
}
