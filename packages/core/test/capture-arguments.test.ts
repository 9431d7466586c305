import { describe, expect, test } from "vitest";
import { capture, nn, noGrad, OptionError, optim, rand, randn, stack, type Tensor } from "../src/index.js";
import { numbers, same } from "./capture/twice.js";

describe("what capture takes", () => {
  test("functions that return at once", () => {
    expect(() => capture(3 as never)).toThrow(OptionError);
    expect(() => capture(async () => rand([1]))()).toThrow(/promise/);
  });

  test("functions inside of one another", () => {
    same((wrap) => {
      const linear = new nn.Linear(2, 2);
      const inner = wrap((x: Tensor) => linear.forward(x).tanh());
      const outer = wrap((x: Tensor) => {
        const loss = inner(inner(x)).sum();
        linear.zeroGrad();
        loss.backward();
        return [loss.item(), numbers(linear.weight.grad as unknown as Tensor)];
      });
      const x = randn([2]);
      return () => [outer(x), numbers(inner(x).detach())];
    });
  });

  test("parameters that look at parts of one memory", () => {
    same((wrap) => {
      const [a, b] = [new nn.Linear(4, 3), new nn.Linear(4, 3)];
      const parameters = [...a.parameters(), ...b.parameters()];
      const all = randn([30]).mul(0.3);
      let at = 0;
      for (const p of parameters) {
        p.data = all.slice(0, at, at + p.numel()).reshape(p.shape);
        at += p.numel();
      }
      const optimizer = new optim.Adam(parameters, { lr: 0.05 });
      const x = randn([6, 4]);
      const step = wrap(() => {
        const loss = a.forward(x).mul(b.forward(x)).tanh().sum();
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss;
      });
      return (call) => {
        if (call === 4) noGrad(() => a.weight.mul_(0.9));
        return [step().item(), call % 2 === 0 ? numbers(all) : []];
      };
    });
  });

  test("parameters in one memory, changed twice in a call", () => {
    same((wrap) => {
      const [a, b] = [new nn.Parameter(rand([1])), new nn.Parameter(rand([1]))];
      const both = rand([2]);
      a.data = both.slice(0, 0, 1);
      b.data = both.slice(0, 1, 2);
      const optimizer = new optim.SGD([a, b], { lr: 0.1 });
      const step = wrap(() =>
        [1, 2].map(() => {
          const loss = b.mul(b).mul(a).sum();
          loss.backward();
          optimizer.step();
          optimizer.zeroGrad();
          return loss;
        }),
      );
      return () => [step().map((loss) => loss.item()), numbers(both)];
    });
  });

  test("random numbers go on as they would", () => {
    same((wrap) => {
      const drop = new nn.Dropout(0.5);
      const f = wrap((x: Tensor) => numbers(drop.forward(x).add(rand([4]))));
      const x = randn([4]);
      return (call) => {
        drop.train(call % 3 !== 2);
        return [f(x), numbers(rand([2]))];
      };
    }, 9);
  });

  test("stack of one tensor many times, and lists of indices of changing length", () => {
    same((wrap) => {
      const embedding = new nn.Embedding(6, 2);
      const f = wrap((index: number[]) => {
        const h = embedding.forward(index).sum(0);
        embedding.zeroGrad();
        stack([h, h, h]).pow(2).sum().backward();
        return [numbers(h.detach()), numbers(embedding.weight.grad as unknown as Tensor)];
      });
      return (call) => f(Array.from({ length: 1 + (call % 3) }, (_, i) => (i * 2 + call) % 6));
    }, 9);
  });
});
