import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";
import { svgs } from "./browser/figures.js";
import { examples } from "./examples.js";

const candidates = [
  process.env.UNROLL_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("./browser/figures.ts", import.meta.url));
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, lib: { entry, formats: ["iife"], name: "bundle" } },
  })) as Rolldown.RolldownOutput[];
  return (result[0] as Rolldown.RolldownOutput).output[0].code;
}

// Continuous integration must have a browser; elsewhere a machine without one runs all the other tests.
test.runIf(executablePath !== undefined || process.env.CI === "true")(
  "Chromium writes the same SVG as Node, byte for byte, and paints the same scenes",
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
      const theirs = (await page.evaluate("bundle.svgs()")) as string[];
      const names = Object.keys(examples);
      for (const [i, svg] of svgs().entries()) expect(theirs[i] === svg, names[i]).toBe(true);
      const { dark, cells } = (await page.evaluate("bundle.painted()")) as { dark: number[]; cells: number[][] };
      for (const [i, count] of dark.entries()) expect(count, names[i]).toBeGreaterThan(300);
      expect(cells).toEqual([
        [0, 0, 255],
        [255, 0, 0],
        [128, 128, 255],
        [255, 126, 126],
      ]);
    } finally {
      await browser.close();
    }
  },
);
