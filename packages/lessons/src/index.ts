/**
 * The numbered lessons: programs with text in English and Korean.
 *
 * @module
 */
import { lesson as lesson01 } from "./01-abc/lesson.js";
import { lesson as lesson02 } from "./02-abcd-by-hand/lesson.js";
import { lesson as lesson03 } from "./03-abcd-two-units/lesson.js";
import { lesson as lesson04 } from "./04-without-memory/lesson.js";
import { lesson as lesson05 } from "./05-how-many-units/lesson.js";
import { lesson as lesson06 } from "./06-cell-by-hand/lesson.js";
import { lesson as lesson07 } from "./07-rnn-cell/lesson.js";
import { lesson as lesson08 } from "./08-rnn/lesson.js";
import { lesson as lesson09 } from "./09-own-cell/lesson.js";
import { lesson as lesson10 } from "./10-lstm/lesson.js";
import { lesson as lesson11 } from "./11-lstm-cell/lesson.js";
import { lesson as lesson12 } from "./12-lstm-given-weights/lesson.js";
import { lesson as lesson13 } from "./13-apple/lesson.js";
import { lesson as lesson14 } from "./14-shapes/lesson.js";
import { lesson as lesson15 } from "./15-halves/lesson.js";
import { lesson as lesson16 } from "./16-gradient-back-in-time/lesson.js";
import { lesson as lesson17 } from "./17-how-far/lesson.js";
import type { Lesson } from "./lesson.js";

export { type Language, type LessonAbout, type LessonText, languages } from "./about.js";
export type {
  Fact,
  Lesson,
  LessonOptions,
  LessonResult,
  NamedFigure,
  Progress,
  Section,
} from "./lesson.js";
export { type Block, parseSpans, parseText, type Span } from "./text.js";

/** All lessons in order. */
export const lessons: readonly Lesson[] = [
  lesson01,
  lesson02,
  lesson03,
  lesson04,
  lesson05,
  lesson06,
  lesson07,
  lesson08,
  lesson09,
  lesson10,
  lesson11,
  lesson12,
  lesson13,
  lesson14,
  lesson15,
  lesson16,
  lesson17,
];
