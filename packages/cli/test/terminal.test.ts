import { stripVTControlCharacters } from "node:util";
import { expect, test, vi } from "vitest";
import { clip, clock, colorMode, grouped, harmless, textWidth, wrap } from "../src/terminal/output.js";
import { startProgress } from "../src/terminal/progress.js";
import { type ProgressMode, Session } from "../src/terminal/session.js";

test("text is as wide as a terminal shows it", () => {
  expect([textWidth("abc"), textWidth("가나"), textWidth("\x1b[31mred\x1b[39m"), textWidth("é")]).toEqual([3, 4, 3, 1]);
});

test("text is clipped and wrapped by width", () => {
  expect([clip("abcdef", 6), clip("abcdef", 4), clip("가나다", 4), clip("abc", 0)]).toEqual([
    "abcdef",
    "abc…",
    "가…",
    "",
  ]);
  expect(wrap("abcdef\n\n가나다", 4)).toEqual(["abcd", "ef", "", "가나", "다"]);
  expect(wrap("가", 1)).toEqual(["가"]);
});

test("text that is shown cannot steer the terminal", () => {
  expect(harmless("a\tb\n\x1b[2J\x07\x9b")).toBe("a  b\n�[2J��");
});

test("numbers and times are short", () => {
  expect([grouped(1), grouped(1234), grouped(1234567)]).toEqual(["1", "1,234", "1,234,567"]);
  expect([clock(7.4), clock(754), clock(3723)]).toEqual(["0:07", "12:34", "1:02:03"]);
});

test("colours are for terminals unless the environment says otherwise", () => {
  const terminal = { write: () => {}, isTTY: true };
  const pipe = { write: () => {} };
  expect(colorMode(terminal, {})).toBe("16");
  expect(colorMode(terminal, { TERM: "xterm-256color" })).toBe("256");
  expect(colorMode(terminal, { COLORTERM: "truecolor" })).toBe("truecolor");
  expect(colorMode(terminal, { TERM: "dumb" })).toBe("none");
  expect(colorMode(terminal, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe("none");
  expect(colorMode(terminal, { FORCE_COLOR: "0" })).toBe("none");
  expect(colorMode(pipe, { COLORTERM: "truecolor" })).toBe("none");
  expect(colorMode(pipe, { FORCE_COLOR: "3" })).toBe("truecolor");
});

/** Back to the beginning of the line, and the line away. */
const erase = "\r\x1b[2K";

/** What is written to stderr in a terminal of 60 columns while something is half done, then done. */
function shown(progress: ProgressMode, isTTY: boolean, env: Record<string, string> = { NO_COLOR: "1" }): string {
  let written = "";
  const silent = { write: () => {} };
  const stderr = { isTTY, columns: 60, write: (text: string) => (written += text) };
  const session = new Session({ stdout: silent, stderr, env, onInterrupt: () => () => {} }, "en", { progress });
  const bar = startProgress(session, { total: 10, label: "Epoch" });
  bar.update(5, "loss 0.5");
  bar.line("a line");
  vi.advanceTimersByTime(2000);
  bar.update(10, "loss 0.25");
  bar.end();
  return written;
}

test("a bar is redrawn in its line and leaves nothing behind", () => {
  vi.useFakeTimers();
  const written = shown("auto", true);
  expect(written.startsWith(`${erase}Epoch ━━━━━━━━━━━━             `)).toBe(true);
  expect(written.replaceAll(erase, "|")).toMatch(/ 50% {2}loss 0\.5 {2}ETA \d:\d\d\|a line\n/);
  expect(written).toContain("Epoch ━━━━━━━━━━━━━━━━━━━━━━━━ 100%  loss 0.25  ETA 0:00");
  expect(written.endsWith(erase)).toBe(true);
  for (const line of written.replaceAll(erase, "\n").split("\n")) expect(textWidth(line)).toBeLessThan(60);
  vi.useRealTimers();
});

test("colours change nothing but colours", () => {
  vi.useFakeTimers();
  const colored = shown("auto", true, {});
  expect(colored).toContain("\x1b[32m");
  expect(stripVTControlCharacters(colored).replaceAll("━", "").replaceAll(" ", "")).toBe(
    stripVTControlCharacters(shown("auto", true)).replaceAll("━", "").replaceAll(" ", ""),
  );
  vi.useRealTimers();
});

test("plain lines have no control characters, and none asks for silence", () => {
  vi.useFakeTimers();
  for (const written of [shown("auto", false), shown("plain", true)]) {
    expect(written).toBe("a line\nEpoch 100%  loss 0.25\n");
  }
  expect(shown("bar", false)).toContain("\r\x1b[2K");
  expect(shown("none", true)).toBe("");
  vi.useRealTimers();
});
