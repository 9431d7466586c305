/**
 * `unroll lesson`: lists the lessons, or runs one: text, training, what it prints, figures.
 *
 * With `--json`, stdout is exactly one JSON object on one line:
 *
 *     { "lesson": "01", "seed": 43052, "losses": [1.2, …], "tensors": { "hidden": [[−0.0147], …], … } }
 *
 * `losses` holds the loss of each epoch, `tensors` nested arrays of numbers by name. `unroll lesson --json` lists all lessons as a
 * JSON array, with the names and shapes of their tensors: `[{ "lesson": "01", "seed": 43052, "tensors": { "hidden": "(9, 1)", … }, … }, …]`.
 *
 * @module
 */
import type { Lesson, LessonResult, NamedFigure } from "@unroll/lessons";
import { type Block, type CatalogueEntry, catalogue, parseText } from "@unroll/lessons/catalogue";
import type { Command } from "commander";
import { renderBlock } from "../terminal/document.js";
import { UsageError } from "../terminal/errors.js";
import { exitCodes } from "../terminal/exit-codes.js";
import { examples } from "../terminal/help.js";
import { startLiveCurve } from "../terminal/live-curve.js";
import { clip, textWidth, wrapWords } from "../terminal/output.js";
import { type Progress, startProgress } from "../terminal/progress.js";
import { breathe, type Session, sessionOf } from "../terminal/session.js";

interface LessonFlags {
  readonly json?: boolean;
  readonly seed?: string;
  readonly fast?: boolean;
  readonly out?: string;
}

export function register(program: Command): void {
  const session = sessionOf(program);
  const say = session.say.bind(session);
  program
    .command("lesson")
    .argument(
      "[number]",
      say({ en: "which one, such as 01; left out, they are listed", ko: "레슨 번호(예: 01). 생략하면 목록" }),
    )
    .description(say({ en: "list the lessons, or run one", ko: "레슨 목록을 보거나 레슨 하나를 실행합니다" }))
    .option(
      "--json",
      say({ en: "print the results as one JSON object instead", ko: "결과를 JSON 객체 하나로 출력합니다" }),
    )
    .option(
      "--seed <number>",
      say({ en: "seed of the random numbers, instead of the lesson's", ko: "레슨의 시드 대신 쓸 난수 시드" }),
    )
    .option(
      "--fast",
      say({
        en: "shorten what takes long; the results say what",
        ko: "오래 걸리는 부분을 줄입니다. 무엇을 줄였는지 결과에 적힙니다",
      }),
    )
    .option(
      "--out <folder>",
      say({
        en: "where figures are written (default: runs/lesson-NN)",
        ko: "그림을 저장할 폴더 (기본값: runs/lesson-NN)",
      }),
    )
    .addHelpText(
      "after",
      examples(session, [
        ["unroll lesson", { en: "list them", ko: "목록" }],
        ["unroll lesson 01", { en: "read, train, look", ko: "읽고, 학습하고, 들여다보기" }],
        ["unroll lesson 01 --lang ko", { en: "the same in Korean", ko: "한국어로" }],
        [
          "unroll lesson 01 --json",
          { en: "losses and tensors for other programs", ko: "다른 프로그램에서 쓸 손실과 텐서" },
        ],
        ["unroll lesson --json", { en: "which tensors each lesson returns", ko: "레슨마다 어떤 텐서를 주는지" }],
      ]),
    )
    .action((number: string | undefined, flags: LessonFlags) =>
      number === undefined ? list(session, flags) : run(session, number, flags),
    );
}

function list(session: Session, flags: LessonFlags): void {
  const { json, ...others } = flags;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new UsageError(
      session.say({
        en: `--${other} needs a lesson to run: unroll lesson 01 --${other}`,
        ko: `--${other} 옵션에는 실행할 레슨이 있어야 합니다: unroll lesson 01 --${other}`,
      }),
    );
  }
  if (json === true) {
    const told = catalogue.map(({ id, slug, title, summary, seed, tensors }) => ({
      lesson: id,
      slug,
      title: title[session.language],
      summary: summary[session.language],
      seed,
      tensors,
    }));
    session.print(JSON.stringify(told));
    return;
  }
  for (const line of listLines(session)) session.print(line);
  session.print();
  session.print(
    session.say({ en: "npx unroll lesson 01 runs the first.", ko: "npx unroll lesson 01로 첫 레슨을 시작합니다." }),
  );
}

/** A line each: in a terminal as much of the summary as there is room for. */
function listLines(session: Session): string[] {
  const widest = Math.max(...catalogue.map((lesson) => textWidth(lesson.title[session.language])));
  const columns = session.host.stdout.isTTY === true ? session.columns("stdout") : Number.POSITIVE_INFINITY;
  const room = columns - "01  ".length - widest - 2;
  return catalogue.map(({ id, title, summary }) => {
    const name = clip(title[session.language], columns - "01  ".length);
    const line = `${session.paint("bold", id)}  ${name}`;
    if (room < 16) return line;
    const gap = " ".repeat(widest - textWidth(name) + 2);
    return `${line}${gap}${session.paint("dim", clip(summary[session.language], room))}`;
  });
}

async function run(session: Session, number: string, flags: LessonFlags): Promise<void> {
  const entry = find(session, number);
  const options = { fast: flags.fast ?? false, lang: session.language, ...seedOf(session, flags.seed) };
  if (flags.json === true) {
    const result = await train(session, await entry.load(), options);
    if (result === undefined) return;
    const { losses, tensors, seed } = result;
    session.print(JSON.stringify({ lesson: entry.id, seed, losses, tensors }));
    if (flags.out !== undefined) await writeFigures(result.figures, flags.out);
    return;
  }
  const blocks = parseText((await entry.text())[session.language]);
  const start = blocks.findIndex((block) => block.type === "run");
  for (const block of blocks.slice(0, start)) printText(session, block);

  const folder = flags.out ?? `runs/lesson-${entry.id}`;
  const writable = await canWrite(session, folder, flags.out !== undefined);

  const result = await train(session, await entry.load(), options);
  if (result === undefined) return;
  await printLosses(session, result);
  const paths = writable ? await writeFigures(result.figures, folder) : new Map();
  for (const block of blocks.slice(start)) await printFound(session, block, result, paths);
}

/**
 * Whether figures can be written to a folder, known before a training that may take long. A folder that was asked for must do;
 * without the usual one the lesson goes on, without figures.
 */
async function canWrite(session: Session, folder: string, asked: boolean): Promise<boolean> {
  const { access, constants, stat } = await import("node:fs/promises");
  const { dirname, resolve } = await import("node:path");
  const { existsSync } = await import("node:fs");
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  try {
    if (!(await stat(there)).isDirectory()) {
      throw new UsageError(
        session.say({
          en: `--out: expected a folder, got ${folder}: ${there} is a file`,
          ko: `--out: 폴더가 와야 하는데 ${folder} 이(가) 왔습니다. ${there} 은(는) 파일입니다`,
        }),
      );
    }
    await access(there, constants.W_OK);
    return true;
  } catch (error) {
    if (asked) throw error;
    session.note(
      session.say({
        en: `No figures will be saved (${(error as Error).message}). --out names another folder.`,
        ko: `그림을 저장하지 않습니다 (${(error as Error).message}). --out으로 다른 폴더를 정할 수 있습니다.`,
      }),
    );
    return false;
  }
}

function find(session: Session, number: string): CatalogueEntry {
  const entry = catalogue.find(({ id, slug }) => id === number.padStart(2, "0") || slug === number);
  if (entry !== undefined) return entry;
  throw new UsageError(
    [
      session.say({
        en: `lesson: expected the number of a lesson, got '${number}'. There are:`,
        ko: `lesson: 레슨 번호가 와야 하는데 '${number}' 이(가) 왔습니다. 다음 레슨이 있습니다:`,
      }),
      ...catalogue.map(({ id, title }) => `  ${id}  ${title[session.language]}`),
    ].join("\n"),
  );
}

function seedOf(session: Session, text: string | undefined): { seed?: number } {
  if (text === undefined) return {};
  const seed = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(
      session.say({
        en: `--seed: expected a whole number of at least 0, got '${text}'`,
        ko: `--seed: 0 이상의 정수가 와야 하는데 '${text}' 이(가) 왔습니다`,
      }),
    );
  }
  return { seed };
}

/** Runs the program with live progress on stderr. Undefined after Ctrl-C. */
async function train(
  session: Session,
  lesson: Lesson,
  options: Parameters<Lesson["run"]>[0],
): Promise<LessonResult | undefined> {
  const { terminalCurve } = await import("@unroll/figures");
  const interrupt = session.watchInterrupt();
  const live = startLiveCurve(session, terminalCurve);
  let progress: Progress | undefined;
  let stage: string | undefined;
  let stopped = false;
  let breathedAt = performance.now();
  try {
    const program = lesson.run(options);
    let next = program.next();
    for (; !next.done; next = program.next()) {
      const { epoch, epochs, loss, accuracy, line } = next.value;
      if (progress === undefined || stage !== next.value.stage) {
        progress?.end();
        live.clear();
        stage = next.value.stage;
        progress = startProgress(session, { total: epochs, ...(stage !== undefined && { label: stage }) });
      }
      if (line !== undefined && !live.caption(line)) progress.line(line);
      live.add(epoch, loss, accuracy);
      const told = [
        ...(loss === undefined ? [] : [`${session.say({ en: "loss", ko: "손실" })} ${loss.toFixed(4)}`]),
        ...(accuracy === undefined
          ? []
          : [`${session.say({ en: "accuracy", ko: "정확도" })} ${(100 * accuracy).toFixed(1)}%`]),
      ];
      progress.update(epoch + 1, told.join("  "));
      if (performance.now() - breathedAt > 30) {
        await breathe();
        breathedAt = performance.now();
      }
      if (interrupt.requested) {
        stopped = true;
        session.exitCode = exitCodes.interrupted;
        return undefined;
      }
    }
    return next.value;
  } finally {
    progress?.end();
    live.end();
    interrupt.stop();
    if (stopped)
      session.note(
        session.say({
          en: "Stopped before the end; nothing was saved.",
          ko: "끝나기 전에 멈췄습니다. 저장한 것은 없습니다.",
        }),
      );
  }
}

/** The loss over the training, where there is something to see and no figure that shows it. */
async function printLosses(session: Session, { losses, every, figures }: LessonResult): Promise<void> {
  if (losses.length < 10 || figures.some(({ name }) => name === "curves")) return;
  const { terminalCurve } = await import("@unroll/figures");
  session.print(
    terminalCurve(
      { x: losses.map((_, i) => i * every), y: losses },
      {
        width: Math.min(72, session.textColumns()),
        height: 12,
        title: session.say({ en: "loss", ko: "손실" }),
        color: session.drawingColors("stdout"),
      },
    ),
  );
  session.print();
}

async function writeFigures(figures: readonly NamedFigure[], folder: string): Promise<ReadonlyMap<string, string>> {
  const { join } = await import("node:path");
  const { writeFigure } = await import("@unroll/figures/png");
  const paths = new Map<string, string>();
  for (const { name, figure } of figures) {
    paths.set(name, await writeFigure(join(folder, `${name}.svg`), figure));
    await writeFigure(join(folder, `${name}.png`), figure);
  }
  return paths;
}

function printText(session: Session, block: Block): void {
  if (block.type === "heading" && block.level > 1) session.print();
  for (const line of renderBlock(session, block)) session.print(line);
  session.print();
}

/** A block after the program has run: marks are filled with what it found. */
async function printFound(
  session: Session,
  block: Block,
  result: LessonResult,
  paths: ReadonlyMap<string, string>,
): Promise<void> {
  if (block.type === "print") {
    const section = result.printed.find(({ label }) => label === block.label);
    session.print(session.paint("dim", `${block.title ?? block.label}:`));
    for (const line of (section?.text ?? "").split("\n")) printLine(session, line);
    session.print();
  } else if (block.type === "figure") {
    const named = result.figures.find(({ name }) => name === block.name);
    if (named !== undefined) await printFigure(session, named, paths.get(block.name));
  } else if (block.type !== "run") {
    printText(session, block);
  }
}

/** A line that the program prints: tables stay as they are, words go on in the next line. */
function printLine(session: Session, line: string): void {
  const columns = session.columns("stdout");
  const pieces = /\S {2}/.test(line) || textWidth(line) <= columns ? [line] : wrapWords(line, columns);
  for (const piece of pieces) session.print(piece);
}

/** A figure as far as text can draw it, and where it was saved. */
async function printFigure(session: Session, { figure }: NamedFigure, path: string | undefined): Promise<void> {
  const { terminalFigure } = await import("@unroll/figures");
  const drawn = terminalFigure(figure, { width: session.textColumns(), color: session.drawingColors("stdout") });
  if (drawn !== undefined) session.print(drawn);
  if (path !== undefined) {
    const saved = `${path}, ${path.replace(/\.svg$/, ".png")}`;
    const line = session.say({ en: `figure: ${saved}`, ko: `그림: ${saved}` });
    for (const piece of wrapWords(line, session.columns("stdout"))) session.print(session.paint("dim", piece));
  }
  session.print();
}
