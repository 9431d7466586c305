/** Tables for the terminal. */
import { readFileSync } from "node:fs";
import { median, quantile, ratio } from "./measure.mjs";

const ours = ["unroll", "captured", "relaxed", "native", "native-mkl"];

/** Three significant digits. */
export const number = (x) => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));

export function duration(seconds) {
  if (seconds >= 1) return `${number(seconds)} s`;
  return seconds >= 1e-3 ? `${number(seconds * 1e3)} ms` : `${number(seconds * 1e6)} µs`;
}

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** One workload: a line for each contestant with time, spread, how many times slower than each of ours, and memory. */
export function workloadLines(result) {
  const present = ours.filter((id) => result.entries[id]?.seconds?.length);
  const lines = [`${result.title}${result.unit ? `, one ${result.unit}` : ""}`];
  for (const [id, { seconds, peak, disagrees }] of Object.entries(result.entries)) {
    if (disagrees) {
      lines.push(`  ${id.padEnd(11)} DISAGREES ${disagrees}`);
      continue;
    }
    const middle = median(seconds);
    const spread = ((quantile(seconds, 0.75) - quantile(seconds, 0.25)) / 2 / middle) * 100;
    const rate = result.flops ? `${number(result.flops / (middle * result.units) / 1e9)} GFLOP/s` : "";
    const against = ours.includes(id)
      ? ""
      : present.map((mine) => `${number(ratio(result, mine, id).median)}× ${mine}`).join(", ");
    const cells = [
      id.padEnd(11),
      duration(middle).padStart(9),
      `±${spread.toFixed(0)} %`.padStart(6),
      (peak ? mebibytes(peak) : "").padStart(9),
      rate.padStart(14),
      against,
    ];
    lines.push(`  ${cells.join("  ")}`.trimEnd());
  }
  for (const [id, why] of Object.entries(result.skipped)) {
    if (!result.entries[id]) lines.push(`  ${id.padEnd(11)} left out: ${why}`);
  }
  return lines;
}

/** All ratios in one table: how many times faster ours are than PyTorch, and the default engine than the others. */
export function ratioTable(results) {
  const peers = ["c-lesson", "c-generate", "tfjs-wasm", "tfjs-cpu", "jax"];
  const columns = [
    ...ours.map((id) => ({ head: `${id}/torch`, cell: (r) => ratio(r, id, "torch")?.median })),
    ...peers.map((peer) => ({
      head: peer,
      cell: (r) => Math.max(...["unroll", "captured"].map((id) => ratio(r, id, peer)?.median ?? 0)) || undefined,
    })),
  ].filter(({ cell }) => results.some((result) => cell(result) !== undefined));
  const rows = results.map((result) => [
    result.title,
    ...columns.map(({ cell }) => {
      const value = cell(result);
      return value === undefined ? "" : `${number(value)}×`;
    }),
  ]);
  const head = ["times faster", ...columns.map(({ head }) => head)];
  return table([head, ...rows]);
}

export function checkTable(lines) {
  return lines.flatMap(({ line, target, measured, met, roofline }) => [
    `${met === null ? "?     " : met ? "met   " : "MISSED"}  ${line.padEnd(46)}  ${target.padEnd(32)}  ${measured}`,
    ...(roofline ? [`${" ".repeat(10)}${roofline}`] : []),
  ]);
}

function table(rows) {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => [...row[k]].length)));
  const pad = (text, width, left) => (left ? text + " ".repeat(width - [...text].length) : text.padStart(width));
  return rows.map((row) => row.map((text, k) => pad(text, widths[k], k === 0)).join("  "));
}

/** What a run of the benchmarks has written; says what is wrong and ends the process when that is not what is in the file. */
export function resultsOf(path) {
  let problem = "no results of a run";
  try {
    const found = JSON.parse(readFileSync(path, "utf8"));
    if (found.results && found.machine && found.contestants) return found;
  } catch (error) {
    problem = error.message;
  }
  console.error(`bench: ${path}: expected a file of bench/results, got ${problem}. npm run bench writes them`);
  process.exit(2);
}
