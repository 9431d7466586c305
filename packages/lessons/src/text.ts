/**
 * Lesson texts: a small part of Markdown, and the places where the program's results stand.
 *
 * Blocks are `#` headings, paragraphs, `-` and `1.` lists of one level, fenced code, tables, `>` quotes, and three marks on a line of
 * their own: `<!-- run -->` where the program runs, `<!-- print: label -->` and `<!-- figure: name -->` where what it found belongs.
 * `<!-- print: label | title -->` shows another title than the label, such as one in Korean.
 * In a line there are `code`, **bold**, *emphasis* and [links](address).
 *
 * @module
 */
import { FormatError } from "@unroll/core/errors";

export type Block =
  | { readonly type: "heading"; readonly level: number; readonly text: string }
  | { readonly type: "paragraph"; readonly text: string }
  | { readonly type: "quote"; readonly text: string }
  | { readonly type: "list"; readonly ordered: boolean; readonly items: readonly string[] }
  | { readonly type: "code"; readonly language: string; readonly text: string }
  | { readonly type: "table"; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly type: "run" }
  | { readonly type: "print"; readonly label: string; readonly title?: string }
  | { readonly type: "figure"; readonly name: string };

const mark = /^<!-- (?:(run)|print: (.+?)(?: \| (.+))?|figure: (.+?)) -->$/;
const item = /^(?:(-)|\d+\.) +(.*)$/;

/**
 * The blocks of a text in order.
 *
 * @throws FormatError for a fence that is not closed or a comment that is none of the three marks
 */
export function parseText(markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  let at = 0;
  const line = (): string => lines[at] ?? "";
  const isText = (): boolean => at < lines.length && line().trim() !== "" && !/^(#|```|\||>|<!--)/.test(line());
  while (at < lines.length) {
    const start = line();
    if (start.trim() === "") {
      at++;
    } else if (start.startsWith("<!--")) {
      blocks.push(markOf(start, at + 1));
      at++;
    } else if (start.startsWith("#")) {
      const level = start.search(/[^#]/);
      blocks.push({ type: "heading", level, text: start.slice(level).trim() });
      at++;
    } else if (start.startsWith("```")) {
      const end = lines.indexOf("```", at + 1);
      if (end < 0) throw new FormatError(`text, line ${at + 1}: expected a closing \`\`\` for ${start}, got none`);
      blocks.push({ type: "code", language: start.slice(3).trim(), text: lines.slice(at + 1, end).join("\n") });
      at = end + 1;
    } else if (start.startsWith("|")) {
      const rows: string[][] = [];
      for (; line().startsWith("|"); at++) rows.push(cellsOf(line()));
      blocks.push({ type: "table", head: rows[0] ?? [], rows: rows.slice(2) });
    } else if (start.startsWith(">")) {
      const quoted: string[] = [];
      for (; line().startsWith(">"); at++) quoted.push(line().slice(1).trim());
      blocks.push({ type: "quote", text: quoted.join(" ") });
    } else if (item.test(start)) {
      const items: string[] = [];
      const ordered = !start.startsWith("-");
      for (; isText(); at++) {
        const found = item.exec(line());
        if (found) items.push(found[2] as string);
        else items.push(`${items.pop() ?? ""} ${line().trim()}`);
      }
      blocks.push({ type: "list", ordered, items });
    } else {
      const paragraph: string[] = [];
      for (; isText() && !item.test(line()); at++) paragraph.push(line().trim());
      blocks.push({ type: "paragraph", text: paragraph.join(" ") });
    }
  }
  return blocks;
}

function markOf(line: string, number: number): Block {
  const found = mark.exec(line.trim());
  if (found === null) {
    throw new FormatError(
      `text, line ${number}: expected <!-- run -->, <!-- print: label --> or <!-- figure: name -->, got ${line}`,
    );
  }
  const [, run, label, title, name] = found;
  if (run !== undefined) return { type: "run" };
  if (label === undefined) return { type: "figure", name: name as string };
  return { type: "print", label, ...(title !== undefined && { title }) };
}

function cellsOf(row: string): string[] {
  return row
    .replace(/^\||\|\s*$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** A stretch of text in one style; `address` with links. */
export interface Span {
  readonly style: "plain" | "code" | "bold" | "emphasis" | "link";
  readonly text: string;
  readonly address?: string;
}

const inline = /`([^`]+)`|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** The stretches of one block's text. Styles do not nest. */
export function parseSpans(text: string): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const found of text.matchAll(inline)) {
    if (found.index > end) spans.push({ style: "plain", text: text.slice(end, found.index) });
    const [whole, code, bold, emphasis, link, address] = found;
    if (code !== undefined) spans.push({ style: "code", text: code });
    else if (bold !== undefined) spans.push({ style: "bold", text: bold });
    else if (emphasis !== undefined) spans.push({ style: "emphasis", text: emphasis });
    else spans.push({ style: "link", text: link as string, address: address as string });
    end = found.index + whole.length;
  }
  if (end < text.length) spans.push({ style: "plain", text: text.slice(end) });
  return spans;
}
