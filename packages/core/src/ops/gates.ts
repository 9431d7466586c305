/**
 * What happens between the matrix products of one recurrent step: gates opened, states mixed. One op a cell.
 *
 * Every product and sum is rounded to the element type, in the order in which the equations are written.
 *
 * @module
 */
import { contiguous, copyInto, emptyArray, type NdArray, viewOf } from "../array.js";
import { type FloatArray, kernels, type UnaryName } from "../kernels/index.js";
import type { MultiOp, Op } from "./op.js";

const rounder = (x: NdArray): ((value: number) => number) => (x.dtype === "float32" ? Math.fround : (v) => v);

/** Applies f to columns [from, from + width) of each row of a row-major (B, stride) array. */
function columns(f: UnaryName, x: NdArray, y: NdArray, from: number, width: number): void {
  const [batch, stride] = x.shape as [number, number];
  const k = kernels();
  if (width === stride) {
    k.unary(f, batch * width, x.data as FloatArray, x.offset, y.data as FloatArray, y.offset);
    return;
  }
  for (let b = 0; b < batch; b++) {
    k.unary(
      f,
      width,
      x.data as FloatArray,
      x.offset + b * stride + from,
      y.data as FloatArray,
      y.offset + b * stride + from,
    );
  }
}

interface LstmKept {
  readonly gates: NdArray;
  readonly tanhC: NdArray;
}

/**
 * LSTM, after the products: i f g o = split₄(a);  c′ = σ(f)⊙c + σ(i)⊙tanh(g);  h′ = σ(o)⊙tanh(c′).
 * a (B, 4H) = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh; c (B, H). Gate order i f g o, as PyTorch's.
 * Outputs h′, c′, and the opened gates (B, 4H), which are for looking at and carry no gradient.
 */
export const lstmGates: MultiOp = {
  name: "LSTM cell",
  reads: "inputs",
  forward: ([a, c]) => {
    const pre = contiguous(a as NdArray);
    const before = contiguous(c as NdArray);
    const [batch, H] = before.shape as [number, number];
    const round = rounder(pre);
    const gates = emptyArray(pre.dtype, pre.shape);
    columns("sigmoid", pre, gates, 0, 2 * H);
    columns("tanh", pre, gates, 2 * H, H);
    columns("sigmoid", pre, gates, 3 * H, H);
    const after = emptyArray(pre.dtype, before.shape);
    const s = gates.data;
    for (let b = 0; b < batch; b++) {
      for (let j = 0, at = b * 4 * H; j < H; j++, at++) {
        const kept = round((s[at + H] as number) * (before.data[before.offset + b * H + j] as number));
        after.data[b * H + j] = kept + round((s[at] as number) * (s[at + 2 * H] as number));
      }
    }
    const tanhC = emptyArray(pre.dtype, before.shape);
    kernels().unary("tanh", batch * H, after.data as FloatArray, 0, tanhC.data as FloatArray, 0);
    const h = emptyArray(pre.dtype, before.shape);
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < H; j++)
        h.data[b * H + j] = (s[b * 4 * H + 3 * H + j] as number) * (tanhC.data[b * H + j] as number);
    }
    return { outputs: [h, after, gates], kept: { gates, tanhC } satisfies LstmKept };
  },
  backward: ([gh, gc], { inputs: [a, c], kept, needs }) => {
    const { gates, tanhC } = kept as LstmKept;
    const before = contiguous(c as NdArray);
    const [batch, H] = before.shape as [number, number];
    const round = rounder(before);
    const dh = gh ? contiguous(gh) : null;
    const dcNext = gc ? contiguous(gc) : null;
    const da = emptyArray(before.dtype, (a as NdArray).shape);
    const dcBefore = emptyArray(before.dtype, before.shape);
    const s = gates.data;
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < H; j++) {
        const n = b * H + j;
        const at = b * 4 * H + j;
        const [i, f, g, o] = [s[at] as number, s[at + H] as number, s[at + 2 * H] as number, s[at + 3 * H] as number];
        const t = tanhC.data[n] as number;
        const dhn = dh ? (dh.data[dh.offset + n] as number) : 0;
        const through = round(round(dhn * o) * round(1 - round(t * t)));
        const dc = round((dcNext ? (dcNext.data[dcNext.offset + n] as number) : 0) + through);
        da.data[at] = round(round(dc * g) * i) * round(1 - i);
        da.data[at + H] = round(round(dc * (before.data[before.offset + n] as number)) * f) * round(1 - f);
        da.data[at + 2 * H] = round(dc * i) * round(1 - round(g * g));
        da.data[at + 3 * H] = round(round(dhn * t) * o) * round(1 - o);
        dcBefore.data[n] = dc * f;
      }
    }
    return [needs[0] ? da : null, needs[1] ? dcBefore : null];
  },
};

interface GruKept {
  readonly gates: NdArray;
}

/**
 * GRU, after the products: r = σ(x_r + p_r);  z = σ(x_z + p_z);  n = tanh(x_n + p_n⊙r);  h′ = (h − n)⊙z + n.
 * x (B, 3H) = x·W_ihᵀ + b_ih, p (B, 3H) = h·W_hhᵀ + b_hh, h (B, H). Gate order r z n; the reset gate acts after the product
 * (Cho et al. 2014, arXiv version 1), so that b_hn lies inside it, as in PyTorch and cuDNN.
 * Outputs h′ and the opened gates (B, 3H), which carry no gradient.
 */
export const gruGates: MultiOp = {
  name: "GRU cell",
  reads: "inputs",
  forward: ([x, p, h]) => {
    const [xg, pg, before] = [contiguous(x as NdArray), contiguous(p as NdArray), contiguous(h as NdArray)];
    const [batch, H] = before.shape as [number, number];
    const round = rounder(xg);
    const pre = emptyArray(xg.dtype, xg.shape);
    const gates = emptyArray(xg.dtype, xg.shape);
    for (let b = 0; b < batch; b++) {
      for (let j = b * 3 * H; j < b * 3 * H + 2 * H; j++) {
        pre.data[j] = (xg.data[xg.offset + j] as number) + (pg.data[pg.offset + j] as number);
      }
    }
    columns("sigmoid", pre, gates, 0, 2 * H);
    for (let b = 0; b < batch; b++) {
      for (let j = 0, at = b * 3 * H; j < H; j++, at++) {
        const reset = round((pg.data[pg.offset + at + 2 * H] as number) * (gates.data[at] as number));
        pre.data[at + 2 * H] = (xg.data[xg.offset + at + 2 * H] as number) + reset;
      }
    }
    columns("tanh", pre, gates, 2 * H, H);
    const after = emptyArray(xg.dtype, before.shape);
    for (let b = 0; b < batch; b++) {
      for (let j = 0, at = b * 3 * H; j < H; j++, at++) {
        const n = gates.data[at + 2 * H] as number;
        const gap = round((before.data[before.offset + b * H + j] as number) - n);
        after.data[b * H + j] = round(gap * (gates.data[at + H] as number)) + n;
      }
    }
    return { outputs: [after, gates], kept: { gates } satisfies GruKept };
  },
  backward: ([gh], { inputs: [, p, h], kept, needs }) => {
    if (!gh) return [null, null, null];
    const { gates } = kept as GruKept;
    const dh = contiguous(gh);
    const pg = contiguous(p as NdArray);
    const before = contiguous(h as NdArray);
    const [batch, H] = before.shape as [number, number];
    const round = rounder(before);
    const dx = emptyArray(dh.dtype, pg.shape);
    const dp = emptyArray(dh.dtype, pg.shape);
    const dBefore = emptyArray(dh.dtype, before.shape);
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < H; j++) {
        const at = b * 3 * H + j;
        const d = dh.data[dh.offset + b * H + j] as number;
        const r = gates.data[at] as number;
        const z = gates.data[at + H] as number;
        const n = gates.data[at + 2 * H] as number;
        const gap = round((before.data[before.offset + b * H + j] as number) - n);
        const dn = round(round(d * round(1 - z)) * round(1 - round(n * n)));
        const dz = round(round(round(d * gap) * z) * round(1 - z));
        const dr = round(round(round(dn * (pg.data[pg.offset + at + 2 * H] as number)) * r) * round(1 - r));
        dx.data[at] = dp.data[at] = dr;
        dx.data[at + H] = dp.data[at + H] = dz;
        dx.data[at + 2 * H] = dn;
        dp.data[at + 2 * H] = dn * r;
        dBefore.data[b * H + j] = d * z;
      }
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
