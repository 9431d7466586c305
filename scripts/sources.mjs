/**
 * What the checks share: which files there are, and a source file without its comments and strings.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const leftOut = new Set(["node_modules", "dist", "bundle", ".git", "fixtures", "runs", "gallery"]);

/** Paths from the root, with slashes, of all files under `folder` that `wanted` accepts; nothing built or installed. */
export function filesUnder(folder, wanted) {
  const files = [];
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (leftOut.has(entry.name)) continue;
      const inside = join(path, entry.name);
      if (entry.isDirectory()) visit(inside);
      else if (wanted(entry.name)) files.push(relative(root, inside).split(sep).join("/"));
    }
  };
  visit(join(root, folder));
  return files.sort();
}

export const read = (path) => readFileSync(join(root, path), "utf8");

/** Line number, from 1, of a position in a text. */
export const lineAt = (text, position) => text.slice(0, position).split("\n").length;

/** Comments, strings, the text of templates and regular expressions, each whole; what is left between them is code. */
const tokens = new RegExp(
  [
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`"(?:[^"\\\n]|\\.)*"`,
    String.raw`'(?:[^'\\\n]|\\.)*'`,
    "`",
    // A slash begins a regular expression where a value is expected, and divides anywhere else.
    String.raw`(?<=(?:^|[=(,:;!&|?{}[+]|=>|\breturn|\btypeof)\s*)\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*`,
    "[{}]",
  ].join("|"),
  "g",
);

/**
 * The source with comments, and unless `strings` is set also strings and regular expressions, replaced by blanks.
 * Lines and columns stay where they are, and code inside the `${…}` of a template stays code.
 */
export function withoutComments(source, { strings = false } = {}) {
  const blank = (text) => text.replace(/[^\n]/g, " ");
  const pieces = [];
  // One entry for each open template: how deep in braces its current ${…} is.
  const templates = [];
  let position = 0;
  const copyTo = (end, asCode) => {
    const text = source.slice(position, end);
    pieces.push(asCode ? text : blank(text));
    position = end;
  };
  const skipTemplateText = () => {
    const end = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y;
    end.lastIndex = position;
    const [text] = end.exec(source);
    copyTo(position + text.length, strings);
    if (text.endsWith("${")) templates.push(0);
  };
  for (;;) {
    tokens.lastIndex = position;
    const match = tokens.exec(source);
    if (!match) break;
    const [token] = match;
    copyTo(match.index, true);
    if (token === "`") {
      copyTo(position + 1, strings);
      skipTemplateText();
    } else if (token === "{") {
      if (templates.length > 0) templates[templates.length - 1] += 1;
      copyTo(position + 1, true);
    } else if (token === "}") {
      const closes = templates.at(-1) === 0;
      copyTo(position + 1, !closes || strings);
      if (closes) {
        templates.pop();
        skipTemplateText();
      } else if (templates.length > 0) templates[templates.length - 1] -= 1;
    } else {
      const isComment = token.startsWith("//") || token.startsWith("/*");
      copyTo(position + token.length, strings && !isComment);
    }
  }
  copyTo(source.length, true);
  return pieces.join("");
}

/**
 * Each `import` and `export … from`: what is imported from, on which line, and whether the running program loads it with this file,
 * which it does not for `import type` and for `import()`.
 */
export function importsOf(source) {
  const code = withoutComments(source, { strings: true });
  const found = [];
  const collect = (pattern, isLoaded) => {
    for (const match of code.matchAll(pattern)) {
      const line = lineAt(code, match.index + match[0].length);
      found.push({ from: match.at(-1), line, loaded: isLoaded(match) });
    }
  };
  collect(/(?:^|;)\s*(?:import|export)\b(\s+type\b)?[^;"'()]*?\bfrom\s*["']([^"']+)["']/gm, (match) => !match[1]);
  collect(/(?:^|;)\s*import\s*["']([^"']+)["']/gm, () => true);
  collect(/\bimport\s*\(\s*["']([^"']+)["']/g, () => false);
  return found.sort((a, b) => a.line - b.line);
}

/** Prints what was found wrong, or that nothing was, and ends the process accordingly. */
export function conclude(name, problems, fine) {
  for (const problem of problems) console.error(`${name}: ${problem}`);
  if (problems.length > 0) {
    console.error(`${name}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`);
    process.exit(1);
  }
  console.log(`${name}: ${fine}`);
}
