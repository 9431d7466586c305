import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";
import { expect, test, vi } from "vitest";

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url));

/** The programs in a page: its TypeScript blocks that import the library. */
const programs = (page: string): string[] =>
  [...readFileSync(path(page), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, code]) => code as string)
    .filter((code) => code.includes('from "@unroll/core"'));

let runs = 0;

/** Compiles a program against the sources and runs it; gives what it printed. */
async function run(program: string): Promise<string> {
  const entry = "\0program.ts";
  const result = (await build({
    configFile: false,
    logLevel: "error",
    resolve: { alias: { "@unroll/core": path("../src/index.ts") } },
    plugins: [
      {
        name: "program",
        resolveId: (id) => (id === "program" ? entry : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
    build: {
      write: false,
      minify: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: "program" },
    },
  })) as Rolldown.RolldownOutput;
  const { code } = result.output[0];
  const printed = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    // A module of the same text would not run again.
    const module = Buffer.from(`${code}\n// run ${++runs}`).toString("base64");
    await import(/* @vite-ignore */ `data:text/javascript;base64,${module}`);
    return printed.mock.calls.map((args) => args.join(" ")).join("\n");
  } finally {
    printed.mockRestore();
  }
}

test.each(["../../../README.md", "../../../README.ko.md"])("the programs of %s run", async (page) => {
  const found = programs(page);
  expect(found.length).toBeGreaterThan(0);
  for (const program of found) expect(await run(program)).toMatch(/^tensor\(\[\[\d/);
});
