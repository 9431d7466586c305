/**
 * Colours and widths of text in a terminal.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { eastAsianWidth } from "get-east-asian-width";

/** A stream that text is written to. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** How much colour a stream can show. */
export type ColorMode = "none" | "16" | "256" | "truecolor";

/**
 * NO_COLOR switches colours off and FORCE_COLOR on (https://no-color.org, https://force-color.org); otherwise a terminal has
 * as many as TERM and COLORTERM say, and files and pipes have none.
 */
export function colorMode(stream: Sink, env: Readonly<Record<string, string | undefined>>): ColorMode {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "" && env.FORCE_COLOR !== "0";
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return "none";
  if (!forced && (stream.isTTY !== true || env.TERM === "dumb" || env.FORCE_COLOR === "0")) return "none";
  if (env.FORCE_COLOR === "3" || /^(truecolor|24bit)$/.test(env.COLORTERM ?? "")) return "truecolor";
  return env.FORCE_COLOR === "2" || /256/.test(env.TERM ?? "") ? "256" : "16";
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof codes;

export function paint(style: Style, text: string): string {
  const [on, off] = codes[style];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

const graphemes = new Intl.Segmenter();

/** Columns that a text takes in a terminal: two for a Korean syllable, none for colours. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += graphemeWidth(segment);
  return width;
}

const graphemeWidth = (grapheme: string): number => eastAsianWidth(grapheme.codePointAt(0) as number);

/** The longest beginning of a text without colours that fits into `columns`, with `…` where something was cut off. */
export function clip(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 1;
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return columns > 0 ? `${kept}…` : "";
}

/** The lines of a text, those that are too long in pieces of at most `columns`. */
export function wrap(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => {
    const pieces = [""];
    let width = 0;
    for (const { segment } of graphemes.segment(line)) {
      const more = graphemeWidth(segment);
      if (width + more > columns && width > 0) {
        pieces.push("");
        width = 0;
      }
      pieces[pieces.length - 1] += segment;
      width += more;
    }
    return pieces;
  });
}

/** Lines of at most `columns`, broken at spaces. Colours go on over a break. */
export function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && textWidth(line) + 1 + textWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The text without what would move the cursor or change colours: other control characters than new lines become `�`. */
export function harmless(text: string): string {
  return Array.from(text.replaceAll("\t", "  "), (character) => {
    const code = character.codePointAt(0) as number;
    const control = (code < 32 && character !== "\n") || (code >= 127 && code < 160);
    return control ? "�" : character;
  }).join("");
}

/** `1,189`. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** `0:07`, `12:34`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
