/**
 * Links in Markdown: the files they point to exist, and so do the headings after a '#'.
 * Addresses on the web are left alone.
 */
import { existsSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { conclude, filesUnder, lineAt, read, root } from "./sources.mjs";

const problems = [];
const pages = filesUnder(".", (name) => name.endsWith(".md"));
let count = 0;

for (const page of pages) {
  const text = withoutCode(read(page));
  const links = [
    // [text](target "title") and [name]: target, and in HTML href="target" and src="target".
    ...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
    ...text.matchAll(/^[ \t]*\[[^\]]+\]:[ \t]*<?([^\s>]+)/gm),
    ...text.matchAll(/\b(?:href|src)="([^"]+)"/g),
  ];
  for (const link of links) {
    count += 1;
    const problem = problemWith(page, link[1]);
    if (problem) problems.push(`${page}:${lineAt(text, link.index)}: ${link[1]}: ${problem}`);
  }
}
conclude("links", problems, `${count} links on ${pages.length} pages lead somewhere`);

function problemWith(page, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [path, heading] = target.split("#").map(decodeURIComponent);
  if (path.startsWith("/")) return "begins with '/'; write it from this page on";
  const file = path === "" ? page : posix.join(posix.dirname(page), path);
  if (file.startsWith("..") || !existsSync(join(root, file))) return "no such file";
  if (!heading || !file.endsWith(".md")) return undefined;
  if (statSync(join(root, file)).isDirectory()) return undefined;
  return headingsOf(read(file)).has(heading) ? undefined : `no such heading in ${file}`;
}

/** Fenced blocks and `code` blanked, line breaks kept. */
function withoutCode(text) {
  const blank = (code) => code.replace(/[^\n]/g, " ");
  return text.replace(/^( *)(```+|~~~+)[\s\S]*?^ *\2/gm, blank).replace(/(`+)[^`\n]+\1/g, blank);
}

/** The anchors a page's headings get: small letters, white space to '-', punctuation gone, '-1' for the second of a name. */
function headingsOf(text) {
  const anchors = new Set([...text.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]));
  const seen = new Map();
  const outline = text.replace(/^( *)(```+|~~~+)[\s\S]*?^ *\2/gm, "");
  for (const [, title] of outline.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const anchor = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replace(/ /g, "-");
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}
