/** Every lesson: complete, readable in both languages, and doing what its text says. */
import { describe, expect, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { type Block, type Lesson, type LessonResult, languages, lessons, parseSpans, parseText } from "../src/index.js";

const results = new Map<string, LessonResult>();

/** A lesson's results, computed once. */
function resultOf(lesson: Lesson): LessonResult {
  const known = results.get(lesson.id);
  if (known !== undefined) return known;
  const program = lesson.run({ fast: true });
  let next = program.next();
  while (!next.done) next = program.next();
  results.set(lesson.id, next.value);
  return next.value;
}

const shapeOf = (value: unknown): number[] => (Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []);

/** `(9, 1)`; `(8,)`. */
const shapeText = (shape: number[]): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`);

const marksOf = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) =>
    block.type === "run"
      ? ["run"]
      : block.type === "print"
        ? [`print: ${block.label}`]
        : block.type === "figure"
          ? [`figure: ${block.name}`]
          : [],
  );

test("lessons are numbered in order and named differently", () => {
  const ids = lessons.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(lessons.map(({ slug }) => slug)).size).toBe(lessons.length);
});

test("the catalogue lists the same lessons, and loads them", async () => {
  expect(await Promise.all(catalogue.map((entry) => entry.load()))).toEqual(lessons);
  expect(catalogue.map(({ load, ...about }) => about)).toEqual(lessons.map(({ run, ...about }) => about));
});

describe.each(lessons.map((lesson) => [lesson.id, lesson] as const))("lesson %s", (id, lesson) => {
  test("texts have the same blocks in both languages, and a place for everything the program finds", async () => {
    const texts = await lesson.text();
    const [english, korean] = languages.map((language) => parseText(texts[language]));
    expect(korean?.map(({ type }) => type)).toEqual(english?.map(({ type }) => type));
    expect(marksOf(korean as Block[])).toEqual(marksOf(english as Block[]));
    const { printed, figures } = resultOf(lesson);
    const wanted = [
      "run",
      ...printed.map(({ label }) => `print: ${label}`),
      ...figures.map(({ name }) => `figure: ${name}`),
    ];
    expect(marksOf(english as Block[]).sort()).toEqual(wanted.sort());
  });

  test("titles of what is printed, where they differ from the label, are Korean", async () => {
    const { en, ko } = await lesson.text();
    const titles = (text: string) => parseText(text).flatMap((block) => ("title" in block ? [block.title ?? ""] : []));
    expect(titles(en)).toEqual([]);
    for (const title of titles(ko)) expect(title).toMatch(/[가-힣]/);
  });

  test("titles begin with the number, and Korean is Korean", async () => {
    const texts = await lesson.text();
    for (const language of languages) {
      expect(parseText(texts[language])[0]).toMatchObject({
        type: "heading",
        level: 1,
        text: expect.stringMatching(`^${id} · `),
      });
    }
    expect(lesson.title.ko + lesson.summary.ko).toMatch(/[가-힣]/);
    expect(texts.ko.match(/[가-힣]/g)?.length).toBeGreaterThan(500);
    expect(texts.en).not.toMatch(/[가-힣]/);
  });

  test("code in the texts is code of the program, the same in both languages", async () => {
    const texts = await lesson.text();
    const sources = Object.values(texts.program).join("\n");
    const program = new Set(sources.split("\n").map((line) => line.trim()));
    expect(texts.program).toHaveProperty(["lesson.ts"]);
    const [english, korean] = languages.map((language) =>
      parseText(texts[language]).flatMap((block) => (block.type === "code" ? [block] : [])),
    );
    expect(korean).toEqual(english);
    for (const { language, text } of english ?? []) {
      if (language !== "ts") continue;
      for (const line of text.split("\n")) expect(program, line).toContain(line.trim());
    }
  });

  test("spans are closed: no mark-up is left in plain text", async () => {
    const texts = await lesson.text();
    for (const language of languages) {
      for (const block of parseText(texts[language])) {
        const lines = "items" in block ? block.items : "text" in block && block.type !== "code" ? [block.text] : [];
        for (const line of lines) {
          for (const span of parseSpans(line)) {
            if (span.style === "plain") expect(span.text, line).not.toMatch(/`|\*\*|(?<!\w)_\w/);
          }
        }
      }
    }
  });

  test("tensors have the names and shapes announced, and finite numbers", () => {
    const { tensors } = resultOf(lesson);
    const shapes = Object.fromEntries(
      Object.entries(tensors).map(([name, value]) => [name, shapeText(shapeOf(value))]),
    );
    // A length that depends on how long the lesson runs is announced as n.
    const announced = Object.entries(lesson.tensors).map(([name, shape]) => [
      name,
      shape.includes("n")
        ? expect.stringMatching(new RegExp(`^${shape.replace(/[()]/g, "\\$&").replaceAll("n", "\\d+")}$`))
        : shape,
    ]);
    expect(shapes).toEqual(Object.fromEntries(announced));
    for (const [name, value] of Object.entries(tensors)) {
      for (const number of ([value] as unknown[]).flat(Number.POSITIVE_INFINITY))
        expect(Number.isFinite(number), name).toBe(true);
    }
  });

  test("losses are finite, and figures draw and say what they show", () => {
    const { losses, figures } = resultOf(lesson);
    for (const loss of losses) expect(Number.isFinite(loss)).toBe(true);
    for (const { name, figure } of figures) {
      expect(figure.toSVG(), name).toMatch(/^<svg /);
      expect(figure.description, name).not.toBe("");
    }
  });
});

describe("options", () => {
  const [first] = lessons as [Lesson];

  test("unknown and impossible ones are errors", () => {
    expect(() => first.run({ sed: 1 } as never)).toThrow(
      "lesson 01: unknown option 'sed'. Known options: seed, fast, lang",
    );
    expect(() => first.run({ seed: -1 })).toThrow("expected seed to be a whole number ≥ 0, got -1");
    expect(() => first.run({ seed: 0.5 })).toThrow("expected seed to be a whole number ≥ 0, got 0.5");
    expect(() => first.run({ fast: 1 as never })).toThrow("expected fast to be true or false, got 1");
    expect(() => first.run({ lang: "de" as never })).toThrow("expected lang to be one of en, ko, got 'de'");
  });
});
