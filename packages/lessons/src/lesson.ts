/**
 * What a lesson is: a short program that yields its progress and returns what it found, and a text about it.
 *
 * @module
 */
import { type NestedArray, OptionError, Tensor } from "@unroll/core";
import type { Figure } from "@unroll/figures";
import { type Language, type LessonAbout, languages } from "./about.js";

export interface LessonOptions {
  /** For `manualSeed`; the lesson's own unless given. */
  readonly seed: number;
  /** Shortens what takes long, and says in the results what was shortened. */
  readonly fast: boolean;
  /** The language of words in figures and tables. */
  readonly lang: Language;
}

/** Where a running lesson is. */
export interface Progress {
  /** Counted from 0, of `epochs`. */
  readonly epoch: number;
  readonly epochs: number;
  readonly loss?: number;
  readonly accuracy?: number;
  /** What is being worked on, in a lesson that does one thing after another. */
  readonly stage?: string;
  /** A line that the program prints here. */
  readonly line?: string;
}

export interface Section {
  readonly label: string;
  readonly text: string;
}

export interface NamedFigure {
  readonly name: string;
  readonly figure: Figure;
}

export type Fact = number | boolean | string;

export interface LessonResult {
  readonly lesson: string;
  readonly seed: number;
  /** The loss of each epoch, unless the lesson's text says what else. */
  readonly losses: readonly number[];
  /** Epochs from one of the losses to the next. */
  readonly every: number;
  /** Numbers by name. */
  readonly tensors: Readonly<Record<string, NestedArray>>;
  /** What the program prints, piece by piece. */
  readonly printed: readonly Section[];
  readonly figures: readonly NamedFigure[];
  /** What the lesson claims, in a form that can be checked. */
  readonly facts: Readonly<Record<string, Fact>>;
}

/** What a program returns; names are kept in the order given. */
export interface Findings {
  readonly tensors: Readonly<Record<string, Tensor | NestedArray>>;
  readonly printed: Readonly<Record<string, Tensor | string>>;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly facts?: Readonly<Record<string, Fact>>;
  /** Instead of the losses that were yielded. */
  readonly losses?: readonly number[];
  /** Epochs from one of the losses to the next; 1 unless given. */
  readonly every?: number;
}

export interface LessonDefinition extends LessonAbout {
  readonly run: (options: LessonOptions) => Generator<Progress, Findings>;
}

export interface Lesson extends LessonAbout {
  /**
   * Runs the program; take its results from the generator's return value.
   *
   * @throws OptionError for unknown options, a seed that is no whole number ≥ 0, an unknown language
   */
  run(options?: Partial<LessonOptions>): Generator<Progress, LessonResult>;
}

export function defineLesson(definition: LessonDefinition): Lesson {
  return {
    ...definition,
    run: (options = {}) => results(definition, checked(definition, options)),
  };
}

function* results(definition: LessonDefinition, options: LessonOptions): Generator<Progress, LessonResult> {
  const losses: number[] = [];
  const program = definition.run(options);
  let next = program.next();
  for (; !next.done; next = program.next()) {
    if (next.value.loss !== undefined) losses.push(next.value.loss);
    yield next.value;
  }
  const found = next.value;
  return {
    lesson: definition.id,
    seed: options.seed,
    losses: found.losses ?? losses,
    every: found.every ?? 1,
    tensors: Object.fromEntries(
      Object.entries(found.tensors).map(([name, value]) => [name, value instanceof Tensor ? value.toArray() : value]),
    ),
    printed: Object.entries(found.printed).map(([label, value]) => ({ label, text: String(value) })),
    figures: Object.entries(found.figures).map(([name, figure]) => ({ name, figure })),
    facts: found.facts ?? {},
  };
}

function checked(definition: LessonDefinition, options: Partial<LessonOptions>): LessonOptions {
  const where = `lesson ${definition.id}`;
  const known = ["seed", "fast", "lang"];
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw new OptionError(`${where}: unknown option '${key}'. Known options: ${known.join(", ")}`);
  }
  const { seed = definition.seed, fast = false, lang = "en" } = options;
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new OptionError(`${where}: expected seed to be a whole number ≥ 0, got ${String(seed)}`);
  if (typeof fast !== "boolean") throw new OptionError(`${where}: expected fast to be true or false, got ${fast}`);
  if (!languages.includes(lang))
    throw new OptionError(`${where}: expected lang to be one of ${languages.join(", ")}, got '${lang}'`);
  return { seed, fast, lang };
}
