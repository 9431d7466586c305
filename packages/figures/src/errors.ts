/**
 * The one error of this package, and the check that turns a misspelt option into it.
 *
 * @module
 */

/** A figure cannot be drawn from what it was given: says what was expected, what came, what to do. */
export class FigureError extends Error {
  override readonly name = "FigureError";
}

/** What a value is, in words short enough for a message. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "boolean" || value === undefined) return String(value);
  if (Array.isArray(value)) return value.length <= 8 ? JSON.stringify(value) : `an array of ${value.length} values`;
  if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
  const kind = (value as object).constructor?.name ?? "object";
  return kind === "Object" ? `an object with keys ${JSON.stringify(Object.keys(value as object))}` : `a ${kind}`;
}

/**
 * Refuses keys that an options object may not have, suggesting the nearest known one.
 *
 * @throws FigureError naming the unknown key and the known ones
 */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw new FigureError(
      `${where}: expected an options object with keys from {${known.join(", ")}}, got ${describe(options)}`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new FigureError(
        `${where}: unknown option '${key}'. ${didYouMean(key, known)}Known options: ${known.join(", ")}`,
      );
    }
  }
}

/** `"Did you mean 'cmap'? "`, or nothing when no candidate is close. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, "");
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? "" : `Did you mean '${best}'? `;
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
