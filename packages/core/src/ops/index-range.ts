/**
 * Lists of whole indices that nobody changes any more, with the least and the largest of them: what has been checked once need not be
 * looked through again.
 *
 * @module
 */

export interface Range {
  readonly low: number;
  readonly high: number;
}

const ranges = new WeakMap<ArrayLike<number>, Range>();

/** The list itself, which must not change from now on. */
export function fixedList(index: readonly number[]): readonly number[] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < index.length; i++) {
    const value = index[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  ranges.set(index, { low, high });
  return index;
}

/** The range of a list that is known not to change. */
export const rangeOf = (index: ArrayLike<number>): Range | undefined => ranges.get(index);
