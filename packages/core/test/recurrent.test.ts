import { beforeEach, describe, expect, test } from "vitest";
import { cat, gradcheck, manualSeed, nn, rand, randn, stack, type Tensor } from "../src/index.js";
import { gap, PlainCell } from "./plain-cell.js";
import { StepwiseCell } from "./stepwise-cells.js";

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

/** The classical layers step by step, in `nn.Recurrent`. */
const stepByStep: readonly Row[] = (
  [
    ["tanh", [H], 0],
    ["relu", [H], 0],
    ["lstm", [H, H], 0],
    ["lstm", [2, H], 2],
    ["gru", [H], 0],
  ] as const
).map(([kind, widths, projSize]) => ({
  name: `${kind}${projSize ? " projected" : ""}, step by step`,
  make: ({ bias = true, ...rest } = {}) => {
    const make = (n: number): StepwiseCell => new StepwiseCell(kind, n, H, { bias, projSize });
    const layer = new nn.Recurrent(make, { inputSize: I, ...rest }) as unknown as Layer;
    if (widths.length > 1) return layer;
    // The rows below speak of one tensor, not of a list of one.
    const forward = layer.forward.bind(layer) as unknown as (...a: unknown[]) => [Tensor, [Tensor], ...unknown[]];
    layer.forward = (x: Tensor, state?: Tensor | null, options?: object) => {
      const [output, [last], ...rest] = forward(x, state ? [state] : state, options);
      return [output, last, ...rest] as unknown as [Tensor, State];
    };
    return layer;
  },
  widths,
  out: widths[0],
}));

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

describe.each([...layers, ...stepByStep])("$name", (row) => {
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
      const name = ["hidden", "state", "state0"].find((n) => n in records) as string;
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
