/**
 * One time step of the classical cells. Letters: B batch (absent for a single sequence), I input size, H hidden size.
 *
 * Inputs x (B, I), W_ih (gH, I), W_hh (gH, H), h (B, H), for LSTM c (B, H), and, both or neither, b_ih, b_hh (gH). The equations, and
 * the order of their sums, stand in the kernels' `Recurrence`.
 *
 * @module
 */
import { contiguous, copyInto, type NdArray, resultArray } from "../array.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { gruRow, gruRowGrad } from "../kernels/reference/gates.js";
import { sizeOf, withLast } from "../shape.js";
import { affine, affineGrad } from "./matmul.js";
import { defineMultiOp, defineOp, type GradientSink } from "./op.js";

/** A row-major array as kernels take it. */
interface Rows {
  readonly data: FloatArray;
  readonly offset: number;
}

const rowsOf = (x: NdArray): Rows => contiguous(x) as unknown as Rows;

/** An array for `gates` values in the place of each of a state. */
function gatesLike({ dtype, shape }: NdArray, gates: number): NdArray {
  return resultArray(dtype, withLast(shape, gates * (shape[shape.length - 1] as number)));
}

/** x·W_ihᵀ + b, with b = b_ih + b_hh but for the last `apart` gates, where it is b_ih; the biases stand from `bias` on. */
function fromInput(inputs: readonly NdArray[], bias: number, gates: number, apart: number): NdArray {
  const y = gatesLike(inputs[3] as NdArray, gates);
  const bIh = inputs[bias];
  const bHh = inputs[bias + 1];
  let b = bIh;
  if (bIh && bHh) {
    const q = rowsOf(bHh);
    const n = sizeOf(bIh.shape);
    b = resultArray(bIh.dtype, bIh.shape);
    copyInto(bIh, b);
    const { data, offset } = b as Rows & NdArray;
    kernels().binary("add", "same", (n / gates) * (gates - apart), data, offset, q.data, q.offset, data, offset, 0);
  }
  affine(inputs[0] as NdArray, inputs[1] as NdArray, b, y);
  return y;
}

/** Adds h times the first `width` rows of W_hh, turned, to the first columns of y. */
function addFromState(inputs: readonly NdArray[], width: number, y: NdArray): void {
  const h = inputs[3] as NdArray;
  const [state, w] = [rowsOf(h), rowsOf(inputs[2] as NdArray)];
  const H = h.shape.at(-1) as number;
  const N = sizeOf(h.shape) / H;
  const out = y.data as FloatArray;
  const ld = y.shape.at(-1) as number;
  kernels().gemm(false, true, N, width, H, state.data, state.offset, H, w.data, w.offset, H, out, y.offset, ld, true);
}

/** Up to this many multiplications, the sums of one row are one kernel. */
const FEW = 256;

/** (x·W_ihᵀ + (b_ih + b_hh)) + h·W_hhᵀ */
function sumOfProducts(inputs: readonly NdArray[], bias: number, gates: number): NdArray {
  const weight = inputs[1] as NdArray;
  const h = inputs[3] as NdArray;
  const G = weight.shape[0] as number;
  const I = weight.shape[1] as number;
  const H = G / gates;
  if (sizeOf(h.shape) === H && G * (I + H) <= FEW) return sumsOfOneRow(inputs, bias, gates, G, I, H);
  const a = fromInput(inputs, bias, gates, 0);
  addFromState(inputs, a.shape.at(-1) as number, a);
  return a;
}

function sumsOfOneRow(
  inputs: readonly NdArray[],
  bias: number,
  gates: number,
  G: number,
  I: number,
  H: number,
): NdArray {
  const y = gatesLike(inputs[3] as NdArray, gates);
  const x = rowsOf(inputs[0] as NdArray);
  const wIh = contiguous(inputs[1] as NdArray);
  const wHh = contiguous(inputs[2] as NdArray);
  const h = rowsOf(inputs[3] as NdArray);
  const bIh = inputs[bias] ? contiguous(inputs[bias]) : null;
  const bHh = bIh === null ? null : contiguous(inputs[bias + 1] as NdArray);
  let version = wIh.memory.version + wHh.memory.version;
  if (bIh !== null && bHh !== null) version += bIh.memory.version + bHh.memory.version;
  kernels().cellSum(
    G,
    I,
    H,
    x.data,
    x.offset,
    wIh.data as FloatArray,
    wIh.offset,
    wHh.data as FloatArray,
    wHh.offset,
    h.data,
    h.offset,
    bIh === null ? null : (bIh.data as FloatArray),
    bIh === null ? 0 : bIh.offset,
    bHh === null ? null : (bHh.data as FloatArray),
    bHh === null ? 0 : bHh.offset,
    y.data as FloatArray,
    y.offset,
    version,
  );
  return y;
}

/** From the gradients of the product with x and of that with h to those of their parts. */
function passOn(
  dx: NdArray,
  dh: NdArray,
  inputs: readonly NdArray[],
  needs: readonly (GradientSink | null)[],
  bias: number,
): void {
  const x = inputs[0] as NdArray;
  const h = inputs[3] as NdArray;
  affineGrad(dx, x, inputs[1] as NdArray, inputs[bias], needs[0], needs[1], needs[bias]);
  affineGrad(dh, h, inputs[2] as NdArray, inputs[bias + 1], needs[3], needs[2], needs[bias + 1]);
}

/** h′ = f(a) with f tanh or relu. */
export const plainCell = /* @__PURE__ */ defineOp<{ readonly f: "tanh" | "relu" }>({
  name: "recurrent cell",
  reads: "both",
  replay: { key: ({ f }) => (f === "tanh" ? 0 : 1) },
  forward: (inputs, { f }) => {
    const a = sumOfProducts(inputs, 4, 1);
    const data = a.data as FloatArray;
    kernels().unary(f, sizeOf(a.shape), data, a.offset, data, a.offset);
    return a;
  },
  backward: (g, { inputs, output, attrs, needs }) => {
    const da = resultArray(output.dtype, output.shape);
    const up = rowsOf(g);
    const y = output.data as FloatArray;
    const name = attrs.f === "tanh" ? "tanhGrad" : "reluGrad";
    const n = sizeOf(output.shape);
    kernels().binary(name, "same", n, up.data, up.offset, y, output.offset, da.data as FloatArray, da.offset, 0);
    passOn(da, da, inputs, needs, 4);
  },
});

interface LstmKept {
  readonly gates: NdArray;
  readonly tanhC: NdArray;
}

/** Outputs h′ and c′. */
export const lstmCell = /* @__PURE__ */ defineMultiOp({
  name: "LSTM cell",
  reads: "inputs",
  replay: {},
  forward: (inputs) => {
    const c = inputs[4] as NdArray;
    const { dtype, shape } = c;
    const gates = sumOfProducts(inputs, 5, 4);
    const h = resultArray(dtype, shape);
    const after = resultArray(dtype, shape);
    const tanhC = resultArray(dtype, shape);
    const before = rowsOf(c);
    const H = shape[shape.length - 1] as number;
    kernels().lstmStep(
      sizeOf(shape) / H,
      H,
      gates.data as FloatArray,
      gates.offset,
      before.data,
      before.offset,
      after.data as FloatArray,
      after.offset,
      tanhC.data as FloatArray,
      tanhC.offset,
      h.data as FloatArray,
      h.offset,
    );
    return { outputs: [h, after], kept: { gates, tanhC } satisfies LstmKept };
  },
  backward: (grads, { inputs, kept, needs }) => {
    const { gates, tanhC } = kept as LstmKept;
    const c = inputs[4] as NdArray;
    const { dtype, shape } = c;
    const before = rowsOf(c);
    const dh = rowsOf(grads[0] ?? resultArray(dtype, shape));
    const dc = resultArray(dtype, shape);
    if (grads[1]) copyInto(grads[1], dc);
    const da = gatesLike(c, 4);
    const H = shape[shape.length - 1] as number;
    kernels().lstmStepGrad(
      sizeOf(shape) / H,
      H,
      dh.data,
      dh.offset,
      dc.data as FloatArray,
      dc.offset,
      before.data,
      before.offset,
      gates.data as FloatArray,
      gates.offset,
      tanhC.data as FloatArray,
      tanhC.offset,
      da.data as FloatArray,
      da.offset,
    );
    passOn(da, da, inputs, needs, 5);
    needs[4]?.receive(dc, true);
  },
});

interface GruKept {
  readonly gates: Rows;
  /** h·W_hnᵀ + b_hn */
  readonly p: NdArray;
}

/** Output h′. */
export const gruCell = /* @__PURE__ */ defineMultiOp({
  name: "GRU cell",
  reads: "inputs",
  replay: {},
  forward: (inputs) => {
    const h = inputs[3] as NdArray;
    const H = h.shape.at(-1) as number;
    const a = fromInput(inputs, 4, 3, 1);
    addFromState(inputs, 2 * H, a);
    const p = gatesLike(h, 1);
    const ofNew = (x: NdArray): NdArray => ({
      ...x,
      shape: [H, ...x.shape.slice(1)],
      offset: x.offset + (sizeOf(x.shape) / 3) * 2,
    });
    affine(h, ofNew(contiguous(inputs[2] as NdArray)), inputs[5] && ofNew(contiguous(inputs[5])), p);
    const after = resultArray(h.dtype, h.shape);
    const gates = gatesLike(h, 3);
    const before = rowsOf(h);
    const k = kernels();
    for (let at = 0; at < sizeOf(h.shape); at += H) {
      gruRow(
        k,
        H,
        a.data as FloatArray,
        a.offset + 3 * at,
        p.data as FloatArray,
        p.offset + at,
        before.data,
        before.offset + at,
        gates.data as FloatArray,
        gates.offset + 3 * at,
        H,
        after.data as FloatArray,
        after.offset + at,
      );
    }
    return { outputs: [after], kept: { gates: rowsOf(gates), p } satisfies GruKept };
  },
  backward: (grads, { inputs, kept, needs }) => {
    const { gates, p } = kept as GruKept;
    const h = inputs[3] as NdArray;
    const g = grads[0] as NdArray;
    const [dh, before] = [rowsOf(g), rowsOf(h)];
    const [dx, dp] = [gatesLike(h, 3), gatesLike(h, 3)];
    const direct = resultArray(h.dtype, h.shape);
    const H = h.shape.at(-1) as number;
    const k = kernels();
    for (let at = 0; at < sizeOf(h.shape); at += H) {
      gruRowGrad(
        k,
        H,
        dh.data,
        dh.offset + at,
        p.data as FloatArray,
        p.offset + at,
        before.data,
        before.offset + at,
        gates.data,
        gates.offset + 3 * at,
        H,
        dx.data as FloatArray,
        dx.offset + 3 * at,
        dp.data as FloatArray,
        dp.offset + 3 * at,
        direct.data as FloatArray,
        direct.offset + at,
      );
    }
    needs[3]?.receive(direct, true);
    passOn(dx, dp, inputs, needs, 4);
  },
});
