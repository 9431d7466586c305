import { beforeEach, describe, expect, test } from "vitest";
import { gradcheck, manualSeed, nn, randn, type Tensor, tensor, zeros } from "../src/index.js";
import { gap, PlainCell } from "./plain-cell.js";

const I = 3;
const H = 4;

beforeEach(() => {
  manualSeed(1);
});

describe("variants in nn.Recurrent", () => {
  const wrap = (p: number) => (n: number) => new nn.ZoneoutCell(new nn.LayerNormLSTMCell(n, H), p);
  const variants = {
    "layer-normalised LSTM": (n: number) => new nn.LayerNormLSTMCell(n, H),
    "peephole LSTM": (n: number) => new nn.PeepholeLSTMCell(n, H),
    zoneout: wrap(0.3),
    "variational dropout": (n: number) =>
      new nn.VariationalDropoutCell(new nn.PeepholeLSTMCell(n, H), { input: 0.2, state: 0.3 }),
  };

  test.each(Object.entries(variants))(
    "%s: learns, agrees with finite differences in eval, respects lengths",
    (_, make) => {
      const layer = new nn.Recurrent<nn.HiddenAndCell>(make as never, {
        inputSize: I,
        numLayers: 2,
        bidirectional: true,
      });
      const [output, state] = layer.forward(randn([5, 3, I]), null, { lengths: [5, 1, 4] });
      expect(output.shape).toEqual([5, 3, 2 * H]);
      expect(state.h.shape).toEqual([4, 3, H]);
      output.mul(output).sum().backward();
      layer.eval().to("float64");
      const x = randn([3, 2, I], { dtype: "float64", requiresGrad: true });
      expect(gradcheck(() => layer.forward(x)[0], [x])).toBe(true);
      const [together] = layer.forward(x, null, { lengths: [2, 3] });
      const [alone] = layer.forward(x.slice(0, 0, 2).slice(1, 0, 1));
      expect(gap(together.slice(0, 0, 2).slice(1, 0, 1), alone)).toBeLessThanOrEqual(1e-14);
    },
  );

  test("peephole by hand: one unit, weights one, equals the equations", () => {
    const cell = new nn.PeepholeLSTMCell(1, 1, { dtype: "float64" });
    for (const p of cell.parameters()) p.data.fill_(0.5);
    const s = (v: number): number => 1 / (1 + Math.exp(-v));
    const [x, h, c] = [0.3, -0.2, 0.7];
    const a = 0.5 * x + 0.5 + 0.5 * h + 0.5;
    const next = s(a + 0.5 * c) * c + s(a + 0.5 * c) * Math.tanh(a);
    const out = s(a + 0.5 * next) * Math.tanh(next);
    const at = (v: number): Tensor => tensor([[v]], { dtype: "float64" });
    const state = cell.forward(at(x), { h: at(h), c: at(c) });
    expect(Math.abs(state.c.item() - next)).toBeLessThanOrEqual(1e-15);
    expect(Math.abs(state.h.item() - out)).toBeLessThanOrEqual(1e-15);
  });

  test("variational dropout uses one mask for all steps, zoneout keeps units in eval by expectation", () => {
    const cell = new nn.VariationalDropoutCell(new PlainCell(I, H), { input: 0.5 });
    const h = cell.initialState(1, { dtype: "float32" });
    const x = tensor([[1, 1, 1]]);
    const first = cell.step(x, h);
    expect(gap(cell.step(x, h), first)).toBe(0);
    const zoneout = new nn.ZoneoutCell(new PlainCell(I, H), 0.25).eval();
    const before = randn([2, H]);
    const proposal = zoneout.cell.step(zeros([2, I]), before);
    expect(gap(zoneout.step(zeros([2, I]), before), before.mul(0.25).add(proposal.mul(0.75)))).toBe(0);
  });
});
