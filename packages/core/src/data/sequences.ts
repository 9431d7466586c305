/**
 * From one long sequence of symbols to what a network is trained on. Everything here works on ordinary arrays.
 *
 * @module
 */
import { checkOptions, describe, OptionError, ShapeError } from "../errors.js";

/**
 * Each symbol with the one that follows it: `x` is the sequence without its last symbol, `y` without its first.
 *
 * ```ts
 * nextSymbolPairs(["a", "b", "c"]);   // { x: ["a", "b"], y: ["b", "c"] }
 * ```
 *
 * @throws ShapeError for fewer than two symbols
 */
export function nextSymbolPairs<T>(sequence: ArrayLike<T>): { x: T[]; y: T[] } {
  const symbols = checkSequence<T>("nextSymbolPairs", sequence, 2);
  return { x: symbols.slice(0, -1), y: symbols.slice(1) };
}

/**
 * Every run of `n` symbols as input, the symbol after it as target: row i of `x` is symbols i, …, i + n − 1 and `y[i]` is
 * symbol i + n. A sequence of length L has L − n windows, so `x` is (L − n, n) and `y` is (L − n).
 *
 * @throws ShapeError for fewer than n + 1 symbols
 */
export function windows<T>(sequence: ArrayLike<T>, n: number): { x: T[][]; y: T[] } {
  checkCount("windows", "n", n, 1);
  const symbols = checkSequence<T>("windows", sequence, n + 1);
  const y = symbols.slice(n);
  return { x: y.map((_, i) => symbols.slice(i, i + n)), y };
}

/**
 * The beginning of a sequence to train on and its end to validate on: the last ⌊length · validation⌋ symbols are held back.
 *
 * @param options.validation the fraction held back, 0 ≤ validation < 1; default 0.1
 * @throws OptionError for a fraction out of range
 */
export function trainValidationSplit<T>(
  sequence: ArrayLike<T>,
  options: { readonly validation?: number } = {},
): { train: T[]; validation: T[] } {
  const where = "trainValidationSplit";
  checkOptions(where, options, ["validation"]);
  const fraction = options.validation ?? 0.1;
  if (typeof fraction !== "number" || !(fraction >= 0 && fraction < 1)) {
    throw new OptionError(`${where}: expected validation from 0 to below 1, got ${describe(fraction)}`);
  }
  const symbols = checkSequence<T>(where, sequence, 1);
  const end = symbols.length - Math.floor(symbols.length * fraction);
  return { train: symbols.slice(0, end), validation: symbols.slice(end) };
}

/**
 * A list in pieces of `batchSize`, in order; the last piece may be shorter unless `dropLast` leaves it out.
 * To shuffle, cut a permutation of 0, …, n − 1 and pick by index.
 *
 * @throws OptionError for a batch size that is not a whole number ≥ 1
 */
export function batches<T>(
  items: ArrayLike<T>,
  options: { readonly batchSize: number; readonly dropLast?: boolean },
): T[][] {
  checkOptions("batches", options, ["batchSize", "dropLast"]);
  const { batchSize, dropLast = false } = options;
  checkCount("batches", "batchSize", batchSize, 1);
  checkFlag("batches", "dropLast", dropLast);
  const all = checkSequence<T>("batches", items, 0);
  const count = dropLast ? Math.floor(all.length / batchSize) : Math.ceil(all.length / batchSize);
  return Array.from({ length: count }, (_, i) => all.slice(i * batchSize, (i + 1) * batchSize));
}

/** One window of time over all lanes: row t of `x` and `y` holds one symbol for each lane, (T, B). */
export interface LaneBatch {
  readonly x: number[][];
  readonly y: number[][];
  /** Where the window begins in its lane. At 0 the state is zero; after that it is the state the window before ended with. */
  readonly start: number;
}

/** The windows of one epoch; may be gone through again for the next. */
export interface LaneBatches extends Iterable<LaneBatch> {
  /** How many windows an epoch has. */
  readonly length: number;
  /** How many symbols each lane reads in an epoch. */
  readonly laneLength: number;
}

/**
 * Batches for truncated back-propagation through time. The sequence is cut into `batchSize` lanes, stretches of equal length
 * that follow each other; a window takes the next `steps` symbols of every lane, so lane b of a window goes on where lane b of
 * the window before ended, and the recurrent state (detached) is carried over:
 *
 * ```ts
 * let state: Tensor | undefined;
 * for (const { x, y, start } of contiguousBatches(indices, { batchSize: 32, steps: 64 })) {
 *   if (start === 0) state = undefined;
 *   …                                    // forward from state, backward, step, state = hN.detach()
 * }
 * ```
 *
 * Targets are the symbols one later. Of L symbols each lane gets ⌊(L − 1) / batchSize⌋; the rest at the end, fewer than `batchSize`,
 * is left out. The last window is shorter when `steps` does not divide a lane, or left out with `dropLast`.
 *
 * @throws ShapeError when there are too few symbols for one step in every lane (with `dropLast`: one whole window)
 */
export function contiguousBatches(
  indices: ArrayLike<number>,
  options: { readonly batchSize: number; readonly steps: number; readonly dropLast?: boolean },
): LaneBatches {
  const where = "contiguousBatches";
  checkOptions(where, options, ["batchSize", "steps", "dropLast"]);
  const { batchSize, steps, dropLast = false } = options;
  checkCount(where, "batchSize", batchSize, 1);
  checkCount(where, "steps", steps, 1);
  checkFlag(where, "dropLast", dropLast);
  const symbols = checkSequence<number>(where, indices, 1);
  const laneLength = Math.floor((symbols.length - 1) / batchSize);
  const least = dropLast ? steps : 1;
  if (laneLength < least) {
    throw new ShapeError(
      `${where}: expected at least batchSize·${least} + 1 = ${batchSize * least + 1} symbols for ${batchSize} lanes, got ${symbols.length}. ` +
        `Take a smaller batchSize${dropLast ? " or fewer steps" : ""}, or a longer text`,
    );
  }
  const length = dropLast ? Math.floor(laneLength / steps) : Math.ceil(laneLength / steps);
  const rows = (from: number, to: number): number[][] =>
    Array.from({ length: to - from }, (_, t) =>
      Array.from({ length: batchSize }, (_, lane) => symbols[lane * laneLength + from + t] as number),
    );
  return {
    length,
    laneLength,
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) {
        const start = i * steps;
        const end = Math.min(start + steps, laneLength);
        yield { x: rows(start, end), y: rows(start + 1, end + 1), start };
      }
    },
  };
}

function checkSequence<T>(where: string, sequence: ArrayLike<T>, least: number): T[] {
  if (typeof sequence === "string") {
    throw new OptionError(
      `${where}: expected a sequence of symbols, got a text. Use vocabulary.encode(text), or Array.from(text) for its characters`,
    );
  }
  if (!Array.isArray(sequence) && !(ArrayBuffer.isView(sequence) && "length" in sequence)) {
    throw new OptionError(`${where}: expected an array of symbols, got ${describe(sequence)}`);
  }
  if (sequence.length < least) {
    throw new ShapeError(`${where}: expected at least ${least} symbols, got ${sequence.length}`);
  }
  return Array.from(sequence);
}

function checkCount(where: string, option: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new OptionError(`${where}: expected ${option} to be a whole number ≥ ${least}, got ${describe(value)}`);
  }
}

function checkFlag(where: string, option: string, value: unknown): void {
  if (typeof value !== "boolean") {
    throw new OptionError(`${where}: expected ${option} to be true or false, got ${describe(value)}`);
  }
}
