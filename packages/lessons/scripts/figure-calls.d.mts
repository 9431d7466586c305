export function figureCalls(program: string): Map<string, string>;
export function outdented(text: string, margin?: number): string;
