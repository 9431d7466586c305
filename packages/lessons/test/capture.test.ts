/** Training stands in `capture`, and would give the same bits without it. */
import { afterAll, expect, test, vi } from "vitest";
import type { Lesson, LessonResult } from "../src/index.js";
import { lessons } from "../src/index.js";

/** These train nothing, or one epoch only. */
const withoutLoop = ["06", "12", "14"];

test("every lesson with a training loop has it in capture", async () => {
  for (const lesson of lessons) {
    const { program } = await lesson.text();
    const captured = Object.values(program).some((source) => source.includes(" = capture("));
    expect(captured, `lesson ${lesson.id}`).toBe(!withoutLoop.includes(lesson.id));
  }
});

function resultOf(all: readonly Lesson[], id: string): LessonResult {
  const program = (all.find((lesson) => lesson.id === id) as Lesson).run({ fast: true });
  let next = program.next();
  while (!next.done) next = program.next();
  return next.value;
}

/** The lessons once more, with a `capture` that leaves a function as it is. */
async function lessonsWithoutCapture(): Promise<readonly Lesson[]> {
  vi.resetModules();
  vi.doMock("@unroll/core", async (original) => ({
    ...(await original<typeof import("@unroll/core")>()),
    capture: (fn: unknown) => fn,
  }));
  return (await import("../src/index.js")).lessons;
}

afterAll(() => vi.doUnmock("@unroll/core"));

test.each(["01", "02", "08", "09", "10", "13", "15", "16"])("lesson %s: the same bits", async (id) => {
  const [captured, plain] = [resultOf(lessons, id), resultOf(await lessonsWithoutCapture(), id)];
  expect(plain.losses).toEqual(captured.losses);
  expect(plain.tensors).toEqual(captured.tensors);
  expect(plain.facts).toEqual(captured.facts);
});
