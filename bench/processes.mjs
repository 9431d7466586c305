/** What concerns whole processes: how long they take to start, whether their memory grows, what a bundle weighs. */
import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Contestant } from "./contestants.mjs";
import { median } from "./measure.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** Milliseconds of an import in a fresh process, told by the process itself; the median of some. */
async function importTime(program, words, times) {
  const found = [];
  for (let i = 0; i < times; i++) {
    const { stdout } = await run(program, words, { cwd: fileURLToPath(new URL(".", import.meta.url)) });
    found.push(Number(stdout));
  }
  return { milliseconds: median(found), lowest: Math.min(...found), highest: Math.max(...found) };
}

/** Milliseconds from starting a command to the first thing it prints. */
async function firstOutput(program, words, times) {
  const found = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    const child = spawn(program, words, { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
    const seen = await new Promise((resolve) => {
      child.stdout.once("data", () => resolve(performance.now() - start));
      child.on("close", () => resolve(NaN));
      child.on("error", () => resolve(NaN));
    });
    child.kill();
    found.push(seen);
  }
  return { milliseconds: median(found), lowest: Math.min(...found), highest: Math.max(...found) };
}

export async function startTimes(found, quick) {
  const times = quick ? 3 : 9;
  const importing = (name) =>
    `const start = performance.now(); await import("${name}"); console.log(performance.now() - start);`;
  const node = (code) => ["--input-type=module", "--eval", code];
  const results = {
    'import "@unroll/core"': await importTime(process.execPath, node(importing("@unroll/core")), times),
    "first line of unroll lesson 01": await firstOutput(
      process.execPath,
      ["packages/cli/bin/unroll.js", "lesson", "01"],
      times,
    ),
  };
  if ("torch" in found) {
    const code = "import time; start = time.perf_counter(); import torch; print(1000 * (time.perf_counter() - start))";
    results["import torch"] = await importTime(found.torch.command[0], ["-c", code], quick ? 1 : 3);
  }
  return results;
}

/** Memory of a process after one tenth of many training steps, and after all of them. */
export async function steadyMemory(found, quick) {
  const steps = quick ? 20_000 : 100_000;
  const contestant = new Contestant(found.unroll.command);
  try {
    await contestant.ask("prepare steady");
    await contestant.ask(`run ${steps / 10}`);
    const early = (await contestant.ask("memory")).bytes;
    await contestant.ask(`run ${steps - steps / 10}`);
    return { steps, early, late: (await contestant.ask("memory")).bytes };
  } finally {
    contestant.stop();
  }
}

/** Kilobytes that `scripts/check-size.mjs` prints for each bundle. */
export async function bundleSizes() {
  const { stdout } = await run(process.execPath, ["scripts/check-size.mjs"], { cwd: root }).catch((error) => error);
  return [...stdout.matchAll(/^size: (.+): ([\d.]+) kB gzipped .*limit \d+ kB$/gm)].map(([, name, size]) => ({
    name,
    kilobytes: Number(size),
  }));
}
