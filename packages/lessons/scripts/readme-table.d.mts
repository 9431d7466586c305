import type { Language, LessonResult } from "@unroll/lessons";

export const readmes: Readonly<Record<Language, string>>;
export function tableRows(results: ReadonlyMap<string, LessonResult>, language: Language): string[][];
export function section(results: ReadonlyMap<string, LessonResult>, language: Language): string;
export function withSection(page: string, text: string): string;
