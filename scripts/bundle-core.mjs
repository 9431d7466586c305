/**
 * Puts `@unroll/core` into a few files: a hundred small modules take Node longer to find and read than to run. Types stay where `tsc`
 * writes them. Works only when something has changed.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const newest = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

export async function bundleCore(root) {
  const core = join(root, "packages/core");
  const outDir = join(core, "bundle");
  if (existsSync(join(outDir, "index.js")) && statSync(join(outDir, "index.js")).mtimeMs > newest(join(core, "dist")))
    return false;
  const entry = {
    index: join(core, "dist/index.js"),
    byhand: join(core, "dist/byhand/index.js"),
    "error-classes": join(core, "dist/error-classes.js"),
    engine: join(core, "dist/engine.js"),
    data: join(core, "dist/data/index.js"),
    formats: join(core, "dist/formats/index.js"),
    lanes: join(core, "dist/lanes/index.js"),
  };
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      outDir,
      emptyOutDir: true,
      minify: false,
      sourcemap: true,
      target: "es2022",
      lib: { entry, formats: ["es"] },
    },
  });
  return true;
}
