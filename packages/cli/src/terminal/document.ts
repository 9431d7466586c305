/**
 * A lesson's text in a terminal.
 *
 * @module
 */
import { type Block, parseSpans } from "@unroll/lessons/catalogue";
import { textWidth, wrapWords } from "./output.js";
import type { Session } from "./session.js";

const indent = "    ";

/** The lines of a block of text; none for marks, which are the caller's. */
export function renderBlock(session: Session, block: Block): string[] {
  const width = session.textColumns();
  switch (block.type) {
    case "heading": {
      const title = session.paint("bold", block.text);
      return block.level === 1
        ? [title, session.paint("dim", "─".repeat(Math.min(width, textWidth(block.text))))]
        : [title];
    }
    case "paragraph":
      return wrapWords(styled(session, block.text), width);
    case "quote":
      return wrapWords(styled(session, block.text), width - 2).map((line) => `${session.paint("dim", "│")} ${line}`);
    case "list":
      return block.items.flatMap((item, i) => {
        const bullet = block.ordered ? `${i + 1}. ` : "- ";
        const hanging = " ".repeat(bullet.length);
        return wrapWords(styled(session, item), width - bullet.length).map(
          (line, k) => (k === 0 ? bullet : hanging) + line,
        );
      });
    case "code":
      return block.text
        .split("\n")
        .flatMap((line) => wrapCode(line, width - indent.length))
        .map((line) => (line === "" ? "" : indent + session.paint("cyan", line)));
    case "table":
      return tableLines(session, block.head, block.rows, width);
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

/** A line of code; one that is too long goes on further in, at best after a comma or before a call on what a call gave. */
export function wrapCode(line: string, width: number): string[] {
  const lines: string[] = [];
  const further = line.search(/\S|$/) + 4;
  let rest = line;
  while (textWidth(rest) > width) {
    const last = (place: RegExp, least: number): number | undefined =>
      [...rest.matchAll(place)]
        .map((found) => found.index + found[0].length)
        .findLast((at) => at > least && at <= width);
    const cut = last(/, |(?<=\))(?=\.)/g, Math.max(further, width / 3)) ?? last(/ |\((?!\))/g, further);
    if (cut === undefined) break;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = " ".repeat(further) + rest.slice(cut);
  }
  return [...lines, rest];
}

/** Columns as far apart as the width allows. */
function tableLines(
  session: Session,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => styled(session, cell)));
  const widths = head.map((_, j) => Math.max(...cells.map((row) => textWidth(row[j] ?? ""))));
  const length = (gap: number): number => widths.reduce((sum, one) => sum + one, gap * (widths.length - 1));
  const gap = [3, 2].find((one) => indent.length + length(one) <= width) ?? 1;
  const margin = indent.length + length(gap) <= width ? indent : "";
  const lines = cells.map((row) =>
    widths
      .map((one, j) => (row[j] ?? "") + " ".repeat(one - textWidth(row[j] ?? "")))
      .join(" ".repeat(gap))
      .trimEnd(),
  );
  const rule = session.paint("dim", "─".repeat(length(gap)));
  return [session.paint("bold", lines[0] as string), rule, ...lines.slice(1)].map((line) => margin + line);
}
