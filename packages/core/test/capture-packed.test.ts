/** Weights of layers that captured functions keep packed: whatever changes them, the next call knows. */
import { expect, test } from "vitest";
import { functional as F, nn, noGrad, optim, randn, type Tensor } from "../src/index.js";
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
