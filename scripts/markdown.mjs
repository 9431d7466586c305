/** Tables in Markdown pages, and the parts of pages that scripts write between marks. */

/** Rows of cells, the first of them the head. */
export function table([head, ...rows]) {
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`.replace(/\| {2}(?=\|)/g, "| ");
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The page with a text, which ends its line, between the marks `<!-- name:begin -->` and `<!-- name:end -->`. */
export function withSection(page, name, text) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected the marks ${begin} and ${end} in this order, got none`);
  return `${page.slice(0, from + begin.length)}\n${text}${page.slice(to)}`;
}
