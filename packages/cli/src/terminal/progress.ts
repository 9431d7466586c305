/**
 * How far things are, on stderr: a bar in a terminal, plain lines elsewhere.
 *
 * @module
 */
import { clip, clock, paint, textWidth } from "./output.js";
import type { Session } from "./session.js";

export interface ProgressOptions {
  /** What is counted, such as epochs or steps. */
  readonly total: number;
  /** Where counting begins; more than 0 when something is continued. */
  readonly start?: number;
  /** Stands before the bar. */
  readonly label?: string;
  /** Seconds between plain lines; default 2. */
  readonly plainEvery?: number;
}

/** Only one may be under way at a time; call `end()` before printing anything else to the terminal. */
export interface Progress {
  /** Shows that `done` of `total` is done. Cheap: draws at most 15 times a second, prints a plain line every few seconds. */
  update(done: number, text?: string, label?: string): void;
  /** Prints a line that stays. Not printed in mode `none`. */
  line(text: string): void;
  /** Takes the bar away. */
  end(): void;
}

const drawEvery = 1000 / 15;
const widestBar = 24;

export function startProgress(session: Session, options: ProgressOptions): Progress {
  const { stderr } = session.host;
  const wanted = session.progress;
  const mode = wanted === "auto" ? (stderr.isTTY === true ? "bar" : "plain") : wanted;
  if (mode === "none") return { update: () => {}, line: () => {}, end: () => {} };
  return mode === "bar" ? barProgress(session, options) : plainProgress(session, options);
}

/** Seconds to go, judged by what was done so far. */
function remaining(startedAt: number, { total, start = 0 }: ProgressOptions, done: number): string {
  if (done <= start) return "";
  const elapsed = (performance.now() - startedAt) / 1000;
  return clock((elapsed / (done - start)) * (total - done));
}

const percent = (done: number, total: number): string => `${Math.floor((100 * done) / total)}%`.padStart(5);

function barProgress(session: Session, options: ProgressOptions): Progress {
  const { stderr } = session.host;
  const startedAt = performance.now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let shown = "";

  const draw = (done: number, text: string, label: string): string => {
    const eta = remaining(startedAt, options, done);
    const head = label === "" ? "" : `${label} `;
    const tail = `${percent(done, options.total)}  ${text}${eta === "" ? "" : `  ETA ${eta}`}`;
    const room = session.columns("stderr") - 1;
    const width = Math.max(0, Math.min(widestBar, room - textWidth(head) - textWidth(tail)));
    return `${head}${bar(done / options.total, width, session.colors("stderr") !== "none")}${clip(tail, room - textWidth(head) - width)}`;
  };
  const erase = (): void => {
    if (shown !== "") stderr.write("\r\x1b[2K");
  };
  return {
    update(done, text = "", label = options.label ?? "") {
      const now = performance.now();
      if (now - drawnAt < drawEvery && done < options.total) return;
      drawnAt = now;
      shown = draw(done, text, label);
      stderr.write(`\r\x1b[2K${shown}`);
    },
    line(text) {
      erase();
      stderr.write(`${text}\n${shown}`);
    },
    end() {
      erase();
      shown = "";
    },
  };
}

/** `━━━━━━━╸────`, in half columns. */
function bar(part: number, width: number, colors: boolean): string {
  const halves = Math.round(Math.max(0, Math.min(1, part)) * width * 2);
  const done = "━".repeat(halves >> 1) + (halves % 2 === 1 ? "╸" : "");
  const rest = width - done.length;
  return colors ? paint("green", done) + paint("dim", "━".repeat(rest)) : done + " ".repeat(rest);
}

function plainProgress(session: Session, options: ProgressOptions): Progress {
  const startedAt = performance.now();
  let printedAt = startedAt;
  const print = (done: number, text: string, label: string): void => {
    printedAt = performance.now();
    const eta = done < options.total ? remaining(startedAt, options, done) : "";
    session.note(
      `${label === "" ? "" : `${label} `}${percent(done, options.total).trim()}  ${text}${eta === "" ? "" : `  ETA ${eta}`}`,
    );
  };
  return {
    update(done, text = "", label = options.label ?? "") {
      if (performance.now() - printedAt >= 1000 * (options.plainEvery ?? 2) || done >= options.total)
        print(done, text, label);
    },
    line: (text) => session.note(text),
    end: () => {},
  };
}
