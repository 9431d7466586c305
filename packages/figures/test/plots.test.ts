import { describe, expect, test } from "vitest";
import { wilsonInterval } from "../src/accuracy-by-length.js";
import { movingAverage } from "../src/curves.js";
import {
  accuracyByLength,
  bars,
  curves,
  embedding,
  type Figure,
  gates,
  gradientFlow,
  lines,
  successMap,
} from "../src/index.js";
import { parseFormat } from "../src/plot/marks.js";
import { linearTicks, logTicks } from "../src/plot/ticks.js";
import type { Cells, Path, Rect, Text } from "../src/scene/scene.js";
import { wave } from "./examples.js";
import { cells, flat, paths, pixel, texts } from "./scene.js";

describe("lines", () => {
  test("a line runs through the pixels that the frame gives its points, in linear and logarithmic axes", () => {
    for (const yscale of ["linear", "log"] as const) {
      const y = [1, 10, 100, 3];
      const figure = lines(y, { yscale });
      const [line] = paths(figure, "#1f77b4") as [Path];
      for (const [i, command] of line.commands.entries()) {
        const [px, py] = pixel(figure, i, y[i] as number);
        expect(command[0]).toBe(i === 0 ? "M" : "L");
        expect(Math.abs((command[1] as number) - px)).toBeLessThan(1e-6);
        expect(Math.abs((command[2] as number) - py)).toBeLessThan(1e-6);
      }
    }
  });

  test("a matrix has a line for each column, in matplotlib's colours", () => {
    const figure = lines(wave(9, 3), { format: "--o" });
    for (const color of ["#1f77b4", "#ff7f0e", "#2ca02c"]) {
      const [stroke, dots] = paths(figure, color) as [Path, Path];
      expect(stroke.dash?.length).toBe(2);
      expect(dots.commands.filter(([letter]) => letter === "M")).toHaveLength(9);
    }
  });

  test("NaN leaves a gap, and zeros on a logarithmic axis do", () => {
    const letters = (figure: Figure): string =>
      (paths(figure, "#1f77b4")[0] as Path).commands.map(([letter]) => letter).join("");
    expect(letters(lines([1, 2, Number.NaN, 3, 4]))).toBe("MLML");
    expect(letters(lines([1, 2, 0, 3, 4], { yscale: "log" }))).toBe("MLML");
    expect(lines([1, 2, Number.NaN, 3, 4]).description).toContain("1 missing");
  });

  test("a hundred thousand points become a few for each pixel, with the lowest and highest kept", () => {
    const y = Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 50));
    y[54_321] = 9;
    const figure = lines(y);
    const [line] = paths(figure, "#1f77b4") as [Path];
    expect(line.commands.length).toBeLessThan(3000);
    const top = Math.min(...line.commands.map((command) => command[2] as number));
    expect(Math.abs(top - pixel(figure, 0, 9)[1])).toBeLessThan(1e-6);
  });

  test("one point, equal points and a given domain have room", () => {
    expect(lines([5]).frames[0]?.yScale).toEqual({ type: "linear", from: 4.75, to: 5.25 });
    expect(lines([0, 0]).frames[0]?.yScale).toEqual({ type: "linear", from: -0.05, to: 0.05 });
    expect(lines([1, 2], { ylim: [0, 10], xlim: [-1, 5] }).frames[0]).toMatchObject({
      xScale: { from: -1, to: 5 },
      yScale: { from: 0, to: 10 },
    });
  });

  test.each([
    ["--o", { dash: "--", marker: "o" }],
    ["o--", { dash: "--", marker: "o" }],
    ["r:", { color: "#ff0000", dash: ":" }],
    ["s", { marker: "s" }],
    ["-.", { dash: "-." }],
    ["C3-^", { color: "#d62728", dash: "-", marker: "^" }],
    ["k.", { color: "#000000", marker: "." }],
  ])("format %s", (format, expected) => {
    expect(parseFormat("test", format)).toEqual(expected);
  });
});

describe("ticks", () => {
  test.each([
    [0, 1, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
    [-1, 1, 4, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]],
    [0, 100000, 5, ["0", "20000", "40000", "60000", "80000", "100000"]],
    [0, 3e6, 3, ["0", "1M", "2M", "3M"]],
    [0, 3e-5, 3, ["0", "1e−5", "2e−5", "3e−5"]],
  ])("%d … %d", (from, to, count, labels) => {
    expect(linearTicks(from, to, count).map((tick) => tick.label)).toEqual(labels);
  });

  test("whole numbers only, where only they make sense", () => {
    expect(linearTicks(0, 2, 9, true).map((tick) => tick.label)).toEqual(["0", "1", "2"]);
  });

  test("powers of ten, thinned when there are many, and 1 2 5 within a decade", () => {
    expect(
      logTicks(0.001, 10, 8)
        .filter((tick) => tick.label !== "")
        .map((tick) => tick.label),
    ).toEqual(["$10^{-3}$", "$10^{-2}$", "$10^{-1}$", "$10^{0}$", "$10^{1}$"]);
    expect(logTicks(1e-18, 1, 6).filter((tick) => tick.label !== "").length).toBeLessThanOrEqual(6);
    expect(
      logTicks(0.04, 0.8, 5)
        .filter((tick) => tick.label !== "")
        .map((tick) => tick.label),
    ).toEqual(["0.05", "0.1", "0.2", "0.5"]);
  });
});

describe("curves", () => {
  test("smoothing is TensorBoard's debiased moving average", () => {
    expect(movingAverage([4, 4, 4], 0.9).map((v) => Number(v.toFixed(12)))).toEqual([4, 4, 4]);
    const [a, b] = movingAverage([1, 3], 0.5) as [number, number];
    expect(a).toBe(1);
    expect(b).toBeCloseTo((0.5 * 0.5 * 1 + 0.5 * 3) / 0.75, 12);
    expect(movingAverage([1, Number.NaN, 3], 0.5)[1]).toBeNaN();
  });

  test("accuracy has an axis of its own from 0 to 1, and guesses are drawn and named", () => {
    const figure = curves({ loss: [1, 0.5], accuracy: [0.5, 0.9] }, { chance: 0.5, guessLoss: 0.6931, every: 1000 });
    expect(texts(figure)).toEqual(expect.arrayContaining(["loss", "accuracy", "chance 0.5", "guess 0.6931", "epoch"]));
    expect(figure.frames[0]?.xScale.to).toBeGreaterThan(1000);
  });

  test("on one axis it says both", () => {
    expect(texts(curves({ loss: [1, 0.5], accuracy: [0.5, 0.9] }, { sharedAxis: true }))).toContain("loss, accuracy");
  });

  test("a smoothed curve has its raw one pale behind it", () => {
    const figure = curves({ loss: [3, 1, 2, 1] }, { smoothing: 0.5 });
    expect(paths(figure, "#1f77b4").length).toBeGreaterThan(0);
    expect(paths(figure, "#b1cfe5").length).toBe(1);
  });
});

test("figures speak the language of the words they are given", () => {
  const words = { loss: "손실", accuracy: "정확도", chance: "우연" };
  const drawn = texts(curves({ loss: [1, 0.5], accuracy: [0.5, 0.9] }, { chance: 0.5, words }));
  expect(drawn).toEqual(expect.arrayContaining(["손실", "정확도", "우연 0.5"]));
  expect(texts(accuracyByLength({ lengths: [1, 2], accuracy: [1, 0.9] }, { words: { chance: "우연" } }))).toContain(
    "우연 0.5",
  );
  const map = texts(successMap([[1, 0]], { words: { learned: "성공", failed: "실패" } }));
  expect(map).toEqual(expect.arrayContaining(["성공", "× 실패"]));
});

describe("bars", () => {
  test("stand on zero and reach their numbers", () => {
    const figure = bars([2, -1]);
    const rects = flat(figure.scene.children).filter((node) => node.kind === "rect" && node.fill === "#1f77b4");
    const [up, down] = rects as [Rect, Rect];
    const zero = pixel(figure, 0, 0)[1];
    expect(up.y + up.height).toBeCloseTo(zero, 6);
    expect(up.y).toBeCloseTo(pixel(figure, 0, 2)[1], 6);
    expect(down.y).toBeCloseTo(zero, 6);
    expect(down.y + down.height).toBeCloseTo(pixel(figure, 0, -1)[1], 6);
  });

  test("lie when asked, first one on top, with their names", () => {
    const figure = bars([1, 2], { horizontal: true, labels: ["first", "second"], annotate: true });
    const all = flat(figure.scene.children).filter((node): node is Text => node.kind === "text");
    const y = (label: string): number => all.find((node) => node.runs[0]?.text === label)?.y as number;
    expect(y("first")).toBeLessThan(y("second"));
    expect(texts(figure)).toEqual(expect.arrayContaining(["1", "2"]));
  });
});

describe("accuracy by length", () => {
  test("Wilson's interval", () => {
    const [low, high] = wilsonInterval(8, 10);
    expect(low).toBeCloseTo(0.4901625, 6);
    expect(high).toBeCloseTo(0.9433178, 6);
    expect(wilsonInterval(0, 5)[0]).toBeCloseTo(0, 12);
  });

  test("counts have a band, shares have none, chance has a line", () => {
    const counted = accuracyByLength({ lengths: [2, 4], correct: [9, 6], total: [10, 10] });
    expect(paths(counted, "#1f77b4").some((path) => path.opacity === 0.18)).toBe(true);
    const plain = accuracyByLength({ lengths: [2, 4], accuracy: [0.9, 0.6] }, { chance: false });
    expect(paths(plain, "#1f77b4").some((path) => path.opacity === 0.18)).toBe(false);
    expect(texts(counted)).toContain("chance 0.5");
    expect(texts(plain).some((label) => label.startsWith("chance"))).toBe(false);
  });
});

describe("gradient flow", () => {
  test("relative lines begin at 1; zeros are counted", () => {
    expect(gradientFlow({ RNN: [4, 2, 1] }, { relative: true }).description).toContain("RNN: from 1 to 0.25");
    expect(gradientFlow([1, 0.5, 0]).description).toContain("Values of zero that are not drawn: 1.");
    expect(gradientFlow([1, 0.5, 0], { log: false }).frames[0]?.yScale.type).toBe("linear");
  });
});

describe("embedding", () => {
  const points = [
    [0.5, 0.5],
    [-0.5, 0.5],
    [0.5, -0.5],
    [0.5, 0.5],
  ];

  test("a linear layer's regions are the polygons in which its argmax is each class", () => {
    const figure = embedding(points, {
      regions: {
        weight: [
          [2, 0],
          [-2, 0],
          [0, 0],
        ],
        bias: [0, 0, 1],
      },
      classNames: ["right", "left", "middle"],
    });
    const [frame] = figure.frames as [Figure["frames"][0]];
    for (const [color, from, to] of [
      ["#c0d9ea", 0.5, 1.12],
      ["#ffdbbc", -1.12, -0.5],
      ["#c4e4c4", -0.5, 0.5],
    ] as const) {
      const [polygon] = paths(figure, color) as [Path];
      const xs = polygon.commands.flatMap((command) => (command[0] === "Z" ? [] : [command[1] as number]));
      expect(Math.min(...xs)).toBeCloseTo(pixel(figure, from, 0)[0], 6);
      expect(Math.max(...xs)).toBeCloseTo(pixel(figure, to, 0)[0], 6);
      expect(polygon.commands).toHaveLength(5);
    }
    expect(texts(figure)).toEqual(expect.arrayContaining(["right", "left", "middle"]));
    expect(frame.width).toBe(frame.height);
  });

  test("the legend can say what the colours mean", () => {
    const regions = {
      weight: [
        [1, 0],
        [-1, 0],
      ],
    };
    const figure = embedding(points, { regions, classNames: "ab", legendTitle: "다음 글자 (next symbol)" });
    expect(texts(figure)).toContain("다음 글자 (next symbol)");
    expect(figure.width).toBeGreaterThan(embedding(points, { regions, classNames: "ab" }).width);
  });

  test("a class that wins nowhere has no region", () => {
    const figure = embedding(points, {
      regions: {
        weight: [
          [1, 0],
          [-1, 0],
          [0, 0],
        ],
        bias: [0, 0, -9],
      },
    });
    expect(texts(figure)).toEqual(expect.arrayContaining(["class 0", "class 1"]));
    expect(texts(figure)).not.toContain("class 2");
  });

  test("a function's regions are its values on a grid", () => {
    const [region] = cells(embedding(points, { regions: (x, y) => (x > 0 ? 1 : y > 0 ? 2 : 0), resolution: 2 })) as [
      Cells,
    ];
    const [a, b, c, d] = region.colors;
    expect([b === d, a === b, a === c]).toEqual([true, false, false]);
  });

  test("a matrix of classes is drawn over its area; NaN is left out", () => {
    const [region] = cells(
      embedding(points, {
        regions: {
          classes: [
            [0, 1],
            [Number.NaN, 1],
          ],
          extent: [-1, 1, -1, 1],
        },
      }),
    ) as [Cells];
    expect(region.colors[2]).toBeNull();
    expect(region.columns).toBe(2);
  });

  test("points on one spot with one symbol are named once; a symbol has its class's colour", () => {
    const figure = embedding(points, { symbols: ["a", "b", "c", "a"], classNames: ["b", "a"] });
    expect(texts(figure).filter((label) => label === "a")).toHaveLength(1);
    expect(paths(figure, "#1f77b4")).toHaveLength(1);
    expect(figure.description).toContain("a around (0.5, 0.5)");
  });

  test("states of tanh are shown on the whole square, others on their own", () => {
    expect(embedding(points).frames[0]?.xScale).toMatchObject({ from: -1.12, to: 1.12 });
    const wide = embedding([
      [10, 0],
      [20, 1],
    ]).frames[0] as Figure["frames"][0];
    expect(wide.xScale.to - wide.xScale.from).toBeCloseTo(wide.yScale.to - wide.yScale.from, 9);
    expect(
      embedding(
        [
          [9, 0, 1],
          [9, 1, 0],
        ],
        { dims: [1, 2] },
      ).frames[0]?.xScale.to,
    ).toBe(1.12);
  });
});

describe("gates", () => {
  test("sigmoid gates run from 0 to 1, tanh from −1 to 1, the cell state over its own range", () => {
    const figure = gates({ i: [[0.5], [0.6]], g: [[0.1], [0.2]], c: [[2.5], [-1]] });
    expect(figure.frames).toHaveLength(3);
    expect(figure.description).toMatch(/i: .*from 0 to 1;.* g: .*from −1 to 1;.* c: .*from −2.5 to 2.5;/);
    expect(gates({ c: [[2]] }, { ranges: { c: [0, 4] } }).description).toContain("run from 0 to 4");
  });

  test("time runs to the right under the symbols", () => {
    const figure = gates({ i: wave(4, 2).map((row) => row.map(Math.abs)) }, { symbols: "Ab 가" });
    expect(texts(figure).slice(0, 4)).toEqual(["A", "b", "␣", "가"]);
    expect(cells(figure)[0]?.columns).toBe(4);
  });
});

describe("success map", () => {
  test("says and draws how many of how many", () => {
    const figure = successMap(
      [
        [true, false, false],
        [1, 1, Number.NaN],
      ] as never,
      { rows: ["one", "two"] },
    );
    expect(texts(figure)).toEqual(
      expect.arrayContaining(["1/3", "2/2", "one", "two", "learned", "× not learned", "not run"]),
    );
    expect(figure.description).toBe("Runs that learned the task: one: 1 of 3; two: 2 of 2.");
    expect(texts(figure).filter((label) => label === "×")).toHaveLength(2);
  });

  test("sorting puts successes first", () => {
    const [grid] = cells(successMap([[0, 1, 0, 1]], { sort: true })) as [Cells];
    expect(grid.colors).toEqual(["#2c7fb8", "#2c7fb8", "#fdae61", "#fdae61"]);
  });

  test("with three axes, percentages", () => {
    expect(
      texts(
        successMap(
          [
            [
              [1, 0],
              [1, 1],
            ],
          ],
          { rows: ["2"], columns: ["a", "b"] },
        ),
      ),
    ).toEqual(expect.arrayContaining(["50%", "100%"]));
  });
});
