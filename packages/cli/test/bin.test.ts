import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory } from "./program.js";

/** The program as it was built: `npm run build` first. */
const bin = fileURLToPath(new URL("../bin/unroll.js", import.meta.url));
const text = "The sea was always in the same place, and every day it had another colour.\n".repeat(8);

/** Runs the program in a process of its own; `watch` sees what has been printed to stderr whenever something is. */
function run(
  argv: readonly string[],
  cwd: string,
  watch: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...argv], { cwd, env: { PATH: process.env.PATH } });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
      watch(stderr, (signal) => child.kill(signal));
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

test("is built and answers", async () => {
  const { code, stdout, stderr } = await run(["--version"], temporaryDirectory());
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await run(["dance"], temporaryDirectory())).code).toBe(2);
});

test("saves at a real Ctrl-C, in runs/ under the text's name; a name that is taken gets a number", async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "book.txt"), text);
  const argv = ["train", "book.txt", "--hidden", "16", "--steps", "16", "--epochs", "100000"];
  let sent = false;
  const stopped = await run(argv, cwd, (stderr, kill) => {
    if (sent || !/Epoch +1\//.test(stderr)) return;
    sent = true;
    kill("SIGINT");
  });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toMatch(/Saved in runs\/book\. Go on with: npx unroll train --resume runs\/book\n$/);
  expect(readdirSync(join(cwd, "runs/book")).length).toBe(4);

  const again = await run([...argv.slice(0, -1), "1"], cwd);
  expect(again.code).toBe(0);
  expect(existsSync(join(cwd, "runs/book-2/model.safetensors"))).toBe(true);
});

test("a reader that goes away ends the text quietly", async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "book.txt"), text);
  await run(["train", "book.txt", "--hidden", "8", "--epochs", "1"], cwd);
  const child = spawn(process.execPath, [bin, "generate", "runs/book", "--length", "1000000", "--seed", "1"], { cwd });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect([code, stderr]).toEqual([0, ""]);
});

test("without a reader of its progress a lesson goes on to its result", async () => {
  const child = spawn(process.execPath, [bin, "lesson", "15", "--fast", "--json"], { cwd: temporaryDirectory() });
  let stdout = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.once("data", () => child.stderr.destroy());
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect([code, JSON.parse(stdout).lesson]).toEqual([0, "15"]);
});
