import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const probe = fileURLToPath(new URL("./memory/probe.mjs", import.meta.url));
const MB = 1024 * 1024;

interface Held {
  readonly heap: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly wasm: number;
}

function run(workload: string, early: number, late: number): { early: Held; late: Held } {
  return JSON.parse(
    execFileSync(process.execPath, ["--expose-gc", probe, workload, String(early), String(late)], { encoding: "utf8" }),
  );
}

describe("memory stays flat in a synchronous loop, after a forced collection", () => {
  test.each([
    {
      what: "an ordinary training loop, steps 1,000 and 100,000",
      workload: "trainingLoop",
      early: 1_000,
      late: 100_000,
    },
    {
      what: "100,000 recorded forward passes never followed by backward",
      workload: "unusedForward",
      early: 1_000,
      late: 100_000,
    },
    { what: "10,000 models built and dropped", workload: "droppedModels", early: 1_000, late: 10_000 },
  ])(
    "$what differ by less than 1 MB",
    ({ workload, early: from, late: to }) => {
      const { early, late } = run(workload, from, to);
      for (const kind of ["heap", "external", "arrayBuffers", "wasm"] as const) {
        expect(late[kind] - early[kind], `${kind}: ${early[kind]} → ${late[kind]} bytes`).toBeLessThan(MB);
      }
    },
    300_000,
  );
});
