/**
 * The lessons' titles and texts without their programs, which are loaded when they are wanted: whoever only lists the lessons, or begins with
 * a text, need not wait for them.
 *
 * @module
 */

import { about as about01 } from "./01-abc/about.js";
import { about as about02 } from "./02-abcd-by-hand/about.js";
import { about as about03 } from "./03-abcd-two-units/about.js";
import { about as about04 } from "./04-without-memory/about.js";
import { about as about05 } from "./05-how-many-units/about.js";
import { about as about06 } from "./06-cell-by-hand/about.js";
import { about as about07 } from "./07-rnn-cell/about.js";
import { about as about08 } from "./08-rnn/about.js";
import { about as about09 } from "./09-own-cell/about.js";
import { about as about10 } from "./10-lstm/about.js";
import { about as about11 } from "./11-lstm-cell/about.js";
import { about as about12 } from "./12-lstm-given-weights/about.js";
import { about as about13 } from "./13-apple/about.js";
import { about as about14 } from "./14-shapes/about.js";
import { about as about15 } from "./15-halves/about.js";
import { about as about16 } from "./16-gradient-back-in-time/about.js";
import { about as about17 } from "./17-how-far/about.js";
import type { LessonAbout } from "./about.js";
import type { Lesson } from "./lesson.js";

export { type Language, type LessonAbout, type LessonText, languages } from "./about.js";
export type { Lesson } from "./lesson.js";
export { type Block, parseSpans, parseText, type Span } from "./text.js";

export interface CatalogueEntry extends LessonAbout {
  /** The lesson with its program. */
  load(): Promise<Lesson>;
}

const entry = (about: LessonAbout, load: () => Promise<{ readonly lesson: Lesson }>): CatalogueEntry => ({
  ...about,
  load: async () => (await load()).lesson,
});

/** All lessons in order. */
export const catalogue: readonly CatalogueEntry[] = [
  entry(about01, () => import("./01-abc/lesson.js")),
  entry(about02, () => import("./02-abcd-by-hand/lesson.js")),
  entry(about03, () => import("./03-abcd-two-units/lesson.js")),
  entry(about04, () => import("./04-without-memory/lesson.js")),
  entry(about05, () => import("./05-how-many-units/lesson.js")),
  entry(about06, () => import("./06-cell-by-hand/lesson.js")),
  entry(about07, () => import("./07-rnn-cell/lesson.js")),
  entry(about08, () => import("./08-rnn/lesson.js")),
  entry(about09, () => import("./09-own-cell/lesson.js")),
  entry(about10, () => import("./10-lstm/lesson.js")),
  entry(about11, () => import("./11-lstm-cell/lesson.js")),
  entry(about12, () => import("./12-lstm-given-weights/lesson.js")),
  entry(about13, () => import("./13-apple/lesson.js")),
  entry(about14, () => import("./14-shapes/lesson.js")),
  entry(about15, () => import("./15-halves/lesson.js")),
  entry(about16, () => import("./16-gradient-back-in-time/lesson.js")),
  entry(about17, () => import("./17-how-far/lesson.js")),
];
