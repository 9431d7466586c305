import { describe, expect, test } from "vitest";
import {
  accuracyByLength,
  bars,
  curves,
  displayWidth,
  gates,
  gradientFlow,
  grid,
  lines,
  matshow,
  successMap,
  terminalCurve,
  terminalFigure,
  terminalHeatmap,
} from "../src/index.js";
import { wave } from "./examples.js";

const drawn = (figure: Parameters<typeof terminalFigure>[0], width = 80): string =>
  terminalFigure(figure, { width }) ?? expect.fail(`expected a drawing of ${figure}`);

describe("figures in a terminal", () => {
  test("heat maps as terminalHeatmap draws them, gates one below the other with their names", () => {
    const figure = matshow(wave(4, 3), { rowLabels: "abcd", vlines: [1.5] });
    expect(drawn(figure)).toBe(terminalHeatmap(figure));
    const shown = drawn(gates({ f: wave(6, 2).map((row) => row.map(Math.abs)), c: wave(6, 2) }, { symbols: "AbAcAd" }));
    expect(shown.split("\n").map((line) => line.trimStart()[0])).toEqual([..."fA12·", ..."c12+"]);
  });

  test("what is written into cells is written, on their colour where there is colour", () => {
    const figure = successMap([[[1, 1, 0, 0]], [[1, 1, 1, 1]]], { rows: [1, 2], columns: [5] });
    expect(drawn(figure)).toBe("    5\n1  50%\n2 100%");
    // Where numbers do not fit, shades are drawn.
    const narrow = drawn(matshow(wave(2, 20), { annotate: true, xticks: [] }), 50);
    expect(narrow.split("\n")[0]).not.toMatch(/\d\.\d\d/);
    const colored = terminalFigure(figure, { color: "truecolor" });
    expect(colored?.split("\u001b[48;2;").some((piece) => /^\d+;\d+;\d+m 50% /.test(piece))).toBe(true);
  });

  test("lines with their names, rules, labelled positions and the axis's name", () => {
    const shown = drawn(
      lines(
        { a: [0, 2], b: [2, 0] },
        { x: [-1, 1], ylabel: "$h$", vlines: [0], xticks: { positions: [-1, 0, 1], labels: ["left", "mid", "right"] } },
      ),
    );
    expect(shown).toContain("• a   × b");
    expect(shown).toContain("┊");
    expect(shown).toMatch(/left +mid +right/);
    expect(shown.split("\n")[0]?.trim()).toBe("h");
    for (const line of shown.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(72);
  });

  test("curves, accuracy by length and gradients: chance levels, logarithms, an axis on the right apart", () => {
    const both = drawn(curves({ loss: [3, 2, 1], accuracy: [0, 0.5, 1] }, { chance: 0.5 })).split("\n\n");
    expect(both).toHaveLength(2);
    expect(both[1]).toContain("╌");
    expect(drawn(curves({ loss: [3, 2, 1], accuracy: [0, 0.5, 1] }, { sharedAxis: true })).split("\n\n")).toHaveLength(
      1,
    );
    expect(drawn(accuracyByLength({ RNN: { lengths: [2, 4], accuracy: [1, 0.6] } }))).toContain("╌");
    const flow = drawn(gradientFlow({ RNN: [1, 0.1, 0.01], LSTM: [1, 0.9, 0.8] }));
    expect(flow).toMatch(/0\.01/);
    expect(flow).toContain("steps back in time");
  });

  test("smoothed curves are drawn without the raw ones behind them", () => {
    const shown = drawn(curves({ loss: [3, 1, 3, 1] }, { smoothing: 0.9 }));
    expect(shown.match(/loss/g)).toHaveLength(2);
  });

  test("what text cannot draw is left out", () => {
    expect(terminalFigure(bars([1, 2]))).toBeUndefined();
    expect(terminalFigure(grid([lines([1, 2]), lines([2, 1])]))).toBeUndefined();
    expect(terminalFigure(lines([1, 2], { format: "o" }))).toBeUndefined();
    expect(() => terminalFigure(bars([1]), { height: 3 } as never)).toThrow("terminalFigure: unknown option 'height'");
  });
});

test("labels below a curve that do not fit beside each other are left out", () => {
  const shown = terminalCurve([1, 2, 3], {
    width: 30,
    xticks: { positions: [0, 0.1, 2], labels: ["first", "second", "last"] },
  });
  expect(shown).toMatch(/first +last/);
  expect(shown).not.toContain("second");
});

test("names below a curve stay within the width", () => {
  const names = ["accuracy (RNN)", "accuracy (LSTM)", "정확도 (GRU)"];
  for (const width of [30, 45, 60, 80]) {
    const shown = terminalCurve(Object.fromEntries(names.map((name) => [name, [1, 2]])), { width });
    for (const line of shown.split("\n")) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
    expect(
      shown
        .split("\n")
        .at(-1)
        ?.match(/[•×o] \S/g),
    ).toHaveLength(3);
  }
});

test("labels above narrow cells stay within the width", () => {
  const labels = Array.from({ length: 13 }, (_, i) => `P(y = ${i})`);
  const shown = terminalHeatmap(wave(2, 13), { xticks: labels, rowLabels: "ab", width: 80 });
  for (const line of shown.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(80);
  expect(shown).toContain("P(y = 12)");
});
