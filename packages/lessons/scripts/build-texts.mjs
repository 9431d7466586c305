/**
 * Makes a module of each lesson's texts and program: `text.en.md`, `text.ko.md`, `lesson.ts` and what else the program is made of
 * → `text.generated.ts`.
 * Bundlers then take them along, and pages load them when they are wanted.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), "src");

export function buildTexts() {
  const folders = readdirSync(source).filter((name) => /^\d\d-/.test(name));
  for (const folder of folders) {
    const text = (name) => readFileSync(join(source, folder, name), "utf8");
    const target = join(source, folder, "text.generated.ts");
    const files = readdirSync(join(source, folder)).filter((name) => /^[a-z-]+\.ts$/.test(name));
    const program = Object.fromEntries(files.sort().map((name) => [name, text(name)]));
    const module = [
      "// Made by scripts/build-texts.mjs.",
      `export const en = ${JSON.stringify(text("text.en.md"))};`,
      `export const ko = ${JSON.stringify(text("text.ko.md"))};`,
      `export const program: Record<string, string> = ${JSON.stringify(program)};`,
      "",
    ].join("\n");
    if (!existsSync(target) || readFileSync(target, "utf8") !== module) writeFileSync(target, module);
  }
  return folders.length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`texts of ${buildTexts()} lessons`);
