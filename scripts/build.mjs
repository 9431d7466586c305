/**
 * The whole build: WebAssembly kernels first, because core inlines them, then what packages write for themselves
 * (`packages/<name>/scripts/build-*.mjs`), then all packages with `tsc -b`, and last core in a few files.
 * Runs on every platform Node runs on, and does again only what has changed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildTexts } from "../packages/lessons/scripts/build-texts.mjs";
import { buildKernels } from "./build-kernels.mjs";
import { bundleCore } from "./bundle-core.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const started = performance.now();

const { bytes, compiled } = await buildKernels();
buildTexts();

for (const name of readdirSync(join(root, "packages")).sort()) {
  const folder = join(root, "packages", name, "scripts");
  if (!existsSync(folder)) continue;
  for (const script of readdirSync(folder).filter((file) => /^build-.*\.mjs$/.test(file))) {
    run(join(folder, script), [], ["ignore", "ignore", "inherit"]);
  }
}
run(join(root, "node_modules/typescript/bin/tsc"), ["-b"], "inherit");
await bundleCore(root);

console.log(
  `built in ${((performance.now() - started) / 1000).toFixed(1)} s: kernels ${kB(bytes.length)} of WebAssembly ` +
    `(${kB(gzipSync(bytes, { level: 9 }).length)} gzipped, ${compiled ? "compiled now" : "up to date"})`,
);

function run(script, options, stdio) {
  const { status, error } = spawnSync(process.execPath, [script, ...options], { cwd: root, stdio });
  if (error) throw error;
  if (status === 0) return;
  console.error(`build: ${script} found errors, see above`);
  process.exit(status ?? 1);
}
