import { expect, test } from "vitest";
import { capture, engineName, nn, noGrad, optim, randn, setEngine, type Tensor, tensor } from "../src/index.js";
import { referenceKernels as reference } from "../src/kernels/reference.js";
import { wasmKernels } from "../src/kernels/wasm.js";
import { expectSameBits, floats } from "./kernels-helper.js";

/** A layer and a linear map, called step by step: their weights stay in the engine's memory as long as they stay the same. */
const [I, H] = [40, 32];
const layer = new nn.LSTM(I, H);
const cell = new nn.GRUCell(I, H);
const linear = new nn.Linear(H, I);
const modules = [layer, cell, linear];
const x = randn([1, 1, I]);

function outputs(): Float32Array {
  const [y] = layer.forward(x);
  const h = cell.forward(x.squeeze(0));
  return new Float32Array([...linear.forward(y).toTypedArray(), ...linear.forward(h).toTypedArray()]);
}

function expected(): Float32Array {
  const engine = engineName();
  setEngine("reference");
  try {
    return outputs();
  } finally {
    setEngine(engine);
  }
}

const parameters = modules.flatMap((m) => m.parameters());
const lossOf = (): Tensor =>
  linear
    .forward(layer.forward(x)[0])
    .pow(2)
    .sum()
    .add(cell.forward(x.squeeze(0)).pow(2).sum());

/** Every way in which weights become others. */
const changes: Record<string, () => void> = {
  nothing: () => {},
  "in place": () => noGrad(() => layer.weight_hh_l0.mul_(1.5)),
  "in place, another": () => noGrad(() => layer.weight_ih_l0.add_(0.25)),
  "one element": () => noGrad(() => linear.weight.setItem([1, 2], 7)),
  "other data": () => {
    cell.weight_hh.data = randn([3 * H, H]);
  },
  "a step of an optimiser": () => {
    lossOf().backward();
    new optim.SGD(parameters, { lr: 0.1 }).step();
  },
  "a captured step": () => {
    const optimizer = new optim.Adam(parameters, { lr: 0.1 });
    const step = capture(() => {
      lossOf().backward();
      optimizer.step();
      optimizer.zeroGrad();
    });
    for (let i = 0; i < 3; i++) {
      step();
      expectSameBits(outputs(), expected(), `after captured step ${i}`);
    }
  },
  "a state that is loaded": () => {
    layer.loadStateDict(new nn.LSTM(I, H).stateDict());
  },
  initialisation: () => {
    nn.init.orthogonal_(layer.weight_hh_l0);
  },
};

test.each(Object.keys(changes))("weights kept in memory follow: %s", (name) => {
  for (let i = 0; i < 3; i++) outputs();
  changes[name]?.();
  for (let i = 0; i < 3; i++) expectSameBits(outputs(), expected(), `${name}, call ${i}`);
});

test("more weights than the memory keeps", () => {
  const [K, N] = [2048, 1024];
  const a = floats(K, 1);
  const weights = Array.from({ length: 6 }, (_, i) => floats(K * N, 2 + i));
  const product = (k: typeof reference, w: Float32Array, version?: number): Float32Array => {
    const c = new Float32Array(N);
    k.gemm(false, true, 1, N, K, a, 0, K, w, 0, K, c, 0, N, false, version);
    return c;
  };
  const truth = weights.map((w) => product(reference, w));
  for (let turn = 0; turn < 4; turn++)
    weights.forEach((w, i) => {
      expectSameBits(product(wasmKernels, w, 0), truth[i] as Float32Array, `turn ${turn}, weights ${i}`);
    });
});

test("a captured step sees weights that change between its calls", () => {
  const step = capture((input: Tensor) => linear.forward(layer.forward(input)[0]));
  for (let i = 0; i < 4; i++) {
    const y = noGrad(() => step(tensor([[[...floats(I, i)]]])));
    expect(y.shape).toEqual([1, 1, I]);
    expectSameBits(
      y.toTypedArray() as Float32Array,
      linear.forward(layer.forward(tensor([[[...floats(I, i)]]]))[0]).toTypedArray() as Float32Array,
      `call ${i}`,
    );
    noGrad(() => layer.weight_hh_l0.mul_(0.9));
  }
});
