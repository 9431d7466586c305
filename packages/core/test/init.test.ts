/** Initial values: what the fixtures, which compare PyTorch's bits, do not reach. */
import { describe, expect, test } from "vitest";
import { DTypeError, Generator, manualSeed, nn, OptionError, type Tensor, zeros } from "../src/index.js";

const { init } = nn;
const flat = (x: Tensor): number[] => Array.from(x.toTypedArray());
const matrix = (...shape: number[]): Tensor => zeros(shape, { dtype: "float64" });

/** Largest difference between QᵀQ (or QQᵀ, whichever is smaller) and gain²·1. */
function fromOrthogonal(x: Tensor, gain = 1): number {
  const q = x.reshape([x.shape[0] as number, -1]);
  const [rows, columns] = q.shape as [number, number];
  const product = rows >= columns ? q.T.matmul(q) : q.matmul(q.T);
  const identity = init.eye_(matrix(Math.min(rows, columns), Math.min(rows, columns))).mul(gain * gain);
  return product.to("float64").sub(identity).abs().max().item();
}

describe("orthogonal_", () => {
  // torch.nn.init.orthogonal_(torch.empty(*shape, dtype=torch.float64), gain=2.0) of PyTorch 2.13 under seeds 0, 1, 2, 3.
  const expected: [number, number[], number[]][] = [
    [
      0,
      [3, 3],
      [
        ...[1.8222699020693933, 0.15026084715619908, 0.8104036536343504, 0.6721854795361887, -1.4089262808882108],
        ...[-1.2502373439164334, 0.4769686416450318, 1.4115057253990915, -1.3342235577491792],
      ],
    ],
    [
      1,
      [4, 2],
      [
        ...[0.7682570672692575, 0.85561472070367, 0.07164713683197782, 1.617269518301874, -0.5249547307003973],
        ...[-0.5427297424203748, -1.7689178322041679, 0.5981698601393399],
      ],
    ],
    [
      2,
      [2, 5],
      [
        ...[0.46483663205279235, -0.2649033558170329, -0.37857922275510797, -1.4278611417096245, 1.2375958345407108],
        ...[-0.7074447371007243, 0.7208335052968017, 0.6139228269928045, -1.3248619210593178, -0.9207391890292228],
      ],
    ],
    [
      3,
      [2, 2, 2],
      [
        ...[1.560137309938043, 0.33956457476514473, 0.17281486353491965, -1.191974201333763, 0.8316698424958926],
        ...[-1.5917285837222346, 0.5196197748132135, 0.7104369630498775],
      ],
    ],
  ];
  test.each(expected)("gives PyTorch's matrix up to rounding under seed %d", (seed, shape, values) => {
    manualSeed(seed);
    const w = init.orthogonal_(matrix(...shape), { gain: 2 });
    flat(w).forEach((value, i) => expect(Math.abs(value - (values[i] as number))).toBeLessThan(1e-14));
  });

  test.each([[[1, 1]], [[7, 7]], [[20, 3]], [[3, 20]], [[5, 2, 3]]])("is orthogonal for shape %j", (shape) => {
    expect(fromOrthogonal(init.orthogonal_(matrix(...shape)))).toBeLessThan(1e-14);
    expect(fromOrthogonal(init.orthogonal_(zeros(shape), { gain: 3 }), 3)).toBeLessThan(1e-5);
  });

  test("fills a part of a tensor, and nothing else", () => {
    const whole = matrix(4, 4);
    init.orthogonal_(whole.T.slice(0, 1, 3));
    expect(fromOrthogonal(whole.T.slice(0, 1, 3))).toBeLessThan(1e-14);
    expect(flat(whole.select(1, 0)).concat(flat(whole.select(1, 3)))).toEqual(new Array(8).fill(0));
  });

  test("leaves a matrix without elements alone", () => {
    expect(init.orthogonal_(matrix(0, 3)).shape).toEqual([0, 3]);
  });
});

describe("recurrent weights", () => {
  test("orthogonalPerGate_ makes each gate's block orthogonal", () => {
    const lstm = new nn.LSTM(3, 5);
    const weight = lstm.weight_hh_l0 as Tensor;
    expect(init.orthogonalPerGate_(weight, 4)).toBe(weight);
    for (let gate = 0; gate < 4; gate++) {
      expect(fromOrthogonal(weight.detach().slice(0, 5 * gate, 5 * gate + 5))).toBeLessThan(1e-6);
    }
    expect(fromOrthogonal(weight.detach(), 2)).toBeLessThan(1e-5);
    expect(() => init.orthogonalPerGate_(zeros([6, 2]), 4)).toThrow(/divide into 4 gates, got shape \[6, 2\].*LSTM 4/s);
    expect(() => init.orthogonalPerGate_(zeros([6, 2]), 0)).toThrow(/gates to be a whole number ≥ 1/);
  });

  test("forgetGateBias_ sets the sum of both biases, gates i f g o", () => {
    const lstm = new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true });
    const before = flat(lstm.bias_ih_l0 as Tensor);
    expect(init.forgetGateBias_(lstm, 1.5)).toBe(lstm);
    for (const suffix of ["l0", "l0_reverse", "l1", "l1_reverse"] as const) {
      const sum = (lstm[`bias_ih_${suffix}`] as Tensor).detach().add((lstm[`bias_hh_${suffix}`] as Tensor).detach());
      expect(flat(sum.slice(0, 3, 6))).toEqual([1.5, 1.5, 1.5]);
    }
    const after = flat(lstm.bias_ih_l0 as Tensor);
    expect([...after.slice(0, 3), ...after.slice(6)]).toEqual([...before.slice(0, 3), ...before.slice(6)]);
    const cell = init.forgetGateBias_(new nn.LSTMCell(2, 3), 2);
    expect(flat(cell.bias_ih).slice(3, 6)).toEqual([2, 2, 2]);
  });

  test.each([
    ["a GRU", new nn.GRU(2, 4)],
    ["an RNN", new nn.RNN(2, 4)],
    ["a linear layer", new nn.Linear(2, 4)],
    ["an LSTM without biases", new nn.LSTM(2, 4, { bias: false })],
  ])("forgetGateBias_ refuses %s", (_, module) => {
    expect(() => init.forgetGateBias_(module, 1)).toThrow(OptionError);
    expect(() => init.forgetGateBias_(module, 1)).toThrow(/expected an LSTM or LSTMCell with biases/);
  });
});

describe("every function", () => {
  const functions: [string, (x: Tensor) => Tensor][] = [
    ["uniform_", (x) => init.uniform_(x)],
    ["normal_", (x) => init.normal_(x)],
    ["constant_", (x) => init.constant_(x, 3)],
    ["zeros_", (x) => init.zeros_(x)],
    ["ones_", (x) => init.ones_(x)],
    ["eye_", (x) => init.eye_(x)],
    ["xavierUniform_", (x) => init.xavierUniform_(x)],
    ["xavierNormal_", (x) => init.xavierNormal_(x)],
    ["kaimingUniform_", (x) => init.kaimingUniform_(x)],
    ["kaimingNormal_", (x) => init.kaimingNormal_(x)],
    ["orthogonal_", (x) => init.orthogonal_(x)],
  ];
  test.each(functions)("%s returns its tensor, does not record, counts as a change", (_, fill) => {
    const x = new nn.Parameter(zeros([4, 5]));
    const { version } = x.array.memory;
    const loss = x.mul(x).sum();
    expect(fill(x)).toBe(x);
    expect([x.isLeaf, x.requiresGrad, x.grad]).toEqual([true, true, null]);
    expect(x.array.memory.version).toBeGreaterThan(version);
    expect(() => loss.backward()).toThrow(/changed in place/);
  });

  const drawn = functions.filter(([name]) => !/constant|zeros|ones|eye/.test(name));
  test.each(drawn)("%s draws from the generator it is given", (name) => {
    const fill = init[name as "normal_"];
    const draw = (seed: number): number[] => flat(fill(zeros([3, 6]), { generator: new Generator().manualSeed(seed) }));
    manualSeed(7);
    const expected = flat(fill(zeros([3, 6])));
    manualSeed(0);
    expect(draw(7)).toEqual(expected);
    expect(draw(8)).not.toEqual(expected);
    expect(() => fill(zeros([3, 6]), { generator: 7 as never })).toThrow(/expected a Generator, got 7/);
    expect(() => fill(zeros([3, 6]), { seed: 7 } as never)).toThrow(/unknown option 'seed'/);
    expect(() => fill(zeros([3, 6], { dtype: "int64" }))).toThrow(DTypeError);
  });
});

test("dense tensors are filled in the order of memory, others in the order of their indices, as in PyTorch", () => {
  // torch.manual_seed(0); torch.nn.init.uniform_(torch.empty(2, 3).t()), then a slice torch.zeros(4, 6)[:, ::2].
  manualSeed(0);
  const turned = init.uniform_(zeros([2, 3]).T);
  const expected = [0.49625658988952637, 0.13203048706054688, 0.7682217955589294, 0.30742281675338745];
  expect(flat(turned).slice(0, 4)).toEqual(expected);
  manualSeed(0);
  const sliced = init.uniform_(zeros([4, 6]).slice(1, 0, 6, 2));
  expect(flat(sliced).slice(0, 3)).toEqual([0.49625658988952637, 0.7682217955589294, 0.08847743272781372]);
  // torch.manual_seed(0); torch.nn.init.normal_(torch.empty(5, 4).t())
  manualSeed(0);
  const normal = init.normal_(zeros([5, 4]).T);
  expect(flat(normal).slice(0, 4)).toEqual([
    1.5409960746765137, -1.0845223665237427, -0.7192575931549072, -0.8566746115684509,
  ]);
});

test("gains", () => {
  expect(init.calculateGain("tanh")).toBe(5 / 3);
  expect(init.calculateGain("relu")).toBe(Math.SQRT2);
  expect(init.calculateGain("leakyRelu", 0.2)).toBe(Math.sqrt(2 / (1 + 0.2 * 0.2)));
  expect([init.calculateGain("linear"), init.calculateGain("sigmoid"), init.calculateGain("selu")]).toEqual([
    1, 1, 0.75,
  ]);
  expect(() => init.calculateGain("swish" as "relu")).toThrow(/"linear" or .* or "selu" or "leakyRelu", got "swish"/);
});

test("bounds hold", () => {
  const bound = Math.sqrt(6 / 50);
  const w = flat(init.xavierUniform_(zeros([20, 30])));
  expect(Math.max(...w)).toBeLessThan(bound);
  expect(Math.min(...w)).toBeGreaterThan(-bound);
  expect(Math.max(...w)).toBeGreaterThan(0.95 * bound);
});
