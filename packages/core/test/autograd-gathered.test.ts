/** Gradients of weights that are used row by row: what is gathered and multiplied at once is what is added product by product. */
import { describe, expect, test } from "vitest";
import { functional as F, GradientError, manualSeed, nn, randn, type Tensor } from "../src/index.js";

const dtypes = ["float32", "float64"] as const;

/** Losses over rows of x; `use` stands between a leaf and what is made of it. */
const programs: Record<string, (w: Tensor, b: Tensor, x: Tensor, use: (leaf: Tensor) => Tensor) => Tensor> = {
  "a loop over rows": (w, b, x, use) => {
    let sum = x.sum();
    for (const row of x) sum = sum.add(F.linear(row, use(w), use(b)).tanh().sum());
    return sum;
  },
  "a row, all rows, the weight by itself, a row": (w, b, x, use) => {
    const first = F.linear(x.getItem(0), use(w), use(b)).pow(2).sum();
    const all = F.linear(x, use(w), use(b)).tanh();
    const alone = use(w).pow(3).sum().add(use(b).exp().sum());
    return first
      .add(all.sum())
      .add(alone)
      .add(F.linear(x.getItem(1), use(w), use(b)).sum());
  },
  "a weight that is a bias too": (w, b, x, use) => {
    let sum = x.sum();
    for (const row of x) sum = sum.add(F.linear(row, use(w), use(b)).add(use(b)).sum());
    return sum.add(F.linear(use(b).unsqueeze(1), use(b).unsqueeze(1).detach(), null).sum());
  },
};

describe.each(dtypes)("%s", (dtype) => {
  test.each(Object.entries(programs))("%s", (_, program) => {
    for (const [rows, O, I] of [
      [3, 1, 1],
      [40, 4, 3],
      [33, 7, 5],
    ] as const) {
      const gradients = [(leaf: Tensor) => leaf, (leaf: Tensor) => leaf.mul(1)].map((use) => {
        manualSeed(rows);
        const w = randn([O, I], { dtype, requiresGrad: true });
        const b = randn([O], { dtype, requiresGrad: true });
        const x = randn([rows, I], { dtype });
        for (let pass = 0; pass < 2; pass++) program(w, b, x, use).backward();
        return [w, b].map((leaf) => leaf.grad?.toTypedArray());
      });
      expect(gradients[0]).toEqual(gradients[1]);
    }
  });
});

test("a pass that fails leaves nothing behind", () => {
  const layer = new nn.Linear(2, 3);
  const x = randn([4, 2]);
  const loss = (spoil: boolean): Tensor => {
    const factor = randn([3], { requiresGrad: true }).mul(1);
    let sum = layer.forward(x.getItem(0)).mul(factor).sum();
    if (spoil) factor.detach().add_(1);
    for (const row of x) sum = sum.add(layer.forward(row).sum());
    return sum;
  };
  manualSeed(5);
  loss(false).backward();
  const expected = layer.weight.grad?.toArray();
  layer.zeroGrad();
  expect(() => loss(true).backward()).toThrow(GradientError);
  layer.zeroGrad();
  manualSeed(5);
  loss(false).backward();
  expect(layer.weight.grad?.toArray()).toEqual(expected);
});
