/**
 * A lesson's text in a terminal.
 *
 * @module
 */
import { type Block, parseSpans } from "@unroll/lessons";
import { textWidth } from "./output.js";
import type { Session } from "./session.js";

/** Longer lines are hard to read. */
const widest = 100;
const indent = "    ";

/** Columns that a text may take. */
export const readingWidth = (session: Session): number => Math.min(session.columns("stdout"), widest);

/** The lines of a block of text; none for marks, which are the caller's. */
export function renderBlock(session: Session, block: Block): string[] {
  const width = readingWidth(session);
  switch (block.type) {
    case "heading": {
      const title = session.paint("bold", block.text);
      return block.level === 1
        ? [title, session.paint("dim", "─".repeat(Math.min(width, textWidth(block.text))))]
        : [title];
    }
    case "paragraph":
      return wrap(styled(session, block.text), width);
    case "quote":
      return wrap(styled(session, block.text), width - 2).map((line) => `${session.paint("dim", "│")} ${line}`);
    case "list":
      return block.items.flatMap((item, i) => {
        const bullet = block.ordered ? `${i + 1}. ` : "- ";
        const hanging = " ".repeat(bullet.length);
        return wrap(styled(session, item), width - bullet.length).map((line, k) => (k === 0 ? bullet : hanging) + line);
      });
    case "code":
      return block.text.split("\n").map((line) => (line === "" ? "" : indent + session.paint("cyan", line)));
    case "table":
      return tableLines(session, block.head, block.rows);
    case "run":
    case "print":
    case "figure":
      return [];
  }
}

/** Spans in colour; without colour, code keeps its backticks and nothing else its marks. */
function styled(session: Session, text: string): string {
  const plain = session.colors("stdout") === "none";
  return parseSpans(text)
    .map((span) => {
      if (span.style === "code") return plain ? `\`${span.text}\`` : session.paint("cyan", span.text);
      if (span.style === "bold" || span.style === "emphasis") return session.paint("bold", span.text);
      return span.style === "link" ? `${span.text} (${span.address})` : span.text;
    })
    .join("");
}

/** Lines of at most `width` columns, broken at spaces. Colours go on over a break. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function tableLines(session: Session, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => styled(session, cell)));
  const widths = head.map((_, j) => Math.max(...cells.map((row) => textWidth(row[j] ?? ""))));
  const lines = cells.map((row) =>
    widths
      .map((width, j) => (row[j] ?? "") + " ".repeat(width - textWidth(row[j] ?? "")))
      .join("   ")
      .trimEnd(),
  );
  const rule = session.paint("dim", "─".repeat(widths.reduce((sum, width) => sum + width, 3 * (widths.length - 1))));
  return [session.paint("bold", lines[0] as string), rule, ...lines.slice(1)].map((line) => indent + line);
}
