/**
 * The classical cells step by step, for `nn.Recurrent`: a product, a sum and one op for the gates at each time step. The library's
 * own layers run all steps as one op and must give the same numbers.
 */
import { contiguous, copyOf, emptyArray, type NdArray } from "../src/array.js";
import { cat, functional as F, nn, type Tensor, zeros } from "../src/index.js";
import { type FloatArray, kernels } from "../src/kernels/index.js";
import { gruRow, gruRowGrad, lstmRow, lstmRowGrad } from "../src/kernels/reference/gates.js";
import { recurrentParameter } from "../src/nn/drawn-parameter.js";
import { defineMultiOp } from "../src/ops/op.js";
import { applyMulti } from "../src/tensor.js";

interface Rows {
  readonly data: FloatArray;
  readonly offset: number;
}

const rowsOf = (x: NdArray | null | undefined): Rows => contiguous(x as NdArray) as unknown as Rows;

interface LstmKept {
  readonly gates: Rows;
  readonly tanhC: Rows;
}

/**
 * LSTM, after the products: i f g o = split₄(a);  c′ = σ(f)⊙c + σ(i)⊙tanh(g);  h′ = σ(o)⊙tanh(c′).
 * a (B, 4H) = (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ; c (B, H). Gate order i f g o, as PyTorch's.
 * Outputs h′, c′, and the opened gates (B, 4H), which are for looking at and carry no gradient.
 */
const lstmGates = defineMultiOp({
  name: "LSTM cell",
  reads: "inputs",
  forward: ([a, c]) => {
    const { dtype, shape } = c as NdArray;
    const [batch, H] = shape as [number, number];
    const [pre, before] = [rowsOf(a), rowsOf(c)];
    const outputs = [emptyArray(dtype, shape), emptyArray(dtype, shape), emptyArray(dtype, [batch, 4 * H])];
    const [h, after, gates, tanhC] = [...outputs, emptyArray(dtype, shape)].map(rowsOf) as [Rows, Rows, Rows, Rows];
    const k = kernels();
    for (let b = 0; b < batch; b++) {
      const [one, four] = [b * H, b * 4 * H];
      lstmRow(
        k,
        H,
        pre.data,
        pre.offset + four,
        before.data,
        before.offset + one,
        gates.data,
        four,
        H,
        after.data,
        one,
        tanhC.data,
        one,
        h.data,
        one,
      );
    }
    return { outputs, kept: { gates, tanhC } satisfies LstmKept };
  },
  backward: ([gh, gc], { inputs: [a, c], kept, needs }) => {
    const { gates, tanhC } = kept as LstmKept;
    const { dtype, shape } = c as NdArray;
    const [batch, H] = shape as [number, number];
    const before = rowsOf(c);
    const dh = rowsOf(gh ?? emptyArray(dtype, shape));
    const dBefore = gc ? copyOf(gc) : emptyArray(dtype, shape);
    const da = emptyArray(dtype, (a as NdArray).shape);
    const k = kernels();
    for (let b = 0; b < batch; b++) {
      const [one, four] = [b * H, b * 4 * H];
      lstmRowGrad(
        k,
        H,
        dh.data,
        dh.offset + one,
        dBefore.data as FloatArray,
        one,
        before.data,
        before.offset + one,
        gates.data,
        four,
        H,
        tanhC.data,
        one,
        da.data as FloatArray,
        four,
      );
    }
    return [needs[0] ? da : null, needs[1] ? dBefore : null];
  },
});

/**
 * GRU, after the products: r = σ(a_r);  z = σ(a_z);  n = tanh(a_n + p⊙r);  h′ = (h − n)⊙z + n.
 * a (B, 3H) = x·W_ihᵀ + b, for r and z with h's part, p (B, H) = h·W_hnᵀ + b_hn, h (B, H). Gate order r z n; the reset gate acts after
 * the product (Cho et al. 2014, arXiv version 1), so that b_hn lies inside it, as in PyTorch and cuDNN.
 * Outputs h′ and the opened gates (B, 3H), which carry no gradient.
 */
const gruGates = defineMultiOp({
  name: "GRU cell",
  reads: "inputs",
  forward: ([a, p, h]) => {
    const { dtype, shape } = h as NdArray;
    const [batch, H] = shape as [number, number];
    const [as, ps, before] = [rowsOf(a), rowsOf(p), rowsOf(h)];
    const outputs = [emptyArray(dtype, shape), emptyArray(dtype, [batch, 3 * H])];
    const [after, gates] = outputs.map(rowsOf) as [Rows, Rows];
    const k = kernels();
    for (let b = 0; b < batch; b++) {
      const [one, three] = [b * H, b * 3 * H];
      gruRow(
        k,
        H,
        as.data,
        as.offset + three,
        ps.data,
        ps.offset + one,
        before.data,
        before.offset + one,
        gates.data,
        three,
        H,
        after.data,
        one,
      );
    }
    return { outputs, kept: gates };
  },
  backward: ([gh], { inputs: [a, p, h], kept, needs }) => {
    if (!gh) return [null, null, null];
    const gates = kept as Rows;
    const { dtype, shape } = h as NdArray;
    const [batch, H] = shape as [number, number];
    const [dh, ps, before] = [rowsOf(gh), rowsOf(p), rowsOf(h)];
    const [da, dp] = [emptyArray(dtype, (a as NdArray).shape), emptyArray(dtype, shape)];
    const dBefore = emptyArray(dtype, shape);
    const both = rowsOf(emptyArray(dtype, [3 * H]));
    const k = kernels();
    for (let b = 0; b < batch; b++) {
      const [one, three] = [b * H, b * 3 * H];
      gruRowGrad(
        k,
        H,
        dh.data,
        dh.offset + one,
        ps.data,
        ps.offset + one,
        before.data,
        before.offset + one,
        gates.data,
        three,
        H,
        da.data as FloatArray,
        three,
        both.data,
        0,
        dBefore.data as FloatArray,
        one,
      );
      dp.data.set(both.data.subarray(2 * H), one);
    }
    return [needs[0] ? da : null, needs[1] ? dp : null, needs[2] ? dBefore : null];
  },
});

export type CellKind = "tanh" | "relu" | "lstm" | "gru";

/** A cell with the parameters of `nn.RNN`, `nn.LSTM` or `nn.GRU`, drawn in their order. */
export class StepwiseCell extends nn.Module implements nn.Cell<readonly Tensor[]> {
  readonly weight_ih: nn.Parameter;
  readonly weight_hh: nn.Parameter;
  readonly bias_ih: nn.Parameter | null;
  readonly bias_hh: nn.Parameter | null;
  readonly weight_hr: nn.Parameter | null;

  constructor(
    readonly kind: CellKind,
    inputSize: number,
    readonly hiddenSize: number,
    { bias = true, projSize = 0 }: { readonly bias?: boolean; readonly projSize?: number } = {},
  ) {
    super();
    const gates = kind === "lstm" ? 4 : kind === "gru" ? 3 : 1;
    const make = (...shape: number[]): nn.Parameter => recurrentParameter(shape, hiddenSize, "float32");
    this.weight_ih = make(gates * hiddenSize, inputSize);
    this.weight_hh = make(gates * hiddenSize, projSize || hiddenSize);
    this.bias_ih = bias ? make(gates * hiddenSize) : null;
    this.bias_hh = bias ? make(gates * hiddenSize) : null;
    this.weight_hr = projSize > 0 ? make(projSize, hiddenSize) : null;
  }

  initialState(batch: number, options: object): Tensor[] {
    const h = zeros([batch, this.weight_hh.shape[1] as number], options);
    return this.kind === "lstm" ? [h, zeros([batch, this.hiddenSize], options)] : [h];
  }

  step(x: Tensor, state: readonly Tensor[]): Tensor[] {
    const h = state[0] as Tensor;
    const { kind, weight_ih, weight_hh, bias_ih, bias_hh, hiddenSize: H } = this;
    if (kind === "gru") {
      const bias =
        bias_ih &&
        bias_hh &&
        cat([bias_ih.slice(0, 0, 2 * H).add(bias_hh.slice(0, 0, 2 * H)), bias_ih.slice(0, 2 * H)]);
      const fromInput = F.linear(x, weight_ih, bias);
      const gates = fromInput.slice(1, 0, 2 * H).add(F.linear(h, weight_hh.slice(0, 0, 2 * H)));
      const p = F.linear(h, weight_hh.slice(0, 2 * H), bias_hh?.slice(0, 2 * H) ?? null);
      return [applyMulti(gruGates, [cat([gates, fromInput.slice(1, 2 * H)], 1), p, h], undefined)[0] as Tensor];
    }
    const sum = F.linear(x, weight_ih, bias_ih && bias_hh && bias_ih.add(bias_hh)).add(F.linear(h, weight_hh));
    if (kind !== "lstm") return [kind === "tanh" ? sum.tanh() : sum.relu()];
    const [out, c] = applyMulti(lstmGates, [sum, state[1] as Tensor], undefined) as [Tensor, Tensor];
    return [this.weight_hr ? F.linear(out, this.weight_hr) : out, c];
  }

  output(state: readonly Tensor[]): Tensor {
    return state[0] as Tensor;
  }

  override forward(x: Tensor, state: readonly Tensor[]): Tensor[] {
    return this.step(x, state);
  }
}
