/** The documents' figures and numbers: each has its counterpart, and the pages made from them say what the lessons give. */
import { readFileSync } from "node:fs";
import type { Figure } from "@unroll/figures";
import { toPNG } from "@unroll/figures/png";
import { beforeAll, describe, expect, test } from "vitest";
import { figureCalls } from "../scripts/figure-calls.mjs";
import { galleryPage } from "../scripts/gallery.mjs";
import { readmes, section, tableRows, withSection } from "../scripts/readme-table.mjs";
import { runLessons } from "../scripts/run-lessons.mjs";
import { captions, comparisons, type DocumentId, documentFigures, documents } from "../src/documents/index.js";
import { type LessonResult, languages, lessons } from "../src/index.js";

let results: Map<string, LessonResult>;
beforeAll(() => {
  results = runLessons({ fast: true });
}, 300_000);

function figureOf(lesson: string, name: string): Figure {
  const found = results.get(lesson)?.figures.find((figure) => figure.name === name);
  if (found === undefined) throw new Error(`lesson ${lesson}: expected a figure '${name}'`);
  return found.figure;
}

describe("figures of the documents", () => {
  test("are all in the manifest: as many of each plotting call as the documents have", () => {
    const drawn: Record<DocumentId, Record<string, number>> = {
      embeddings: { "plt.plot": 3, "plt.subplots": 6, "plt.matshow": 5 },
      layers: { "plt.matshow": 6 },
      numpy: {},
      shapes: {},
      halves: { "plt.plot": 1, "plt.subplots": 1 },
    };
    const found: Record<string, Record<string, number>> = {};
    for (const id of Object.keys(documents)) found[id] = {};
    for (const { document, call } of documentFigures) {
      const [name] = /plt\.(?:plot|subplots|matshow)/.exec(call) ?? [""];
      const counts = found[document] as Record<string, number>;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(found).toEqual(drawn);
  });

  test.each(documentFigures.map((one) => [`${one.document}: ${one.shows.en}`, one] as const))(
    "%s",
    (_, { call, lesson, figure: name, panel, shows }) => {
      const figure = figureOf(lesson, name);
      expect(figure.toSVG()).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      expect(shows.ko).not.toBe("");
      if (panel !== undefined) expect(figure.frames.length).toBeGreaterThan(panel);
      if (call.includes("subplots(1,3,figsize=(15,5))")) {
        expect(figure.frames).toHaveLength(3);
        expect([figure.width, figure.height]).toEqual([1500, 500]);
      }
      if (!call.includes("matshow")) return;
      const { matrix, vmin, vmax, map, vlines } = figure.heatMap ?? expect.fail("expected a heat map");
      const [, least, most] = /vmin=(-?\d+),vmax=(\d+)/.exec(call) ?? [];
      expect([vmin, vmax]).toEqual([Number(least), Number(most)]);
      expect(map.name).toBe(/cmap='(\w+)'/.exec(call)?.[1]);
      expect(matrix).toHaveLength(call.includes("[:15]") ? 15 : 10);
      const line = /axvline\(x=([\d.]+)/.exec(call)?.[1];
      expect(vlines.map(({ at }) => at)).toEqual(line === undefined ? [] : [Number(line)]);
    },
  );

  test("each kind becomes a PNG", async () => {
    for (const [lesson, name] of [
      ["01", "vis1"],
      ["01", "vis2"],
      ["03", "plane"],
      ["05", "right"],
      ["10", "gates"],
    ] as const) {
      const bytes = await toPNG(figureOf(lesson, name), { missingGlyphs: "error" });
      expect([...bytes.subarray(0, 4)], `${lesson} ${name}`).toEqual([0x89, 0x50, 0x4e, 0x47]);
    }
  });
});

test("every figure of every lesson has a caption in both languages, and the call that draws it is found", async () => {
  expect(Object.keys(captions).sort()).toEqual(lessons.map(({ id }) => id));
  for (const lesson of lessons) {
    const names = results.get(lesson.id)?.figures.map(({ name }) => name) ?? [];
    const written = captions[lesson.id] ?? {};
    expect(Object.keys(written).sort(), `lesson ${lesson.id}`).toEqual([...names].sort());
    for (const { en, ko } of Object.values(written)) {
      expect(en).toMatch(/^[^가-힣]+$/);
      expect(ko).toMatch(/[가-힣]/);
    }
    const calls = figureCalls((await lesson.text()).program["lesson.ts"] as string);
    for (const name of names) expect(calls.get(name), `lesson ${lesson.id}: ${name}`).toMatch(/^\w+\([\s\S]*[)};]$/);
  }
});

describe("gallery", () => {
  test("shows every figure, names each id once, and asks nothing of anybody", async () => {
    const page = await galleryPage(results);
    const figures = [...results.values()].flatMap((result) => result.figures);
    expect(page.match(/<svg /g)?.length).toBeGreaterThan(figures.length);
    for (const { title } of lessons) expect(page).toContain(title.ko);
    const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const addresses = [...page.matchAll(/\b(?:href|src|url|xlink:href)(?:="|\()["']?([^"')]+)/g)].map(([, to]) => to);
    expect(addresses.length).toBeGreaterThan(lessons.length);
    for (const to of addresses) expect(to === "data:," || ids.includes(String(to).slice(1)), to).toBe(true);
    expect(page).not.toMatch(/<script|@import|undefined|NaN/);
  });

  test("finds calls that a constant or a template holds", () => {
    const program = `
    const plot = lines(rows, {
      title: \`a), {\`, // not here: }
    });
    const own = (rows: number[][]) =>
      bars(rows[0], { grid: true });
    return {
      figures: {
        plot,
        again: plot,
        mine: own(rows),
        map: matshow([[1, 2], [3, 4]], { title: "), {" }),
      },
    };`;
    const plot = "lines(rows, {\n  title: `a), {`, // not here: }\n})";
    expect([...figureCalls(program)]).toEqual([
      ["plot", plot],
      ["again", plot],
      ["mine", "own(rows)\n\nconst own = (rows: number[][]) =>\n  bars(rows[0], { grid: true });"],
      ["map", 'matshow([[1, 2], [3, 4]], { title: "), {" })'],
    ]);
  });
});

describe("the table of the READMEs", () => {
  test("has a row for every lesson, in the documents' order", () => {
    expect([...new Set(comparisons.map(({ lesson }) => lesson))].sort()).toEqual(lessons.map(({ id }) => id));
    const order = comparisons.map(({ document }) => document);
    expect([...new Set(order)].flatMap((id) => order.filter((one) => one === id))).toEqual(order);
  });

  test.each(languages)("is up to date (%s)", (language) => {
    const page = readFileSync(new URL(`../../../${readmes[language]}`, import.meta.url), "utf8");
    const [begin, end] = ["<!-- lessons:begin -->\n", "<!-- lessons:end -->"];
    const written = page
      .slice(page.indexOf(begin) + begin.length, page.indexOf(end))
      .trimEnd()
      .split("\n");
    const wanted = section(results, language).trimEnd().split("\n");
    const again = "run: npm run readme-table";
    expect(written.length, again).toBe(wanted.length);
    const first = wanted.length - comparisons.length;
    for (const [i, line] of wanted.entries()) {
      // What a shortened run does not give is compared without its last cell.
      const long = comparisons[i - first]?.long === true;
      const shown = (text: string | undefined) => (long ? text?.replace(/[^|]*\|$/, "") : text);
      expect(shown(written[i]), again).toBe(shown(line));
    }
  });

  test("cells hold no bars and no line breaks; the section goes between its marks", () => {
    for (const language of languages) {
      for (const row of tableRows(results, language)) {
        expect(row).toHaveLength(5);
        for (const cell of row) expect(cell).not.toMatch(/[|\n]|undefined|NaN/);
      }
    }
    const marks = "a\n<!-- lessons:begin -->\nold\n<!-- lessons:end -->\nb\n";
    expect(withSection(marks, "new\n")).toBe("a\n<!-- lessons:begin -->\nnew\n<!-- lessons:end -->\nb\n");
    expect(() => withSection("a", "new")).toThrow("expected the marks <!-- lessons:begin --> and");
  });
});
