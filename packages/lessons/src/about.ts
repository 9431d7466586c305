/**
 * What is known of a lesson before its program is loaded.
 *
 * @module
 */
export const languages = ["en", "ko"] as const;
export type Language = (typeof languages)[number];

/** A lesson's text in Markdown (see `parseText`), and its program: file name → source, `lesson.ts` being the main one. */
export interface LessonText {
  readonly en: string;
  readonly ko: string;
  readonly program: Readonly<Record<string, string>>;
}

export interface LessonAbout {
  /** Two digits. */
  readonly id: string;
  /** The folder's name without the digits. */
  readonly slug: string;
  readonly title: Readonly<Record<Language, string>>;
  readonly summary: Readonly<Record<Language, string>>;
  readonly seed: number;
  /** The tensors of the result: name → shape, such as `"(9, 1)"`. */
  readonly tensors: Readonly<Record<string, string>>;
  readonly text: () => Promise<LessonText>;
}
