/**
 * Errors say three things: what was expected, what came, what to do.
 *
 * @module
 */

/** Base class of every error that Unroll throws on purpose. */
export class UnrollError extends Error {
  override readonly name: string = "UnrollError";
}

/** A shape, a number of dimensions, a length or an index does not fit. */
export class ShapeError extends UnrollError {
  override readonly name = "ShapeError";
}

/** A data type does not fit, or a value does not fit into its data type. */
export class DTypeError extends UnrollError {
  override readonly name = "DTypeError";
}

/** An option, an argument or a name is unknown or out of range. */
export class OptionError extends UnrollError {
  override readonly name = "OptionError";
}

/** Something is wrong with gradients: none recorded, freed already, or corrupted by a change in place. */
export class GradientError extends UnrollError {
  override readonly name = "GradientError";
}

/** A file or a state dictionary is not what it should be. */
export class FormatError extends UnrollError {
  override readonly name = "FormatError";
}

/** `[2, 3]`, the way shapes are printed in messages. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** What a value is, in words short enough for a message. */
export function describe(value: unknown): string {
  if (value === null || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    if (value.length > 8) return `an array of ${value.length} values`;
    return `[${value.map(describe).join(value.some((item) => item instanceof Object && !Array.isArray(item)) ? ", " : ",")}]`;
  }
  const kind = value.constructor?.name ?? "object";
  return kind === "Object" ? `an object with keys ${JSON.stringify(Object.keys(value))}` : `a ${kind}`;
}

/**
 * Refuses keys that an options object may not have, suggesting the nearest known one.
 *
 * @throws OptionError naming the unknown key and the known ones
 */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw new OptionError(
      `${where}: expected an options object with keys from {${known.join(", ")}}, got ${describe(options)}`,
    );
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new OptionError(
      `${where}: unknown option '${key}'. ${hint(key, known)}` +
        (known.length > 0 ? `Known options: ${known.join(", ")}` : "It takes no options"),
    );
  }
}

/** @throws OptionError unless `value` is true or false */
export function checkBoolean(where: string, name: string, value: unknown): asserts value is boolean {
  if (typeof value !== "boolean")
    throw new OptionError(`${where}: expected ${name} to be true or false, got ${describe(value)}`);
}

/** @throws OptionError unless `value` is one of `choices` */
export function checkChoice<T extends string>(
  where: string,
  name: string,
  value: unknown,
  choices: readonly T[],
): asserts value is T {
  if (choices.includes(value as T)) return;
  throw new OptionError(`${where}: expected ${name} ${choices.map(describe).join(" or ")}, got ${describe(value)}`);
}

/** @throws ShapeError unless `value` is a whole number ≥ least */
export function checkCount(where: string, name: string, value: unknown, least: number): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new ShapeError(`${where}: expected ${name} to be a whole number ≥ ${least}, got ${describe(value)}`);
  }
}

/** @throws OptionError unless `value` is a number of this kind */
type NumberCheck = (where: string, name: string, value: unknown) => asserts value is number;

const numberCheck =
  (kind: string, fits: (value: number) => boolean): NumberCheck =>
  (where, name, value) => {
    if (typeof value !== "number" || !fits(value))
      throw new OptionError(`${where}: expected ${name} to be ${kind}, got ${describe(value)}`);
  };

export const checkFinite: NumberCheck = /* @__PURE__ */ numberCheck("a finite number", Number.isFinite);
export const checkAtLeastZero: NumberCheck = /* @__PURE__ */ numberCheck(
  "a finite number ≥ 0",
  (x) => x >= 0 && x < Infinity,
);
export const checkLimit: NumberCheck = /* @__PURE__ */ numberCheck("a number ≥ 0", (x) => x >= 0);
export const checkPositive: NumberCheck = /* @__PURE__ */ numberCheck("a number > 0", (x) => x > 0);
export const checkBelowOne: NumberCheck = /* @__PURE__ */ numberCheck("a number in [0, 1)", (x) => x >= 0 && x < 1);
export const checkShare: NumberCheck = /* @__PURE__ */ numberCheck("a number in [0, 1]", (x) => x >= 0 && x <= 1);

/** `Did you mean 'lr'? `, if there is a near candidate; else nothing. */
export function hint(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near ? `Did you mean '${near}'? ` : "";
}

/** The candidate with the smallest edit distance to `word`, if any is close enough to be a slip of the finger. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, "");
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] as number;
}
