import type { Lesson, LessonOptions, LessonResult } from "@unroll/lessons";

export function runLessons(
  options: Partial<LessonOptions> | ((lesson: Lesson) => Partial<LessonOptions>),
  told?: (lesson: Lesson) => void,
): Map<string, LessonResult>;
