/**
 * Writes the table "document → lesson → result" into the READMEs of both languages, between their marks.
 *
 *     node packages/lessons/scripts/readme-table.mjs
 *
 * Lessons that `fast` changes the results of are run in full, which takes a few minutes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lessons } from "@unroll/lessons";
import { comparisons, documents } from "@unroll/lessons/documents";
import { withSection as replaceSection, table } from "../../../scripts/markdown.mjs";
import { runLessons } from "./run-lessons.mjs";

const head = {
  en: ["document", "lesson", "result", "theirs", "ours"],
  ko: ["원본", "레슨", "결과", "원본의 값", "우리의 값"],
};
const words = {
  en: [
    "## Lessons",
    "",
    "Seventeen lessons go through five documents that teach recurrent networks. Each has its text in English and Korean, its program, what it",
    "prints and its figures. `npx unroll lesson 01` runs one, `npm run gallery` draws the figures of all on one page.",
  ],
  ko: [
    "## 레슨",
    "",
    "레슨 열일곱 개가 순환신경망을 가르치는 다섯 문서를 따라갑니다. 레슨마다 영어와 한국어로 쓴 설명, 프로그램, 출력, 그림이 있습니다.",
    "`npx unroll lesson 01 --lang ko`로 하나를 실행하고, `npm run gallery`로 모든 그림을 한 페이지에 모읍니다.",
  ],
};

/** Where the table stands. */
export const readmes = { en: "README.md", ko: "README.ko.md" };

/**
 * The table's lines below its head, as rows of cells.
 *
 * @param results by number; rows of lessons that are not among them are left out
 */
export function tableRows(results, language) {
  let before;
  return comparisons.flatMap(({ document, lesson, what, theirs, ours }) => {
    const result = results.get(lesson);
    if (result === undefined) return [];
    const name = document === before ? "" : documents[document][language];
    before = document;
    return [[name, link(lesson, language), what[language], theirs[language], ours(result)[language]]];
  });
}

/** What stands between the marks. */
export function section(results, language) {
  return `${[...words[language], "", table([head[language], ...tableRows(results, language)])].join("\n")}\n`;
}

/** The page with the section in its place. */
export const withSection = (page, text) => replaceSection(page, "lessons", text);

function link(id, language) {
  const lesson = lessons.find((one) => one.id === id);
  return `[${id}](packages/lessons/src/${id}-${lesson.slug}/text.${language}.md)`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  const long = new Set(comparisons.filter((row) => row.long).map((row) => row.lesson));
  const results = runLessons(
    ({ id }) => ({ fast: !long.has(id) }),
    ({ id, title }) => console.error(`lesson ${id}: ${title.en}`),
  );
  for (const [language, name] of Object.entries(readmes)) {
    const path = join(root, name);
    writeFileSync(path, withSection(readFileSync(path, "utf8"), section(results, language)));
    console.log(`${name}: ${tableRows(results, language).length} rows`);
  }
}
