/**
 * What engine "relaxed" computes beside the default one, as JSON. Run by `kernels-relaxed.test.ts` in a process of its own, because on
 * Node 20 relaxed SIMD wants an option.
 */
import { manualSeed, nn, randn, setEngine } from "@unroll/core";
import { engineKernels } from "@unroll/core/engine";

const numbers = (n, seed) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 1.37 + seed) * 2);

function products(kernels) {
  const results = [];
  for (const [M, N, K] of [
    [1, 64, 64],
    [5, 7, 9],
    [33, 47, 300],
    [64, 64, 129],
  ]) {
    for (const [transA, transB] of [
      [false, false],
      [false, true],
      [true, false],
    ]) {
      const [a, b, c] = [numbers(M * K, 1), numbers(K * N, 2), numbers(M * N, 3)];
      const before = c.slice();
      kernels.gemm(transA, transB, M, N, K, a, 0, transA ? M : K, b, 0, transB ? K : N, c, 0, N, true);
      results.push({ M, N, K, transA, transB, a: [...a], b: [...b], before: [...before], c: [...c] });
    }
  }
  return results;
}

function gradients(engine) {
  setEngine(engine);
  manualSeed(3);
  const lstm = new nn.LSTM(20, 24);
  const [output] = lstm.forward(randn([9, 8, 20]));
  output.mul(output).sum().backward();
  return lstm.parameters().map((p) => [...p.grad.toTypedArray()]);
}

const x = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1000);
const functions = Object.fromEntries(
  ["exp", "log", "tanh", "sigmoid"].map((name) => {
    const y = new Float32Array(x.length);
    engineKernels("relaxed").unary(name, x.length, x, 0, y, 0);
    return [name, [...y]];
  }),
);

console.log(
  JSON.stringify({
    fused: products(engineKernels("relaxed")),
    x: [...x],
    functions,
    relaxed: gradients("relaxed"),
    wasm: gradients("wasm"),
  }),
);
