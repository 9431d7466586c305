/**
 * What help pages share.
 *
 * @module
 */
import { textWidth } from "./output.js";
import type { Session, Text } from "./session.js";

const koreanTitles: Readonly<Record<string, string>> = {
  "Usage:": "사용법:",
  "Arguments:": "인자:",
  "Options:": "옵션:",
  "Global Options:": "공통 옵션:",
  "Commands:": "명령:",
};

/** A heading of a help page in the session's language. */
export const helpTitle = (session: Session, title: string): string =>
  session.paint("bold", session.language === "ko" ? (koreanTitles[title] ?? title) : title);

/** Examples, for the end of a verb's help: `command.addHelpText("after", examples(session, […]))`. */
export function examples(session: Session, lines: readonly (readonly [command: string, meaning: Text])[]): string {
  const widest = Math.max(...lines.map(([command]) => textWidth(command)));
  const rows = lines.map(([command, meaning]) => {
    const gap = " ".repeat(widest - textWidth(command) + 2);
    return `  ${command}${gap}${session.paint("dim", session.say(meaning))}`;
  });
  return `\n${session.paint("bold", session.say({ en: "Examples:", ko: "예:" }))}\n${rows.join("\n")}`;
}
