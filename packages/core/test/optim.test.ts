/** Optimisers: what the training runs of the fixtures do not reach. Equations are checked in plain numbers. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  functional as F,
  GradientError,
  manualSeed,
  nn,
  optim,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../src/index.js";
import { powInteger } from "../src/math/power.js";
import { biasCorrection } from "../src/optim/adam.js";

type Any = optim.Optimizer;
type Maker = (params: ConstructorParameters<typeof optim.Adam>[0], options?: object) => Any;

const makers: readonly [string, Maker][] = [
  ["SGD", (params, options) => new optim.SGD(params as never, { momentum: 0.9, ...options })],
  ["Adam", (params, options) => new optim.Adam(params, { amsgrad: true, ...options })],
  ["AdamW", (params, options) => new optim.AdamW(params, options)],
  ["RMSprop", (params, options) => new optim.RMSprop(params as never, { momentum: 0.5, centered: true, ...options })],
  ["Adagrad", (params, options) => new optim.Adagrad(params as never, options)],
];

const parameter = (values: number[]): nn.Parameter => new nn.Parameter(tensor(values, { dtype: "float64" }));
const flat = (x: Tensor): number[] => Array.from(x.toTypedArray());

/** An array of the state of parameter 0. */
const kept = (optimizer: Any, name: string): Tensor => {
  const { state } = optimizer.stateDict();
  return state["0"]?.[name] as Tensor;
};

/** One step down (x − 3)² / 2 + sum of products, so that gradients differ from step to step. */
function descend(optimizer: Any, params: readonly Tensor[]): void {
  optimizer.zeroGrad();
  let loss = zeros([], { dtype: params[0]?.dtype ?? "float64" });
  for (const x of params) loss = loss.add(x.sub(3).pow(2).sum()).add(x.sin().sum());
  loss.backward();
  optimizer.step();
}

beforeEach(() => {
  manualSeed(1);
});

describe("equations, in plain numbers", () => {
  const grads = [
    [0.5, -2],
    [0.25, -1],
    [-0.125, 4],
  ];

  function run(optimizer: Any, p: nn.Parameter): number[] {
    for (const grad of grads) {
      p.grad = tensor(grad, { dtype: "float64" });
      optimizer.step();
    }
    return flat(p);
  }

  function plainly(update: (x: number, g: number, t: number) => number): number[] {
    return [1, 2].map((start, i) => grads.reduce((x, g, t) => update(x, g[i] as number, t + 1), start));
  }

  const close = (actual: number[], expected: number[]): void =>
    actual.forEach((value, i) => expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-14));

  test("SGD", () => {
    const p = parameter([1, 2]);
    close(
      run(new optim.SGD([p], { lr: 0.1, weightDecay: 0.5 }), p),
      plainly((x, g) => x - 0.1 * (g + 0.5 * x)),
    );
  });

  test("SGD with momentum, dampening, Nesterov", () => {
    for (const nesterov of [false, true]) {
      const dampening = nesterov ? 0 : 0.25;
      const p = parameter([1, 2]);
      let buffer = 0;
      const expected = plainly((x, g, t) => {
        buffer = t === 1 ? g : 0.9 * buffer + (1 - dampening) * g;
        return x - 0.1 * (nesterov ? g + 0.9 * buffer : buffer);
      });
      close(run(new optim.SGD([p], { lr: 0.1, momentum: 0.9, dampening, nesterov }), p), expected);
    }
  });

  test.each([
    ["Adam", false],
    ["AdamW", true],
  ] as const)("%s", (name, decoupled) => {
    const p = parameter([1, 2]);
    let [m, v] = [0, 0];
    const expected = plainly((x, gradient, t) => {
      if (t === 1) [m, v] = [0, 0];
      const g = decoupled ? gradient : gradient + 0.1 * x;
      m = 0.8 * m + (1 - 0.8) * g;
      v = 0.9 * v + (1 - 0.9) * g * g;
      const shrunk = decoupled ? x * (1 - 0.01 * 0.1) : x;
      return shrunk - (0.01 * (m / (1 - 0.8 ** t))) / (Math.sqrt(v / (1 - 0.9 ** t)) + 1e-3);
    });
    close(run(new optim[name]([p], { lr: 0.01, betas: [0.8, 0.9], eps: 1e-3, weightDecay: 0.1 }), p), expected);
  });

  test("RMSprop", () => {
    const p = parameter([1, 2]);
    let [s, a] = [0, 0];
    const expected = plainly((x, g, t) => {
      if (t === 1) [s, a] = [0, 0];
      s = 0.9 * s + 0.1 * g * g;
      a = 0.9 * a + 0.1 * g;
      return x - (0.01 * g) / (Math.sqrt(s - a * a) + 1e-3);
    });
    close(run(new optim.RMSprop([p], { lr: 0.01, alpha: 0.9, eps: 1e-3, centered: true }), p), expected);
  });

  test("Adagrad", () => {
    const p = parameter([1, 2]);
    let s = 0;
    const expected = plainly((x, g, t) => {
      if (t === 1) s = 0.5;
      s += g * g;
      return x - ((0.1 / (1 + (t - 1) * 0.2)) * g) / (Math.sqrt(s) + 1e-10);
    });
    close(run(new optim.Adagrad([p], { lr: 0.1, lrDecay: 0.2, initialAccumulatorValue: 0.5 }), p), expected);
  });

  test("all climb with maximize as they descend with the gradient negated", () => {
    for (const [, make] of makers) {
      const [up, down] = [parameter([1, 2]), parameter([1, 2])];
      const [climb, fall] = [make([up], { maximize: true }), make([down])];
      for (const grad of grads) {
        up.grad = tensor(grad, { dtype: "float64" });
        down.grad = tensor(grad, { dtype: "float64" }).neg();
        climb.step();
        fall.step();
      }
      expect(flat(up)).toEqual(flat(down));
    }
  });
});

describe.each(makers)("%s", (name, make) => {
  test("leaves parameters without a gradient alone, their steps uncounted", () => {
    const [a, b] = [parameter([1, 2]), parameter([3])];
    const optimizer = make([a, b]);
    a.grad = tensor([1, 1], { dtype: "float64" });
    optimizer.step();
    expect(flat(b)).toEqual([3]);
    expect(flat(a)).not.toEqual([1, 2]);
    const late = make([parameter([0])]);
    expect(() => late.step()).not.toThrow();
  });

  test("counts as a change in place, and is not recorded", () => {
    const x = parameter([1, 2]);
    const optimizer = make([x]);
    const loss = x.mul(x).sum();
    x.grad = tensor([1, 1], { dtype: "float64" });
    optimizer.step();
    expect(() => loss.backward()).toThrow(GradientError);
    expect([x.isLeaf, x.requiresGrad]).toEqual([true, true]);
  });

  test("goes on after data was replaced, with memory of any kind", () => {
    const start = [1, -2, 0.5, 4, 3, -1];
    const replacements: ((x: nn.Parameter) => Tensor)[] = [
      (x) => x.data,
      (x) => x.detach().clone(),
      (x) => {
        const large = zeros([9], { dtype: "float64" });
        large.slice(0, 2, 8).copy_(x.detach().flatten());
        return large.slice(0, 2, 8).reshape([2, 3]);
      },
      (x) => x.detach().T.clone().T,
    ];
    const results = replacements.map((replace) => {
      const x = new nn.Parameter(tensor(start, { dtype: "float64" }).reshape([2, 3]));
      const optimizer = make([x]);
      descend(optimizer, [x]);
      x.data = replace(x);
      descend(optimizer, [x]);
      descend(optimizer, [x]);
      return x.toArray();
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("takes gradients of any memory", () => {
    const results = [(g: Tensor) => g, (g: Tensor) => g.T.clone().T].map((lay) => {
      const x = new nn.Parameter(
        tensor(
          [
            [1, 2],
            [3, 4],
          ],
          { dtype: "float64" },
        ),
      );
      const optimizer = make([x]);
      x.grad = lay(
        tensor(
          [
            [0.1, 0.2],
            [0.3, 0.4],
          ],
          { dtype: "float64" },
        ),
      );
      optimizer.step();
      return x.toArray();
    });
    expect(results[1]).toEqual(results[0]);
  });

  test("refuses gradients that do not fit, before anything is changed", () => {
    const [a, b] = [parameter([1, 2]), parameter([3, 4])];
    const optimizer = make([a, b]);
    a.grad = tensor([1, 1], { dtype: "float64" });
    for (const [grad, says] of [
      [tensor([1], { dtype: "float64" }), /float64 of shape \[2\], got float64 of shape \[1\]/],
      [tensor([1, 1]), /float64 of shape \[2\], got float32 of shape \[2\]/],
    ] as const) {
      b.grad = grad;
      expect(() => optimizer.step()).toThrow(GradientError);
      expect(() => optimizer.step()).toThrow(says);
    }
    expect([flat(a), flat(b)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("refuses a parameter that has changed its size", () => {
    const x = parameter([1, 2]);
    const optimizer = make([x]);
    descend(optimizer, [x]);
    x.data = tensor([1, 2, 3], { dtype: "float64" });
    x.grad = tensor([1, 2, 3], { dtype: "float64" });
    expect(() => optimizer.step()).toThrow(ShapeError);
    expect(() => optimizer.step()).toThrow(/2 elements.*got shape \[3\].*new optimiser/s);
  });

  test("follows a module to float64", () => {
    const net = new nn.Linear(2, 2);
    const optimizer = make(net.parameters());
    descend(optimizer, net.parameters());
    net.to("float64");
    descend(optimizer, net.parameters());
    const entry = optimizer.stateDict().state["0"] as Record<string, Tensor>;
    for (const [name, value] of Object.entries(entry))
      expect(value.dtype).toBe(name === "step" ? "float32" : "float64");
  });

  test("zeroGrad forgets the gradients of all groups", () => {
    const [a, b] = [parameter([1]), parameter([2])];
    const optimizer = make([{ params: [a] }, { params: b }]);
    a.grad = b.grad = tensor([1], { dtype: "float64" });
    optimizer.zeroGrad();
    expect([a.grad, b.grad]).toEqual([null, null]);
  });

  test("reaches a minimum", () => {
    const x = parameter([-1, 5]);
    const optimizer = make([x], { lr: name === "Adagrad" ? 1 : 0.1 });
    for (let i = 0; i < 600; i++) {
      optimizer.zeroGrad();
      x.sub(tensor([2, -1], { dtype: "float64" }))
        .pow(2)
        .sum()
        .backward();
      optimizer.step();
    }
    const [first, second] = flat(x) as [number, number];
    expect(Math.abs(first - 2) + Math.abs(second + 1)).toBeLessThan(0.5);
  });
});

describe("groups", () => {
  test("have options of their own and the optimiser's for the rest", () => {
    const [a, b] = [parameter([1]), parameter([1])];
    const optimizer = new optim.SGD([{ params: [a], lr: 1 }, { params: [b] }], { lr: 0.1, weightDecay: 0.5 });
    a.grad = b.grad = tensor([0], { dtype: "float64" });
    optimizer.step();
    expect([flat(a), flat(b)]).toEqual([[0.5], [0.95]]);
    expect(optimizer.paramGroups.map(({ lr, weightDecay, momentum }) => [lr, weightDecay, momentum])).toEqual([
      [1, 0.5, 0],
      [0.1, 0.5, 0],
    ]);
  });

  test("can be changed between steps", () => {
    const a = parameter([1]);
    const optimizer = new optim.SGD([a], { lr: 1 });
    const [group] = optimizer.paramGroups;
    if (group) group.lr = 0.25;
    a.grad = tensor([2], { dtype: "float64" });
    optimizer.step();
    expect(flat(a)).toEqual([0.5]);
    if (group) group.lr = Number.NaN;
    expect(() => optimizer.step()).toThrow(/SGD: expected lr to be a finite number ≥ 0, got NaN/);
  });

  test("can be added", () => {
    const [a, b] = [parameter([1]), parameter([1])];
    const optimizer = new optim.Adam([a]);
    optimizer.addParamGroup({ params: b, lr: 0.5 });
    expect(optimizer.paramGroups.map(({ lr, params }) => [lr, params.length])).toEqual([
      [0.001, 1],
      [0.5, 1],
    ]);
    expect(() => optimizer.addParamGroup({ params: [b] })).toThrow(/parameter 0 of shape \[1\] is in a group already/);
  });

  test("take any iterable", () => {
    const net = new nn.Linear(2, 1);
    expect(new optim.Adam(new Set(net.parameters())).paramGroups[0]?.params).toHaveLength(2);
    function* weights(): Generator<Tensor> {
      yield net.weight;
    }
    expect(new optim.Adam([{ params: weights() }]).paramGroups[0]?.params[0]).toBe(net.weight);
  });
});

test("Adam's bias correction holds over many steps", () => {
  const x = parameter([1]);
  const optimizer = new optim.Adam([x], { lr: 1e-4 });
  for (let i = 0; i < 2000; i++) {
    x.grad = tensor([1e-3], { dtype: "float64" });
    optimizer.step();
  }
  // A constant gradient moves the parameter by lr·g/(g + eps) a step.
  expect(Math.abs(x.item() - (1 - (2000 * 1e-4 * 1e-3) / (1e-3 + 1e-8)))).toBeLessThan(1e-9);
});

test("moments that would sink below the smallest number are zero", () => {
  const x = new nn.Parameter(tensor([1]));
  const optimizer = new optim.Adam([x]);
  x.grad = tensor([1e-18]);
  optimizer.step();
  for (let i = 0; i < 500; i++) {
    x.grad = tensor([0]);
    optimizer.step();
  }
  expect(kept(optimizer, "exp_avg_sq").item()).toBe(0);
});

test("float32 follows float64", () => {
  for (const [, make] of makers) {
    const [x, y] = [new nn.Parameter(tensor([1, 2, 3])), parameter([1, 2, 3])];
    const [single, double] = [make([x]), make([y])];
    for (let i = 0; i < 20; i++) {
      descend(single, [x]);
      descend(double, [y]);
    }
    flat(x).forEach((value, i) => expect(Math.abs(value - (flat(y)[i] as number))).toBeLessThan(2e-5));
  }
});

test("learns: logistic regression reaches its minimum with every optimiser", () => {
  const x = tensor(
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    { dtype: "float64" },
  );
  const y = tensor([[0], [1], [1], [1]], { dtype: "float64" });
  for (const [, make] of makers) {
    const net = new nn.Linear(2, 1, { dtype: "float64" });
    const optimizer = make(net.parameters(), { lr: 0.1 });
    for (let i = 0; i < 500; i++) {
      optimizer.zeroGrad();
      F.binaryCrossEntropyWithLogits(net.forward(x), y).backward();
      optimizer.step();
    }
    expect(net.forward(x).gt(0).toArray()).toEqual([[false], [true], [true], [true]]);
  }
});

test("Adam's correction for beginning at zero is 1 − βᵗ, also where that is 1", () => {
  for (const beta of [0, 0.5, 0.9, 0.99, 0.999]) {
    const correction = biasCorrection();
    for (const t of [1, 2, 37, 38, 39, 75, 77, 379, 380, 381, 3799, 3801, 37_999, 38_001, 1_000_000])
      expect(correction(beta, t)).toBe(1 - powInteger(beta, t));
  }
});
