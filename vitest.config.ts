import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: "@unroll/core/byhand", replacement: source("core/src/byhand/index.ts") },
      { find: "@unroll/core/data", replacement: source("core/src/data/index.ts") },
      { find: "@unroll/core/errors", replacement: source("core/src/error-classes.ts") },
      { find: "@unroll/core/formats", replacement: source("core/src/formats/index.ts") },
      { find: "@unroll/core/lanes", replacement: source("core/src/lanes/index.ts") },
      { find: "@unroll/core/engine", replacement: source("core/src/engine.ts") },
      { find: "@unroll/figures/png", replacement: source("figures/src/node/png.ts") },
      { find: "@unroll/lessons/catalogue", replacement: source("lessons/src/catalogue.ts") },
      { find: "@unroll/lessons/documents", replacement: source("lessons/src/documents/index.ts") },
      { find: "@unroll/run/node", replacement: source("run/src/node/index.ts") },
      { find: /^@unroll\/(core|native|figures|run|lessons|cli)$/, replacement: source("$1/src/index.ts") },
    ],
  },
  test: { include: ["packages/*/test/**/*.test.ts", "packages/*/src/**/*.test.ts"], testTimeout: 60_000 },
});
