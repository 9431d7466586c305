import { describe, expect, test } from "vitest";
import { parseSpans, parseText } from "../src/index.js";
import { frame, shapeOf, table } from "../src/table.js";

describe("parseText", () => {
  test("knows headings, paragraphs, lists, code, tables, quotes and marks", () => {
    const text = [
      "# Title",
      "One line",
      "and the next.",
      "- first",
      "  goes on",
      "- second",
      "",
      "1. one",
      "2. two",
      "```ts",
      "const a = 1;",
      "",
      "```",
      "| a | b |",
      "|---|---|",
      "| `x\\|y` | 2 |",
      "> said",
      "> so",
      "<!-- run -->",
      "<!-- print: hidden[:9] @ weight.T + bias -->",
      "<!-- print: averages | 누적 평균 -->",
      "<!-- figure: vis1 -->",
    ].join("\n");
    expect(parseText(text)).toEqual([
      { type: "heading", level: 1, text: "Title" },
      { type: "paragraph", text: "One line and the next." },
      { type: "list", ordered: false, items: ["first goes on", "second"] },
      { type: "list", ordered: true, items: ["one", "two"] },
      { type: "code", language: "ts", text: "const a = 1;\n" },
      { type: "table", head: ["a", "b"], rows: [["`x|y`", "2"]] },
      { type: "quote", text: "said so" },
      { type: "run" },
      { type: "print", label: "hidden[:9] @ weight.T + bias" },
      { type: "print", label: "averages", title: "누적 평균" },
      { type: "figure", name: "vis1" },
    ]);
  });

  test("refuses what it does not know", () => {
    expect(() => parseText("a\n\n```ts\nb")).toThrow("text, line 3: expected a closing ``` for ```ts, got none");
    expect(() => parseText("<!-- TODO -->")).toThrow(
      "text, line 1: expected <!-- run -->, <!-- print: label --> or <!-- figure: name -->, got <!-- TODO -->",
    );
  });
});

test("parseSpans finds code, bold, emphasis and links", () => {
  expect(parseSpans("a `b*c*` **d e** *f*, 2 * 3 * 4 [g](h.md)")).toEqual([
    { style: "plain", text: "a " },
    { style: "code", text: "b*c*" },
    { style: "plain", text: " " },
    { style: "bold", text: "d e" },
    { style: "plain", text: " " },
    { style: "emphasis", text: "f" },
    { style: "plain", text: ", 2 * 3 * 4 " },
    { style: "link", text: "g", address: "h.md" },
  ]);
});

test("tables are laid out as pandas and NumPy print them", () => {
  expect(frame({ x: ["A", "b"], count: [1, 12] })).toBe("   x  count\n0  A      1\n1  b     12");
  expect(frame({ x: ["a", "b", "c"] }, 2)).toBe("   x\n0  a\n1  b");
  expect(
    table(
      [
        ["name", "a"],
        ["n", "100"],
      ],
      ["left"],
    ),
  ).toBe("name    n\na     100");
  expect(
    table([
      ["길이", "2"],
      ["n", "100"],
    ]),
  ).toBe("길이    n\n   2  100");
  expect(shapeOf({ shape: [299, 7] })).toBe("(299, 7)");
  expect(shapeOf({ shape: [8] })).toBe("(8,)");
});
