import type { LessonResult } from "@unroll/lessons";

export function galleryPage(results: ReadonlyMap<string, LessonResult>, options?: { fast?: boolean }): Promise<string>;
