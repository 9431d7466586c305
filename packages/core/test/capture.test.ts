import { describe, expect, test } from "vitest";
import {
  capture,
  functional as F,
  GradientError,
  nn,
  noGrad,
  optim,
  randn,
  setEngine,
  type Tensor,
  tensor,
  zeros,
} from "../src/index.js";
import { both, numbers, same } from "./capture/twice.js";

class Cell extends nn.Module {
  readonly i2h: nn.Linear;
  readonly h2h = new nn.Linear(3, 3);

  constructor(inputSize = 4) {
    super();
    this.i2h = new nn.Linear(inputSize, 3);
  }

  initialState(batch: number): Tensor {
    return zeros([batch, 3]);
  }

  step(x: Tensor, h: Tensor): Tensor {
    return this.forward(x, h);
  }

  output(h: Tensor): Tensor {
    return h;
  }

  override forward(x: Tensor, h: Tensor): Tensor {
    return this.i2h.forward(x).add(this.h2h.forward(h)).tanh();
  }
}

function ownCellLoop(steps: number) {
  const cell = new Cell();
  const head = new nn.Linear(3, 4);
  const optimizer = new optim.Adam([...cell.parameters(), ...head.parameters()], { lr: 0.05 });
  const symbols = Array.from({ length: steps + 1 }, (_, t) => (t * t) % 4);
  const x = F.oneHot(symbols.slice(0, -1), 4).to("float32");
  const y = F.oneHot(symbols.slice(1), 4).to("float32");
  return () => {
    let h = zeros([3]);
    let loss = zeros([]);
    for (let t = 0; t < steps; t++) {
      h = cell.forward(x.getItem(t), h);
      loss = loss.add(F.crossEntropy(head.forward(h), y.getItem(t)));
    }
    loss = loss.div(steps);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss.item();
  };
}

describe("loops", () => {
  test.each([1, 7, 1000])("a cell of one's own over %i steps", (steps) => {
    same((wrap) => wrap(ownCellLoop(steps)), 4);
  });

  test.each(["RNNCell", "LSTMCell", "GRUCell"] as const)(
    "%s, trained, and its parameters changed from outside",
    (kind) => {
      for (const batch of [null, 1, 3]) {
        for (const [I, H] of [
          [1, 1],
          [3, 5],
          [4, 33],
        ] as const) {
          same((wrap) => {
            const cell = new nn[kind](I, H) as nn.RNNCell;
            const optimizer = new optim.SGD(cell.parameters(), { lr: 0.5 });
            const x = randn(batch === null ? [3, I] : [3, batch, I]);
            const step = wrap(() => {
              let state: Tensor | null = null;
              for (const xt of x) state = cell.forward(xt, state);
              const h = Array.isArray(state) ? (state[0] as Tensor) : (state as unknown as Tensor);
              const loss = h.sub(0.5).pow(2).mean();
              loss.backward();
              optimizer.step();
              optimizer.zeroGrad();
              return loss.item();
            });
            return (call) => {
              if (call % 3 === 2) noGrad(() => cell.parameters().forEach((p) => p.mul_(1.5).add_(0.25)));
              return step();
            };
          }, 9);
        }
      }
    },
  );

  test("nn.Recurrent with a cell of one's own", () => {
    same((wrap) => {
      const layer = new nn.Recurrent((size) => new Cell(size), { inputSize: 4, numLayers: 2, bidirectional: true });
      const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
      const x = randn([5, 2, 4]);
      return wrap(() => {
        const loss = layer.forward(x)[0].pow(2).mean();
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss.item();
      });
    });
  });

  test("sequences of many lengths in turn", () => {
    same((wrap) => {
      const rnn = new nn.RNN(3, 4);
      const optimizer = new optim.Adam(rnn.parameters(), { lr: 0.01 });
      const sequences = Array.from({ length: 40 }, (_, n) => randn([1 + (n % 30), 2, 3]));
      const step = wrap((x: Tensor) => {
        const loss = rnn.forward(x)[0].pow(2).mean();
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss.item();
      });
      return (call) => step(sequences[call % 40] as Tensor);
    }, 90);
  });

  test("several steps of an optimiser in one call", () => {
    same((wrap) => {
      const linear = new nn.Linear(3, 1);
      const optimizer = new optim.SGD(linear.parameters(), { lr: 0.1, momentum: 0.9 });
      const [x, y] = [randn([8, 3]), randn([8, 1])];
      return wrap(() => {
        const losses: number[] = [];
        for (let i = 0; i < 3; i++) {
          optimizer.zeroGrad();
          const loss = F.mseLoss(linear.forward(x), y);
          loss.backward();
          optimizer.step();
          losses.push(loss.item());
        }
        return losses;
      });
    });
  });
});

describe("what comes from outside may be another thing every time", () => {
  test("two arguments that are one tensor, then two, then views of one", () => {
    same((wrap) => {
      const f = wrap((a: Tensor, b: Tensor) => numbers(a.mul(b).add(a)));
      const [x, y] = [randn([3]), randn([3])];
      const whole = randn([7]);
      return (call) =>
        [() => f(x, x), () => f(x, y), () => f(whole.slice(0, 0, 3), whole.slice(0, 4, 7)), () => f(y, x)][
          call % 4
        ]?.();
    }, 12);
  });

  test("two leaves that become one, with gradients", () => {
    same((wrap) => {
      const [p, q] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })];
      const f = wrap((a: Tensor, b: Tensor) => a.mul(b).add(a).sum().backward());
      return (call) => {
        p.grad = q.grad = null;
        [() => f(p, q), () => f(p, p), () => f(q, p), () => f(q, q)][call % 4]?.();
        return [p.grad, q.grad].map((g) => (g === null ? null : numbers(g as Tensor)));
      };
    }, 12);
  });

  test("a parameter changed between two uses, and a view taken before the change", () => {
    same((wrap) => {
      const w = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { requiresGrad: true },
      );
      const f = wrap((call: number) => {
        const before = w.mul(1).sum().item();
        const row = w.getItem(0);
        noGrad(() => {
          if (call % 2 === 0) w.add_(call);
          else w.data = w.data.mul(2);
        });
        return [before, row.sum().item(), w.sum().item(), row.mul(2).sum().item()];
      });
      return (call) => f(call);
    }, 8);
  });

  test("a view of an argument changed through its base and the other way round", () => {
    same((wrap) => {
      const x = randn([2, 3]);
      const f = wrap((a: Tensor, call: number) => {
        const row = a.getItem(1);
        a.fill_(call);
        const seen = numbers(row);
        row.add_(1);
        return [seen, numbers(a), numbers(a.mul(2))];
      });
      return (call) => f(x, call);
    });
  });

  test("a gradient spoiled by a change in place is an error, whenever it happens", () => {
    const { captured, expected } = both((wrap) => {
      const w = tensor([1, 2], { requiresGrad: true });
      const x = tensor([3, 4]);
      const f = wrap((call: number) => {
        const y = w.mul(x);
        if (call === 3) x.fill_(1);
        y.sum().backward();
        const grad = numbers(w.grad as unknown as Tensor);
        w.grad = null;
        return grad;
      });
      return (call) => {
        try {
          return f(call);
        } catch (error) {
          return String(error);
        }
      };
    });
    expect(captured).toEqual(expected);
    expect(String(captured[3])).toContain("changed in place");
  });

  test("a second backward pass is an error, whenever it happens", () => {
    const { captured, expected } = both((wrap) => {
      const w = tensor([1, 2], { requiresGrad: true });
      const f = wrap((call: number) => {
        w.grad = null;
        const loss = w.pow(2).sum();
        loss.backward({ retainGraph: call < 2 || call === 4 });
        loss.backward();
        return numbers(w.grad as unknown as Tensor);
      });
      return (call) => {
        try {
          return f(call);
        } catch (error) {
          return String(error);
        }
      };
    });
    expect(captured).toEqual(expected);
    expect(String(captured[2])).toContain("freed");
  });

  test("gradients added up over calls, and over passes of one call", () => {
    same((wrap) => {
      const linear = new nn.Linear(2, 1);
      const f = wrap((x: Tensor) => {
        linear.forward(x).sum().backward();
        linear.forward(x.mul(2)).sum().backward();
      });
      return (call) => {
        if (call === 4) linear.zeroGrad();
        f(tensor([[call, 1]]));
        return numbers(linear.weight.grad as unknown as Tensor);
      };
    }, 8);
  });

  test("one of several samples, another in each call, is not another way", () => {
    same((wrap) => {
      const x = randn([50, 3]);
      const linear = new nn.Linear(3, 2);
      const f = wrap((i: number) => numbers(linear.forward(x.getItem(i))));
      return (call) => f((call * 7) % 50);
    }, 30);
  });

  test("another engine between calls and within one", () => {
    same((wrap) => {
      const linear = new nn.Linear(3, 2);
      const x = randn([4, 3]);
      const f = wrap((call: number) => {
        const h = linear.forward(x);
        setEngine(call % 3 === 2 ? "reference" : "wasm");
        const y = h.tanh().sum();
        setEngine("wasm");
        return y.item();
      });
      return (call) => {
        setEngine(call % 2 === 0 ? "wasm" : "reference");
        const result = f(call);
        setEngine("wasm");
        return result;
      };
    }, 9);
  });
});

describe("what is made inside stays inside", () => {
  const leftOver = /made inside a captured function was used after the call/;

  test("a tensor left over from an earlier call cannot be read, used, or differentiated", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    let kept: Tensor | null = null;
    let loss: Tensor | null = null;
    const f = capture((use: boolean) => {
      const before = kept;
      kept = w.mul(2);
      loss = kept.sum();
      return use && before !== null ? before.add(kept) : kept;
    });
    f(false);
    for (let call = 0; call < 3; call++) {
      expect(() => numbers(kept as unknown as Tensor)).toThrow(leftOver);
      expect(() => (kept as unknown as Tensor).add(1)).toThrow(leftOver);
      expect(() => (loss as unknown as Tensor).backward()).toThrow(leftOver);
      expect(() => f(true)).toThrow(leftOver);
      expect(numbers(f(false))).toEqual([2, 4]);
    }
  });

  test("what is returned is a copy: later calls do not change it", () => {
    const f = capture((x: Tensor) => {
      const y = x.mul(2);
      return { y, list: [y, x], text: "as it is" };
    });
    const x = tensor([1]);
    const first = f(x);
    const second = f(tensor([5]));
    expect([numbers(first.y), numbers(second.y), first.text]).toEqual([[2], [10], "as it is"]);
    expect(first.list[0]).toBe(first.y);
    expect(first.list[1]).toBe(x);
  });

  test("a history that a tensor from outside got inside ends with the call", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const buffer = zeros([2]);
    const f = capture(() => {
      buffer.copy_(w.mul(2));
    });
    f();
    expect(numbers(buffer)).toEqual([2, 4]);
    expect(() => buffer.sum().backward()).toThrow(/changed in place inside a captured function/);
    expect(() => capture(() => buffer.sum().item())()).toThrow(/history outside of this call/);
    f();
    expect(numbers(buffer)).toEqual([2, 4]);
  });

  test("parameters and data made of tensors from inside keep their numbers", () => {
    const made: nn.Parameter[] = [];
    const w = tensor([1, 2]);
    const f = capture((x: Tensor) => {
      made.push(new nn.Parameter(x.mul(3)));
      w.data = x.add(1);
    });
    for (const value of [1, 2, 3]) f(tensor([value, value]));
    expect(made.map(numbers)).toEqual([
      [3, 3],
      [6, 6],
      [9, 9],
    ]);
    expect(numbers(w)).toEqual([4, 4]);
  });

  test("gradients that stand after a call that failed are there to be looked at", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = capture((fail: boolean) => {
      w.grad = null;
      w.pow(2).sum().backward();
      if (fail) throw new RangeError("no");
    });
    for (const fail of [false, true, true, false]) {
      try {
        f(fail);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      expect(numbers(w.grad as unknown as Tensor)).toEqual([2, 4]);
    }
  });

  test("a tensor with a history from outside is an error that says what to do", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = capture((x: Tensor) => x.sum().item());
    expect(() => f(w.mul(2))).toThrow(GradientError);
    expect(() => f(w.mul(2))).toThrow(/detach\(\)/);
  });
});
