/**
 * What happens between the matrix products of one recurrent step: gates opened, states mixed. One op a cell. Row by row, by the
 * equations of `kernels/reference/gates.ts`.
 *
 * @module
 */
import { contiguous, copyInto, copyOf, emptyArray, type NdArray, viewOf } from "../array.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { gruRow, gruRowGrad, lstmRow, lstmRowGrad } from "../kernels/reference/gates.js";
import type { MultiOp, Op } from "./op.js";

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
 * a (B, 4H) = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh; c (B, H). Gate order i f g o, as PyTorch's.
 * Outputs h′, c′, and the opened gates (B, 4H), which are for looking at and carry no gradient.
 */
export const lstmGates: MultiOp = {
  name: "LSTM cell",
  reads: "inputs",
  replay: {},
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
};

/**
 * GRU, after the products: r = σ(x_r + p_r);  z = σ(x_z + p_z);  n = tanh(x_n + p_n⊙r);  h′ = (h − n)⊙z + n.
 * x (B, 3H) = x·W_ihᵀ + b_ih, p (B, 3H) = h·W_hhᵀ + b_hh, h (B, H). Gate order r z n; the reset gate acts after the product
 * (Cho et al. 2014, arXiv version 1), so that b_hn lies inside it, as in PyTorch and cuDNN.
 * Outputs h′ and the opened gates (B, 3H), which carry no gradient.
 */
export const gruGates: MultiOp = {
  name: "GRU cell",
  reads: "inputs",
  replay: {},
  forward: ([x, p, h]) => {
    const { dtype, shape } = h as NdArray;
    const [batch, H] = shape as [number, number];
    const [xs, ps, before] = [rowsOf(x), rowsOf(p), rowsOf(h)];
    const outputs = [emptyArray(dtype, shape), emptyArray(dtype, [batch, 3 * H])];
    const [after, gates] = outputs.map(rowsOf) as [Rows, Rows];
    const k = kernels();
    for (let b = 0; b < batch; b++) {
      const [one, three] = [b * H, b * 3 * H];
      gruRow(
        k,
        H,
        xs.data,
        xs.offset + three,
        ps.data,
        ps.offset + three,
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
  backward: ([gh], { inputs: [, p, h], kept, needs }) => {
    if (!gh) return [null, null, null];
    const gates = kept as Rows;
    const { dtype, shape } = h as NdArray;
    const [batch, H] = shape as [number, number];
    const [dh, ps, before] = [rowsOf(gh), rowsOf(p), rowsOf(h)];
    const [dx, dp] = [emptyArray(dtype, (p as NdArray).shape), emptyArray(dtype, (p as NdArray).shape)];
    const dBefore = emptyArray(dtype, shape);
    const k = kernels();
    for (let b = 0; b < batch; b++) {
      const [one, three] = [b * H, b * 3 * H];
      gruRowGrad(
        k,
        H,
        dh.data,
        dh.offset + one,
        ps.data,
        ps.offset + three + 2 * H,
        before.data,
        before.offset + one,
        gates.data,
        three,
        H,
        dx.data as FloatArray,
        three,
        dp.data as FloatArray,
        three,
        dBefore.data as FloatArray,
        one,
      );
    }
    return [needs[0] ? dx : null, needs[1] ? dp : null, needs[2] ? dBefore : null];
  },
};

/** Arrays of one shape stacked along a new first axis. ∂xᵢ = g[i]. */
export const stackFirst: Op = {
  name: "stack",
  reads: "nothing",
  replay: { anyDType: true },
  forward: (inputs) => {
    const first = inputs[0] as NdArray;
    const y = emptyArray(first.dtype, [inputs.length, ...first.shape]);
    const strides = y.strides.slice(1);
    const step = y.strides[0] as number;
    inputs.forEach((x, i) => {
      copyInto(x, viewOf(y, first.shape, strides, i * step));
    });
    return y;
  },
  backward: (g, { inputs, needs }) => {
    const c = contiguous(g);
    const size = c.shape.slice(1).reduce((a, b) => a * b, 1);
    return inputs.map((x, i) =>
      needs[i] ? { ...c, shape: x.shape, strides: c.strides.slice(1), offset: c.offset + i * size } : null,
    );
  },
};
