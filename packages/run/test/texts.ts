import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Path of a short text kept beside the tests. */
export const textPath = (name: "english" | "korean"): string =>
  fileURLToPath(new URL(`./texts/${name}.txt`, import.meta.url));

export const english = readFileSync(textPath("english"), "utf8");
export const korean = readFileSync(textPath("korean"), "utf8");

/** A directory that goes away with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "unroll-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
