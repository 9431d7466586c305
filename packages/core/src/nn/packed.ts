/**
 * Packed sequences: the rows of a padded batch that are not padding, one time step after the other; PyTorch's
 * `torch.nn.utils.rnn`. Recurrent layers take them as input; passing `lengths` to a layer does the same with less work.
 *
 * @module
 */
import { cat, checkTensors, full, tensor } from "../creation.js";
import { checkCount, checkOptions, describe, OptionError, ShapeError, shapeText } from "../errors.js";
import type { Indices } from "../indices.js";
import { sameShape, sizeOf } from "../shape.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { checkLengths, fallingOrder, inverse, Layout, sizesOf, toPadded, toRows } from "./layout.js";

/** Sequences of different lengths without their padding. Made by `packPaddedSequence` or `packSequence`. */
export class PackedSequence {
  constructor(
    /** (Σ lengths, …): step by step, the longest sequence first. */
    readonly data: Tensor,
    /** How many sequences reach each time step; not rising. */
    readonly batchSizes: readonly number[],
    /** Position in the original batch of each sequence, longest first; null when the batch came sorted. */
    readonly sortedIndices: readonly number[] | null,
    /** Where each sequence of the original batch went; null when the batch came sorted. */
    readonly unsortedIndices: readonly number[] | null,
  ) {}

  /** The same layout around other rows. */
  withData(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }
}

export function layoutOfPacked(packed: PackedSequence): Layout {
  const { batchSizes, sortedIndices } = packed;
  return new Layout(batchSizes, sortedIndices, batchSizes.length, batchSizes[0] as number);
}

export interface PackOptions {
  /** Input is (B, T, …) rather than (T, B, …) (default false). */
  readonly batchFirst?: boolean;
  /** Demand that lengths do not rise, rather than sort (default true, as in PyTorch). */
  readonly enforceSorted?: boolean;
}

/**
 * Packs a padded batch (T, B, …). Time steps beyond the longest length are cut.
 *
 * @throws ShapeError when lengths do not fit, or rise although `enforceSorted` is true
 */
export function packPaddedSequence(input: Tensor, lengths: Indices, options: PackOptions = {}): PackedSequence {
  checkTensor("packPaddedSequence", input);
  checkOptions("packPaddedSequence", options, ["batchFirst", "enforceSorted"]);
  const { batchFirst = false, enforceSorted = true } = options;
  if (input.ndim < 2 || input.numel() === 0) {
    throw new ShapeError(
      `packPaddedSequence: expected a batch (T, B, …) that is not empty, got shape ${shapeText(input.shape)}`,
    );
  }
  const x = batchFirst ? input.transpose(0, 1) : input;
  const [steps, batch] = x.shape as [number, number];
  const list = checkLengths("packPaddedSequence", lengths, batch, steps);
  if (enforceSorted && list.some((length, b) => b > 0 && length > (list[b - 1] as number))) {
    throw new ShapeError(
      `packPaddedSequence: expected lengths that do not rise, because enforceSorted is true, got ${describe(list)}. ` +
        "Pass { enforceSorted: false } to have them sorted",
    );
  }
  const order = enforceSorted ? null : fallingOrder(list);
  const width = sizeOf(x.shape.slice(2));
  const rows = toRows(x.reshape([steps, batch, width]), new Layout(sizesOf(list), order, steps, batch));
  const data = rows.reshape([rows.shape[0] as number, ...x.shape.slice(2)]);
  return new PackedSequence(data, sizesOf(list), order, order === null ? null : inverse(order));
}

export interface PadOptions {
  readonly batchFirst?: boolean;
  /** What stands after each end (default 0). */
  readonly paddingValue?: number;
}

/**
 * Back to a padded batch in the original order, with the lengths.
 *
 * @param options.totalLength pad to this many time steps instead of to the longest sequence
 */
export function padPackedSequence(
  packed: PackedSequence,
  options: PadOptions & { readonly totalLength?: number } = {},
): [Tensor, number[]] {
  checkPacked("padPackedSequence", packed);
  checkOptions("padPackedSequence", options, ["batchFirst", "paddingValue", "totalLength"]);
  const { batchFirst = false, paddingValue = 0, totalLength } = options;
  const layout = layoutOfPacked(packed);
  const longest = layout.steps;
  if (totalLength !== undefined)
    checkCount("padPackedSequence", "totalLength, at least that of the longest sequence,", totalLength, longest);
  const wide = new Layout(layout.sizes, layout.order, totalLength ?? longest, layout.batch);
  const rest = packed.data.shape.slice(1);
  const count = packed.data.shape[0] as number;
  const flat = packed.data.reshape([count, sizeOf(rest)]);
  let padded = toPadded(flat, wide).reshape([wide.steps, wide.batch, ...rest]);
  const sorted = lengthsOf(packed);
  const lengths = packed.unsortedIndices === null ? sorted : packed.unsortedIndices.map((i) => sorted[i] as number);
  if (paddingValue !== 0) {
    const inside = tensor(Array.from({ length: wide.steps }, (_, t) => lengths.map((length) => t < length)));
    const mask = inside.reshape([wide.steps, wide.batch, ...rest.map(() => 1)]);
    padded = padded.where(mask, paddingValue);
  }
  return [batchFirst ? padded.transpose(0, 1) : padded, lengths];
}

function lengthsOf(packed: PackedSequence): number[] {
  const { batchSizes } = packed;
  return Array.from({ length: batchSizes[0] as number }, (_, b) => batchSizes.filter((size) => size > b).length);
}

function checkSequences(where: string, sequences: readonly Tensor[]): void {
  checkTensors(where, sequences);
  const rest = (sequences[0] as Tensor).shape.slice(1);
  sequences.forEach((x, i) => {
    if (x.ndim === 0 || !sameShape(x.shape.slice(1), rest))
      throw new ShapeError(
        `${where}: expected sequences (length, …) that agree in all other axes ${shapeText(rest)}, got shape ${shapeText(x.shape)} at position ${i}`,
      );
  });
}

/** Sequences (length, …) side by side, padded to the longest: (T, B, …), or (B, T, …) with `batchFirst`. */
export function padSequence(sequences: readonly Tensor[], options: PadOptions = {}): Tensor {
  checkSequences("padSequence", sequences);
  checkOptions("padSequence", options, ["batchFirst", "paddingValue"]);
  const { batchFirst = false, paddingValue = 0 } = options;
  const lengths = sequences.map((x) => x.shape[0] as number);
  const longest = Math.max(...lengths);
  const padded = sequences.map((x, b) => {
    const missing = longest - (lengths[b] as number);
    if (missing === 0) return x.unsqueeze(1);
    return cat([x, full([missing, ...x.shape.slice(1)], paddingValue, { dtype: x.dtype })]).unsqueeze(1);
  });
  const result = cat(padded, 1);
  return batchFirst ? result.transpose(0, 1) : result;
}

/** Packs sequences (length, …); by default they must come longest first. */
export function packSequence(
  sequences: readonly Tensor[],
  options: { readonly enforceSorted?: boolean } = {},
): PackedSequence {
  checkOptions("packSequence", options, ["enforceSorted"]);
  const padded = padSequence(sequences);
  return packPaddedSequence(
    padded,
    sequences.map((x) => x.shape[0] as number),
    options,
  );
}

/** A padded batch taken apart into sequences without padding. */
export function unpadSequence(
  padded: Tensor,
  lengths: Indices,
  options: { readonly batchFirst?: boolean } = {},
): Tensor[] {
  checkTensor("unpadSequence", padded);
  checkOptions("unpadSequence", options, ["batchFirst"]);
  if (padded.ndim < 2)
    throw new ShapeError(`unpadSequence: expected a batch (T, B, …), got shape ${shapeText(padded.shape)}`);
  const x = options.batchFirst ? padded : padded.transpose(0, 1);
  const list = checkLengths("unpadSequence", lengths, x.shape[0] as number, x.shape[1] as number);
  return list.map((length, b) => x.select(0, b).slice(0, 0, length));
}

/** The sequences of a packed batch in their original order. */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed);
  return unpadSequence(padded, lengths);
}

/** @throws OptionError unless `value` is a PackedSequence */
export function checkPacked(where: string, value: unknown): asserts value is PackedSequence {
  if (!(value instanceof PackedSequence))
    throw new OptionError(
      `${where}: expected a PackedSequence, got ${describe(value)}. Make one with packPaddedSequence`,
    );
}
