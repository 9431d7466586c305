/** What PyTorch's users expect without looking it up, and JavaScript's. */
import { expect, expectTypeOf, test } from "vitest";
import { arange, nn, noGrad, ones, randn, tensor } from "../src/index.js";

const int64 = { dtype: "int64" } as const;

test("integers stay integers under powers that are whole numbers", () => {
  const x = tensor([2, -3, 0], int64);
  expect([0, 1, 2, 3, 5].map((n) => String(x.pow(n)))).toEqual([
    "tensor([1, 1, 1])",
    "tensor([ 2, -3,  0])",
    "tensor([4, 9, 0])",
    "tensor([  8, -27,   0])",
    "tensor([  32, -243,    0])",
  ]);
  expect(String(tensor([20], { dtype: "int8" }).pow(2))).toBe("tensor([-112], dtype=torch.int8)");
  expect(String(tensor([true, false]).pow(2))).toBe("tensor([1, 0])");
  expect(x.pow(0.5).dtype).toBe("float32");
});

test("an empty list of axes means all of them", () => {
  const x = arange(6).to("float32").reshape([2, 3]);
  expect(x.sum([]).item()).toBe(15);
  expect(x.mean([]).item()).toBe(2.5);
  expect(x.sum([], { keepdim: true }).shape).toEqual([1, 1]);
});

test("a parameter says that it is one, its numbers alone do not", () => {
  const { weight } = new nn.Linear(1, 1);
  noGrad(() => weight.fill_(0.5));
  expect(String(weight)).toBe("Parameter containing:\ntensor([[0.5000]], requires_grad=True)");
  expect(String(weight.data)).toBe("tensor([[0.5000]])");
});

test("a tensor is no parameter for the compiler, which would not learn it", () => {
  expectTypeOf(ones([1])).not.toExtend<nn.Parameter>();
  expectTypeOf<nn.Parameter>().toExtend<ReturnType<typeof ones>>();
});

test("tensors in JSON are their numbers, also with a history", () => {
  const loss = ones([2], { requiresGrad: true }).mul(2);
  expect(JSON.stringify({ loss, right: tensor([[true]]) })).toBe('{"loss":[2,2],"right":[[true]]}');
});

test("tensors in texts are printed", () => {
  expect(`${tensor([1])}`).toBe("tensor([1.])");
});

test("a recurrent layer can be printed before it has cells", () => {
  expect(String(new nn.Recurrent((n) => new nn.LayerNormLSTMCell(n, 2)))).toBe(
    "Recurrent(no cells before the first input)",
  );
});

test("the cells of the library run in Recurrent like the layers", () => {
  const x = randn([5, 2, 4]);
  const lengths = [3, 5];
  const layers = [new nn.RNN(4, 3), new nn.LSTM(4, 3), new nn.GRU(4, 3)] as const;
  const cells = [new nn.RNNCell(4, 3), new nn.LSTMCell(4, 3), new nn.GRUCell(4, 3)] as const;
  cells.forEach((cell, i) => {
    const layer = layers[i] as (typeof layers)[0];
    const weights = Object.entries(layer.stateDict()).map(([name, x]) => [name.replace("_l0", ""), x]);
    cell.loadStateDict(Object.fromEntries(weights));
    const recurrent = new nn.Recurrent(() => cell as nn.RNNCell);
    const [[expected], [got]] = [layer.forward(x, null, { lengths }), recurrent.forward(x, null, { lengths })];
    expect(!(got.sub(expected).abs().max().item() <= 1e-6)).toBe(false);
  });
});

test("a number in a comparison has the tensor's precision", () => {
  const x = tensor([0.1, 0.3]);
  expect([x.eq(0.1), x.le(0.3), x.ge(0.3), x.lt(0.3)].map(String)).toEqual([
    "tensor([ True, False])",
    "tensor([True, True])",
    "tensor([False,  True])",
    "tensor([ True, False])",
  ]);
  expect(String(x.to("float64").eq(0.1))).toBe("tensor([False, False])");
  expect(String(tensor([0, 1], int64).lt(0.5))).toBe("tensor([ True, False])");
});

test("integers are held within bounds that are no whole numbers", () => {
  expect(String(tensor([-3, 2], int64).clamp({ min: 0.5 }))).toBe("tensor([0.5000, 2.0000])");
  expect(String(tensor([-3, 2], int64).clamp({ min: 0 }))).toBe("tensor([0, 2])");
});
