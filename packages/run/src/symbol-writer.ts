import type { Vocabulary } from "@unroll/core/data";

/** Turns indices into text as they come, without ever cutting a character in two. */
export class SymbolWriter {
  /** Bytes of a character that is not whole yet. */
  private pending: number[] = [];
  private atStart = true;

  constructor(private readonly vocabulary: Vocabulary) {}

  /** The text that can be told for certain so far, less what was returned before; may be empty. */
  write(indices: readonly number[]): string {
    if (this.vocabulary.unit === "byte") {
      const bytes = [...this.pending, ...indices];
      const whole = bytes.length - incompleteTail(bytes);
      this.pending = bytes.slice(whole);
      return this.vocabulary.decode(bytes.slice(0, whole));
    }
    const space = this.vocabulary.unit === "word" && !this.atStart && indices.length > 0 ? " " : "";
    this.atStart &&= indices.length === 0;
    return space + this.vocabulary.decode(indices);
  }

  /** What is left at the end: a character that never became whole, as U+FFFD. */
  end(): string {
    const rest = this.vocabulary.decode(this.pending);
    this.pending = [];
    return rest;
  }
}

/** How many bytes at the end begin a character of UTF-8 that is not whole. */
function incompleteTail(bytes: readonly number[]): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}
