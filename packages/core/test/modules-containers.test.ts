/** Modules made of modules. */
import { beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { type Indices, manualSeed, nn, ones, type Tensor, tensor } from "../src/index.js";

beforeEach(() => {
  manualSeed(43052);
});

describe("Sequential", () => {
  const build = () => new nn.Sequential(new nn.Embedding(3, 2), new nn.Tanh(), new nn.Linear(2, 4));

  test("runs its modules one after the other", () => {
    const net = build();
    const [embedding, , linear] = [net.get(0), net.get(1), net.get(2)];
    expect(net.forward([0, 2, 1]).toArray()).toEqual(linear.forward(embedding.forward([0, 2, 1]).tanh()).toArray());
    expect(new nn.Sequential().forward(tensor([1])).toArray()).toEqual([1]);
  });

  test("knows the types of its modules", () => {
    const net = build();
    expectTypeOf(net.get(0)).toEqualTypeOf<nn.Embedding>();
    expectTypeOf(net.get(-1)).toEqualTypeOf<nn.Linear>();
    expectTypeOf(net.get(-2)).toEqualTypeOf<nn.Tanh>();
    expectTypeOf(net.get(0).weight).toEqualTypeOf<nn.Parameter>();
    expectTypeOf(net.forward).parameter(0).toEqualTypeOf<Indices>();
    expectTypeOf(net.forward([0])).toEqualTypeOf<Tensor>();
    expectTypeOf(net.slice(0, -1).get(-1)).toEqualTypeOf<nn.Tanh>();
    expectTypeOf(net.slice(1).get(0)).toEqualTypeOf<nn.Tanh>();
    expectTypeOf(net.slice(1, 2).length).toEqualTypeOf<number>();
    const [output] = new nn.Sequential(new nn.Embedding(3, 2), new nn.LSTM(2, 2)).forward([0, 1]);
    expectTypeOf(output).toEqualTypeOf<Tensor>();
    const layers: nn.Linear[] = [new nn.Linear(1, 1)];
    expectTypeOf(new nn.Sequential(...layers).get(0)).toEqualTypeOf<nn.Linear>();
    expectTypeOf(new nn.Sequential(...layers).forward)
      .parameter(0)
      .toEqualTypeOf<Tensor>();
  });

  test("is counted, iterated over and cut", () => {
    const net = build();
    expect([net.length, [...net].length]).toEqual([3, 3]);
    expect(net.get(-1)).toBe(net.get(2));
    const head = net.slice(0, -1);
    expect(head.length).toBe(2);
    expect(head.get(0)).toBe(net.get(0));
    expect(net.slice().length).toBe(3);
    expect(net.slice(-2).length).toBe(2);
    expect(net.slice(2, 1).length).toBe(0);
    expect(head.forward([1]).toArray()).toEqual(net.get(0).forward([1]).tanh().toArray());
  });

  test("names its children 0, 1, …, also in a part of it, as PyTorch does", () => {
    const net = build();
    expect(Object.keys(net.stateDict())).toEqual(["0.weight", "2.weight", "2.bias"]);
    expect(Object.keys(net.slice(1).stateDict())).toEqual(["2.weight", "2.bias"]);
  });

  test("shares gradients and modes with its parts", () => {
    const net = new nn.Sequential(new nn.Dropout(0.9), new nn.Linear(2, 2));
    net.slice(0, 1).eval();
    expect(net.get(0).training).toBe(false);
    expect(net.get(1).training).toBe(true);
    net
      .slice(1)
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(net.get(1).bias.grad?.toArray()).toEqual([1, 1]);
  });

  test("prints as PyTorch does", () => {
    expect(String(build())).toBe(
      "Sequential(\n  (0): Embedding(3, 2)\n  (1): Tanh()\n  (2): Linear(in_features=2, out_features=4, bias=True)\n)",
    );
    expect(String(new nn.Sequential())).toBe("Sequential()");
  });
});

describe("ModuleList", () => {
  test("holds modules so that they are found", () => {
    class Net extends nn.Module {
      layers = new nn.ModuleList([new nn.Linear(2, 2), new nn.Linear(2, 2)]);

      override forward(x: Tensor): Tensor {
        let y = x;
        for (const layer of this.layers) y = layer.forward(y).tanh();
        return y;
      }
    }
    const net = new Net();
    net.layers.append(new nn.Linear(2, 3));
    expect(net.forward(ones([1, 2])).shape).toEqual([1, 3]);
    expect(net.parameters()).toHaveLength(6);
    expect(Object.keys(net.stateDict())[4]).toBe("layers.2.weight");
    expect([net.layers.length, net.layers.get(-1).outFeatures]).toEqual([3, 3]);
  });

  test("prints equal neighbours once, as PyTorch does", () => {
    const list = new nn.ModuleList<nn.Module>([new nn.Linear(2, 3), new nn.Linear(2, 3), new nn.Tanh()]);
    expect(String(list)).toBe(
      "ModuleList(\n  (0-1): 2 x Linear(in_features=2, out_features=3, bias=True)\n  (2): Tanh()\n)",
    );
    expect(String(new nn.ModuleList())).toBe("ModuleList()");
    expect(String(new nn.ModuleList([new nn.Sequential(new nn.Tanh())]))).toBe(
      "ModuleList(\n  (0): Sequential(\n    (0): Tanh()\n  )\n)",
    );
  });
});
