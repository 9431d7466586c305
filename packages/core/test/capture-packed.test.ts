/** Weights that captured functions keep packed, or pack for a loop over rows: whatever changes them, the next product knows. */
import { expect, test } from "vitest";
import { functional as F, nn, noGrad, optim, randn, type Tensor, zeros } from "../src/index.js";
import { same } from "./capture/twice.js";

const H = 20;

const kinds = {
  RNN: () => new nn.RNN(5, H),
  LSTM: () => new nn.LSTM(5, H),
  "projected LSTM": () => new nn.LSTM(5, H, { projSize: 3 }),
  GRU: () => new nn.GRU(5, H, { numLayers: 2, bidirectional: true }),
};

/** What changes weights between calls, or at the beginning of one. */
const changes: Record<string, (layer: nn.RNN, call: number) => void> = {
  nothing: () => {},
  "all of them": (layer, call) => noGrad(() => layer.weight_hh_l0.mul_(1 + call / 10)),
  "a part of one": (layer, call) => noGrad(() => layer.weight_ih_l0.setItem([null, call % 5], call)),
  "a view of one": (layer, call) => noGrad(() => layer.weight_hh_l0.getItem(call % 3).add_(call)),
  "other data": (layer, call) => {
    layer.weight_ih_l0.data = randn([...layer.weight_ih_l0.shape]).mul(call);
  },
};

for (const [kind, make] of Object.entries(kinds)) {
  for (const [what, change] of Object.entries(changes)) {
    for (const where of ["outside", "inside"]) {
      test(`${kind}: ${what}, ${where}`, () => {
        same((wrap) => {
          const layer = make() as nn.RNN;
          const x = randn([2, 1, 5]);
          const run = wrap((call: number) => {
            const [before] = layer.forward(x);
            if (where === "inside" && call % 3 === 2) change(layer, call);
            return [before, layer.forward(x)[0]];
          });
          return (call) => {
            if (where === "outside" && call % 3 === 2) change(layer, call);
            return noGrad(() => run(call)).map((y: Tensor) => y.toArray());
          };
        }, 12);
      });
    }
  }

  test(`${kind}: trained now and then, here and elsewhere`, () => {
    same((wrap) => {
      const layer = make() as nn.RNN;
      const optimizer = new optim.Adam(layer.parameters(), { lr: 0.1 });
      const x = randn([3, 1, 5]);
      const train = (look: boolean, x: Tensor): number => {
        const loss = F.mseLoss(layer.forward(x)[0], layer.forward(x)[0].detach().mul(0.5));
        const seen = look ? loss.item() : 0;
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return seen;
      };
      const elsewhere = wrap(train);
      const both = wrap((call: number, x: Tensor) => {
        if (x.shape[0] === 3) train(call % 8 === 1, x);
        return noGrad(() => layer.forward(x)[0]);
      });
      return (call) => {
        if (call % 7 === 2) elsewhere(call % 2 === 0, x);
        // A copy of the weights is shared by ways that begin with arguments of different shapes.
        return both(call, call > 5 && call % 4 === 1 ? x : x.slice(0, 1)).toArray();
      };
    }, 24);
  });
}

test("a weight that is made in the call is another one in every call", () => {
  same((wrap) => {
    const [layer, other] = [new nn.LSTM(5, H), randn([4 * H, H])];
    const x = randn([2, 1, 5]);
    const run = wrap((call: number) => {
      layer.weight_hh_l0.data = other.mul(call);
      return noGrad(() => layer.forward(x)[0]);
    });
    return (call) => run(call).toArray();
  });
  expect.assertions(1);
});

/** What a loop over rows may do besides multiplying: nothing, look at a number, change a weight in place, wholly or in part. */
const meanwhile: Record<string, (weight: Tensor, h: Tensor, t: number) => unknown> = {
  nothing: () => {},
  "look at a number": (_, h, t) => t === 3 && h.sum().item(),
  "change the weight": (weight, _, t) => t === 5 && weight.mul_(0.5),
  "change a part of it": (weight, _, t) => t > 4 && weight.getItem(t % 7).add_(t),
};

/** Of steps over rows of x, with weights as they are or made in the call. */
function rowsThrough(
  x: Tensor,
  steps: number,
  weights: readonly Tensor[],
  act: (h: Tensor, t: number) => unknown,
): Tensor {
  const [input, state] = weights as [Tensor, Tensor];
  let h = zeros([1, state.shape[0] as number]);
  for (let t = 0; t < steps; t++) {
    h = F.linear(x.slice(0, t, t + 1), input)
      .add(F.linear(h, state))
      .relu();
    act(h, t);
  }
  return h;
}

for (const width of [15, 16, 17, 32, 33, 50, 64]) {
  for (const [what, act] of Object.entries(meanwhile)) {
    for (const made of [false, true]) {
      test(`a loop over rows of ${width}, weights ${made ? "made in the call" : "from outside"}: ${what}`, () => {
        same((wrap) => {
          const weights = [randn([width, 7]), randn([width, width]).mul(0.1)] as const;
          const x = randn([12, 7]);
          const run = wrap((steps: number) => {
            const used = made ? weights.map((w) => w.mul(1.5)) : weights;
            return rowsThrough(x, steps, used, (h, t) => act(used[1] as Tensor, h, t)).sum();
          });
          return (call) => run(call % 4 === 3 ? 3 : 12).item();
        }, 9);
      });
    }
  }

  test(`a loop over rows of ${width}, trained twice in a call`, () => {
    same((wrap) => {
      const weights = [new nn.Parameter(randn([width, 7])), new nn.Parameter(randn([width, width]).mul(0.1))];
      const optimizer = new optim.Adam(weights, { lr: 0.1 });
      const x = randn([6, 7]);
      const run = wrap(() =>
        [1, 2].map(() => {
          const loss = rowsThrough(x, 6, weights, () => {})
            .tanh()
            .sum();
          loss.backward();
          optimizer.step();
          optimizer.zeroGrad();
          return loss;
        }),
      );
      return () => run().map((loss) => loss.item());
    }, 6);
  });
}
