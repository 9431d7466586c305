import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, type Rolldown } from "vite";
import { describe, expect, test } from "vitest";
import { engineName, setEngine } from "../src/index.js";
import { tiny } from "./browser/tiny.js";

const candidates = [
  process.env.UNROLL_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));

/** The tiny program and the library as one script that leaves `tiny` on the page. */
async function bundle(): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: true,
      lib: { entry: fileURLToPath(new URL("./browser/tiny.ts", import.meta.url)), formats: ["iife"], name: "bundle" },
    },
  })) as Rolldown.RolldownOutput[];
  return (result[0] as Rolldown.RolldownOutput).output[0].code;
}

describe("the same bits everywhere", () => {
  test("twenty seeded steps: the plain reference and the WebAssembly kernels", () => {
    const engine = engineName();
    const fast = tiny();
    setEngine("reference");
    const plain = tiny();
    setEngine(engine);
    expect(engine).toBe("wasm");
    expect(plain).toEqual(fast);
  });

  // Continuous integration must have a browser; elsewhere a machine without one runs all the other tests.
  test.runIf(executablePath !== undefined || process.env.CI === "true")(
    "twenty seeded steps: Node and headless Chromium, in a page and in a worker",
    async () => {
      expect(executablePath, "a Chromium: apt-get install chromium, or name one in UNROLL_CHROMIUM").toBeDefined();
      const code = await bundle();
      const browser = await chromium.launch({
        executablePath: executablePath as string,
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
        ],
      });
      try {
        const page = await browser.newPage();
        await page.addScriptTag({ content: code });
        const inPage = await page.evaluate("bundle.tiny()");
        const inWorker = await page.evaluate(
          (source) =>
            new Promise((resolve, reject) => {
              const url = URL.createObjectURL(
                new Blob([`${source}; postMessage(bundle.tiny())`], { type: "text/javascript" }),
              );
              const worker = new Worker(url);
              worker.onmessage = (event) => resolve(event.data);
              worker.onerror = (event) => reject(new Error(event.message));
            }),
          code,
        );
        const here = tiny();
        expect(inPage).toEqual(here);
        expect(inWorker).toEqual(here);
      } finally {
        await browser.close();
      }
    },
    120_000,
  );
});
