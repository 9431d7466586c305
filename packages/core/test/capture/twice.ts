/** A program run twice from one seed, captured and not, to be compared. */
import { expect } from "vitest";
import { capture, manualSeed, type Tensor } from "../../src/index.js";

export const numbers = (x: Tensor): number[] => Array.from(x.toTypedArray());

/** What a function returns in each of some calls, captured and not. */
export function both<R>(
  make: (wrap: <F extends (...args: never[]) => unknown>(f: F) => F) => (call: number) => R,
  calls = 6,
) {
  manualSeed(1);
  const plain = make((f) => f);
  const expected = Array.from({ length: calls }, (_, call) => plain(call));
  manualSeed(1);
  const captured = make((f) => capture(f as never) as typeof f);
  return { captured: Array.from({ length: calls }, (_, call) => captured(call)), expected };
}

export function same<R>(make: Parameters<typeof both<R>>[0], calls?: number): void {
  const { captured, expected } = both(make, calls);
  expect(captured).toEqual(expected);
}
