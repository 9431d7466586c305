/**
 * `npm run bench`: how fast Unroll is beside PyTorch, TensorFlow.js, jax-js and programs in C, whichever are there.
 * Ends with 1 when two contestants disagree on a result, whatever the times, and with 2 on a wrong option.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findContestants } from "./contestants.mjs";
import { measure, Pool, plans } from "./measure.mjs";
import { bundleSizes, startTimes, steadyMemory } from "./processes.mjs";
import { checkTable, ratioTable, workloadLines } from "./report.mjs";
import { check } from "./targets.mjs";
import { sweeps, workloads } from "./workloads.mjs";

const usage = `npm run bench -- [options]
How fast Unroll is beside PyTorch, TensorFlow.js, jax-js and programs in C, whichever are there.

  --quick        fewer and shorter rounds, no large sizes; under two minutes
  --check        ends with every target as met or missed
  --only TEXT    only workloads whose name or words contain TEXT
  --sweep        cost against hidden size, length and batch instead
  --list         only the names
  --help         this text

UNROLL_PYTHON names the Python that has PyTorch. bench/README.md says what is measured and how.`;

const options = readOptions();
const print = (...lines) => console.log(lines.join("\n"));
const started = performance.now();
const wanted = (workload) =>
  options.only === undefined ||
  [workload.title, workload.words].some((text) => text.toLowerCase().includes(options.only.toLowerCase()));
const chosen = (options.sweep ? sweeps : workloads).filter(
  (workload) => wanted(workload) && !(options.quick && workload.quick === false),
);

if (options.help) {
  print(usage);
} else if (options.list) {
  print(...chosen.map(({ words, title }) => `${words.padEnd(24)} ${title}`));
} else if (chosen.length === 0) {
  console.error(`bench: expected --only to name a workload, got '${options.only}'. See --list`);
  process.exitCode = 2;
} else {
  await main();
}

async function main() {
  const { found, missing } = await findContestants(
    new Set(["unroll", ...chosen.flatMap(({ contestants }) => contestants)]),
  );
  if (!("unroll" in found)) throw new Error(`bench: Unroll does not start, run npm run build: ${missing.unroll}`);
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.version,
    load: loadavg()[0],
  };
  print(
    `${machine.cpu}, ${machine.cores} cores, load ${machine.load.toFixed(2)} at the start; ${machine.system}, Node ${machine.node}`,
    ...Object.entries(found).map(([id, { name, version }]) => `  ${id.padEnd(11)} ${name} ${version}`.trimEnd()),
    ...Object.entries(missing).map(([id, why]) => `  ${id.padEnd(11)} left out: ${why}`),
    "",
  );
  const plan = options.quick ? plans.quick : plans.full;
  const results = [];
  const pool = new Pool(found, options.quick);
  for (const workload of chosen) {
    const result = await measure(options.quick ? withoutSlow(workload) : workload, found, pool, plan);
    // In processes that did other things before, the peak says nothing.
    if (options.quick) for (const entry of Object.values(result.entries)) entry.peak = 0;
    results.push(result);
    print(...workloadLines(result), "");
  }
  pool.stop();
  const measured = { results };
  if (options.only === undefined && !options.sweep) {
    measured.starts = await startTimes(found, options.quick);
    measured.memory = await steadyMemory(found, options.quick);
    for (const [name, { milliseconds }] of Object.entries(measured.starts))
      print(`${name}: ${milliseconds.toFixed(0)} ms`);
    if (options.check) measured.bundles = await bundleSizes();
  }
  print("", ...ratioTable(results));
  if (options.check) {
    measured.checks = check(measured);
    print("", ...checkTable(measured.checks));
  }
  save({ date: new Date().toISOString(), options, machine, contestants: found, missing, ...measured });
  print("", `${((performance.now() - started) / 1000).toFixed(0)} s, load ${loadavg()[0].toFixed(2)} at the end`);
  const disagreeing = results.flatMap(({ title, entries }) =>
    Object.entries(entries)
      .filter(([, entry]) => entry.disagrees)
      .map(([id]) => `${id} in ${title}`),
  );
  if (disagreeing.length > 0) {
    console.error(`bench: results disagree: ${disagreeing.join("; ")}`);
    process.exitCode = 1;
  }
}

function readOptions() {
  const flag = { type: "boolean", default: false };
  try {
    return parseArgs({
      options: {
        quick: flag,
        check: flag,
        only: { type: "string" },
        sweep: flag,
        list: flag,
        help: { ...flag, short: "h" },
      },
    }).values;
  } catch (error) {
    console.error(`bench: ${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

/** A quick run leaves out what is slow and known to be, and rooflines. */
function withoutSlow(workload) {
  const slow = ["tfjs-cpu", "tape", ...(workload.words.startsWith("lesson") ? ["jax"] : [])];
  return { ...workload, products: null, contestants: workload.contestants.filter((id) => !slow.includes(id)) };
}

function save(data) {
  const folder = new URL("./results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${data.date.replaceAll(":", "-").slice(0, 19)}.json`, folder);
  writeFileSync(file, `${JSON.stringify(data, null, 1)}\n`);
  print("", `written to ${fileURLToPath(file)}`);
}
