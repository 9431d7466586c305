/** What the tests of this package share. */
import { type Tensor, tensor } from "@unroll/core";
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

/** Moves the first number of a parameter by the smallest step that float32 has. */
export function nudge(parameter: Tensor): void {
  const values = Float32Array.from(parameter.data.toTypedArray());
  const bits = new Int32Array(values.buffer);
  bits[0] = (bits[0] as number) + 1;
  parameter.data = tensor([...values]).reshape([...parameter.shape]);
}

/** A tensor of a result as rows of numbers. */
export const rows = (result: LessonResult, name: string): number[][] => result.tensors[name] as number[][];
