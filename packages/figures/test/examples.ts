/** Data without randomness, and all figures in one table. Runs in browsers too. */
import * as figures from "../src/index.js";

/** A smooth matrix between −1 and 1. */
export function wave(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(i * 1.3 + j * 2.1)));
}

const falling = Array.from({ length: 60 }, (_, i) => 0.05 + 0.65 * 0.94 ** i);
const rising = falling.map((loss) => 1 - loss * 0.7);
const states = wave(12, 2);

/** Every kind of figure, with the options that documents and lessons use. */
export const examples: Readonly<Record<string, () => figures.Figure>> = {
  matshow: () =>
    figures.matshow(wave(10, 7), {
      vmin: -1,
      vmax: 1,
      vlines: [2.5],
      xticks: ["$h_1$", "$h_2$", "$h_3$", "$P_A$", "$P_b$", "$P_c$", "$P_d$"],
      rowLabels: "AbAcAdAbAc",
      colorbar: true,
      title: "$[h | \\hat{y}]$",
      annotate: true,
      xlabel: "column",
      ylabel: "time",
    }),
  lines: () =>
    figures.lines(wave(9, 3), {
      format: "--o",
      labels: ["a", "b", "c"],
      title: "$net(x)$",
      xlabel: "t",
      ylabel: "value",
      grid: true,
      hlines: [0],
    }),
  curves: () =>
    figures.curves(
      { loss: { training: falling, validation: falling.map((v) => v * 1.2) }, accuracy: rising },
      { chance: 0.5, guessLoss: Math.LN2, smoothing: 0.8, log: true, every: 1000, title: "curves" },
    ),
  grid: () =>
    figures.grid([figures.lines(wave(9, 1)), figures.lines(wave(9, 3)), figures.matshow(wave(9, 3))], {
      suptitle: "Vis1: $h,net(x),\\hat{y}$",
      figsize: [15, 5],
    }),
  bars: () =>
    figures.bars(
      { RNN: [0.6, 0.4], LSTM: [0.9, 0.8] },
      { labels: ["short", "long"], annotate: true, errors: { RNN: [0.1, 0.1], LSTM: [0, 0.02] }, grid: true },
    ),
  lyingBars: () =>
    figures.bars([-1, 2, 3], {
      labels: ["a", "b", " "],
      horizontal: true,
      annotate: true,
      rules: [{ at: 1, label: "one" }],
    }),
  accuracyByLength: () =>
    figures.accuracyByLength({
      RNN: { lengths: [2, 4, 6], correct: [90, 70, 55], total: [100, 100, 100] },
      LSTM: { lengths: [2, 4, 6], accuracy: [1, 0.9, 0.8] },
    }),
  gradientFlow: () => figures.gradientFlow({ RNN: [1, 0.5, 0.25, 0.1], LSTM: [1, 0.9, 0.8, 0.7] }, { relative: true }),
  embedding: () =>
    figures.embedding(states, {
      symbols: "AbAcAdAbAcAd",
      classNames: "Abcd",
      regions: {
        weight: [
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ],
        bias: [0, 0, 0.1, 0.1],
      },
      path: true,
      title: "states",
    }),
  gates: () =>
    figures.gates(
      { i: wave(12, 3).map((r) => r.map(Math.abs)), g: wave(12, 3), c: wave(12, 3).map((r) => r.map((v) => 2 * v)) },
      { symbols: "AbAcAdAbAcAd", title: "gates" },
    ),
  successMap: () =>
    figures.successMap(
      [
        [true, false, true],
        [true, true, Number.NaN],
      ] as never,
      { rows: ["1 unit", "2 units"], title: "learned?", xlabel: "seed" },
    ),
  rateMap: () =>
    figures.successMap(
      [
        [
          [1, 0],
          [1, 1],
        ],
        [
          [1, 1],
          [0, 0],
        ],
      ],
      { rows: [1, 2], columns: [2, 3] },
    ),
};
