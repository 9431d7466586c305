/**
 * Writes `gallery/index.html`: the figures of all lessons, then what else `@unroll/figures` draws, on one page that needs nothing else.
 *
 *     npm run gallery                      # in under a minute: long lessons are shortened
 *     npm run gallery -- --png             # and each figure as a PNG file beside the page
 *     npm run gallery -- --full --lang ko  # nothing shortened, words in figures in Korean
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeFigure } from "@unroll/figures/png";
import { languages, lessons } from "@unroll/lessons";
import { captions, documentFigures, documents } from "@unroll/lessons/documents";
import { figureCalls, outdented } from "./figure-calls.mjs";
import { kinds, texts } from "./gallery-kinds.mjs";
import { runLessons } from "./run-lessons.mjs";

/** Wider figures get a row of their own, and are not squeezed on a phone. */
const WIDE = 1000;

/**
 * The page.
 *
 * @param results by number of the lesson; lessons that are not among them are left out
 */
export async function galleryPage(results, { fast = true } = {}) {
  const shown = lessons.filter(({ id }) => results.has(id));
  const sections = await Promise.all(shown.map((lesson) => lessonSection(lesson, results.get(lesson.id))));
  const style = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "gallery-style.css"), "utf8");
  const links = [
    ...shown.map(({ id, title }) => [`lesson-${id}`, `${id} · ${title.en}`, title.ko]),
    ["figures", "Other figures", "그 밖의 그림"],
  ].map(([id, en, ko]) => `<a href="#${id}">${escaped(en)} ${korean(ko, "span")}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unroll: gallery</title>
<link rel="icon" href="data:,">
<style>
${style}</style>
</head>
<body>
<h1>Gallery ${korean("그림 모음", "span")}</h1>
<p>All figures of all lessons, each with the call that draws it.${fast ? " Long lessons were shortened." : ""}</p>
${korean(`모든 레슨의 그림과 그 그림을 그리는 코드입니다.${fast ? " 오래 걸리는 레슨은 줄여서 실행했습니다." : ""}`, "p")}
<nav>
${links.join("\n")}
</nav>
${sections.join("")}<section id="figures">
<h2>Other figures</h2>
${korean("그 밖의 그림", "p")}
<div class="figures">
${kinds.map(kindFigure).join("")}${texts.map(textFigure).join("")}</div>
</section>
</body>
</html>
`;
}

async function lessonSection({ id, title, summary, text }, { figures }) {
  const calls = figureCalls((await text()).program["lesson.ts"]);
  const drawn = figures.map(({ name, figure }) => {
    const caption = captions[id]?.[name];
    if (caption === undefined) throw new Error(`lesson ${id}: expected a caption for the figure '${name}', got none`);
    const counterparts = documentFigures
      .filter((one) => one.lesson === id && one.figure === name)
      .map((one) => {
        const from = documents[one.document];
        const note = `<span lang="ko">${escaped(`${from.ko}: ${one.shows.ko}`)}</span>`;
        return `<p class="of">${escaped(`${from.en}: ${one.shows.en}`)} · ${note}<br><code>${escaped(one.call)}</code></p>\n`;
      });
    return figureElement(figure, caption, calls.get(name), [...new Set(counterparts)].join(""));
  });
  return `<section id="lesson-${id}">
<h2>${escaped(`${id} · ${title.en}`)}</h2>
${korean(title.ko, "p")}
<p>${escaped(summary.en)}</p>
${korean(summary.ko, "p")}
<div class="figures">
${drawn.join("")}</div>
</section>
`;
}

function kindFigure({ title, draw }) {
  return figureElement(draw(), title, callOf(draw));
}

function textFigure({ title, draw }) {
  return element(`<pre>${escaped(draw())}</pre>`, title, callOf(draw));
}

let drawn = 0;

function figureElement(figure, caption, call, counterparts = "") {
  const svg = figure.toSVG().trim();
  // Two figures that look the same have the same ids, and an id may stand on a page only once.
  const [, id] = /aria-labelledby="(\w+)-title/.exec(svg) ?? [];
  const named = svg.replace(/(<title[^>]*>)Figure</, (_, tag) => `${tag}${escaped(caption.en)}<`);
  const picture = named.replaceAll(`${id}-`, `figure-${++drawn}-`);
  return element(picture, caption, call, { counterparts, wide: figure.width > WIDE });
}

function element(picture, caption, call, { counterparts = "", wide = false } = {}) {
  const code =
    call === undefined ? "" : `<details><summary>call · 코드</summary><pre>${escaped(call)}</pre></details>\n`;
  const origin =
    counterparts === "" ? "" : `<details><summary>counterpart of · 원본의 그림</summary>\n${counterparts}</details>\n`;
  return `<figure${wide ? ' class="wide"' : ""}>
<div class="picture"${wide ? ' tabindex="0"' : ""}>${picture}</div>
<figcaption>${escaped(caption.en)}
${caption.ko === caption.en ? "" : korean(caption.ko, "p")}${origin}${code}</figcaption>
</figure>
`;
}

/** A function's body as it stands in this file's neighbour. */
function callOf(draw) {
  return outdented(String(draw).replace(/^\(\) =>\s*/, ""));
}

function korean(text, tag) {
  return `<${tag} lang="ko">${escaped(text)}</${tag}>`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

async function main() {
  const { values } = parseArgs({
    options: {
      png: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      lang: { type: "string", default: "en" },
      out: { type: "string" },
    },
  });
  if (!languages.includes(values.lang)) {
    throw new Error(`--lang: expected one of ${languages.join(", ")}, got '${values.lang}'`);
  }
  const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  const folder = values.out ?? join(root, "gallery");
  const started = performance.now();
  const fast = !values.full;
  const results = runLessons({ fast, lang: values.lang }, ({ id, title }) =>
    console.error(`lesson ${id}: ${title[values.lang]}`),
  );
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "index.html");
  writeFileSync(path, await galleryPage(results, { fast }));
  const figures = [...results.values()].flatMap(({ lesson, figures }) =>
    figures.map(({ name, figure }) => [`${lesson}-${name}`, figure]),
  );
  if (values.png) for (const [name, figure] of figures) await writeFigure(join(folder, `${name}.png`), figure);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${path}: ${figures.length} figures of ${results.size} lessons in ${seconds} s`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
