import { checkOptions, describe, FormatError, OptionError, ShapeError } from "../errors.js";
import { codePointText, compareCodePoints, decodeUtf8, encodeUtf8 } from "../formats/utf8.js";

/** What counts as one symbol: a Unicode code point, a word between white space, or a byte of UTF-8. */
export type SymbolUnit = "character" | "word" | "byte";

export interface VocabularyOptions {
  /** Default `"character"`. */
  readonly unit?: SymbolUnit;
  /**
   * `"sorted"` (default): by code point, as Python's `sorted(set(text))`. `"appearance"`: in the order in which symbols first
   * occur. Or the symbols themselves in the order wanted; they may be more than the text has, never fewer.
   */
  readonly order?: "sorted" | "appearance" | readonly string[];
}

/** A vocabulary as JSON holds it. */
export interface VocabularyJSON {
  readonly unit: SymbolUnit;
  readonly symbols: readonly string[];
}

const units: readonly string[] = ["character", "word", "byte"] satisfies SymbolUnit[];

/**
 * The symbols a model knows, each with its index.
 *
 * ```ts
 * const vocabulary = Vocabulary.from("AbAcAd");
 * vocabulary.symbols;          // ["A", "b", "c", "d"]
 * vocabulary.encode("Ad");     // [0, 3]
 * vocabulary.decode([0, 3]);   // "Ad"
 * ```
 *
 * Characters are code points, so Korean syllables and emoji are one symbol each. Text is taken as it is: the same syllable
 * written composed and decomposed is two spellings; `text.normalize("NFC")` beforehand makes them one.
 * Words are what stands between white space, and `decode` puts one space between them. A byte vocabulary always has
 * 256 symbols, so it can encode any text.
 */
export class Vocabulary {
  readonly unit: SymbolUnit;
  /** Symbol of each index. Bytes are shown as the character in ASCII, or as `\xEC`. */
  readonly symbols: readonly string[];
  readonly #indices: ReadonlyMap<string, number>;

  /**
   * A vocabulary of given symbols in given order; see {@link Vocabulary.from} to find them in a text.
   *
   * @throws OptionError when a symbol comes twice or is not one symbol of this unit
   */
  constructor(symbols: readonly string[], options: { readonly unit?: SymbolUnit } = {}) {
    checkOptions("Vocabulary", options, ["unit"]);
    this.unit = checkUnit("Vocabulary", options.unit ?? "character");
    if (!Array.isArray(symbols) || symbols.length === 0) {
      throw new OptionError(`Vocabulary: expected an array of at least one symbol, got ${describe(symbols)}`);
    }
    const indices = new Map<string, number>();
    symbols.forEach((symbol, index) => {
      checkSymbol("Vocabulary", this.unit, symbol, index);
      const earlier = indices.get(symbol);
      if (earlier !== undefined) {
        throw new OptionError(
          `Vocabulary: expected distinct symbols, got ${name(symbol)} at ${earlier} and again at ${index}`,
        );
      }
      indices.set(symbol, index);
    });
    if (this.unit === "byte" && byteSymbols.some((symbol, byte) => symbols[byte] !== symbol)) {
      throw new OptionError(
        "Vocabulary: expected all 256 bytes in order; Vocabulary.from('', { unit: 'byte' }) makes this vocabulary",
      );
    }
    this.symbols = Object.freeze([...symbols]);
    this.#indices = indices;
  }

  /**
   * The vocabulary of a text, or of a sequence of symbols.
   *
   * @throws OptionError for an empty text, an unknown option, or a symbol of the text that a given `order` leaves out
   */
  static from(source: string | readonly string[], options: VocabularyOptions = {}): Vocabulary {
    const where = "Vocabulary.from";
    checkOptions(where, options, ["unit", "order"]);
    const unit = checkUnit(where, options.unit ?? "character");
    const order = options.order ?? "sorted";
    if (unit === "byte") {
      if (options.order !== undefined) {
        throw new OptionError(
          `${where}: a byte vocabulary is the bytes 0 to 255 in order and takes no 'order', got ${describe(order)}`,
        );
      }
      return new Vocabulary(byteSymbols, { unit });
    }
    const symbols = [...new Set(split(where, source, unit))];
    if (symbols.length === 0) throw new OptionError(`${where}: expected at least one symbol, got an empty text`);
    if (order === "appearance") return new Vocabulary(symbols, { unit });
    if (order === "sorted") return new Vocabulary(symbols.sort(compareCodePoints), { unit });
    if (!Array.isArray(order)) {
      throw new OptionError(
        `${where}: expected order 'sorted', 'appearance' or an array of symbols, got ${describe(order)}`,
      );
    }
    const vocabulary = new Vocabulary(order, { unit });
    vocabulary.encode(source);
    return vocabulary;
  }

  /** How many symbols there are. */
  get size(): number {
    return this.symbols.length;
  }

  has(symbol: string): boolean {
    return this.#indices.has(symbol);
  }

  /** The text cut into symbols of this vocabulary's unit, known or not. */
  split(text: string): string[] {
    return split("Vocabulary.split", text, this.unit);
  }

  /**
   * The index of each symbol.
   *
   * @throws OptionError naming the first symbol that is not in the vocabulary, and where it stands
   */
  encode(source: string | readonly string[]): number[] {
    const where = "Vocabulary.encode";
    if (this.unit === "byte" && typeof source === "string") return Array.from(encodeUtf8(source));
    return split(where, source, this.unit).map((symbol, position) => {
      const index = this.#indices.get(symbol);
      if (index === undefined) {
        throw new OptionError(
          `${where}: ${name(symbol)} at position ${position} is not among the ${this.size} symbols of the vocabulary. ` +
            "Build the vocabulary from all of the text, leave the symbol out, or use unit 'byte'",
        );
      }
      return index;
    });
  }

  /**
   * The text of a sequence of indices. Bytes that form no UTF-8, as a young model makes them, become U+FFFD.
   *
   * @throws ShapeError when an index is not a whole number from 0 to size − 1
   */
  decode(indices: ArrayLike<number>): string {
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= this.size) {
        throw new ShapeError(
          `Vocabulary.decode: expected whole indices from 0 to ${this.size - 1}, got ${describe(index)} at position ${i}`,
        );
      }
    }
    if (this.unit === "byte") return decodeUtf8(indices, () => "\uFFFD");
    return Array.from(indices, (index) => this.symbols[index]).join(this.unit === "word" ? " " : "");
  }

  /** For `JSON.stringify`; {@link Vocabulary.fromJSON} reads it back. */
  toJSON(): VocabularyJSON {
    return { unit: this.unit, symbols: this.symbols };
  }

  /** @throws FormatError when the value is not what {@link Vocabulary.toJSON} gives */
  static fromJSON(json: unknown): Vocabulary {
    const { unit, symbols } = (json ?? {}) as { unit?: unknown; symbols?: unknown };
    if (!units.includes(unit as string) || !Array.isArray(symbols)) {
      throw new FormatError(
        `Vocabulary.fromJSON: expected { unit, symbols } with unit out of ${units.join(", ")}, got ${describe(json)}`,
      );
    }
    try {
      return new Vocabulary(symbols, { unit: unit as SymbolUnit });
    } catch (error) {
      throw new FormatError(`Vocabulary.fromJSON: ${(error as Error).message}`);
    }
  }
}

const byteSymbols: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte > 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`,
);

function checkUnit(where: string, unit: unknown): SymbolUnit {
  if (!units.includes(unit as string)) {
    throw new OptionError(`${where}: expected unit out of ${units.join(", ")}, got ${describe(unit)}`);
  }
  return unit as SymbolUnit;
}

/** For each unit what a symbol must be, and whether a string is one. */
const symbolRules: {
  readonly [U in SymbolUnit]: { expected: string; fits: (symbol: string) => boolean };
} = {
  character: { expected: "one character (code point) for each symbol", fits: (symbol) => [...symbol].length === 1 },
  word: { expected: "words without white space", fits: (symbol) => /^\S+$/.test(symbol) },
  byte: { expected: `bytes written as "a" or "\\xEC"`, fits: (symbol) => byteSymbols.includes(symbol) },
};

function checkSymbol(where: string, unit: SymbolUnit, symbol: unknown, index: number): void {
  const { expected, fits } = symbolRules[unit];
  if (typeof symbol !== "string" || !fits(symbol)) {
    throw new OptionError(`${where}: expected ${expected}, got ${describe(symbol)} at ${index}`);
  }
}

function split(where: string, source: string | readonly string[], unit: SymbolUnit): string[] {
  if (Array.isArray(source)) {
    source.forEach((symbol, index) => {
      checkSymbol(where, unit, symbol, index);
    });
    return source.slice();
  }
  if (typeof source !== "string") {
    throw new OptionError(`${where}: expected a text or an array of symbols, got ${describe(source)}`);
  }
  if (unit === "character") return Array.from(source);
  if (unit === "word") return source.split(/\s+/).filter((word) => word !== "");
  return Array.from(encodeUtf8(source), (byte) => byteSymbols[byte] as string);
}

/** `'é' (U+00E9)`: invisible and look-alike characters can be told apart by their code point. */
function name(symbol: string): string {
  const codePoints = Array.from(symbol, (character) => codePointText(character.codePointAt(0) as number));
  return codePoints.length === 1 ? `${JSON.stringify(symbol)} (${codePoints[0]})` : JSON.stringify(symbol);
}
