/** Modules without recurrence: what they compute, hold, print and refuse. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  functional as F,
  FormatError,
  GradientError,
  manualSeed,
  nn,
  ones,
  optim,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../src/index.js";

const flat = (x: Tensor): number[] => Array.from(x.toTypedArray());

beforeEach(() => {
  manualSeed(43052);
});

describe("Embedding", () => {
  test("takes indices of every kind", () => {
    const embedding = new nn.Embedding(4, 3);
    const rows = embedding.forward(tensor([[0, 3]], { dtype: "int64" }));
    expect(rows.shape).toEqual([1, 2, 3]);
    expect(embedding.forward([[0, 3]]).toArray()).toEqual(rows.toArray());
    expect(embedding.forward(2).shape).toEqual([3]);
  });

  test("leaves the row of padding at zero", () => {
    const embedding = new nn.Embedding(4, 2, { paddingIdx: -1 });
    expect(embedding.paddingIdx).toBe(3);
    expect(flat(embedding.weight.detach().select(0, 3))).toEqual([0, 0]);
    const optimizer = new optim.SGD(embedding.parameters(), { lr: 1 });
    embedding.forward([3, 1, 3, 1]).sum().backward();
    expect(embedding.weight.grad?.toArray()).toEqual([
      [0, 0],
      [2, 2],
      [0, 0],
      [0, 0],
    ]);
    optimizer.step();
    expect(flat(embedding.weight.detach().select(0, 3))).toEqual([0, 0]);
  });

  test("of rows that are given draws nothing and is frozen unless asked otherwise", () => {
    const rows = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const { engine } = manualSeed(1);
    const before = engine.next;
    const embedding = nn.Embedding.fromPretrained(rows);
    expect(engine.next).toBe(before);
    expect([embedding.numEmbeddings, embedding.embeddingDim, embedding.weight.requiresGrad]).toEqual([3, 2, false]);
    expect(embedding.forward([2]).toArray()).toEqual([[5, 6]]);
    expect(nn.Embedding.fromPretrained(rows, { freeze: false, paddingIdx: 0 }).weight.requiresGrad).toBe(true);
    expect(() => nn.Embedding.fromPretrained(tensor([1, 2]))).toThrow(/2 dimensions.*got shape \[2\]/s);
    expect(() => nn.Embedding.fromPretrained(rows, { frozen: true } as never)).toThrow(/unknown option 'frozen'/);
  });
});

describe("small modules compute what the functions do", () => {
  const x = (): Tensor => randn([2, 3, 4], { dtype: "float64" });
  test.each([
    ["Tanh", new nn.Tanh(), (y: Tensor) => y.tanh()],
    ["ReLU", new nn.ReLU(), (y: Tensor) => y.relu()],
    ["Sigmoid", new nn.Sigmoid(), (y: Tensor) => y.sigmoid()],
    ["Softmax", new nn.Softmax(1), (y: Tensor) => y.softmax(1)],
    ["LogSoftmax", new nn.LogSoftmax(-1), (y: Tensor) => y.logSoftmax(-1)],
    ["GELU", new nn.GELU(), (y: Tensor) => F.gelu(y)],
    ["GELU by tanh", new nn.GELU({ approximate: "tanh" }), (y: Tensor) => F.gelu(y, { approximate: "tanh" })],
    ["Identity", new nn.Identity(), (y: Tensor) => y],
    ["Flatten", new nn.Flatten(), (y: Tensor) => y.reshape([2, 12])],
    ["Flatten of two axes", new nn.Flatten(0, 1), (y: Tensor) => y.reshape([6, 4])],
  ] as [string, { forward(x: Tensor): Tensor }, (y: Tensor) => Tensor][])("%s", (_, module, expected) => {
    const input = x();
    const y = module.forward(input);
    expect([y.shape, y.toArray()]).toEqual([expected(input).shape, expected(input).toArray()]);
  });

  test("LayerNorm over one axis and over two", () => {
    const norm = new nn.LayerNorm(4, { dtype: "float64" });
    const input = x();
    expect(norm.forward(input).mean(-1).abs().max().item()).toBeLessThan(1e-12);
    expect([flat(norm.weight as Tensor), flat(norm.bias as Tensor)]).toEqual([
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ]);
    const plain = new nn.LayerNorm([3, 4], { elementwiseAffine: false });
    expect([plain.weight, plain.bias, plain.parameters()]).toEqual([null, null, []]);
    expect(plain.forward(input).var([1, 2], { correction: 0 }).sub(1).abs().max().item()).toBeLessThan(1e-4);
    expect(new nn.LayerNorm(4, { bias: false }).parameters()).toHaveLength(1);
  });
});

describe("Dropout", () => {
  test("drops in training only, and scales what is left", () => {
    const dropout = new nn.Dropout(0.25);
    const y = dropout.forward(ones([1000]));
    const values = new Set(flat(y));
    expect([...values].sort()).toEqual([0, Math.fround(1 / 0.75)]);
    expect(Math.abs(y.mean().item() - 1)).toBeLessThan(0.1);
    const same = ones([3]);
    expect(dropout.eval().forward(same)).toBe(same);
    expect(dropout.train().training).toBe(true);
    dropout.p = 1;
    expect(flat(dropout.forward(same))).toEqual([0, 0, 0]);
  });

  test("gives gradients where it left numbers", () => {
    const x = ones([50], { requiresGrad: true });
    const y = new nn.Dropout(0.5).forward(x);
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual(y.toArray());
  });
});

describe("losses", () => {
  const logits = (): Tensor => randn([4, 3], { dtype: "float64" });
  const weight = tensor([1, 2, 0.5], { dtype: "float64" });

  test("give what the functions give", () => {
    const x = logits();
    const target = [0, 2, 1, 1];
    const pairs: [Tensor, Tensor][] = [
      [new nn.CrossEntropyLoss().forward(x, target), F.crossEntropy(x, target)],
      [
        new nn.CrossEntropyLoss({ weight, ignoreIndex: 1, labelSmoothing: 0.1, reduction: "sum" }).forward(x, target),
        F.crossEntropy(x, target, { weight, ignoreIndex: 1, labelSmoothing: 0.1, reduction: "sum" }),
      ],
      [new nn.NLLLoss({ weight, ignoreIndex: 2 }).forward(x, target), F.nllLoss(x, target, { weight, ignoreIndex: 2 })],
      [new nn.MSELoss({ reduction: "none" }).forward(x, x.mul(2)), x.mul(x)],
      [new nn.L1Loss().forward(x, x.mul(2)), x.abs().mean()],
      [
        new nn.BCELoss({ weight }).forward(x.sigmoid(), x.sigmoid()),
        F.binaryCrossEntropy(x.sigmoid(), x.sigmoid(), { weight }),
      ],
      [
        new nn.BCEWithLogitsLoss({ weight, posWeight: weight }).forward(x, x.sigmoid()),
        F.binaryCrossEntropyWithLogits(x, x.sigmoid(), { weight, posWeight: weight }),
      ],
    ];
    for (const [actual, expected] of pairs) expect(actual.toArray()).toEqual(expected.toArray());
  });

  test("keep weights as buffers under PyTorch's names", () => {
    const loss = new nn.BCEWithLogitsLoss({ weight: tensor([1, 2]), posWeight: tensor([3, 4]) });
    expect(Object.keys(loss.stateDict())).toEqual(["weight", "pos_weight"]);
    expect(loss.to("float64").buffers()[0]?.dtype).toBe("float64");
    expect(new nn.CrossEntropyLoss().stateDict()).toEqual({});
    expect(String(new nn.CrossEntropyLoss({ weight }))).toBe("CrossEntropyLoss()");
  });
});

test("print as PyTorch does", () => {
  expect(
    [
      new nn.Linear(2, 3, { bias: false }),
      new nn.Embedding(3, 4, { paddingIdx: 1 }),
      new nn.LayerNorm(4),
      new nn.LayerNorm([4, 2], { bias: false, eps: 1e-12 }),
      new nn.LayerNorm(4, { elementwiseAffine: false, eps: 0.001 }),
      new nn.LayerNorm(3, { eps: 2.5e-5 }),
      new nn.Dropout(0.25),
      new nn.Softmax(1),
      new nn.LogSoftmax(-1),
      new nn.GELU(),
      new nn.Identity(),
      new nn.Flatten(0, 1),
      new nn.MSELoss(),
    ].map(String),
  ).toEqual([
    "Linear(in_features=2, out_features=3, bias=False)",
    "Embedding(3, 4, padding_idx=1)",
    "LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)",
    "LayerNorm((4, 2), eps=1e-12, elementwise_affine=True, bias=False)",
    "LayerNorm((4,), eps=0.001, elementwise_affine=False, bias=False)",
    "LayerNorm((3,), eps=2.5e-05, elementwise_affine=True, bias=True)",
    "Dropout(p=0.25, inplace=False)",
    "Softmax(dim=1)",
    "LogSoftmax(dim=-1)",
    "GELU(approximate='none')",
    "Identity()",
    "Flatten(start_dim=0, end_dim=1)",
    "MSELoss()",
  ]);
});

describe("Module", () => {
  class Net extends nn.Module {
    first = new nn.Linear(2, 3);
    scale = new nn.Parameter(tensor([1, 2, 3]));
    last: nn.Linear;

    constructor() {
      super();
      this.registerBuffer("offset", zeros([3]));
      this.last = this.first;
    }

    override forward(x: Tensor): Tensor {
      return this.first.forward(x).mul(this.scale);
    }
  }

  test("finds parameters, buffers and submodules among its fields, each once", () => {
    const net = new Net();
    expect([...net.namedParameters()].map(([name]) => name)).toEqual(["scale", "first.weight", "first.bias"]);
    expect([...net.namedModules()].map(([name]) => name)).toEqual(["", "first"]);
    expect(net.buffers()).toHaveLength(1);
    expect(Object.keys(net.stateDict())).toEqual([
      "scale",
      "offset",
      "first.weight",
      "first.bias",
      "last.weight",
      "last.bias",
    ]);
  });

  test("loads what it saves, and nothing of what does not fit", () => {
    const [from, to] = [new Net(), new Net()];
    to.loadStateDict(from.stateDict());
    expect(to.first.weight.toArray()).toEqual(from.first.weight.toArray());
    const before = flat(to.scale);
    const bad = { ...from.stateDict(), scale: tensor([7, 7, 7]), "first.bias": tensor([1]) };
    expect(() => to.loadStateDict(bad)).toThrow(FormatError);
    expect(() => to.loadStateDict(bad)).toThrow(
      /first\.bias: expected a Tensor of shape \[3\], got \[1\].*Nothing was loaded/s,
    );
    expect(flat(to.scale)).toEqual(before);
    const { scale, ...partial } = from.stateDict();
    expect(() => to.loadStateDict(partial)).toThrow(/missing: scale/);
    expect(() => to.loadStateDict({ ...partial, scael: scale as Tensor })).toThrow(
      /unexpected: scael \(did you mean scale\?\)/,
    );
    expect(to.loadStateDict({ ...partial, extra: tensor([1]) }, { strict: false })).toEqual({
      missingKeys: ["scale"],
      unexpectedKeys: ["extra"],
    });
  });

  test("converts, forgets gradients, switches modes", () => {
    const net = new Net();
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    net.to("float64");
    expect(net.parameters().map(({ dtype, grad }) => [dtype, grad?.dtype])).toEqual(
      new Array(3).fill(["float64", "float64"]),
    );
    net.zeroGrad();
    expect(net.parameters().every(({ grad }) => grad === null)).toBe(true);
    expect(net.eval().first.training).toBe(false);
  });
});

describe("clipping", () => {
  const build = (): nn.Linear => {
    const net = new nn.Linear(2, 2, { dtype: "float64" });
    net.weight.grad = tensor(
      [
        [3, 0],
        [0, 4],
      ],
      { dtype: "float64" },
    );
    net.bias.grad = tensor([0, 12], { dtype: "float64" });
    return net;
  };

  test("by norm, over all gradients together", () => {
    const net = build();
    expect(nn.utils.clipGradNorm(net, 6.5)).toBe(13);
    const scale = 6.5 / (13 + 1e-6);
    const [, second] = flat(net.bias.grad as Tensor);
    expect(Math.abs((second as number) - 12 * scale)).toBeLessThan(1e-14);
    expect(nn.utils.clipGradNorm(net.parameters(), 100)).toBeCloseTo(6.5, 5);
    expect(nn.utils.clipGradNorm([new nn.Parameter(ones([2]))], 1)).toBe(0);
  });

  test("by other norms", () => {
    expect(nn.utils.clipGradNorm(build(), 1, { normType: Number.POSITIVE_INFINITY })).toBe(12);
    expect(nn.utils.clipGradNorm(build().namedParameters(), 1, { normType: 1 })).toBe(19);
    const net = build();
    expect(nn.utils.clipGradNorm(net.bias, 6)).toBe(12);
    expect(net.weight.grad?.toArray()).toEqual([
      [3, 0],
      [0, 4],
    ]);
  });

  test("names the parameter whose gradient is NaN or infinite, and changes nothing", () => {
    const net = new nn.Sequential(build(), build());
    net.get(1).bias.grad = tensor([Number.NaN, Number.POSITIVE_INFINITY], { dtype: "float64" });
    expect(() => nn.utils.clipGradNorm(net, 1)).toThrow(GradientError);
    expect(() => nn.utils.clipGradNorm(net, 1)).toThrow(
      /parameter '1\.bias' of shape \[2\] \(1 NaN, 1 infinite of 2\).*Nothing was changed/s,
    );
    expect(() => nn.utils.clipGradNorm(net.parameters(), 1)).toThrow(/parameter .3. of shape \[2\]/);
    expect(net.get(0).bias.grad?.toArray()).toEqual([0, 12]);
    expect(nn.utils.clipGradNorm(net, 1, { errorIfNonfinite: false })).toBeNaN();
    const huge = new nn.Parameter(zeros([2], { dtype: "float64" }));
    huge.grad = tensor([1e300, 1e300], { dtype: "float64" });
    expect(() => nn.utils.clipGradNorm([huge], 1)).toThrow(/got a norm of Infinity/);
  });

  test("by value", () => {
    const net = build();
    nn.utils.clipGradValue(net, 3.5);
    expect([net.weight.grad?.toArray(), net.bias.grad?.toArray()]).toEqual([
      [
        [3, 0],
        [0, 3.5],
      ],
      [0, 3.5],
    ]);
  });

  test("of any memory", () => {
    const x = new nn.Parameter(zeros([2, 3]));
    x.grad = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]).T;
    nn.utils.clipGradValue([x], 4);
    expect(x.grad.toArray()).toEqual([
      [1, 3, 4],
      [2, 4, 4],
    ]);
  });
});

test("parameters to a vector and back", () => {
  const net = new nn.Linear(2, 3);
  const vector = nn.utils.parametersToVector(net.parameters());
  expect(vector.shape).toEqual([9]);
  nn.utils.vectorToParameters(vector.detach().mul(2), net.parameters());
  expect(flat(nn.utils.parametersToVector(net.parameters()))).toEqual(flat(vector).map((v) => v * 2));
  vector.sum().backward();
  expect(net.bias.grad?.toArray()).toEqual([1, 1, 1]);
  expect(net.weight.isLeaf).toBe(true);
});
