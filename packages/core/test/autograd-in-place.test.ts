/** Changes in place, and what the tape makes of them. */
import { describe, expect, test } from "vitest";
import { arange, full, GradientError, gradcheck, nn, noGrad, stack, type Tensor, tensor, zeros } from "../src/index.js";

const leaf = (values: number | number[] | number[][]): Tensor =>
  tensor(values, { dtype: "float64", requiresGrad: true });
const gradOf = (x: Tensor): unknown => x.grad?.toArray() ?? null;

describe("changes in place", () => {
  test("are followed by what comes after", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.add_(x).mul_(3);
    y.sum().backward();
    expect(y.toArray()).toEqual([9, 18]);
    expect(gradOf(x)).toEqual([9, 9]);
  });

  test("of what an operation needs again are errors that name it", () => {
    const x = leaf([1, 2]);
    const y = x.exp();
    y.add_(1);
    expect(() => y.sum().backward()).toThrow(/'exp' needs for its gradient has been changed in place.*clone\(\)/s);
    const z = x.mul(1);
    const product = z.mul(z);
    z.zero_();
    expect(() => product.sum().backward()).toThrow(/'mul'/);
  });

  test("of what no operation needs again are not", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const z = y.add(1);
    y.zero_();
    z.sum().backward();
    expect(gradOf(x)).toEqual([2, 2]);
  });

  test("are seen through every alias", () => {
    const x = leaf([1, 2]);
    for (const change of [
      (y: Tensor) => y.detach().fill_(3),
      (y: Tensor) => y.data.fill_(3),
      (y: Tensor) => noGrad(() => y.select(0, 1).fill_(3)),
      (y: Tensor) => noGrad(() => y.reshape([2, 1]).setItem(0, 3)),
    ]) {
      const y = x.mul(1);
      const z = y.mul(y);
      change(y);
      expect(() => z.sum().backward()).toThrow(GradientError);
    }
  });

  test("overwrite history together with numbers", () => {
    const [x, v] = [leaf([1, 2]), leaf([5, 6])];
    const y = x.mul(2);
    y.copy_(v);
    y.mul(y).sum().backward();
    expect([gradOf(x), gradOf(v)]).toEqual([null, [10, 12]]);
    const z = x.mul(2);
    z.fill_(4);
    expect(z.requiresGrad).toBe(false);
  });

  test("of a leaf that requires a gradient are for noGrad only", () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow(/a leaf that requires a gradient.*noGrad/s);
    expect(() => x.setItem(0, 1)).toThrow(/a view of a leaf/);
    noGrad(() => x.add_(1));
    expect(x.toArray()).toEqual([2, 3]);
    expect(x.isLeaf).toBe(true);
    x.mul(2).sum().backward();
    expect(gradOf(x)).toEqual([2, 2]);
  });

  test("of a stretched tensor are refused: its elements share one number", () => {
    expect(() =>
      tensor([[1], [2]])
        .expand([2, 3])
        .fill_(0),
    ).toThrow(/memory of their own.*clone\(\)/s);
  });

  test("of a tensor by itself", () => {
    const x = leaf([2, 3]);
    const y = x.mul(1);
    y.mul_(y).div_(x);
    y.sum().backward();
    expect(y.toArray()).toEqual([2, 3]);
    expect(gradOf(x)).toEqual([1, 1]);
    const row = arange(4).to("float64").reshape([2, 2]);
    row.setItem(0, row.getItem(1));
    row.copy_(row.T);
    expect(row.toArray()).toEqual([
      [2, 2],
      [3, 3],
    ]);
  });
});

describe("setItem", () => {
  test("is differentiable in the value and in the rest", () => {
    const f = (h: Tensor, v: Tensor): Tensor => {
      const y = h.mul(h);
      y.setItem(1, v.exp());
      y.setItem([null, 0], 3);
      return y.mul(y);
    };
    expect(
      gradcheck(f, [
        leaf([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        leaf([0.1, 0.2]),
      ]),
    ).toBe(true);
  });

  test("in a loop that reads what it wrote: h[t] = f(h[t − 1])", () => {
    const run = (w: Tensor, u: Tensor): Tensor => {
      const h = zeros([5, 2], { dtype: "float64" });
      h.setItem(0, u.tanh());
      for (let t = 1; t < 5; t++)
        h.setItem(
          t,
          w
            .matmul(h.getItem(t - 1))
            .add(u)
            .tanh(),
        );
      return h;
    };
    const [w, u] = [
      leaf([
        [0.5, -0.3],
        [0.2, 0.8],
      ]),
      leaf([0.4, -0.6]),
    ];
    expect(gradcheck(run, [w, u])).toBe(true);
    const states: Tensor[] = [];
    let h = u.tanh();
    for (let t = 0; t < 5; t++, h = w.matmul(h).add(u).tanh()) states.push(h);
    const expected = stack(states);
    run(w, u).sum().backward();
    const [gradW, gradU] = [gradOf(w), gradOf(u)];
    w.grad = u.grad = null;
    expected.sum().backward();
    expect(run(w, u).toArray()).toEqual(expected.toArray());
    expect([gradW, gradU]).toEqual([gradOf(w), gradOf(u)]);
  });

  test("in a loop over a module, where the first state carries no gradient", () => {
    const cell = new nn.Linear(2, 2, { dtype: "float64" });
    const h = full([4, 2], 0.5, { dtype: "float64" });
    for (let t = 1; t < 4; t++) h.setItem(t, cell.forward(h.getItem(t - 1)).sigmoid());
    h.sum().backward();
    const grad = cell.weight.grad?.toArray();
    cell.zeroGrad();
    let state = tensor([0.5, 0.5], { dtype: "float64" });
    let total = state.sum();
    for (let t = 1; t < 4; t++) {
      state = cell.forward(state).sigmoid();
      total = total.add(state.sum());
    }
    total.backward();
    expect(grad).toEqual(cell.weight.grad?.toArray());
  });

  test("of axes of length 1 in front, as h[t] = v for v of shape (1, H)", () => {
    const h = zeros([3, 2]);
    h.setItem(1, tensor([[4, 5]]));
    expect(h.toArray()).toEqual([
      [0, 0],
      [4, 5],
      [0, 0],
    ]);
  });

  test("through a chain of views reaches the base", () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const y = x.mul(1);
    y.T.slice(0, 1).setItem(0, tensor([10, 20], { dtype: "float64" }));
    expect(y.toArray()).toEqual([
      [1, 10, 3],
      [4, 20, 6],
    ]);
    y.sum().backward();
    expect(gradOf(x)).toEqual([
      [1, 0, 1],
      [1, 0, 1],
    ]);
  });

  test("a view taken before follows a change of its base", () => {
    const [x, v] = [
      leaf([
        [1, 2],
        [3, 4],
      ]),
      leaf([5, 6]),
    ];
    const y = x.mul(1);
    const row = y.select(0, 1);
    const column = y.select(1, 0);
    y.setItem(1, v);
    expect([row.toArray(), column.toArray()]).toEqual([
      [5, 6],
      [1, 5],
    ]);
    row.mul(row).sum().add(column.sum()).backward();
    expect([gradOf(x), gradOf(v)]).toEqual([
      [
        [1, 0],
        [0, 0],
      ],
      [11, 12],
    ]);
  });

  test("a change of a view is followed by its base and by its sisters", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    const y = x.mul(1);
    const [first, sister] = [y.select(0, 0), y.select(1, 0)];
    first.mul_(10);
    expect([y.toArray(), sister.toArray()]).toEqual([
      [
        [10, 20],
        [3, 4],
      ],
      [10, 3],
    ]);
    sister.sum().backward({ retainGraph: true });
    expect(gradOf(x)).toEqual([
      [10, 0],
      [1, 0],
    ]);
    x.grad = null;
    y.sum().backward();
    expect(gradOf(x)).toEqual([
      [10, 10],
      [1, 1],
    ]);
  });
});
