/**
 * `node bench/page.mjs RESULTS.json`: writes what `npm run bench -- --check` measured into docs/performance.md, between its marks.
 * `node bench/page.mjs RESULTS.json beside`: writes only its targets, as those of another machine beside the first.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { table, withSection } from "../scripts/markdown.mjs";
import { median, ratio } from "./measure.mjs";
import { duration, number, resultsOf } from "./report.mjs";

const page = new URL("../docs/performance.md", import.meta.url);
const [from, role] = process.argv.slice(2);
if (!from || (role !== undefined && role !== "beside")) {
  console.error("expected: node bench/page.mjs RESULTS.json, or node bench/page.mjs RESULTS.json beside");
  process.exit(2);
}
const { date, machine, contestants, results, checks, starts } = resultsOf(from);
if (!checks) {
  console.error(`bench: ${from} holds no targets. Expected the results of a run with --check`);
  process.exit(2);
}

const versions = Object.entries(contestants)
  .map(([id, { name, version }]) => `${id}: ${name} ${version}`.trim())
  .join("; ");
const about =
  `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, one thread for everybody, ${machine.system}, Node ${machine.node}; ` +
  `load ${machine.load.toFixed(2)} at the start.\n${versions}.`;

const targets = checks.map(({ line, target, measured, met, roofline }) => [
  met === null ? "–" : met ? "met" : "**missed**",
  line,
  target,
  measured + (roofline ? `; ${roofline}` : ""),
]);

const ids = [
  "unroll",
  "captured",
  "lanes",
  "relaxed",
  "native",
  "native-mkl",
  "torch",
  "c-lesson",
  "tfjs-wasm",
  "tfjs-cpu",
  "jax",
];
const cell = ({ entries }, id) => {
  const { seconds } = entries[id] ?? {};
  return seconds?.length ? duration(median(seconds)) : "";
};
const times = results.map((result) => [
  result.title + (result.unit ? `, one ${result.unit}` : ""),
  ...ids.map((id) => cell(result, id)),
]);

const mebibytes = (entry) => (entry?.peak ? (entry.peak / 2 ** 20).toFixed(0) : "");
const peaks = results
  .filter(({ entries }) => entries.unroll?.peak)
  .map(({ title, entries }) => [
    title,
    ...["unroll", "captured", "native", "native-mkl", "torch", "tfjs-wasm", "tfjs-cpu", "jax"].map((id) =>
      mebibytes(entries[id]),
    ),
  ]);

const writing = results
  .filter(({ words }) => words.startsWith("generate"))
  .map((result) => [
    result.title,
    ...["unroll", "captured", "native", "torch", "c-generate"].map((id) => {
      const { seconds } = result.entries[id] ?? {};
      return seconds?.length ? Math.round(1 / median(seconds)).toLocaleString("en") : "";
    }),
    `${number(Math.max(...["unroll", "captured"].map((id) => ratio(result, id, "torch")?.median ?? 0)))}×`,
  ]);

const targetTable = table([["", "work", "target", "measured (quartiles)"], ...targets]);
const allParts = {
  about,
  targets: targetTable,
  times: table([["median time of one pass", ...ids], ...times]),
  writing: table([
    ["symbols a second", "unroll", "captured", "native", "torch", "c-generate", "best against torch"],
    ...writing,
  ]),
  peaks: table([
    ["peak memory in MiB", "unroll", "captured", "native", "native-mkl", "torch", "tfjs-wasm", "tfjs-cpu", "jax"],
    ...peaks,
  ]),
  starts: table([
    ["start", "median, ms"],
    ...Object.entries(starts ?? {}).map(([name, { milliseconds }]) => [`\`${name}\``, milliseconds.toFixed(0)]),
  ]),
};

const parts = role === "beside" ? { "beside-about": about, "beside-targets": targetTable } : allParts;
let text = readFileSync(page, "utf8");
for (const [name, part] of Object.entries(parts)) text = withSection(text, name, `${part}\n`);
writeFileSync(page, text);
