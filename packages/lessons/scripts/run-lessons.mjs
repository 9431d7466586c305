/**
 * Runs lessons one after another.
 */
import { lessons } from "@unroll/lessons";

/**
 * The results of all lessons by number.
 *
 * @param options an object for all, or a function of a lesson that gives the options of its run
 * @param told called before each lesson with the lesson
 */
export function runLessons(options, told = () => {}) {
  const results = new Map();
  for (const lesson of lessons) {
    told(lesson);
    const program = lesson.run(typeof options === "function" ? options(lesson) : options);
    let next = program.next();
    while (!next.done) next = program.next();
    results.set(lesson.id, next.value);
  }
  return results;
}
