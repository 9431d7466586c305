/**
 * Labels as matplotlib writes them: plain text with parts between dollar signs in a small part of TeX's mathematics.
 *
 * `$h_1$`, `$P_{A}$`, `$10^{-3}$`, `$\hat{y}$`, Greek letters, `\circ`, `\mathrm{…}`, named functions. As in matplotlib, letters are
 * italic, digits upright, spaces do not count, and relations and operators get room. A label with an odd number of dollar signs
 * is plain text; `\$` is a dollar sign.
 *
 * @module
 */
import { FigureError } from "../errors.js";
import type { Run } from "../scene/scene.js";
import { emWidth } from "./metrics.js";
import {
  ACCENTS,
  FUNCTIONS,
  type LetterStyle,
  OPERATORS,
  SPACES,
  STYLES,
  SUBSCRIPTS,
  SUPERSCRIPTS,
  SYMBOLS,
  THIN_SPACE,
} from "./symbols.js";

/** matplotlib's size of sub- and superscripts, and how far they move, in units of the size around them. */
const SCRIPT_SIZE = 0.7;
const SUB_SHIFT = -0.2;
const SUP_SHIFT = 0.38;

/**
 * The runs of one label at a font size in pixels.
 *
 * @throws FigureError for an unknown command, an unclosed brace, a sub- or superscript without a body
 */
export function parseLabel(label: string, size: number): Run[] {
  const parts = label.split(/(?<!\\)\$/);
  const runs: Run[] = [];
  // With an odd number of dollar signs the number of parts is even: plain text, as in matplotlib.
  if (parts.length % 2 === 0) push(runs, plainDollars(label), size, 0, false);
  else {
    for (const [i, part] of parts.entries()) {
      if (i % 2 === 0) push(runs, plainDollars(part), size, 0, false);
      else new MathParser(label, part, runs).list(size, 0, "italic", false);
    }
  }
  return runs;
}

/** The label as one line of plain text, with Unicode's sub- and superscripts where all letters have one: `h₁`, `P_A`. */
export function plainLabel(label: string): string {
  return parseLabel(label, 1)
    .map((run) => {
      if (run.shift === 0) return run.text;
      const table = run.shift < 0 ? SUBSCRIPTS : SUPERSCRIPTS;
      const letters = [...run.text];
      if (letters.every((letter) => table.has(letter))) return letters.map((letter) => table.get(letter)).join("");
      return `${run.shift < 0 ? "_" : "^"}${letters.length > 1 ? `{${run.text}}` : run.text}`;
    })
    .join("")
    .replaceAll(THIN_SPACE, " ");
}

/** The width of runs in pixels. */
export function runsWidth(runs: readonly Run[], bold = false): number {
  return runs.reduce((sum, run) => sum + emWidth(run.text, bold) * run.size, 0);
}

const plainDollars = (text: string): string => text.replaceAll("\\$", "$");

function push(runs: Run[], text: string, size: number, shift: number, italic: boolean): void {
  if (text === "") return;
  const last = runs.at(-1);
  if (last !== undefined && last.size === size && last.shift === shift && last.italic === italic) {
    runs[runs.length - 1] = { ...last, text: last.text + text };
  } else runs.push({ text, size, shift, italic });
}

/** Recursive descent over one stretch of mathematics; what it reads is added to `runs`. */
class MathParser {
  private at = 0;
  private readonly label: string;
  private readonly source: string;
  private readonly runs: Run[];

  constructor(label: string, source: string, runs: Run[]) {
    this.label = label;
    this.source = source;
    this.runs = runs;
  }

  /** Atoms up to the end, or up to the brace that closes a group. */
  list(size: number, shift: number, style: LetterStyle, inGroup: boolean): void {
    while (this.at < this.source.length) {
      if (this.source[this.at] === "}") {
        if (!inGroup) this.fail("'}' without '{'");
        return;
      }
      this.atom(size, shift, style);
    }
    if (inGroup) this.fail("'{' is not closed");
  }

  private atom(size: number, shift: number, style: LetterStyle): void {
    const char = String.fromCodePoint(this.source.codePointAt(this.at) as number);
    this.at += char.length;
    if (char === "{") this.group(size, shift, style);
    else if (char === "_" || char === "^") this.script(char, size, shift, style);
    else if (char === "\\") this.command(size, shift, style);
    else if (char === "'") push(this.runs, "′", size, shift, false);
    else if (char === ":" && this.source[this.at] === "=") {
      this.at++;
      this.operator(":=", size, shift);
    } else if (/[=<>+*≤≥≈≠∈→←∘×·±∼-]/u.test(char)) {
      this.operator(char === "-" ? "−" : char === "*" ? "∗" : char, size, shift);
    } else if (char === "," || char === ";") push(this.runs, char + THIN_SPACE, size, shift, false);
    else if (/\s/u.test(char)) {
      if (style === "upright") push(this.runs, " ", size, shift, false);
    } else push(this.runs, char, size, shift, style === "italic" && isSlanted(char));
  }

  /** A relation or binary operator: room on both sides, except in scripts, and except for a sign in front. */
  private operator(sign: string, size: number, shift: number): void {
    const before = this.runs.at(-1)?.text.at(-1) ?? "";
    const isSign = before === "" || /[([=<>,:|\u2009+−]/u.test(before);
    const room = shift === 0 && !isSign ? THIN_SPACE : "";
    push(this.runs, room + sign + room, size, shift, false);
  }

  private group(size: number, shift: number, style: LetterStyle): void {
    this.list(size, shift, style, true);
    this.at++;
  }

  private script(kind: "_" | "^", size: number, shift: number, style: LetterStyle): void {
    if (this.at >= this.source.length || /[_^}]/.test(this.source[this.at] as string)) {
      this.fail(`'${kind}' needs something to its right`);
    }
    this.atom(size * SCRIPT_SIZE, shift + (kind === "_" ? SUB_SHIFT : SUP_SHIFT) * size, style);
  }

  private command(size: number, shift: number, style: LetterStyle): void {
    const name = /^(?:[A-Za-z]+|[^A-Za-z])/u.exec(this.source.slice(this.at))?.[0];
    if (name === undefined) this.fail("'\\' needs a name to its right");
    this.at += name.length;
    const [mark, newStyle] = [ACCENTS.get(name), STYLES.get(name)];
    const [operator, space, symbol] = [OPERATORS.get(name), SPACES.get(name), SYMBOLS.get(name)];
    if (mark !== undefined) this.accent(mark, size, shift, style);
    else if (newStyle !== undefined) this.styled(name, size, shift, newStyle);
    else if (operator !== undefined) this.operator(operator, size, shift);
    else if (space !== undefined) push(this.runs, space, size, shift, false);
    else if (symbol !== undefined) push(this.runs, symbol, size, shift, style === "italic" && isSlanted(symbol));
    else if (FUNCTIONS.has(name)) push(this.runs, name, size, shift, false);
    // \left and \right only ask for taller brackets.
    else if (name !== "left" && name !== "right") this.fail(`unknown command '\\${name}'`);
  }

  private styled(name: string, size: number, shift: number, style: LetterStyle): void {
    if (this.at >= this.source.length) this.fail(`'\\${name}' needs something to its right`);
    this.atom(size, shift, style);
  }

  /** An accent over the first letter of what follows. */
  private accent(mark: string, size: number, shift: number, style: LetterStyle): void {
    const inner: Run[] = [];
    const parser = new MathParser(this.label, this.source, inner);
    parser.at = this.at;
    while (/\s/u.test(this.source[parser.at] ?? "")) parser.at++;
    if (parser.at >= this.source.length) this.fail("an accent needs a letter to its right");
    parser.atom(size, shift, style);
    this.at = parser.at;
    for (const [i, run] of inner.entries()) {
      const first = i === 0 ? (([...run.text][0] as string) + mark).normalize("NFC") : "";
      const rest = i === 0 ? [...run.text].slice(1).join("") : run.text;
      push(this.runs, first + rest, run.size, run.shift, run.italic);
    }
  }

  private fail(reason: string): never {
    throw new FigureError(
      `label ${JSON.stringify(this.label)}: ${reason}. Between dollar signs a small part of TeX is read: ` +
        "_ ^ { } \\hat \\bar \\mathrm, Greek letters, \\circ and other signs; write \\$ for a dollar sign",
    );
  }
}

/** Latin and small Greek letters lean in mathematics; capitals of Greek, digits, signs and Hangul stand upright. */
function isSlanted(char: string): boolean {
  return /\p{L}/u.test(char) && !/[Α-Ω]|\p{Lo}/u.test(char);
}
