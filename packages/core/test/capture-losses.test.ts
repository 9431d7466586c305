import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capture, functional as F, nn, noGrad, optim, randn, type Tensor, tensor, zeros } from "../src/index.js";
import { same } from "./capture/twice.js";

/** What may happen between losses of single rows. */
const step = fc.record({
  kind: fc.constantFrom("loss", "add", "scale", "square", "read", "change", "grow", "spoil", "combine"),
  classes: fc.constantFrom(1, 3, 4),
  byIndex: fc.boolean(),
  reduction: fc.constantFrom("mean" as const, "none" as const, "sum" as const),
  recorded: fc.boolean(),
  every: fc.integer({ min: 1, max: 3 }),
  which: fc.nat(5),
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Carries out steps on logits that come from parameters; every value that is made counts in the end. */
function program(steps: readonly Step[]) {
  return (wrap: <G extends (...args: never[]) => unknown>(f: G) => G) => {
    const weights = [1, 3, 4].map((n) => randn([n, 2], { requiresGrad: true }) as Tensor);
    const optimizer = new optim.SGD(weights, { lr: 0.1 });
    const seen: number[] = [];
    const run = wrap((call: number, x: Tensor) => {
      const values: Tensor[] = [zeros([])];
      let logits = zeros([1]);
      const pick = (i: number): Tensor => values[values.length - 1 - (i % values.length)] as Tensor;
      for (const { kind, classes, byIndex, reduction, recorded, every, which } of steps) {
        if (kind === "loss") {
          logits = F.linear(x, weights[[1, 3, 4].indexOf(classes)] as Tensor);
          const target = byIndex ? (call + which) % classes : F.oneHot(which % classes, classes).to("float32");
          const loss = (): Tensor => F.crossEntropy(logits, target as number, { reduction });
          values.push(recorded ? loss() : noGrad(loss));
        } else if (kind === "add") values.push(pick(which).add(pick(which + 1)));
        else if (kind === "scale") values.push(pick(which).mul(0.5));
        else if (kind === "square") values.push(pick(which).pow(2));
        else if (kind === "read" && call % every === 0) seen.push(pick(which).item());
        else if (kind === "change") noGrad(() => (weights[which % 3] as Tensor).add_(0.25));
        else if (kind === "grow") noGrad(() => pick(which).detach().add_(1));
        else if (kind === "spoil") logits.detach().mul_(3);
        else if (kind === "combine") values.push(F.crossEntropy(pick(which).reshape([1]), 0));
      }
      const total = values.reduce((sum, value) => sum.add(value));
      if (total.requiresGrad) {
        try {
          total.backward();
          optimizer.step();
        } catch (error) {
          seen.push((error as Error).message.length);
        }
        optimizer.zeroGrad();
      }
      return total;
    });
    return (call: number) => {
      const total = run(call, tensor([0.5 + call, -0.25]));
      return [total.item(), ...seen.splice(0), ...weights.flatMap((w) => [...w.toTypedArray()])];
    };
  };
}

describe("losses of single rows, worked out together", () => {
  test("random programs give the bits they give uncaptured", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 24 }), (steps) => {
        same(program(steps), 7);
      }),
      { numRuns: Number(process.env.CAPTURE_RUNS ?? 200) },
    );
  });

  test("more rows than are brought together at a time", () => {
    const loss: Step = {
      kind: "loss",
      classes: 4,
      byIndex: false,
      reduction: "mean",
      recorded: true,
      every: 1,
      which: 1,
    };
    same(program(Array.from({ length: 80 }, (_, which) => ({ ...loss, which: which % 6, byIndex: which % 40 > 20 }))));
  });

  test("one class: a sum of −0 is 0, a loss by itself is −0", () => {
    const logits = tensor([[2], [3]]);
    const losses = capture((reduction: "none" | "sum") =>
      [0, 1].map((i) => F.crossEntropy(logits.getItem(i), 0, { reduction })),
    );
    for (let call = 0; call < 3; call++) {
      for (const reduction of ["none", "sum"] as const) {
        const expected = F.crossEntropy(logits.getItem(0), 0, { reduction }).item();
        for (const loss of losses(reduction)) expect(loss.item()).toBe(expected);
      }
    }
  });
});

test("a function that looks at another place in every call stays right, and small", () => {
  const cell = new nn.RNNCell(2, 3);
  const steps = 12;
  const x = randn([steps, 2]);
  const run = (looks: (t: number) => boolean): number[] => {
    let h = zeros([3]);
    const seen: number[] = [];
    for (let t = 0; t < steps; t++) {
      h = cell.forward(x.getItem(t), h);
      if (looks(t)) seen.push(h.getItem(0).item());
    }
    return [...seen, h.sum().item()];
  };
  const captured = capture(run);
  for (let call = 0; call < 150; call++) {
    const looks = (t: number): boolean => ((call * 37) >> (t % 8)) % 2 === 1;
    expect(captured(looks), `call ${call}`).toEqual(run(looks));
  }
});
