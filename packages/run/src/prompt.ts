/**
 * What a network is given to begin with.
 *
 * @module
 */
import { type Generator, randint } from "@unroll/core";
import type { Vocabulary } from "@unroll/core/data";
import { SettingError } from "./errors.js";

/** So many known symbols are listed in a message. */
const listed = 60;

/**
 * The symbols of a prompt. A Korean syllable may be written as one character or as its letters, which look the same; where only the
 * other way is known, that is taken.
 *
 * @throws SettingError naming the first symbol that is not known
 */
export function promptIndices(vocabulary: Vocabulary, prompt: string): number[] {
  const unknown = (text: string): string | undefined =>
    vocabulary.split(text).find((symbol) => !vocabulary.has(symbol));
  const spelling = [prompt, prompt.normalize("NFC"), prompt.normalize("NFD")].find(
    (text) => unknown(text) === undefined,
  );
  if (spelling !== undefined) return vocabulary.encode(spelling);
  const symbol = unknown(prompt) as string;
  const known = vocabulary.symbols.filter((other) => other.trim() !== "");
  throw new SettingError(
    `prompt: expected symbols of the text that was learned, got ${shown(symbol)}, which it does not have. ` +
      `Its ${vocabulary.size} symbols: ${known.slice(0, listed).join(" ")}${known.length > listed ? " …" : ""}`,
  );
}

/** `"é" (U+00E9)` for one character, so that look-alikes can be told apart. */
function shown(symbol: string): string {
  const code = symbol.codePointAt(0) as number;
  const single = Array.from(symbol).length === 1;
  return JSON.stringify(symbol) + (single ? ` (U+${code.toString(16).toUpperCase().padStart(4, "0")})` : "");
}

/** What is read before the first symbol when there is no prompt: a new line if that is known, else any symbol. */
export function openingSymbol(vocabulary: Vocabulary, random: Generator): number {
  const newLine = vocabulary.unit === "byte" ? 10 : vocabulary.symbols.indexOf("\n");
  return newLine >= 0 ? newLine : randint(0, vocabulary.size, [1], { generator: random }).item();
}
