/** What the tests of this package share. */
import { type LessonOptions, type LessonResult, lessons } from "../src/index.js";

/** The results of a lesson. */
export function runLesson(id: string, options: Partial<LessonOptions> = {}): LessonResult {
  const lesson = lessons.find((one) => one.id === id);
  if (lesson === undefined) throw new Error(`expected a lesson, got '${id}'`);
  const program = lesson.run(options);
  let next = program.next();
  while (!next.done) next = program.next();
  return next.value;
}

/** What a result prints under a label. */
export function printed(result: LessonResult, label: string): string {
  const section = result.printed.find((one) => one.label === label);
  if (section === undefined) throw new Error(`expected something printed as '${label}'`);
  return section.text;
}

/** A tensor of a result as rows of numbers. */
export const rows = (result: LessonResult, name: string): number[][] => result.tensors[name] as number[][];
