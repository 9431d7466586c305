import { describe, expect, test } from "vitest";
import { displayWidth, matshow, terminalCurve, terminalHeatmap } from "../src/index.js";
import { escapeFor, fitTo } from "../src/terminal/text.js";
import { wave } from "./examples.js";

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
const plain = (text: string): string => text.replace(/\u001b\[[\d;]*m/g, "");

describe("columns of text", () => {
  test.each([
    ["abc", 3],
    ["한글", 4],
    ["h₁", 2],
    ["e\u0301", 1],
    ["👍", 2],
    ["", 0],
    ["가 b", 4],
    ["\u001f", 0],
  ])("%s takes %i", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test("filling and cutting count columns, not characters", () => {
    expect(fitTo("한", 4)).toBe("한  ");
    expect(fitTo("한", 4, "right")).toBe("  한");
    expect(fitTo("한글날", 4)).toBe("한… ");
    expect(displayWidth(fitTo("한글날", 4))).toBe(4);
    expect(fitTo("ab", 5, "center")).toBe(" ab  ");
    expect(fitTo("abc", 0)).toBe("");
  });

  test("colours become 24-bit or the nearest of 256", () => {
    expect(escapeFor("#ff0000", "truecolor", "background")).toBe("\u001b[48;2;255;0;0m");
    expect(escapeFor("#ff0000", "256", "background")).toBe("\u001b[48;5;196m");
    expect(escapeFor("#0000ff", "256", "ink")).toBe("\u001b[38;5;21m");
    expect(escapeFor("#d9d9d9", "256", "ink")).toBe("\u001b[38;5;253m");
    expect(escapeFor("#ffffff", "256", "ink")).toBe("\u001b[38;5;231m");
  });
});

describe("heat map", () => {
  const matrix = [
    [1, -1, 0.5],
    [0, 0.3, Number.NaN],
  ];
  const options = {
    vmin: -1,
    vmax: 1,
    xticks: ["$h_1$", "$h_2$", "$P_A$"],
    rowLabels: ["가", "b"],
    vlines: [1.5],
    title: "$[h|\\hat{y}]$",
  };

  test("plain: sign and size, the dividing line, labels in columns", () => {
    expect(terminalHeatmap(matrix, options)).toBe(
      ["   [h|ŷ]", "    h₁  h₂  P_A", "가 +██ -██ │+▓▓", " b  ·  +▒▒ │//", "   + above, - below 0; ░▒▓█ up to 1"].join(
        "\n",
      ),
    );
  });

  test("in colour each cell has its colour, and the text underneath is the same shape", () => {
    const drawn = terminalHeatmap(matrix, { ...options, color: true });
    expect(drawn).toContain(
      "\u001b[48;2;255;0;0m    \u001b[0m\u001b[48;2;0;0;255m    \u001b[0m\u001b[38;2;0;255;0m│\u001b[0m",
    );
    expect(plain(drawn).split("\n")[3]).toBe(" b         │////");
    expect(terminalHeatmap(matrix, { ...options, color: "256" })).toContain("\u001b[48;5;196m");
  });

  test("every row takes the same columns, whatever the labels", () => {
    for (const color of [false, true, "256"] as const) {
      const rows = plain(
        terminalHeatmap(wave(6, 5), { color, rowLabels: ["은닉", "a", "가나다", "b", " ", "c"], vmin: -1, vmax: 1 }),
      )
        .split("\n")
        .slice(1, 7);
      for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(6 + 1 + 10);
      expect(rows[4]?.startsWith("     ␣ ")).toBe(true);
    }
  });

  test("wide matrices shrink their cells, then leave columns out and say so", () => {
    expect(terminalHeatmap(wave(2, 30), { width: 40, yticks: [] }).split("\n")[1]?.length).toBeLessThanOrEqual(31);
    const cut = terminalHeatmap(wave(2, 100), { width: 40 });
    for (const line of cut.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(44);
    expect(cut).toMatch(/… \d+ more columns do not fit into 40$/);
  });

  test("a sequential map has shades without signs", () => {
    const drawn = terminalHeatmap([[0, 0.25, 0.5, 0.75, 1]], { cmap: "viridis", xticks: [], yticks: [] });
    expect(drawn.split("\n")[0]).toBe(" · ░ ▒ ▓ █");
  });

  test("a figure of matshow is drawn as it is", () => {
    expect(terminalHeatmap(matshow(matrix, options))).toBe(terminalHeatmap(matrix, options));
  });

  test("without colour there is no escape sequence", () => {
    expect(terminalHeatmap(wave(3, 3))).not.toContain("\u001b");
    expect(terminalCurve({ a: [1, 2], b: [2, 1] })).not.toContain("\u001b");
  });
});

describe("curve", () => {
  test("a falling line runs from top left to bottom right", () => {
    const lines = terminalCurve([3, 2, 1, 0], { width: 20, height: 7, xlabel: "t" }).split("\n");
    expect(lines).toHaveLength(7);
    const first = (line: string): number => line.search(/[⠁-⣿]/u);
    const starts = lines.slice(0, 5).map(first);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(lines[5]).toMatch(/└─+$/);
    expect(lines[6]?.trim()).toMatch(/^0\s+t\s+3$/);
  });

  test("width and height are kept, also with a Korean title and names", () => {
    for (const color of [false, true]) {
      const lines = plain(
        terminalCurve({ 손실: [3, 2, 1], 정확도: [0, 0.5, 1] }, { width: 50, height: 12, title: "학습 곡선", color }),
      ).split("\n");
      expect(lines).toHaveLength(12);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(50);
      expect(lines.at(-1)).toContain("손실");
    }
  });

  test("several curves without colour have marks of their own", () => {
    const drawn = terminalCurve({ a: [0, 0, 0], b: [1, 1, 1] });
    expect(drawn).toMatch(/•+/);
    expect(drawn).toMatch(/×+/);
    expect(drawn.split("\n").at(-1)).toContain("• a   × b");
  });

  test("gaps, one point, equal points, logarithms and rules", () => {
    expect(terminalCurve([1, Number.NaN, 3])).toMatch(/[⠁-⣿]/u);
    expect(terminalCurve([5])).toMatch(/[⠁-⣿]/u);
    expect(terminalCurve([2, 2, 2])).toMatch(/[⠁-⣿]/u);
    expect(terminalCurve([1, 10, 100], { log: true })).toContain("100");
    expect(terminalCurve([0, 1], { hlines: [0.5] })).toContain("╌");
  });
});
