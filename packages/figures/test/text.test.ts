import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bundledFonts } from "../src/node/fonts.js";
import { parseLabel, plainLabel, runsWidth } from "../src/text/mathtext.js";
import { emWidth } from "../src/text/metrics.js";

/** Runs in short: italic between slashes, the height of scripts in front. */
function shown(label: string): string {
  return parseLabel(label, 10)
    .map((run) => {
      const text = run.italic ? `/${run.text}/` : run.text;
      return run.shift === 0 ? text : `${run.shift < 0 ? "_" : "^"}{${text}}`;
    })
    .join("")
    .replaceAll("\u2009", "·");
}

describe("mathematics in labels", () => {
  test.each([
    ["plain text", "plain text"],
    ["$h_1$", "/h/_{1}"],
    ["$P_{A}$", "/P/_{/A/}"],
    ["$h_{t-1}$", "/h/_{/t/}_{−1}"],
    ["$x^2_{ij}$", "/x/^{2}_{/ij/}"],
    ["$10^{-3}$", "10^{−3}"],
    ["$\\hat{y}$", "/ŷ/"],
    ["$\\hat y_t$", "/ŷ/_{/t/}"],
    ["$\\bar{h}$ and $\\vec x$", "/h\u0304/ and /x\u20d7/"],
    ["$h:=(tanh \\circ linr_1)(x)$", "/h/·:=·(/tanh/·∘·/linr/_{1})(/x/)"],
    ["$\\hat{y}$ = softmax$(net(x))$", "/ŷ/ = softmax(/net/(/x/))"],
    ["Vis1: $h,net(x),\\hat{y}$", "Vis1: /h/,·/net/(/x/),·/ŷ/"],
    ["Vis2: $[h | net(x) | \\hat{y}]$", "Vis2: [/h/|/net/(/x/)|/ŷ/]"],
    ["$y=a?$", "/y/·=·/a/?"],
    ["$P(y=a)$", "/P/(/y/·=·/a/)"],
    ["$\\alpha\\Sigma\\partial L$", "/α/Σ∂/L/"],
    ["$\\mathrm{loss}$", "loss"],
    ["$\\tanh(W h + b)$", "tanh(/Wh/·+·/b/)"],
    ["$-1$", "−1"],
    ["$f'$", "/f/′"],
    ["$은닉_1$", "은닉_{1}"],
    ["5 $ and \\$6", "5 $ and $6"],
    ["\\$5", "$5"],
    ["", ""],
    ["$\\left(x\\right)$", "(/x/)"],
    ["$a\\,b\\ c$", "/a/·/b/ /c/"],
  ])("%s", (label, expected) => {
    expect(shown(label)).toBe(expected);
  });

  test("scripts have 0.7 of the size around them, also within scripts", () => {
    const sizes = parseLabel("$a_{b_c}$", 10).map((run) => run.size);
    expect(sizes.map((size) => Number(size.toFixed(6)))).toEqual([10, 7, 4.9]);
  });

  test.each([
    ["$h_1$", "h₁"],
    ["$P_A$", "P_A"],
    ["$h_{t-1}$", "hₜ₋₁"],
    ["$10^{-3}$", "10⁻³"],
    ["$W_{hh}$", "Wₕₕ"],
    ["$x_{AB}$", "x_{AB}"],
  ])("%s in plain text is %s", (label, expected) => {
    expect(plainLabel(label)).toBe(expected);
  });

  test.each([
    ["$\\foo$", "unknown command '\\foo'"],
    ["$h_$", "'_' needs something to its right"],
    ["$x^^2$", "'^' needs something to its right"],
    ["$h_{1$", "'{' is not closed"],
    ["$h}$", "'}' without '{'"],
    ["$\\hat$", "an accent needs a letter to its right"],
    ["$a\\$", undefined],
    ["$\\mathrm$", "'\\mathrm' needs something to its right"],
  ])("%s: %s", (label, message) => {
    if (message === undefined) expect(shown(label)).toBe("$a$");
    else expect(() => parseLabel(label, 10)).toThrow(message);
  });
});

describe("widths", () => {
  /** Advance widths straight from the font file. */
  function advances(path: string): (char: string) => number | undefined {
    const file = readFileSync(path);
    const table = (tag: string): number => {
      for (let i = 0; i < file.readUInt16BE(4); i++) {
        const entry = 12 + 16 * i;
        if (file.toString("latin1", entry, entry + 4) === tag) return file.readUInt32BE(entry + 8);
      }
      throw new Error(tag);
    };
    const unitsPerEm = file.readUInt16BE(table("head") + 18);
    const count = file.readUInt16BE(table("hhea") + 34);
    const cmap = table("cmap");
    const subtables = Array.from(
      { length: file.readUInt16BE(cmap + 2) },
      (_, i) => cmap + file.readUInt32BE(cmap + 8 + 8 * i),
    );
    const at = subtables.find((offset) => file.readUInt16BE(offset) === 4) as number;
    const segments = file.readUInt16BE(at + 6) / 2;
    return (char) => {
      const code = char.codePointAt(0) as number;
      for (let i = 0; i < segments; i++) {
        const end = file.readUInt16BE(at + 14 + 2 * i);
        const start = file.readUInt16BE(at + 16 + 2 * segments + 2 * i);
        if (code < start || code > end) continue;
        const delta = file.readUInt16BE(at + 16 + 4 * segments + 2 * i);
        const rangeAt = at + 16 + 6 * segments + 2 * i;
        const range = file.readUInt16BE(rangeAt);
        const glyph = range === 0 ? (code + delta) & 0xffff : file.readUInt16BE(rangeAt + range + 2 * (code - start));
        return file.readUInt16BE(table("hmtx") + 4 * Math.min(glyph, count - 1)) / unitsPerEm;
      }
      return undefined;
    };
  }

  const [sans, , , korean] = bundledFonts() as [string, string, string, string];

  test("Latin, Greek and signs are as wide as in DejaVu Sans", () => {
    const width = advances(sans);
    const ranges = [
      [0x20, 0x7e],
      [0xa1, 0xff],
      [0x391, 0x3a1],
      [0x3a3, 0x3c9],
      [0x100, 0x10f],
    ] as const;
    const chars = ranges.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)),
    );
    for (const char of [...chars, ..."ŷ–—…′∘∈∂∇∑∏␣\u2009₁−≤→"]) {
      const error = Math.abs(emWidth(char) - (width(char) as number));
      expect(
        error <= (chars.includes(char) && char < "Ā" ? 1e-9 : 0.06),
        `${char} ${emWidth(char)} ${width(char)}`,
      ).toBe(true);
    }
  });

  test("Hangul is as wide as in Nanum Gothic", () => {
    const width = advances(korean);
    for (const char of "가힣은닉확률") expect(emWidth(char)).toBe(width(char));
  });

  test("the width of a label is the sum of its runs", () => {
    expect(runsWidth(parseLabel("$h_1$", 10))).toBeCloseTo(10 * emWidth("h") + 7 * emWidth("1"), 12);
  });
});
