import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Every import from a file and what it imports, by specifier; relative ones are followed. */
function importsFrom(url: URL, seen = new Map<string, string>()): Map<string, string> {
  for (const match of readFileSync(url, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    const name = match[1] as string;
    if (!name.startsWith(".")) {
      seen.set(name, url.pathname);
      continue;
    }
    const next = new URL(name.replace(/\.js$/, ".ts"), url);
    if (seen.has(next.pathname)) continue;
    seen.set(next.pathname, url.pathname);
    importsFrom(next, seen);
  }
  return seen;
}

test("what a browser imports leads to nothing of Node, no fonts and no PNG", () => {
  const packages = [...importsFrom(new URL("../src/index.ts", import.meta.url)).keys()].filter(
    (name) => !name.startsWith("/"),
  );
  expect(packages.sort()).toEqual(["d3-color", "d3-scale", "d3-scale-chromatic", "d3-shape", "get-east-asian-width"]);
});
