import { describe, expect, test } from "vitest";
import { engineName, manualSeed, nn, randn, setEngine, type Tensor } from "../src/index.js";
import { expectSameBits } from "./kernels-helper.js";
import { type CellKind, StepwiseCell } from "./stepwise-cells.js";

/**
 * A layer runs all its time steps as one op. Step by step, through ops of their own, it must give the same numbers: outputs and states
 * to the last bit, with a single gate gradients of inputs and states too; other gradients, whose sums run in another order, within
 * the bound below.
 */
type State = Tensor | readonly [Tensor, Tensor];
type Layer = nn.Module & {
  forward(x: Tensor, state: State | null, options: object): [Tensor, State];
};

const I = 5;
const H = 6;

interface Row {
  readonly name: string;
  readonly make: (options: nn.RecurrentOptions) => nn.Module;
  readonly kind: CellKind;
  readonly projSize?: number;
  readonly widths: readonly number[];
}

const rows: readonly Row[] = [
  { name: "RNN tanh", make: (o) => new nn.RNN(I, H, o), kind: "tanh", widths: [H] },
  { name: "RNN relu", make: (o) => new nn.RNN(I, H, { ...o, nonlinearity: "relu" }), kind: "relu", widths: [H] },
  { name: "LSTM", make: (o) => new nn.LSTM(I, H, o), kind: "lstm", widths: [H, H] },
  {
    name: "LSTM projected",
    make: (o) => new nn.LSTM(I, H, { ...o, projSize: 3 }),
    kind: "lstm",
    projSize: 3,
    widths: [3, H],
  },
  { name: "GRU", make: (o) => new nn.GRU(I, H, o), kind: "gru", widths: [H] },
];

/** The same layer step by step. */
function stepwise({ kind, projSize = 0 }: Row, { bias = true, ...rest }: nn.RecurrentOptions): nn.Module {
  return new nn.Recurrent((n) => new StepwiseCell(kind, n, H, { bias, projSize }), { inputSize: I, ...rest });
}

const options: readonly nn.RecurrentOptions[] = [
  {},
  { bias: false },
  { numLayers: 2 },
  { bidirectional: true },
  { numLayers: 2, bidirectional: true, bias: false },
];

const T = 7;
const parts = (state: State): readonly Tensor[] => (Array.isArray(state) ? state : [state as Tensor]);

interface Pass {
  readonly exact: readonly (readonly [string, Tensor])[];
  readonly summed: readonly (readonly [string, Tensor])[];
}

function pass(
  row: Row,
  o: nn.RecurrentOptions,
  dtype: "float32" | "float64",
  lengths: number[] | null,
  given: boolean,
  whole: boolean,
): Pass {
  manualSeed(7);
  const layer = (whole ? row.make(o) : stepwise(row, o)).to(dtype) as unknown as Layer;
  const B = lengths?.length ?? 3;
  const x = randn([T, B, I], { dtype, requiresGrad: true });
  const lead = (o.numLayers ?? 1) * (o.bidirectional ? 2 : 1);
  const states = row.widths.map((width) => randn([lead, B, width], { dtype, requiresGrad: true }));
  const state = !given ? null : ((whole && states.length === 1 ? states[0] : states) as State);
  const [output, last] = layer.forward(x, state, { ...(lengths && { lengths }) });
  const weights = [output, ...parts(last)].map((y) => randn([...y.shape], { dtype }));
  [output, ...parts(last)]
    .map((y, i) => y.mul(weights[i] as Tensor).sum())
    .reduce((a, b) => a.add(b))
    .backward();
  const inputs: [string, Tensor][] = [["input", x.grad as Tensor]];
  if (given) for (const s of states) inputs.push(["state", s.grad as Tensor]);
  return {
    exact: [["output", output], ...parts(last).map((s) => ["last state", s] as const), ...inputs],
    summed: [...layer.namedParameters()].map(([name, p]) => [name, p.grad as Tensor] as const),
  };
}

describe.each(rows)("$name as one op is $name step by step", (row) => {
  describe.each(options)("%j", (o) => {
    test.each([
      { dtype: "float32", engine: "wasm", lengths: null, given: false },
      { dtype: "float32", engine: "wasm", lengths: null, given: true },
      { dtype: "float32", engine: "reference", lengths: null, given: true },
      { dtype: "float64", engine: "wasm", lengths: null, given: true },
      { dtype: "float32", engine: "wasm", lengths: [2, 7, 3, 7, 1], given: false },
      { dtype: "float32", engine: "wasm", lengths: [4, 4, 1], given: true },
    ] as const)("$dtype, $engine, lengths $lengths, given state $given", ({ dtype, engine, lengths, given }) => {
      const before = engineName();
      setEngine(engine);
      try {
        const list = lengths && [...lengths];
        const whole = pass(row, o, dtype, list, given, true);
        const steps = pass(row, o, dtype, list, given, false);
        // The layer adds up the parts of several gates.
        const close = row.kind === "lstm" || row.kind === "gru";
        whole.exact.forEach(([name, actual], i) => {
          const expected = (steps.exact[i] as readonly [string, Tensor])[1];
          if (close && (name === "input" || name === "state")) expectNear(actual, expected, name);
          else expectSameBits(actual.toTypedArray(), expected.toTypedArray(), name);
        });
        whole.summed.forEach(([name, actual], i) => {
          expectNear(actual, (steps.summed[i] as readonly [string, Tensor])[1], name);
        });
      } finally {
        setEngine(before);
      }
    });
  });
});

/** Sums of n terms in two orders differ by less than 2(n − 1) roundings of Σ|terms|, here some dozens of terms of size one. */
function expectNear(actual: Tensor, expected: Tensor, name: string): void {
  const unit = actual.dtype === "float32" ? 2 ** -24 : 2 ** -53;
  const [p, q] = [actual.toTypedArray(), expected.toTypedArray()];
  const size = Array.from(q).reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  p.forEach((v, i) => {
    if (!(Math.abs(v - (q[i] as number)) <= 64 * unit * size))
      expect.fail(`${name}[${i}] is ${v}, step by step ${q[i]}`);
  });
}

test("what one pass has kept may serve the next, but nothing that still belongs to somebody", () => {
  const layer = new nn.LSTM(6, 20);
  const inputs = Array.from({ length: 4 }, () => randn([15, 2, 6]));
  const gradient = (x: Tensor, between: () => void, record = false): number[] => {
    layer.zeroGrad();
    const [y] = record ? layer.forward(x, null, { record: true }) : layer.forward(x);
    between();
    y.pow(2).sum().backward();
    return [...(layer.weight_hh_l0.grad as Tensor).toTypedArray()].map(Number);
  };
  const nothing = (): void => {};
  const expected = inputs.map((x) => gradient(x, nothing));
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor];
  const [first] = layer.forward(a);
  const records = layer.forward(b, null, { record: true })[2] as Record<string, Tensor>;
  const gates = (records.inputGate as Tensor).toArray();
  // Passes before, after and in between.
  for (let i = 0; i < 3; i++) {
    inputs.forEach((x, k) => {
      expect(gradient(x, () => void layer.forward(c)[0].sum().backward(), i === 1).length).toBe(1600);
      expect(gradient(x, nothing)).toEqual(expected[k]);
      expect(gradient(x, () => void layer.forward(c), i === 2)).toEqual(expected[k]);
    });
  }
  layer.zeroGrad();
  first.pow(2).sum().backward({ retainGraph: true });
  expect(gradient(b, nothing)).toEqual(expected[1]);
  layer.zeroGrad();
  first.pow(2).sum().backward();
  expect([...(layer.weight_hh_l0.grad as Tensor).toTypedArray()].map(Number)).toEqual(expected[0]);
  expect((records.inputGate as Tensor).toArray()).toEqual(gates);
  expect(() => first.sum().backward()).toThrow("freed");
});
