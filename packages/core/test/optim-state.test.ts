/** What optimisers save and load. */
import { describe, expect, test } from "vitest";
import { FormatError, nn, noGrad, optim, type Tensor, tensor, zeros } from "../src/index.js";

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

describe.each(makers)("the state of %s", (name, make) => {
  const build = (): [nn.Parameter[], Any] => {
    const params = [parameter([1, 2, 3]), parameter([-1])];
    return [params, make([{ params: params.slice(0, 1), lr: 0.05 }, { params: params.slice(1) }], { lr: 0.02 })];
  };

  test("goes on as if it had not stopped", () => {
    const [params, optimizer] = build();
    for (let i = 0; i < 3; i++) descend(optimizer, params);
    const saved = optimizer.stateDict();
    const [others, resumed] = build();
    others.forEach((x, i) => noGrad(() => x.copy_(params[i] as Tensor)));
    (resumed.paramGroups[0] as { lr: number }).lr = 7;
    resumed.loadStateDict(saved);
    for (let i = 0; i < 3; i++) {
      descend(optimizer, params);
      descend(resumed, others);
    }
    expect(others.map(flat)).toEqual(params.map(flat));
    expect(Object.keys(resumed.stateDict().state)).toEqual(["0", "1"]);
  });

  test("is a snapshot", () => {
    const [params, optimizer] = build();
    descend(optimizer, params);
    const saved = optimizer.stateDict();
    const before = JSON.stringify(saved, (_, value) => (value?.toArray ? value.toArray() : value));
    descend(optimizer, params);
    (optimizer.paramGroups[0] as { lr: number }).lr = 1;
    expect(JSON.stringify(saved, (_, value) => (value?.toArray ? value.toArray() : value))).toBe(before);
  });

  test("that does not fit changes nothing", () => {
    const [params, optimizer] = build();
    descend(optimizer, params);
    const good = optimizer.stateDict();
    const text = (): string => JSON.stringify(optimizer.stateDict(), (_, v) => (v?.toArray ? v.toArray() : v));
    const before = text();
    const [first, second] = good.param_groups as [Record<string, unknown>, Record<string, unknown>];
    const other = name === "SGD" ? "exp_avg" : "momentum";
    const array = Object.keys(good.state["0"] as object).find((key) => key !== "step") as string;
    const wrong: [optim.OptimizerStateDict, RegExp][] = [
      [{ ...good, param_groups: [first] }, /2 groups of 1, 1 parameters, got 1 groups of 1 parameters/],
      [
        { ...good, param_groups: [first, { ...second, params: [1, 2] }] },
        /2 groups of 1, 1 parameters, got 2 groups of 1, 2/,
      ],
      [
        { ...good, param_groups: [first, { ...second, learning_rate: 1 }] },
        /unexpected option 'learning_rate' in group 1/,
      ],
      [{ ...good, param_groups: [first, { params: [1] }] }, /expected option 'lr' in group 1, got none/],
      [{ ...good, state: { 0: { ...good.state["0"], [`${other}_x`]: 1 } } }, /unexpected entry at state 0/],
      [{ ...good, state: { 0: { [array]: tensor([1]) } } }, /shape \[3\] at state 0, .*got \[1\]/],
      [{ ...good, state: { 0: { [array]: 3 } } }, /a Tensor of shape .* at state 0, .*got 3/],
      [{ ...good, state: { 0: { step: -1 } } }, /whole number ≥ 0 at state 0, step, got -1/],
      [{ ...good, state: { 5: {} } }, /parameter 5, expected only 0, 1/],
      [{ state: good.state } as never, /expected \{ state, param_groups \}.*got an object with keys \["state"\]/],
    ];
    for (const [dict, says] of wrong) {
      expect(() => optimizer.loadStateDict(dict)).toThrow(FormatError);
      expect(() => optimizer.loadStateDict(dict)).toThrow(says);
    }
    expect(() => optimizer.loadStateDict({ ...good, param_groups: [first, { ...second, lr: -1 }] })).toThrow(
      /lr .*≥ 0, got -1/,
    );
    expect(text()).toBe(before);
  });
});

describe("PyTorch's checkpoints", () => {
  test("of Adam are read: names, options that mean nothing here, a count as a tensor", () => {
    const x = parameter([1, 2]);
    const optimizer = new optim.Adam([x]);
    // The shape of torch.optim.Adam(…).state_dict() of PyTorch 2.13.
    optimizer.loadStateDict({
      state: { 0: { step: tensor(5), exp_avg: tensor([0.1, 0.2]), exp_avg_sq: tensor([0.01, 0.02]) } },
      param_groups: [
        {
          ...{ lr: 0.002, betas: [0.8, 0.99], eps: 1e-7, weight_decay: 0, amsgrad: false, maximize: false },
          ...{ foreach: null, capturable: false, differentiable: false, fused: null, decoupled_weight_decay: false },
          ...{ initial_lr: 0.01, params: [0] },
        },
      ],
    });
    const [group] = optimizer.paramGroups;
    expect([group?.lr, group?.betas, group?.eps, group?.initialLr]).toEqual([0.002, [0.8, 0.99], 1e-7, 0.01]);
    const saved = optimizer.stateDict();
    expect(kept(optimizer, "step").item()).toBe(5);
    expect(kept(optimizer, "exp_avg").dtype).toBe("float64");
    expect(Object.keys(saved.param_groups[0] as object).sort()).toEqual(
      ["amsgrad", "betas", "eps", "initial_lr", "lr", "maximize", "params", "weight_decay"].sort(),
    );
  });

  test("names of the arrays and of the groups are PyTorch's", () => {
    const names = makers.map(([, make]) => {
      const x = parameter([1]);
      const optimizer = make([x]);
      descend(optimizer, [x]);
      return Object.keys(optimizer.stateDict().state["0"] as object).sort();
    });
    expect(names).toEqual([
      ["momentum_buffer"],
      ["exp_avg", "exp_avg_sq", "max_exp_avg_sq", "step"],
      ["exp_avg", "exp_avg_sq", "step"],
      ["grad_avg", "momentum_buffer", "square_avg", "step"],
      ["step", "sum"],
    ]);
    const adagrad = new optim.Adagrad([parameter([1, 2])], { initialAccumulatorValue: 0.5 });
    expect(flat(kept(adagrad, "sum"))).toEqual([0.5, 0.5]);
  });
});
