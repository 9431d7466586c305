/** The tape: what accumulates, what is let go of, and what changes in place do to it. */
import { describe, expect, test } from "vitest";
import {
  cat,
  enableGrad,
  functional as F,
  GradientError,
  nn,
  noGrad,
  optim,
  ShapeError,
  type Tensor,
  tensor,
} from "../src/index.js";

const leaf = (values: number | number[] | number[][]): Tensor =>
  tensor(values, { dtype: "float64", requiresGrad: true });
const gradOf = (x: Tensor): unknown => x.grad?.toArray() ?? null;

describe("gradients", () => {
  test("accumulate over passes until they are forgotten", () => {
    const x = leaf([1, 2]);
    x.mul(3).sum().backward();
    expect(gradOf(x)).toEqual([3, 3]);
    x.mul(x).sum().backward();
    expect(gradOf(x)).toEqual([5, 7]);
    x.grad = null;
    x.sum().backward();
    expect(gradOf(x)).toEqual([1, 1]);
  });

  test("accumulate over all uses in one pass", () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(2);
    y.add(x).add(y.mul(x)).add(y).sum().backward();
    expect(gradOf(x)).toEqual([9, 13, 17]);
  });

  test("of one tensor given twice to the same operation", () => {
    const x = leaf([2, 3]);
    x.mul(x)
      .add(cat([x, x]).slice(0, 1, 3))
      .sum()
      .backward();
    expect(gradOf(x)).toEqual([5, 7]);
  });

  test("do not share memory with each other or with what was given to backward", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const start = tensor([1, 1], { dtype: "float64" });
    a.add(b).backward({ gradient: start });
    a.grad?.fill_(9);
    expect(gradOf(b)).toEqual([1, 1]);
    expect(start.toArray()).toEqual([1, 1]);
    a.add(b).backward({ gradient: start });
    expect(gradOf(a)).toEqual([10, 10]);
  });

  test("pass through views that share memory", () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    x.T.reshape([-1])
      .slice(0, 1, 5)
      .mul(tensor([1, 10, 100, 1000], { dtype: "float64" }))
      .sum()
      .backward();
    expect(gradOf(x)).toEqual([
      [0, 10, 1000],
      [1, 100, 0],
    ]);
  });

  test("reach several leaves, and none that does not require one", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const data = tensor([5, 6], { dtype: "float64" });
    a.mul(data).add(b.mul(a)).sum().backward();
    expect([gradOf(a), gradOf(b), gradOf(data)]).toEqual([[8, 10], [1, 2], null]);
  });

  test("are float32 for float32, also through float64", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.to("float64").mul(2).sum().backward();
    expect(x.grad?.dtype).toBe("float32");
    expect(gradOf(x)).toEqual([2, 2]);
  });

  test("of norms where they have a corner, as in PyTorch", () => {
    const gradOfNorm = (p: number, values: number[]): unknown => {
      const x = leaf(values);
      x.norm({ p }).backward();
      return gradOf(x);
    };
    for (const p of [1, 2, 3, 1.5, Number.POSITIVE_INFINITY]) expect(gradOfNorm(p, [0, 0, 0])).toEqual([0, 0, 0]);
    expect(gradOfNorm(Number.POSITIVE_INFINITY, [1, -1, 0.5])).toEqual([0.5, -0.5, 0]);
    expect(gradOfNorm(3, [0, -2])).toEqual([0, -1]);
  });

  test("start from what is given", () => {
    const x = leaf([1, 2, 3]);
    x.mul(x).backward({ gradient: tensor([1, 0, -1]) });
    expect(gradOf(x)).toEqual([2, 0, -6]);
  });

  test("stop at whole numbers and comparisons", () => {
    const x = leaf([1.5, 2.5]);
    expect(x.to("int64").requiresGrad).toBe(false);
    expect(x.gt(2).requiresGrad).toBe(false);
    expect(x.argmax().requiresGrad).toBe(false);
  });

  test("pass 10,000 steps of a cell-like loop", () => {
    const w = leaf(0.5);
    let h = tensor(1, { dtype: "float64" });
    for (let t = 0; t < 10_000; t++) h = h.mul(w).add(0.25).tanh();
    h.backward();
    // The fixed point h = tanh(h·w + 1/4) has dh/dw = h·s/(1 − w·s) with s = 1 − h².
    const s = 1 - h.item() ** 2;
    expect(Math.abs((w.grad as Tensor).item() - (h.item() * s) / (1 - 0.5 * s))).toBeLessThan(1e-12);
  });

  test("pass graphs that were recorded over a long time, with others in between", () => {
    const gradients = [0, 9000].map((between) => {
      const [x, other] = [leaf([2, 3]), leaf(1)];
      const wait = (): void => {
        for (let i = 0; i < between; i++) other.mul(2);
      };
      const first = x.mul(x);
      wait();
      let sum = first.add(x);
      for (let i = 0; i < 5; i++) sum = sum.mul(first).add(x.pow(2));
      wait();
      const late = first.mul(sum).mul(other);
      const end = late.add(late).add(sum).add(first).sum();
      end.backward();
      return [gradOf(x), gradOf(other)];
    });
    expect(gradients[1]).toEqual(gradients[0]);
    expect(gradients[0]).not.toContain(null);
  });

  test("pass 100,000 additions in a row", () => {
    const x = leaf(1);
    let y = x;
    for (let i = 0; i < 100_000; i++) y = y.add(x);
    y.backward();
    expect(gradOf(x)).toBe(100_001);
  });
});

describe("recording", () => {
  test("is off under noGrad and on again inside enableGrad", () => {
    const x = leaf([1]);
    const [without, within] = noGrad(() => [x.mul(2), enableGrad(() => x.mul(2))]) as [Tensor, Tensor];
    expect([without.requiresGrad, within.requiresGrad, x.mul(2).requiresGrad]).toEqual([false, true, true]);
  });

  test("comes back after an error under noGrad", () => {
    const x = leaf([1, 2]);
    expect(() => noGrad(() => x.add(tensor([1, 2, 3])))).toThrow(ShapeError);
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  test("stops at detach, which shares memory", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    const cut = y.detach();
    y.mul(cut).sum().backward();
    expect(gradOf(x)).toEqual([9, 18]);
    cut.fill_(7);
    expect(y.toArray()).toEqual([7, 7]);
  });

  test("keeps leaves leaves and results results", () => {
    const x = leaf([1]);
    expect([x.isLeaf, x.mul(1).isLeaf, x.detach().isLeaf, tensor([1]).isLeaf]).toEqual([true, false, true, true]);
    expect(() => {
      x.mul(1).requiresGrad = false;
    }).toThrow(GradientError);
    x.requiresGrad = false;
    expect(x.mul(2).requiresGrad).toBe(false);
  });

  test("retainGrad leaves a gradient at a result", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2).retainGrad();
    y.mul(y).sum().backward();
    expect([gradOf(y), gradOf(x)]).toEqual([
      [4, 8],
      [8, 16],
    ]);
    expect(() => tensor([1]).retainGrad()).toThrow(/requires a gradient/);
    expect(gradOf(x.mul(3))).toBe(null);
  });
});

describe("a second pass", () => {
  test("through a graph that was freed is an error", () => {
    const x = leaf([1, 2]);
    const y = x.mul(x);
    const loss = y.sum();
    loss.backward();
    expect(() => loss.backward()).toThrow(GradientError);
    expect(() => y.mean().backward()).toThrow(/freed by an earlier backward.*retainGraph: true/s);
  });

  test("through a graph that was kept gives the same again", () => {
    const x = leaf([1, 2]);
    const loss = x.mul(x).sum();
    loss.backward({ retainGraph: true });
    loss.backward();
    expect(gradOf(x)).toEqual([4, 8]);
    expect(() => loss.backward()).toThrow(GradientError);
  });

  test("after a failed one starts afresh", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const z = y.mul(y);
    noGrad(() => y.add_(1));
    expect(() => z.sum().backward()).toThrow(GradientError);
    expect(gradOf(x)).toBe(null);
    x.mul(5).sum().backward();
    expect(gradOf(x)).toEqual([5, 5]);
  });

  test("after one that failed halfway is an error too: what it has done has been freed", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const loss = y.mul(y).sum();
    noGrad(() => y.add_(1));
    expect(() => loss.backward()).toThrow(/changed in place/);
    expect(() => loss.backward()).toThrow(/freed/);
    expect(gradOf(x)).toBe(null);
  });
});

describe("data", () => {
  test("is an alias without history", () => {
    const x = leaf([1, 2]);
    const { data } = x;
    expect([data.requiresGrad, data.isLeaf]).toEqual([false, true]);
    data.fill_(5);
    expect(x.toArray()).toEqual([5, 5]);
    x.data.setItem(0, 7);
    expect(x.toArray()).toEqual([7, 5]);
  });

  test("assigned, takes over the memory of another tensor", () => {
    const x = leaf([1, 2]);
    const other = tensor([3, 4], { dtype: "float64" });
    x.data = other;
    other.fill_(9);
    expect(x.toArray()).toEqual([9, 9]);
    expect([x.isLeaf, x.requiresGrad]).toEqual([true, true]);
    x.mul(x).sum().backward();
    expect(gradOf(x)).toEqual([18, 18]);
  });

  test("assigned between forward and backward, leaves the gradient as it was", () => {
    const x = leaf([1, 2]);
    const loss = x.mul(x).sum();
    x.data = tensor([100, 100], { dtype: "float64" });
    loss.backward();
    expect(gradOf(x)).toEqual([2, 4]);
  });

  test("assigned to the parameters of a module, as documents do it", () => {
    const net = new nn.Linear(2, 2);
    const optimizer = new optim.SGD(net.parameters(), { lr: 1 });
    net.weight.data = tensor([
      [1, 2],
      [3, 4],
    ]);
    net.bias.data = tensor([0, 0]);
    F.mseLoss(net.forward(tensor([[1, 1]])), tensor([[3, 6]]), { reduction: "sum" }).backward();
    optimizer.step();
    expect(net.weight.toArray()).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});
