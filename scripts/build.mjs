/**
 * The whole build: WebAssembly kernels first, because core inlines them, then all packages with `tsc -b`.
 * Runs on every platform Node runs on, and does again only what has changed.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildKernels } from "./build-kernels.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const started = performance.now();

const { bytes, compiled } = await buildKernels();

const tsc = join(root, "node_modules/typescript/bin/tsc");
const { status, error } = spawnSync(process.execPath, [tsc, "-b"], { cwd: root, stdio: "inherit" });
if (error) throw error;
if (status !== 0) {
  console.error("build: the type checker found errors, see above");
  process.exit(status ?? 1);
}

console.log(
  `built in ${((performance.now() - started) / 1000).toFixed(1)} s: kernels ${kB(bytes.length)} of WebAssembly ` +
    `(${kB(gzipSync(bytes, { level: 9 }).length)} gzipped, ${compiled ? "compiled now" : "up to date"})`,
);
