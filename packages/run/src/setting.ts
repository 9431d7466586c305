/**
 * Values that a user may set: what is accepted, what stands in when nothing is given, what it means. Flags of the command line, help
 * pages and error messages are made from such rows.
 *
 * @module
 */
import { checkOptions, OptionError } from "@unroll/core";
import * as v from "valibot";
import { SettingError } from "./errors.js";

/** A few words in each language. */
export interface Meaning {
  readonly en: string;
  readonly ko: string;
}

/** One row of a table. */
export interface Setting<T = unknown> {
  readonly kind: "number" | "choice" | "text";
  readonly schema: v.GenericSchema<T>;
  /** What is accepted, in words. */
  readonly range: string;
  /** The values of a choice. */
  readonly choices?: readonly string[];
  /** The value when none is given; left out where it depends on other things, which `defaultText` then says. */
  readonly default?: T;
  readonly defaultText?: Meaning;
  readonly meaning: Meaning;
  /** Its flag on the command line, where that is not its name. */
  readonly flag?: string;
  /** Whether it may be changed when a run is continued. */
  readonly changeable?: boolean;
}

export type Table = { readonly [name: string]: Setting };
export type Values<T extends Table> = { readonly [N in keyof T]: T[N] extends Setting<infer V> ? V : never };
export type Given<T extends Table> = { readonly [N in keyof T]?: Values<T>[N] | undefined };

type Rest<T> = Pick<Setting<T>, "default" | "defaultText" | "meaning" | "flag" | "changeable">;

interface Limits {
  readonly min: number;
  readonly max: number;
  /** Only whole numbers. */
  readonly whole?: boolean;
  /** `max` itself is out of range. */
  readonly below?: boolean;
}

export function numberSetting({ min, max, whole = false, below = false }: Limits, rest: Rest<number>): Setting<number> {
  const range = `a ${whole ? "whole number" : "number"} from ${min} to ${below ? "below " : ""}${max}`;
  const fits = (value: number): boolean =>
    value >= min && (below ? value < max : value <= max) && (!whole || Number.isInteger(value));
  return { kind: "number", schema: v.pipe(v.number(), v.check(fits)), range, ...rest };
}

export function choiceSetting<const C extends readonly string[]>(
  choices: C,
  rest: Rest<C[number]>,
): Setting<C[number]> {
  return { kind: "choice", schema: v.picklist(choices), range: `one of ${choices.join(", ")}`, choices, ...rest };
}

export function textSetting(rest: Rest<string>): Setting<string> {
  return { kind: "text", schema: v.string(), range: "a text", ...rest };
}

/** Whether a setting can have this value. */
export const accepts = ({ schema }: Setting, value: unknown): boolean => v.is(schema, value);

/**
 * The values given, checked against their rows; those that are `undefined` are left out.
 *
 * @throws SettingError naming the value, what is accepted and what came; or an unknown name and the nearest known one
 */
export function checkValues<T extends Table>(where: string, table: T, given: unknown): Given<T> {
  try {
    checkOptions(where, given, Object.keys(table));
  } catch (error) {
    throw error instanceof OptionError ? new SettingError(error.message) : error;
  }
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  for (const [name, value] of entries) {
    const setting = table[name] as Setting;
    if (!accepts(setting, value)) throw new SettingError(`${name}: expected ${setting.range}, got ${textOf(value)}`);
  }
  return Object.fromEntries(entries) as Given<T>;
}

const textOf = (value: unknown): string => (typeof value === "number" ? String(value) : JSON.stringify(value));
