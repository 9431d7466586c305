import { describe, expect, test } from "vitest";
import {
  accuracyByLength,
  bars,
  curves,
  embedding,
  FigureError,
  gates,
  gradientFlow,
  grid,
  lines,
  matshow,
  successMap,
  terminalCurve,
  terminalHeatmap,
} from "../src/index.js";

/** Deliberately wrong values, as a program without types would pass them. */
// biome-ignore lint/suspicious/noExplicitAny: the point is what the types forbid
const wrong = (value: unknown): any => value;

const table: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    "a vector as a matrix",
    () => matshow(wrong([1, 2, 3])),
    /expected a matrix, as rows of numbers, got a list of 3 numbers. Wrap it/,
  ],
  [
    "ragged rows",
    () => matshow([[1, 2], [3]]),
    /expected rows of one length, got 2 numbers in row 0 and 1 in row 1. Pad/,
  ],
  ["no rows", () => matshow([]), /expected at least one row, got an empty matrix/],
  ["no columns", () => matshow([[], []]), /expected at least one column, got rows of length 0/],
  ["three axes", () => matshow(wrong([[[1]]])), /expected a matrix \(2 axes\), got 3 axes/],
  ["text as a number", () => matshow(wrong([[1, "2"]])), /matshow: matrix\[0\]\[1\]: expected a number, got "2"/],
  [
    "no matrix",
    () => matshow(wrong(undefined)),
    /expected a matrix, as rows of numbers or a 2-D tensor, got undefined/,
  ],
  [
    "an option with a slip",
    () => matshow([[1]], wrong({ cmpa: "bwr" })),
    /unknown option 'cmpa'. Did you mean 'cmap'\?/,
  ],
  [
    "options that are no object",
    () => matshow([[1]], wrong("bwr")),
    /expected an options object with keys from .*got "bwr"/,
  ],
  [
    "an unknown colour map",
    () => matshow([[1]], { cmap: "bwrr" }),
    /unknown colour map 'bwrr'. Did you mean 'bwr'\? Known: bwr, RdBu/,
  ],
  [
    "a colour map that is no name",
    () => matshow([[1]], wrong({ cmap: 3 })),
    /expected the name of a colour map, got 3/,
  ],
  ["vmin above vmax", () => matshow([[1]], { vmin: 1, vmax: -1 }), /expected vmin below vmax, got vmin 1 and vmax -1/],
  ["vmin equal to vmax", () => matshow([[1]], { vmin: 1, vmax: 1 }), /expected vmin below vmax/],
  ["vmin that is NaN", () => matshow([[1]], { vmin: Number.NaN }), /vmin: expected a finite number, got NaN/],
  [
    "too few row labels",
    () => matshow([[1], [2]], { rowLabels: ["a"] }),
    /rowLabels: expected 2 labels, one for each row, got 1/,
  ],
  ["both kinds of row labels", () => matshow([[1]], { rowLabels: ["a"], yticks: [0] }), /both label the rows/],
  [
    "ticks outside",
    () => matshow([[1, 2]], { xticks: ["a", "b", "c"] }),
    /expected positions between -0.5 and 1.5 \(2 columns, the first is 0\), got 2 for label "c"/,
  ],
  [
    "ticks of no known form",
    () => matshow([[1]], wrong({ xticks: 3 })),
    /expected positions \(\[0, 5, 10\]\), labels .* got 3/,
  ],
  [
    "labels without positions",
    () => matshow([[1]], wrong({ xticks: { positions: [0], labels: [] } })),
    /labels: expected 1 labels, one for each position, got 0/,
  ],
  ["a line outside", () => matshow([[1, 2]], { vlines: [5] }), /vlines\[0\]: expected a position between -0.5 and 1.5/],
  [
    "lines that are no list",
    () => matshow([[1]], wrong({ vlines: 2.5 })),
    /expected an array of positions such as \[2.5\], got 2.5/,
  ],
  [
    "an unknown colour",
    () => matshow([[1]], { vlines: [{ at: 0, color: "limee" }] }),
    /expected a colour such as 'lime'.* got "limee"/,
  ],
  [
    "a bad figsize",
    () => matshow([[1]], wrong({ figsize: [5] })),
    /figsize: expected \[width, height\] in inches, got \[5\]/,
  ],
  ["a figsize without room", () => matshow([[1]], { figsize: [0.3, 0.3] }), /0.3 × 0.3 inches leave no room/],
  ["a bad cell size", () => matshow([[1]], { cellSize: -4 }), /cellSize: expected a finite number above 0, got -4/],
  ["a bad annotation", () => matshow([[1]], wrong({ annotate: 2 })), /annotate: expected true, false or a function/],
  ["a title that is no text", () => matshow([[1]], wrong({ title: 5 })), /title: expected text, got 5/],
  ["mathematics that cannot be read", () => matshow([[1]], { title: "$\\foo$" }), /unknown command '\\foo'/],

  ["no line", () => lines([]), /expected at least one number, got an empty list/],
  ["an empty object", () => lines({}), /expected at least one line, got an empty object/],
  ["nothing finite", () => lines([Number.NaN]), /no finite numbers for the y axis/],
  [
    "lengths that differ",
    () => lines([1, 2], { x: [1] }),
    /expected as many positions as heights, got 1 in x and 2 in y/,
  ],
  ["a bad format", () => lines([1], { format: "--q" }), /expected a format of a line .* not understood from "q"/],
  ["two markers", () => lines([1], { format: "oo" }), /each at most once, got "oo"/],
  [
    "an unknown key of a series",
    () => lines(wrong([{ y: [1], colour: "red" }])),
    /unknown option 'colour'. Did you mean 'color'\?/,
  ],
  [
    "labels for other lines",
    () => lines([[1, 2]], { labels: ["a"] }),
    /labels: expected 2 labels, one for each series, got 1/,
  ],
  ["colours for other lines", () => lines([[1, 2]], { colors: ["red"] }), /expected 2 colours, one for each series/],
  [
    "logarithm of nothing positive",
    () => lines([-1, 0], { yscale: "log" }),
    /logarithmic y axis needs numbers above 0, and there are none/,
  ],
  ["an unknown scale", () => lines([1], wrong({ yscale: "sqrt" })), /expected one of 'linear', 'log', got "sqrt"/],
  ["limits that are equal", () => lines([1], { ylim: [1, 1] }), /expected two different numbers/],
  ["limits that are no pair", () => lines([1], wrong({ xlim: 4 })), /xlim: expected \[low, high\], got 4/],
  ["a legend of nothing", () => lines([1], { legend: true }), /there are no names to show/],
  ["an unknown place", () => lines({ a: [1] }, wrong({ legend: "middle" })), /expected one of 'best', 'upper right'/],
  ["opacity beyond 1", () => lines([{ y: [1], opacity: 2 }]), /opacity: expected a number from 0 to 1, got 2/],

  ["no curve", () => curves({}), /expected loss, accuracy or both/],
  ["an unknown group", () => curves(wrong({ lose: [1] })), /unknown option 'lose'. Did you mean 'loss'\?/],
  [
    "smoothing of 1",
    () => curves({ loss: [1] }, { smoothing: 1 }),
    /smoothing: expected a number from 0 to below 1, got 1/,
  ],
  ["chance of nothing", () => curves({ loss: [1] }, { chance: 0.5 }), /no curve to compare with/],
  ["log of accuracy", () => curves({ accuracy: [1] }, { log: true }), /log is for the loss/],
  ["a curve with half a position", () => curves({ loss: { x: [1], y: [1, 2] } }), /got 1 in x and 2 in y/],

  [
    "a word for nothing",
    () => curves({ loss: [1] }, { words: wrong({ lost: "손실" }) }),
    /words: unknown option 'lost'. Did you mean 'loss'/,
  ],
  [
    "a word that is no text",
    () => successMap([[1]], { words: wrong({ learned: 1 }) }),
    /words.learned: expected text, got 1/,
  ],

  ["an empty grid", () => grid([]), /expected a list of figures/],
  ["a grid of numbers", () => grid(wrong([1])), /grid\[0\]\[0\]: expected a Figure/],
  ["a grid of grids", () => grid([grid([lines([1]), lines([2])])]), /expected a figure of one panel, got one of 2/],
  ["rows and columns", () => grid([[lines([1])]], { columns: 1 }), /given as rows already/],
  ["half a column", () => grid([lines([1])], { columns: 1.5 }), /columns: expected a whole number, got 1.5/],

  ["bars of different lengths", () => bars({ a: [1], b: [1, 2] }), /expected 1 numbers in 'b' as in 'a', got 2/],
  [
    "errors of another form",
    () => bars([1, 2], { errors: [1] }),
    /errors: expected the form of the data, 2 numbers, got 1/,
  ],
  ["negative errors", () => bars([1], { errors: [-1] }), /errors\[0\]: expected a number of 0 or more, got -1/],
  [
    "labels for other bars",
    () => bars([1, 2], { labels: ["a"] }),
    /labels: expected 2 labels, one for each bar, got 1/,
  ],

  [
    "percentages",
    () => accuracyByLength({ lengths: [1], accuracy: [93] }),
    /expected a share from 0 to 1, got 93. Divide percentages by 100/,
  ],
  [
    "more correct than there were",
    () => accuracyByLength({ lengths: [1], correct: [3], total: [2] }),
    /correct\[0\]: expected 0 … 2 \(the total\), got 3/,
  ],
  [
    "scores without totals",
    () => accuracyByLength(wrong({ lengths: [1], correct: [3] })),
    /total: expected a list of numbers .* got undefined/,
  ],
  [
    "scores of other lengths",
    () => accuracyByLength({ lengths: [1, 2], accuracy: [1] }),
    /expected 2 numbers in accuracy/,
  ],
  ["scores that are a list", () => accuracyByLength(wrong([1])), /expected \{ lengths, accuracy \}/],

  [
    "a negative gradient",
    () => gradientFlow([1, -2]),
    /gradientFlow\[1\]: expected the size of a gradient, 0 or more, got -2. Take its norm/,
  ],
  [
    "relative to zero",
    () => gradientFlow([0, 1], { relative: true }),
    /expected a first size above 0 to divide by, got 0/,
  ],
  ["a list of gradients", () => gradientFlow(wrong([[1], [2]])), /Name them/],

  ["one hidden unit", () => embedding([[1], [2]]), /at least two numbers, got 1/],
  [
    "columns that are not there",
    () => embedding([[1, 2]], { dims: [0, 2] }),
    /expected two columns from 0 to 1, got \[0,2\]/,
  ],
  [
    "symbols for other points",
    () => embedding([[1, 2]], { symbols: "ab" }),
    /expected 1 labels, one for each point, got 2/,
  ],
  [
    "a class that is no whole number",
    () => embedding([[0, 0]], { regions: () => 0.5, resolution: 2 }),
    /expected a class number .* got 0.5/,
  ],
  [
    "a layer of three units",
    () => embedding([[0, 0]], { regions: { weight: [[1, 2, 3]] } }),
    /expected 2 columns, one for each axis, got 3/,
  ],
  [
    "a bias too few",
    () =>
      embedding([[0, 0]], {
        regions: {
          weight: [
            [1, 2],
            [3, 4],
          ],
          bias: [1],
        },
      }),
    /as many biases as rows of weight \(2\), got 1/,
  ],
  [
    "regions of no known form",
    () => embedding([[0, 0]], { regions: wrong("argmax") }),
    /expected a function, \{ weight, bias \} or \{ classes, extent \}/,
  ],
  [
    "too few class names",
    () =>
      embedding([[0, 0]], {
        regions: {
          weight: [
            [1, 0],
            [-1, 0],
          ],
        },
        classNames: "a",
      }),
    /a name for each of 2 classes, got 1/,
  ],
  [
    "too few colours",
    () => embedding([[0, 0]], { symbols: "a", colors: [] }),
    /colors: expected at least 1, one for each of a/,
  ],
  ["a resolution of 1", () => embedding([[0, 0]], { resolution: 1 }), /whole number from 2 to 1000, got 1/],
  ["no finite points", () => embedding([[Number.NaN, Number.NaN]]), /no finite points/],

  ["no gates", () => gates({}), /expected at least one matrix/],
  ["gates that are a list", () => gates(wrong([[1]])), /expected matrices by name/],
  [
    "gates over different times",
    () => gates({ i: [[1]], f: [[1], [2]] }),
    /expected 1 rows \(time steps\) in 'f' as in 'i', got 2/,
  ],
  ["a range for nothing", () => gates({ i: [[1]] }, { ranges: { q: [0, 1] } }), /unknown option 'q'/],
  ["half a range", () => gates({ i: [[1]] }, { ranges: { i: wrong([0]) } }), /expected \[lowest, highest\], got \[0\]/],

  ["a rate as an outcome", () => successMap([[0.5]]), /expected true or false .* got 0.5. Draw shares with matshow/],
  [
    "rows of other names",
    () => successMap([[1]], { rows: ["a", "b"] }),
    /rows: expected 1 labels, one for each row, got 2/,
  ],

  [
    "an unknown option in the terminal",
    () => terminalHeatmap([[1]], wrong({ colour: true })),
    /unknown option 'colour'. Did you mean 'color'\?/,
  ],
  [
    "an unknown colour depth",
    () => terminalHeatmap([[1]], wrong({ color: "16" })),
    /expected one of 'none', '256', 'truecolor', got "16"/,
  ],
  [
    "a terminal too narrow",
    () => terminalHeatmap([[1]], { width: 2, rowLabels: ["ab"] }),
    /width: expected room for the cells beside row labels of 2 columns, got 2/,
  ],
  ["a line in the terminal", () => terminalHeatmap(lines([1, 2])), /expected a heat map as matshow\(\) makes it/],
  [
    "curves without height",
    () => terminalCurve([1, 2], { height: 3 }),
    /height: expected a whole number of at least 5, got 3/,
  ],
  [
    "curves without width",
    () => terminalCurve([1, 2], { width: 3.5 }),
    /width: expected a whole number of at least 20, got 3.5/,
  ],
  ["curves of nothing", () => terminalCurve([Number.NaN]), /no finite numbers to draw/],
  ["logarithms of nothing", () => terminalCurve([0, -1], { log: true }), /no finite numbers to draw above 0/],
];

describe("bad input", () => {
  test.each(table)("%s", (_, run, message) => {
    expect(run).toThrow(FigureError);
    expect(run).toThrow(message);
  });
});
