/**
 * From a table of settings to flags, and from flags back to settings.
 *
 * @module
 */
import { accepts, type Meaning, type Setting } from "@unroll/run";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Session } from "./session.js";

type Table = Readonly<Record<string, Setting>>;

const placeholders = { number: "n", choice: "kind", text: "text" } as const;

/** `topK` → `top-k`. */
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const flagName = (name: string, { flag = name }: Setting): string => flag;

/**
 * Gives a verb one flag for each row of a table. A value out of range is refused with the row's own words.
 *
 * @param texts other words for a default than the table's, by name
 */
export function addFlags(
  command: Command,
  session: Session,
  table: Table,
  texts: Readonly<Record<string, Meaning>> = {},
): void {
  for (const [name, setting] of Object.entries(table)) {
    const known = texts[name] ?? setting.defaultText;
    const fallback = known === undefined ? String(setting.default) : session.say(known);
    const choices = setting.choices === undefined ? "" : `${setting.choices.join(", ")}; `;
    const label = session.say({ en: "default", ko: "기본값" });
    const description = `${session.say(setting.meaning)} (${choices}${label}: ${fallback})`;
    const option = new Option(`--${kebab(flagName(name, setting))} <${placeholders[setting.kind]}>`, description);
    command.addOption(option.argParser((text) => parsed(setting, text)));
  }
}

function parsed(setting: Setting, text: string): unknown {
  const value = setting.kind === "number" ? (text.trim() === "" ? Number.NaN : Number(text)) : text;
  if (!accepts(setting, value)) throw new InvalidArgumentError(`Expected ${setting.range}.`);
  return value;
}

/** The values of a table's flags that were given, by the names of the table. */
export function flagsOf(table: Table, flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(table).map(([name, setting]) => [name, flags[flagName(name, setting)]]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
