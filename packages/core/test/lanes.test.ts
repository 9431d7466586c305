/** Many networks at once: each ends with the bits that it has when it is trained alone. */
import { describe, expect, test } from "vitest";
import {
  functional as F,
  manualSeed,
  nn,
  OptionError,
  optim,
  rand,
  randn,
  type Tensor,
  tensor,
  UnrollError,
  zeros,
} from "../src/index.js";
import { trainMany } from "../src/lanes/index.js";

type MakeOptimizer = (parameters: Tensor[]) => optim.Optimizer;

const adam: MakeOptimizer = (p) => new optim.Adam(p, { lr: 0.1 });
const optimizers: Record<string, MakeOptimizer> = {
  adam,
  amsgrad: (p) => new optim.AdamW(p, { lr: 0.1, amsgrad: true }),
  sgd: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }),
  rmsprop: (p) => new optim.RMSprop(p, { lr: 0.01, centered: true, momentum: 0.5 }),
  adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, initialAccumulatorValue: 0.1 }),
};

const symbols = Array.from({ length: 13 }, (_, t) => (t * t + 1) % 4);
const x = F.oneHot(symbols.slice(0, -1), 4).to("float32");
const y = F.oneHot(symbols.slice(1), 4).to("float32");

class Net extends nn.Module {
  readonly i2h = new nn.Linear(4, 3);
  readonly h2h = new nn.Linear(3, 3);
  readonly head = new nn.Linear(3, 4);

  override forward(rows: Tensor): Tensor {
    let h = zeros([3]);
    let loss = zeros([]);
    for (let t = 0; t < (rows.shape[0] as number); t++) {
      h = this.i2h.forward(rows.getItem(t)).add(this.h2h.forward(h)).tanh();
      loss = loss.add(F.crossEntropy(this.head.forward(h), y.getItem(t)));
    }
    return loss.div(12);
  }
}

const programs: Record<string, () => { net: nn.Module; loss: () => Tensor }> = {
  "a cell of one's own": () => {
    const net = new Net();
    return { net, loss: () => net.forward(x) };
  },
  "rows times wide weights": () => {
    const net = new nn.ModuleList([new nn.Linear(4, 18), new nn.Linear(18, 18), new nn.Linear(18, 4)]);
    const [input, state, head] = [...net] as [nn.Linear, nn.Linear, nn.Linear];
    return {
      net,
      loss: () => {
        let h = zeros([1, 18]);
        for (let t = 0; t < 12; t++)
          h = input
            .forward(x.slice(0, t, t + 1))
            .add(state.forward(h))
            .relu();
        return F.crossEntropy(head.forward(h), [1]);
      },
    };
  },
  embedding: () => {
    const net = new nn.Sequential(new nn.Embedding(4, 2), new nn.Tanh(), new nn.Linear(2, 4));
    return { net, loss: () => F.crossEntropy(net.forward(symbols.slice(0, -1)), symbols.slice(1), { ignoreIndex: 2 }) };
  },
  "many classes, given as such and as shares": () => {
    const net = new nn.Linear(4, 37);
    const shares = tensor(Array.from({ length: 12 * 37 }, (_, i) => ((i * 7) % 5) / 74)).reshape([12, 37]);
    return {
      net,
      loss: () => F.crossEntropy(net.forward(x), symbols.slice(1)).add(F.crossEntropy(net.forward(x), shares)),
    };
  },
  "layers of all kinds": () => {
    const net = new nn.Sequential(new nn.Linear(4, 5), new nn.ReLU(), new nn.Linear(5, 3), new nn.Sigmoid());
    const weight = tensor([1, 2, 0.5]);
    return {
      net,
      loss: () => {
        const h = net.forward(x).mul(weight).softmax(1);
        return h.logSoftmax(1).exp().sub(h.pow(2)).mean().add(h.T.matmul(h).sqrt().sum());
      },
    };
  },
  RNNCell: () => loop(new nn.RNNCell(4, 3), "mean"),
  GRUCell: () => loop(new nn.GRUCell(4, 3), "mean"),
  LSTMCell: () => loop(new nn.LSTMCell(4, 3, { bias: false }), "none"),
  RNN: () => layer(new nn.RNN(4, 3)),
  "RNN of four units": () => layer(new nn.RNN(4, 4), 4),
  "RNN of five units, without biases": () => layer(new nn.RNN(4, 5, { bias: false }), 5),
  "RNN of two layers, both ways, relu": () =>
    layer(new nn.RNN(4, 3, { numLayers: 2, bidirectional: true, nonlinearity: "relu" }), 6),
  LSTM: () => layer(new nn.LSTM(4, 3)),
  "projected LSTM": () => layer(new nn.LSTM(4, 3, { projSize: 2 }), 2),
  GRU: () => layer(new nn.GRU(4, 3)),
};

/** A loop over a cell with classes as targets. */
function loop(cell: nn.RNNCell<boolean> | nn.GRUCell<boolean> | nn.LSTMCell<boolean>, reduction: "mean" | "none") {
  const net = new nn.ModuleList([cell, new nn.Linear(3, 4)] as nn.Module[]);
  const [, head] = [...net] as [nn.Module, nn.Linear];
  return {
    net,
    loss: () => {
      let state: Tensor | readonly [Tensor, Tensor] =
        cell instanceof nn.LSTMCell ? [zeros([3]), zeros([3])] : zeros([3]);
      let loss = zeros([]);
      for (let t = 0; t < 12; t++) {
        state = (cell as { forward(x: Tensor, state: unknown): Tensor | [Tensor, Tensor] }).forward(
          x.getItem(t),
          state,
        );
        const h = (cell instanceof nn.LSTMCell ? (state as [Tensor, Tensor])[0] : state) as Tensor;
        loss = loss.add(F.crossEntropy(head.forward(h), symbols[t + 1] as number, { reduction }));
      }
      return loss;
    },
  };
}

function layer(rnn: nn.RNN<boolean> | nn.LSTM | nn.GRU, width = 3) {
  const net = new nn.ModuleList([rnn, new nn.Linear(width, 4)] as nn.Module[]);
  const [, head] = [...net] as [nn.Module, nn.Linear];
  return { net, loss: () => F.crossEntropy(head.forward((rnn as nn.RNN).forward(x)[0]), y) };
}

function trainee(seed: number, program: () => { net: nn.Module; loss: () => Tensor }, make: MakeOptimizer) {
  manualSeed(seed);
  const { net, loss } = program();
  const optimizer = make(net.parameters());
  const step = (): Tensor => {
    const value = loss();
    value.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return value;
  };
  return { net, optimizer, step };
}

function expectEqualToAlone(
  program: () => { net: nn.Module; loss: () => Tensor },
  make: MakeOptimizer,
  seeds = [3, 1, 4, 15, 9, 2],
): void {
  const { trainees, losses } = trainMany(seeds, (seed) => trainee(seed, program, make), { steps: 7 });
  seeds.forEach((seed, i) => {
    const alone = trainee(seed, program, make);
    for (let k = 0; k < 7; k++) expect(losses[i]?.[k], `network ${i}, step ${k}`).toBe(alone.step().item());
    // And they can go on alone.
    expect(trainees[i]?.step().item()).toBe(alone.step().item());
    trainees[i]?.net.parameters().forEach((p, k) => {
      expect(p.toTypedArray()).toEqual(alone.net.parameters()[k]?.toTypedArray());
    });
  });
}

describe("trainMany", () => {
  test.each(Object.entries(programs))("%s", (_, program) => expectEqualToAlone(program, adam));

  test.each(Object.entries(optimizers))("%s", (_, make) =>
    expectEqualToAlone(programs["a cell of one's own"] as never, make),
  );

  describe.each(["RNN", "RNN of two layers, both ways, relu", "RNN of five units, without biases", "LSTM"])(
    "%s",
    (name) => {
      test.each([
        ["networks that fill several vectors", [3, 1, 4, 15, 9, 2, 6, 5, 35, 8]],
        ["networks that do not fill one", [3, 1, 4]],
      ])("%s", (_, seeds) => expectEqualToAlone(programs[name] as never, adam, seeds));
    },
  );

  test("networks whose weights are what an op gave", () => {
    const program = () => {
      const net = new nn.Linear(4, 3);
      for (const p of net.parameters()) p.data = p.detach().mul(2);
      return { net, loss: () => net.forward(x).pow(2).mean() };
    };
    expectEqualToAlone(program, adam);
  });

  test("one network alone, and data that is another one at every step", () => {
    // Networks that follow take two steps themselves; after seven steps all are at the same input again.
    const inputs = Array.from({ length: 5 }, (_, k) => randn([5, 4]).mul(k + 1));
    const program = () => {
      const net = new nn.Linear(4, 2);
      let k = 0;
      return {
        net,
        loss: () =>
          net
            .forward(inputs[k++ % 5] as Tensor)
            .pow(2)
            .mean(),
      };
    };
    expectEqualToAlone(program, adam);
    const { losses } = trainMany([7], (seed) => trainee(seed, program, adam), { steps: 3 });
    const alone = trainee(7, program, adam);
    expect(losses.map((list) => [...list])).toEqual([[0, 1, 2].map(() => alone.step().item())]);
  });

  test("tells after every step what it gave", () => {
    const told: [number, number][] = [];
    const { losses } = trainMany([1, 2], (seed) => trainee(seed, programs.embedding as never, adam), {
      steps: 2,
      onStep: (step, values) => told.push([step, values[1] as number]),
    });
    expect(told).toEqual([
      [1, losses[1]?.[0]],
      [2, losses[1]?.[1]],
    ]);
  });

  describe("refuses what would be another thing for each network", () => {
    const y = [0, 1, 2, 0, 1, 2];
    const build = (how: string) => (seed: number) => {
      manualSeed(9);
      const x = randn([6, 4]);
      manualSeed(seed);
      const [net, more] = [new nn.Linear(4, 3), new nn.Linear(3, 3)];
      const scale = how === "constant" || (how === "constant of one" && seed === 3) ? seed : 1;
      const parameters = net.parameters();
      const optimizer =
        how === "kind" && seed === 2
          ? new optim.SGD(parameters, { lr: 0.1 })
          : new optim.Adam(parameters, { lr: how === "rate" ? 0.1 * seed : 0.1 });
      let n = 0;
      const step = (): Tensor => {
        n++;
        if (how === "rate in the step") (optimizer.paramGroups[0] as { lr: number }).lr = seed / 100;
        let o = net.forward(x).mul(scale);
        if (how === "module") o = more.forward(o);
        if (how === "other way" && n === 5) o = o.relu();
        const loss = F.crossEntropy(o, y);
        loss.backward();
        if (how === "item" && n > 3 && loss.item() > 0) optimizer.step();
        if (how === "norm") nn.utils.clipGradNorm(net.parameters(), 0.1);
        if (how === "value") nn.utils.clipGradValue(net.parameters(), 0.01);
        optimizer.step();
        if (how !== "no zeroGrad") optimizer.zeroGrad();
        return loss;
      };
      return { optimizer, step };
    };

    test.each([
      ["item", /the step looks at numbers|does something else/],
      ["norm", /the step uses 'norm'|looks at numbers/],
      ["value", /the step uses 'clamp'|looks at numbers|cannot be done for several/],
      ["other way", /the step does something else than the first time/],
      ["no zeroGrad", /the step does something else than the first time/],
      ["constant", /comes to a loss of .* alone and .* with the others/],
      ["constant of one", /network 2 comes to a loss of .* alone and .* with the others/],
      ["rate in the step", /comes to other parameters alone than with the others/],
      ["module", /the step does something else than the first time/],
      ["rate", /expected the same optimiser for all networks, got Adam with .* and Adam with/],
      ["kind", /got Adam with .* and SGD with/],
    ])("%s", (how, message) => {
      expect(() => trainMany([1, 2, 3, 4, 5, 6, 7, 8], build(how), { steps: 8 })).toThrow(message);
    });

    test("but not a learning rate that falls for all", () => {
      const { trainees } = trainMany(
        [1, 2, 3],
        (seed) => {
          const { optimizer, step } = trainee(seed, programs.embedding as never, adam);
          let n = 0;
          return {
            optimizer,
            step: () => {
              (optimizer.paramGroups[0] as { lr: number }).lr = 0.1 / ++n;
              return step();
            },
          };
        },
        { steps: 5 },
      );
      expect(trainees.map(({ optimizer }) => optimizer.paramGroups[0]?.lr)).toEqual([0.02, 0.02, 0.02]);
    });

    test("and leaves all networks where they were when a step or onStep fails", () => {
      const nets: nn.Module[] = [];
      const told = (): void => {
        trainMany(
          [1, 2],
          (seed) => {
            const made = trainee(seed, programs.embedding as never, adam);
            nets.push(made.net);
            return made;
          },
          {
            steps: 9,
            onStep: (step) => {
              if (step === 6) throw new Error("enough");
            },
          },
        );
      };
      expect(told).toThrow("enough");
      [1, 2].forEach((seed, i) => {
        const alone = trainee(seed, programs.embedding as never, adam);
        for (let step = 0; step < 6; step++) alone.step();
        expect(nets[i]?.parameters().map((p) => p.toArray())).toEqual(alone.net.parameters().map((p) => p.toArray()));
      });
    });
  });

  test("refuses what the networks could not do together", () => {
    const build = (seed: number) => trainee(seed, programs.embedding as never, adam);
    expect(() => trainMany([], build, { steps: 1 })).toThrow(OptionError);
    expect(() => trainMany([1], build, { steps: 0 })).toThrow(/steps/);
    expect(() => trainMany([1], build, { step: 3 } as never)).toThrow(/step/);
    const growing = (seed: number) =>
      trainee(seed, () => ({ net: new nn.Linear(seed, 1), loss: () => zeros([]) }), adam);
    expect(() => trainMany([1, 2], growing, { steps: 1 })).toThrow(/differ in numbers only/);
    const noisy = (seed: number) =>
      trainee(
        seed,
        () => {
          const net = new nn.Linear(2, 1);
          return { net, loss: () => net.forward(rand([2])).sum() };
        },
        adam,
      );
    expect(() => trainMany([1, 2], noisy, { steps: 3 })).toThrow(/random numbers/);
    const odd = (seed: number) =>
      trainee(
        seed,
        () => {
          const net = new nn.Linear(2, 2);
          return {
            net,
            loss: () =>
              net
                .forward(tensor([1, 2]))
                .cumsum(0)
                .sum(),
          };
        },
        adam,
      );
    expect(() => trainMany([1, 2], odd, { steps: 3 })).toThrow(UnrollError);
    expect(() =>
      trainMany([1, 2], () => ({ optimizer: {} as optim.Optimizer, step: () => zeros([]) }), { steps: 1 }),
    ).toThrow(/optimizer/);
  });
});
