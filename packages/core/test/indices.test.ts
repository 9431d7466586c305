/** Integer tensors as indices: what has been looked through once is looked through again when it has changed. */
import { describe, expect, test } from "vitest";
import { functional as F, nn, randn, ShapeError, tensor } from "../src/index.js";
import { same } from "./capture/twice.js";

const int64 = { dtype: "int64" } as const;

describe("an index tensor", () => {
  test("that changes in place is read anew", () => {
    const weight = tensor([[1], [2], [3]]);
    const index = tensor([0, 2], int64);
    const read = (): unknown => F.embedding(index, weight).flatten().toArray();
    expect([read(), read()]).toEqual([
      [1, 3],
      [1, 3],
    ]);
    index.setItem(0, 1);
    expect(read()).toEqual([2, 3]);
    index.add_(-1);
    expect(read()).toEqual([1, 2]);
    index.data = tensor([2, 2], int64);
    expect(read()).toEqual([3, 3]);
    index.setItem(1, 3);
    expect(read).toThrow(ShapeError);
    index.setItem(1, -1);
    expect(read).toThrow(/from 0 to 2, got -1 at position 1/);
  });

  test("fits one table and not another", () => {
    const index = tensor([0, 4], int64);
    expect(F.embedding(index, randn([5, 2])).shape).toEqual([2, 2]);
    expect(() => F.embedding(index, randn([4, 2]))).toThrow(/got 4 at position 1/);
    expect(F.crossEntropy(randn([2, 5]), index).shape).toEqual([]);
    expect(() => F.crossEntropy(randn([2, 3]), index)).toThrow(/target 4 at position 1/);
    expect(F.crossEntropy(tensor([[0], [0]]).expand([2, 4]), index, { ignoreIndex: 4 }).item()).toBeCloseTo(
      Math.log(4),
    );
  });

  test("in a captured function is what it would be without", () => {
    same((wrap) => {
      const net = new nn.Sequential(new nn.Embedding(4, 2), new nn.Linear(2, 3));
      const [a, b, y] = [tensor([0, 3, 1], int64), tensor([2, 2, 0], int64), tensor([1, 0, 2], int64)];
      const run = wrap((index: typeof a) => {
        const loss = F.crossEntropy(net.forward(index), y, { ignoreIndex: 2 });
        loss.backward();
        const next = net.forward(net.forward(index).argmax(1));
        return [loss, next.sum()];
      });
      return (call) => {
        const index = call % 3 === 2 ? b : a;
        if (call % 4 === 1) a.setItem(1, call % 3);
        if (call % 5 === 3) y.setItem(0, (call + 1) % 3);
        const [loss, next] = run(index) as [typeof a, typeof a];
        return [loss.item(), next.item(), ...net.parameters().map((p) => p.grad?.toArray())];
      };
    }, 24);
  });
});
