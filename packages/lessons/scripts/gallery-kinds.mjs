/**
 * What else `@unroll/figures` draws, with numbers that a formula gives: each call is shown as it stands here.
 */
import {
  accuracyByLength,
  bars,
  colorMapNames,
  curves,
  gates,
  gradientFlow,
  grid,
  matshow,
  successMap,
  terminalCurve,
  terminalHeatmap,
} from "@unroll/figures";

/** A smooth matrix between −1 and 1. */
const wave = (rows, columns) =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(i * 1.3 + j * 2.1)));
const size = (matrix) => matrix.map((row) => row.map(Math.abs));
const falling = Array.from({ length: 60 }, (_, i) => 0.05 + 0.65 * 0.94 ** i + 0.03 * Math.sin(7 * i));
const rising = falling.map((loss) => 1 - 0.7 * loss);
const lengths = [2, 4, 6, 8, 10];
const learned = Array.from({ length: 3 }, (_, units) =>
  Array.from({ length: 30 }, (_, s) => (7 * s) % 10 < 3 + 4 * units),
);

/** Each with its title and a function that draws it. */
export const kinds = [
  {
    title: { en: "matshow: numbers in the cells", ko: "matshow: 칸마다 숫자 쓰기" },
    draw: () => matshow(wave(6, 5), { annotate: true, cmap: "RdBu_r", colorbar: true, rowLabels: "AbAcAd" }),
  },
  {
    title: { en: "matshow: time to the right", ko: "matshow: 시간을 오른쪽으로" },
    draw: () =>
      matshow(wave(12, 3), { transpose: true, xticks: ["$h_1$", "$h_2$", "$h_3$"], rowLabels: "AbAcAdAbAcAd" }),
  },
  {
    title: {
      en: "curves: loss and accuracy, smoothed, with the level of chance",
      ko: "curves: 손실과 정확도, 평활, 찍었을 때의 기준선",
    },
    draw: () =>
      curves({ loss: falling, accuracy: rising }, { chance: 0.5, smoothing: 0.8, every: 1000, xlabel: "iteration" }),
  },
  {
    title: { en: "curves: several losses on a logarithmic axis", ko: "curves: 여러 손실을 로그 축에" },
    draw: () =>
      curves(
        { loss: { training: falling, validation: falling.map((loss) => 1.3 * loss) } },
        { log: true, guessLoss: Math.LN2, xlabel: "epoch" },
      ),
  },
  {
    title: {
      en: "accuracyByLength: counts give a band, Wilson's 95 % interval",
      ko: "accuracyByLength: 개수를 주면 윌슨 95% 신뢰구간까지",
    },
    draw: () =>
      accuracyByLength({
        RNN: { lengths, correct: [97, 84, 71, 62, 57], total: [100, 100, 100, 100, 100] },
        LSTM: { lengths, accuracy: [1, 0.98, 0.95, 0.9, 0.84] },
      }),
  },
  {
    title: {
      en: "gradientFlow: the gradient at each step back in time",
      ko: "gradientFlow: 시간을 거슬러 갈 때 시점마다의 기울기",
    },
    draw: () =>
      gradientFlow(
        { RNN: Array.from({ length: 20 }, (_, k) => 0.6 ** k), LSTM: Array.from({ length: 20 }, (_, k) => 0.93 ** k) },
        { relative: true },
      ),
  },
  {
    title: { en: "gates: what a cell lets through", ko: "gates: 셀이 통과시키는 것" },
    draw: () => gates({ f: size(wave(12, 3)), g: wave(12, 3), c: wave(12, 3) }, { symbols: "AbAcAdAbAcAd" }),
  },
  {
    title: { en: "bars: with errors and a rule", ko: "bars: 오차와 기준선" },
    draw: () =>
      bars(
        { RNN: [0.62, 0.41], LSTM: [0.97, 0.9] },
        {
          labels: ["short", "long"],
          errors: { RNN: [0.08, 0.09], LSTM: [0.02, 0.05] },
          rules: [{ at: 0.5, label: "chance" }],
          annotate: true,
        },
      ),
  },
  {
    title: { en: "bars: lying, with long labels", ko: "bars: 눕힌 막대, 긴 이름" },
    draw: () =>
      bars([0.41, 0.62, 0.9], { labels: ["RNN (순환신경망)", "GRU", "LSTM"], horizontal: true, annotate: true }),
  },
  {
    title: { en: "successMap: which seeds learned", ko: "successMap: 어느 시드가 배웠는가" },
    draw: () => successMap(learned, { rows: ["1 unit", "2 units", "3 units"], xlabel: "seed", sort: true }),
  },
  {
    title: {
      en: "Colour maps; RdBu, PuOr, BrBG and viridis suit colour-blind eyes",
      ko: "색상표. RdBu, PuOr, BrBG, viridis는 색각 이상이 있어도 구분됩니다",
    },
    draw: () =>
      grid(
        colorMapNames.map((cmap) => matshow(wave(4, 6), { cmap, title: cmap, xticks: [], yticks: [], cellSize: 24 })),
        { columns: 4 },
      ),
  },
];

/** Drawings in text. */
export const texts = [
  {
    title: {
      en: "terminalHeatmap: signs and shades, where there is no colour",
      ko: "terminalHeatmap: 색이 없을 때는 부호와 농담으로",
    },
    draw: () => terminalHeatmap(wave(6, 5), { rowLabels: "AbAcAd", xticks: ["h1", "h2", "PA", "Pb", "Pc"] }),
  },
  {
    title: {
      en: "terminalCurve: a mark for each curve, where there is no colour",
      ko: "terminalCurve: 색이 없을 때는 곡선마다 다른 기호로",
    },
    draw: () => terminalCurve({ loss: falling, accuracy: rising }, { width: 64, height: 16, xlabel: "iteration" }),
  },
];
