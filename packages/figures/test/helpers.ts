/** What several tests need: pixels of a PNG, data without randomness, all figures in one table. */
import { inflateSync } from "node:zlib";
import * as figures from "../src/index.js";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue at (x, y). */
  at(x: number, y: number): [number, number, number];
  /** How many pixels of a box are darker than mid-grey on all channels. */
  dark(x: number, y: number, width: number, height: number): number;
}

/** Reads an 8-bit RGBA PNG without interlacing, which is what resvg writes. */
export function decodePNG(file: Uint8Array): Pixels {
  const bytes = Buffer.from(file);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (bytes[24] !== 8 || bytes[25] !== 6 || bytes[28] !== 0) throw new Error("expected 8-bit RGBA without interlacing");
  const chunks: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT")
      chunks.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(chunks));
  const stride = width * 4;
  const data = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= 4 ? (data[y * stride + i - 4] as number) : 0;
      const up = y > 0 ? (data[(y - 1) * stride + i] as number) : 0;
      const corner = i >= 4 && y > 0 ? (data[(y - 1) * stride + i - 4] as number) : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter as number] as number;
      data[y * stride + i] = (raw[y * (stride + 1) + 1 + i] as number) + predicted;
    }
  }
  const at = (x: number, y: number): [number, number, number] => {
    const i = (y * width + x) * 4;
    return [data[i] as number, data[i + 1] as number, data[i + 2] as number];
  };
  return {
    width,
    height,
    at,
    dark(x0, y0, w, h) {
      let count = 0;
      for (let y = Math.max(0, y0); y < Math.min(height, y0 + h); y++) {
        for (let x = Math.max(0, x0); x < Math.min(width, x0 + w); x++)
          if (at(x, y).every((byte) => byte < 128)) count++;
      }
      return count;
    },
  };
}

function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

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
