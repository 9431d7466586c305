/**
 * Checks that several plotting functions share.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { choiceOption, finiteOption, positiveOption } from "./input.js";
import type { LayoutOptions } from "./plot/panel.js";

/** A text option, `""` when left out. */
export function textOption(where: string, value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw new FigureError(`${where}: expected text, got ${describe(value)}`);
  return value;
}

/** `figsize: [width, height]` in inches, as layout takes it. */
export function figsizeOption(where: string, value: unknown): Pick<LayoutOptions, "figsize"> {
  if (value === undefined) return {};
  if (!Array.isArray(value) || value.length !== 2) {
    throw new FigureError(`${where}: figsize: expected [width, height] in inches, got ${describe(value)}`);
  }
  return {
    figsize: [positiveOption(`${where}: figsize[0]`, value[0]), positiveOption(`${where}: figsize[1]`, value[1])],
  };
}

/** Words of a figure in another language: those given, the usual ones for the rest. */
export function wordsOption<T extends Readonly<Record<string, string>>>(where: string, given: unknown, usual: T): T {
  checkOptions(where, given, Object.keys(usual));
  for (const [key, word] of Object.entries((given ?? {}) as object)) textOption(`${where}.${key}`, word);
  return { ...usual, ...(given as Partial<T> | undefined) };
}

/** A yes-or-no option. */
export function booleanOption(where: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw new FigureError(`${where}: expected true or false, got ${describe(value)}`);
  return value;
}

/** One of a closed list of words; `otherwise` when left out. */
export function choiceOr<T extends string>(where: string, value: unknown, choices: readonly T[], otherwise: T): T {
  return value === undefined ? otherwise : choiceOption(where, value, choices);
}

/** `[low, high]`, as limits of an axis. */
export function limitsOption(where: string, value: unknown): [number, number] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length !== 2)
    throw new FigureError(`${where}: expected [low, high], got ${describe(value)}`);
  const [low, high] = [finiteOption(`${where}[0]`, value[0]), finiteOption(`${where}[1]`, value[1])];
  if (low === high) throw new FigureError(`${where}: expected two different numbers, got [${low}, ${high}]`);
  return [low, high];
}
