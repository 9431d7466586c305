/**
 * Text in a terminal: how many columns it takes, and its colours.
 *
 * @module
 */
import { rgb } from "d3-color";
import { eastAsianWidth } from "get-east-asian-width";
import { choiceOption } from "../input.js";

/** What a terminal can show: `true` is 24-bit colour, `false` is plain text without any escape sequence. */
export type TerminalColor = boolean | "none" | "256" | "truecolor";

/** A colour depth from the option. */
export function colorDepth(where: string, option: unknown): "none" | "256" | "truecolor" {
  if (option === undefined || option === false) return "none";
  if (option === true) return "truecolor";
  return choiceOption(`${where}: color`, option, ["none", "256", "truecolor"]);
}

/** Columns that a text takes: Hangul, Chinese characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    const first = segment.codePointAt(0) as number;
    if (/^[\p{M}\p{Cc}\p{Cf}]/u.test(segment)) continue;
    width += /\p{Emoji_Presentation}|\uFE0F/u.test(segment) ? 2 : eastAsianWidth(first);
  }
  return width;
}

/** Fills with spaces up to a number of columns; longer text is cut and ends in `…`. */
export function fitTo(text: string, width: number, align: "left" | "right" | "center" = "left"): string {
  let shown = text;
  if (displayWidth(text) > width) {
    shown = "";
    for (const char of text) {
      if (displayWidth(shown + char) > width - 1) break;
      shown += char;
    }
    shown = width > 0 ? `${shown}…` : "";
  }
  const room = Math.max(0, width - displayWidth(shown));
  const left = align === "left" ? 0 : align === "right" ? room : Math.floor(room / 2);
  return " ".repeat(left) + shown + " ".repeat(room - left);
}

export const RESET = "\u001b[0m";

/** The escape sequence that makes a colour the ink or the background. */
export function escapeFor(color: string, depth: "256" | "truecolor", of: "ink" | "background"): string {
  const { r, g, b } = rgb(color);
  const kind = of === "ink" ? 38 : 48;
  return depth === "truecolor" ? `\u001b[${kind};2;${r};${g};${b}m` : `\u001b[${kind};5;${nearest256(r, g, b)}m`;
}

const CUBE = [0, 95, 135, 175, 215, 255];

/** The entry of the 256-colour palette that is nearest: the 6×6×6 cube or one of 24 greys. */
function nearest256(r: number, g: number, b: number): number {
  const step = (value: number): number =>
    CUBE.reduce((best, level, i) => (Math.abs(level - value) < Math.abs((CUBE[best] as number) - value) ? i : best), 0);
  const [i, j, k] = [step(r), step(g), step(b)];
  const distance = (x: number, y: number, z: number): number => (x - r) ** 2 + (y - g) ** 2 + (z - b) ** 2;
  const grey = Math.max(0, Math.min(23, Math.round(((r + g + b) / 3 - 8) / 10)));
  const greyLevel = 8 + 10 * grey;
  const inCube = distance(CUBE[i] as number, CUBE[j] as number, CUBE[k] as number);
  return distance(greyLevel, greyLevel, greyLevel) < inCube ? 232 + grey : 16 + 36 * i + 6 * j + k;
}

/** Text in a colour, or plain. */
export function inked(text: string, color: string, depth: "none" | "256" | "truecolor"): string {
  return depth === "none" || text === "" ? text : escapeFor(color, depth, "ink") + text + RESET;
}
