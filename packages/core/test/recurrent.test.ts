import { beforeEach, describe, expect, test } from "vitest";
import { cat, gradcheck, manualSeed, nn, rand, randn, stack, type Tensor, tensor, zeros } from "../src/index.js";

/** The largest difference between two tensors; NaN counts as infinite. */
function gap(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  const [p, q] = [a.toTypedArray(), b.toTypedArray()];
  let worst = 0;
  p.forEach((value, i) => {
    const difference = Math.abs(value - (q[i] as number));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
  return worst;
}

type State = Tensor | readonly [Tensor, Tensor];
interface Layer extends nn.Module {
  forward(x: Tensor, state?: never, options?: object): [Tensor, State];
}

const parts = (state: State): readonly Tensor[] => (Array.isArray(state) ? state : [state as Tensor]);
const whole = (list: readonly Tensor[]): State =>
  list.length === 1 ? (list[0] as Tensor) : (list as unknown as [Tensor, Tensor]);

const I = 3;
const H = 4;

interface Row {
  readonly name: string;
  readonly make: (options?: nn.RecurrentOptions) => Layer;
  readonly widths: readonly number[];
  readonly out: number;
}

class PlainCell extends nn.Module implements nn.Cell<Tensor> {
  readonly i2h: nn.Linear;
  readonly h2h: nn.Linear;

  constructor(
    inputSize: number,
    readonly hiddenSize: number,
  ) {
    super();
    this.i2h = new nn.Linear(inputSize, hiddenSize);
    this.h2h = new nn.Linear(hiddenSize, hiddenSize);
  }

  initialState(batch: number, options: object): Tensor {
    return zeros([batch, this.hiddenSize], options);
  }

  step(x: Tensor, h: Tensor): Tensor {
    return this.i2h.forward(x).add(this.h2h.forward(h)).tanh();
  }

  output(h: Tensor): Tensor {
    return h;
  }

  override forward(x: Tensor, h: Tensor): Tensor {
    return this.step(x, h);
  }
}

const layers: readonly Row[] = [
  { name: "RNN tanh", make: (o) => new nn.RNN(I, H, o) as unknown as Layer, widths: [H], out: H },
  {
    name: "RNN relu",
    make: (o) => new nn.RNN(I, H, { ...o, nonlinearity: "relu" }) as unknown as Layer,
    widths: [H],
    out: H,
  },
  { name: "LSTM", make: (o) => new nn.LSTM(I, H, o) as unknown as Layer, widths: [H, H], out: H },
  {
    name: "LSTM projected",
    make: (o) => new nn.LSTM(I, H, { ...o, projSize: 2 }) as unknown as Layer,
    widths: [2, H],
    out: 2,
  },
  { name: "GRU", make: (o) => new nn.GRU(I, H, o) as unknown as Layer, widths: [H], out: H },
  {
    name: "Recurrent of a cell of one's own",
    make: (o) => new nn.Recurrent((n) => new PlainCell(n, H), { inputSize: I, ...o }) as unknown as Layer,
    widths: [H],
    out: H,
  },
];

/** The same layer without its one op for all time steps: asked for records, it goes step by step. */
const stepByStep = (row: Row): Row => ({
  ...row,
  name: `${row.name}, step by step`,
  make: (o) => {
    const layer = row.make(o);
    const forward = layer.forward.bind(layer);
    layer.forward = (x, state, options) => {
      const result = forward(x, state, { record: true, ...options });
      return options && "record" in options ? result : [result[0], result[1]];
    };
    return layer;
  },
});

const shapes: readonly nn.RecurrentOptions[] = [
  {},
  { numLayers: 2 },
  { bidirectional: true },
  { numLayers: 2, bidirectional: true },
];

function randomState(row: Row, options: nn.RecurrentOptions, batch: number): State {
  const lead = (options.numLayers ?? 1) * (options.bidirectional ? 2 : 1);
  return whole(row.widths.map((width) => randn([lead, batch, width], { dtype: "float64" })));
}

beforeEach(() => {
  manualSeed(1);
});

describe.each([...layers, ...layers.slice(0, 5).map(stepByStep)])("$name", (row) => {
  describe.each(shapes)("%j", (options) => {
    const make = (): Layer => row.make(options).to("float64");
    const T = 5;
    const B = 3;
    const x = (): Tensor => randn([T, B, I], { dtype: "float64" });

    test("shapes are PyTorch's", () => {
      const lead = (options.numLayers ?? 1) * (options.bidirectional ? 2 : 1);
      const [output, state] = make().forward(x());
      expect(output.shape).toEqual([T, B, row.out * (options.bidirectional ? 2 : 1)]);
      expect(parts(state).map((s) => s.shape)).toEqual(row.widths.map((width) => [lead, B, width]));
    });

    test("no state is a state of zeros", () => {
      const [layer, input] = [make(), x()];
      const zero = whole(parts(randomState(row, options, B)).map((s) => s.mul(0)));
      const [a, sa] = layer.forward(input);
      const [b, sb] = layer.forward(input, zero as never);
      expect(gap(a, b)).toBe(0);
      for (const [i, s] of parts(sa).entries()) expect(gap(s, parts(sb)[i] as Tensor)).toBe(0);
    });

    test("a batch of one is the unbatched sequence", () => {
      const layer = make();
      const input = randn([T, I], { dtype: "float64" });
      const state = randomState(row, options, 1);
      const [a, sa] = layer.forward(input, whole(parts(state).map((s) => s.squeeze(1))) as never);
      const [b, sb] = layer.forward(input.unsqueeze(1), state as never);
      expect(gap(a, b.squeeze(1))).toBe(0);
      for (const [i, s] of parts(sa).entries()) expect(gap(s, (parts(sb)[i] as Tensor).squeeze(1))).toBe(0);
    });

    test("batchFirst only swaps axes", () => {
      const input = x();
      manualSeed(5);
      const timeFirst = make();
      manualSeed(5);
      const batchFirst = row.make({ ...options, batchFirst: true }).to("float64");
      const state = randomState(row, options, B);
      const [a, sa] = timeFirst.forward(input, state as never);
      const [b, sb] = batchFirst.forward(input.transpose(0, 1), state as never);
      expect(gap(a, b.transpose(0, 1))).toBe(0);
      for (const [i, s] of parts(sa).entries()) expect(gap(s, parts(sb)[i] as Tensor)).toBe(0);
    });

    test("padded with lengths equals each sequence alone: outputs, states and gradients", () => {
      const layer = make();
      const input = x().mul(1);
      const lengths = [2, 5, 3];
      const state = randomState(row, options, B);
      const weights = randn([T, B, row.out * (options.bidirectional ? 2 : 1)], { dtype: "float64" });
      const [output, last] = layer.forward(input, state as never, { lengths });
      const alone = lengths.map((n, b) =>
        layer.forward(
          input.slice(0, 0, n).slice(1, b, b + 1),
          whole(parts(state).map((s) => s.slice(1, b, b + 1))) as never,
        ),
      );
      lengths.forEach((n, b) => {
        const [o, s] = alone[b] as [Tensor, State];
        expect(gap(output.slice(0, 0, n).slice(1, b, b + 1), o)).toBeLessThanOrEqual(1e-14);
        expect(output.slice(0, n).select(1, b).abs().sum().item()).toBe(0);
        for (const [i, x] of parts(last).entries()) {
          expect(gap(x.slice(1, b, b + 1), parts(s)[i] as Tensor)).toBeLessThanOrEqual(1e-14);
        }
      });
      const parameters = layer.parameters();
      output.mul(weights).sum().backward();
      const together = parameters.map((p) => p.grad as Tensor);
      layer.zeroGrad();
      alone
        .map(([o], b) => o.mul(weights.slice(0, 0, lengths[b]).slice(1, b, b + 1)).sum())
        .reduce((a, b) => a.add(b))
        .backward();
      for (const [i, p] of parameters.entries())
        expect(gap(p.grad as Tensor, together[i] as Tensor)).toBeLessThanOrEqual(1e-12);
    });

    test("a packed sequence gives what lengths give", () => {
      const [layer, input, lengths] = [make(), x(), [2, 5, 3]];
      const state = randomState(row, options, B);
      const [a, sa] = layer.forward(input, state as never, { lengths });
      const packed = nn.utils.packPaddedSequence(input, lengths, { enforceSorted: false });
      const [b, sb] = (
        layer as unknown as { forward(p: nn.PackedSequence, s: State): [nn.PackedSequence, State] }
      ).forward(packed, state);
      const [padded, back] = nn.utils.padPackedSequence(b);
      expect(back).toEqual(lengths);
      expect(gap(a, padded)).toBe(0);
      for (const [i, s] of parts(sa).entries()) expect(gap(s, parts(sb)[i] as Tensor)).toBe(0);
    });

    test("records hold the states of every step and change nothing", () => {
      const [layer, input, lengths] = [make(), x(), [2, 5, 3]];
      const [plain] = layer.forward(input, undefined, { lengths });
      const [output, state, records] = (
        layer as unknown as { forward(x: Tensor, s: null, o: object): [Tensor, State, Record<string, Tensor>] }
      ).forward(input, null, { lengths, record: true });
      expect(gap(plain, output)).toBe(0);
      const name = "hidden" in records ? "hidden" : "state";
      const hidden = records[name] as Tensor;
      const D = options.bidirectional ? 2 : 1;
      const top = (options.numLayers ?? 1) * D - D;
      const halves = Array.from({ length: D }, (_, d) => hidden.select(0, top + d));
      expect(gap(cat(halves, 2), output)).toBe(0);
      for (const record of Object.values(records)) {
        expect(record.shape.slice(0, 3)).toEqual([(options.numLayers ?? 1) * D, T, B]);
        expect(record.requiresGrad).toBe(false);
      }
      const last = parts(state)[0] as Tensor;
      lengths.forEach((n, b) => {
        expect(
          gap(
            last.select(0, 0).select(0, b),
            hidden
              .select(0, 0)
              .select(0, n - 1)
              .select(0, b),
          ),
        ).toBe(0);
      });
    });

    test("every parameter and every input gets a gradient that is not zero", () => {
      const layer = make();
      const input = rand([T, B, I], { dtype: "float64", requiresGrad: true });
      const state = whole(parts(randomState(row, options, B)).map((s) => s.detach()));
      for (const s of parts(state)) s.requiresGrad = true;
      const [output, last] = layer.forward(input, state as never);
      parts(last)
        .reduce((loss, s) => loss.add(s.mul(s).sum()), output.mul(output).sum())
        .backward();
      for (const [name, p] of layer.namedParameters()) expect(p.grad?.abs().sum().item() ?? 0, name).toBeGreaterThan(0);
      for (const leaf of [input, ...parts(state)]) expect(leaf.grad?.abs().sum().item() ?? 0).toBeGreaterThan(0);
    });
  });

  test("T steps are the sequence, and two halves are the whole", () => {
    const layer = row.make().to("float64");
    const input = randn([6, 2, I], { dtype: "float64" });
    const [output, state] = layer.forward(input);
    const [first, middle] = layer.forward(input.slice(0, 0, 2));
    const [second, end] = layer.forward(input.slice(0, 2), middle as never);
    expect(gap(cat([first, second]), output)).toBe(0);
    for (const [i, s] of parts(end).entries()) expect(gap(s, parts(state)[i] as Tensor)).toBe(0);
    let carried: State | undefined;
    const steps = Array.from({ length: 6 }, (_, t) => {
      const [o, next] = layer.forward(input.slice(0, t, t + 1), carried as never);
      carried = next;
      return o;
    });
    expect(gap(cat(steps), output)).toBe(0);
  });

  test("gradients agree with finite differences", () => {
    const layer = row.make({ bidirectional: true }).to("float64");
    const parameters = layer.parameters();
    const input = randn([3, 2, I], { dtype: "float64", requiresGrad: true });
    expect(gradcheck(() => layer.forward(input, undefined, { lengths: [2, 3] })[0], [input, ...parameters])).toBe(true);
  });

  test("ten thousand steps", () => {
    const layer = row.make();
    const [output] = layer.forward(randn([10_000, 1, I]));
    output.select(0, -1).sum().backward();
    expect(layer.parameters()[0]?.grad).not.toBeNull();
  });
});

describe("cells", () => {
  const kinds = [
    { name: "RNN", cell: () => new nn.RNNCell(I, H), layer: () => new nn.RNN(I, H) },
    {
      name: "RNN relu",
      cell: () => new nn.RNNCell(I, H, { nonlinearity: "relu" }),
      layer: () => new nn.RNN(I, H, { nonlinearity: "relu" }),
    },
    { name: "LSTM", cell: () => new nn.LSTMCell(I, H), layer: () => new nn.LSTM(I, H) },
    { name: "GRU", cell: () => new nn.GRUCell(I, H), layer: () => new nn.GRU(I, H) },
  ] as const;

  test.each(kinds)(
    "$name: a loop over the cell is the layer, gradients included, given the cell's weights",
    ({ cell: makeCell, layer: makeLayer }) => {
      const cell = makeCell() as nn.RNNCell;
      const layer = makeLayer() as nn.RNN;
      (layer.weight_ih_l0 as nn.Parameter).data = cell.weight_ih.data;
      (layer.weight_hh_l0 as nn.Parameter).data = cell.weight_hh.data;
      (layer.bias_ih_l0 as nn.Parameter).data = (cell.bias_ih as nn.Parameter).data;
      (layer.bias_hh_l0 as nn.Parameter).data = (cell.bias_hh as nn.Parameter).data;
      const input = randn([7, 2, I]);
      let state: State | undefined;
      const outputs: Tensor[] = [];
      for (const x of input) {
        state = (cell.forward as (x: Tensor, s?: State) => State)(x, state);
        outputs.push(parts(state)[0] as Tensor);
      }
      const looped = stack(outputs);
      const [output] = layer.forward(input);
      expect(gap(looped, output)).toBeLessThanOrEqual(1e-6);
      looped.mul(looped).sum().backward();
      output.mul(output).sum().backward();
      expect(gap(cell.weight_ih.grad as Tensor, layer.weight_ih_l0?.grad as Tensor)).toBeLessThanOrEqual(1e-4);
      expect(gap(cell.weight_hh.grad as Tensor, layer.weight_hh_l0?.grad as Tensor)).toBeLessThanOrEqual(1e-4);
    },
  );

  test.each(kinds)("$name: unbatched is a batch of one, no state is zeros", ({ cell: makeCell }) => {
    const cell = makeCell() as nn.RNNCell;
    const x = randn([I]);
    const one = parts(cell.forward(x) as State);
    const batch = parts(cell.forward(x.unsqueeze(0)) as State);
    for (const [i, s] of one.entries()) expect(gap(s, (batch[i] as Tensor).squeeze(0))).toBe(0);
    const given = parts(cell.forward(x, whole(one.map((s) => s.detach().mul(0))) as Tensor) as State);
    for (const [i, s] of one.entries()) expect(gap(s, given[i] as Tensor)).toBe(0);
  });
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
