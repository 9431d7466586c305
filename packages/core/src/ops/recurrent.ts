/**
 * A whole direction of a recurrent layer as one op: forward over all time steps, and back through time.
 *
 * @module
 */
import { contiguous, copyOf, emptyArray, giveBack, lentArray, type NdArray, wholeArray } from "../array.js";
import { GradientError } from "../errors.js";
import { type FloatArray, kernels, type Recurrence } from "../kernels/index.js";
import { slotCounts } from "../kernels/reference/recurrent.js";
import { defineMultiOp } from "./op.js";

export interface RecurrentAttrs {
  readonly recurrence: Recurrence;
  /** Whether b_ih and b_hh are among the inputs, */
  readonly biased: boolean;
  /** and W_hr, */
  readonly projected: boolean;
  /** and the first state. */
  readonly given: boolean;
  /** Whether a backward pass may follow. */
  readonly keep: boolean;
  /** Whether what was kept comes out too. */
  readonly record: boolean;
  /** Whether x, y and states come as a layer gets and gives them: (T, B, I), (T, B, P), (1, B, P), all sequences of one length. */
  readonly whole: boolean;
}

/** The inputs by name. */
interface Parts {
  readonly x: NdArray;
  readonly weightIh: NdArray;
  readonly weightHh: NdArray;
  readonly biasIh: NdArray | null;
  readonly biasHh: NdArray | null;
  readonly weightHr: NdArray | null;
  readonly h0: NdArray | null;
  readonly c0: NdArray | null;
}

function partsOf(inputs: readonly NdArray[], { biased, projected, given, recurrence }: RecurrentAttrs): Parts {
  let at = 3;
  const next = (there: boolean): NdArray | null => (there ? contiguous(inputs[at++] as NdArray) : null);
  return {
    x: contiguous(inputs[0] as NdArray),
    weightIh: contiguous(inputs[1] as NdArray),
    weightHh: contiguous(inputs[2] as NdArray),
    biasIh: next(biased),
    biasHh: next(biased),
    weightHr: next(projected),
    h0: next(given),
    c0: next(given && recurrence.kind === "lstm"),
  };
}

const floats = (x: NdArray | null | undefined): FloatArray | null => (x ? (x.data as FloatArray) : null);
const offset = (x: NdArray | null | undefined): number => (x ? x.offset : 0);

function stateShape({ recurrence, whole }: RecurrentAttrs, width: number): number[] {
  const batch = recurrence.sizes[0] as number;
  return whole ? [1, batch, width] : [batch, width];
}

interface Kept {
  readonly y: NdArray;
  readonly version: number;
  readonly slots: FloatArray | null;
}

/**
 * Inputs x (N, I), W_ih (gH, I), W_hh (gH, P) and as `attrs` says b_ih, b_hh (gH), W_hr (P, H), h0 (B, P), c0 (B, H); rows lie
 * as in {@link Recurrence}, which has the equations. Outputs y (N, P), the last states h (B, P) and for LSTM c (B, H); with `record` also the
 * slots that the kernel keeps, which carry no gradient. With `whole`, N is (T, B) and B is (1, B).
 */
export const recurrent = /* @__PURE__ */ defineMultiOp<RecurrentAttrs>({
  name: "recurrent layer",
  reads: "inputs",
  replay: {},
  forward: (inputs, attrs) => {
    const { recurrence: r, whole } = attrs;
    const { x, weightIh, weightHh, biasIh, biasHh, weightHr, h0, c0 } = partsOf(inputs, attrs);
    const lstm = r.kind === "lstm";
    const first = (given: NdArray | null, width: number): NdArray => {
      const state = wholeArray(x.dtype, stateShape(attrs, width));
      return given ? copyOf(given, state) : state;
    };
    const h = first(h0, r.P);
    const c = lstm ? first(c0, r.H) : null;
    const y = wholeArray(x.dtype, whole ? [r.sizes.length, r.sizes[0] as number, r.P] : [r.rows, r.P]);
    const slotCount = slotCounts[r.kind];
    const width = slotCount * ((r.H + 3) & ~3);
    // Slots that somebody looks at are theirs for good.
    const make = attrs.record ? emptyArray : lentArray;
    const slots = attrs.keep && slotCount > 0 ? make(x.dtype, [r.rows, width]) : null;
    kernels().recurrentForward(
      r,
      x.data as FloatArray,
      x.offset,
      weightIh.data as FloatArray,
      weightIh.offset,
      weightHh.data as FloatArray,
      weightHh.offset,
      floats(biasIh),
      offset(biasIh),
      floats(biasHh),
      offset(biasHh),
      floats(weightHr),
      offset(weightHr),
      h.data as FloatArray,
      floats(c),
      y.data as FloatArray,
      floats(slots),
      weightIh.memory.version + weightHh.memory.version + (weightHr?.memory.version ?? 0),
    );
    const outputs = [y, h];
    if (c !== null) outputs.push(c);
    if (attrs.record && slots !== null) outputs.push(slots);
    return {
      outputs,
      kept: { y, version: y.memory.version, slots: floats(slots) } satisfies Kept,
    };
  },
  backward: (grads, { inputs, kept, attrs, needs }) => {
    const { recurrence: r, given, biased, projected } = attrs;
    const { y, version, slots } = kept as Kept;
    if (y.memory.version !== version) {
      throw new GradientError(
        "backward: the output of a recurrent layer has been changed in place, and its gradient needs it as it was. " +
          "Expected it unchanged until backward() has run; clone() it before the change",
      );
    }
    const { x, weightIh, weightHh, weightHr, h0 } = partsOf(inputs, attrs);
    const { dtype } = x;
    const [gy, gh, gc] = grads;
    const dy = gy ? contiguous(gy) : null;
    const dh = gh ? copyOf(gh) : emptyArray(dtype, stateShape(attrs, r.P));
    const dc = r.kind !== "lstm" ? null : gc ? copyOf(gc) : emptyArray(dtype, stateShape(attrs, r.H));
    const gradients: (NdArray | null)[] = [];
    const wanted = (there: boolean): NdArray | null => {
      if (!there) return null;
      const i = gradients.length;
      const gradient = needs[i] ? emptyArray(dtype, (inputs[i] as NdArray).shape) : null;
      gradients.push(gradient);
      return gradient;
    };
    const [dx, dWeightIh, dWeightHh] = [wanted(true), wanted(true), wanted(true)];
    const [dBiasIh, dBiasHh, dWeightHr] = [wanted(biased), wanted(biased), wanted(projected)];
    kernels().recurrentBackward(
      r,
      x.data as FloatArray,
      x.offset,
      weightIh.data as FloatArray,
      weightIh.offset,
      weightHh.data as FloatArray,
      weightHh.offset,
      floats(weightHr),
      offset(weightHr),
      floats(h0),
      offset(h0),
      y.data as FloatArray,
      slots,
      floats(dy),
      offset(dy),
      dh.data as FloatArray,
      floats(dc),
      floats(dx),
      floats(dWeightIh),
      floats(dWeightHh),
      floats(dBiasIh),
      floats(dBiasHh),
      floats(dWeightHr),
    );
    if (given) gradients.push(needs[gradients.length] ? dh : null);
    if (given && dc) gradients.push(needs[gradients.length] ? dc : null);
    return gradients;
  },
  release: (kept) => giveBack((kept as Kept).slots),
});
