/**
 * `node bench/figure.mjs RESULTS.json FIGURE.svg`: draws what `npm run bench -- --sweep` measured, time of a forward and backward
 * pass against hidden size, sequence length and batch; both axes logarithmic.
 */
import { writeFileSync } from "node:fs";
import { grid, lines } from "@unroll/figures";
import { median } from "./measure.mjs";
import { duration, resultsOf } from "./report.mjs";

const [from, to] = process.argv.slice(2);
if (!from || !to) {
  console.error("expected: node bench/figure.mjs RESULTS.json FIGURE.svg");
  process.exit(2);
}
const { results, machine, contestants } = resultsOf(from);
const kinds = { rnn: "RNN", lstm: "LSTM", gru: "GRU" };
const names = {
  unroll: "Unroll",
  native: "Unroll, native",
  torch: `PyTorch ${contestants.torch?.version.split(",")[0] ?? ""}`,
};
const colors = { unroll: "C0", native: "C2", torch: "C1" };

/** `layer lstm 64 16 50` → what it was measured with. */
const measured = results
  .filter(({ words }) => words.startsWith("layer "))
  .map(({ words, entries }) => {
    const [, kind, H, B, T] = words.split(" ");
    return { kind, H: Number(H), B: Number(B), T: Number(T), entries };
  });

const axes = [
  { name: "hidden size", of: "H", fixed: { B: 16, T: 50 } },
  { name: "sequence length", of: "T", fixed: { H: 64, B: 1 } },
  { name: "batch", of: "B", fixed: { H: 64, T: 50 } },
];

function panel(kind, { name, of, fixed }, first) {
  const points = measured
    .filter((m) => m.kind === kind && Object.entries(fixed).every(([key, value]) => m[key] === value))
    .filter((m, i, all) => all.findIndex((other) => other[of] === m[of]) === i)
    .sort((a, b) => a[of] - b[of]);
  const series = Object.keys(names).flatMap((id) => {
    const timed = points.filter(({ entries }) => entries[id]?.seconds?.length);
    if (timed.length === 0) return [];
    const y = timed.map(({ entries }) => median(entries[id].seconds));
    return [{ x: timed.map((m) => m[of]), y, label: names[id], color: colors[id], format: "-o" }];
  });
  const all = series.flatMap(({ y }) => y);
  const [low, high] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))];
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  const fixedText = Object.entries(fixed)
    .map(([key, value]) => `${key} = ${value}`)
    .join(", ");
  return lines(series, {
    title: `${kinds[kind]}, ${fixedText}`,
    xlabel: name,
    ...(first && { ylabel: "time of a pass" }),
    xscale: "log",
    yscale: "log",
    xticks: { positions: points.map((m) => m[of]), labels: points.map((m) => m[of]) },
    yticks: { positions: decades, labels: decades.map((seconds) => duration(seconds).replace(/\.0+ /, " ")) },
    ylim: [10 ** low, 10 ** high],
    legend: "upper left",
    grid: true,
    figsize: [4.6, 3.4],
  });
}

const drawn = Object.keys(kinds).filter((kind) => measured.some((m) => m.kind === kind));
const rows = drawn.map((kind) => axes.map((axis, i) => panel(kind, axis, i === 0)));
const figure = grid(rows, { suptitle: `One thread of ${machine.cpu}, Node ${machine.node}` });
writeFileSync(to, figure.toSVG());
