import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "@unroll/cli";
import { onTestFinished } from "vitest";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the streams are terminals; their width. */
  readonly tty?: boolean;
  readonly columns?: number;
  /** Presses Ctrl-C once this has been printed to either stream. */
  readonly interruptAfter?: string;
}

/** Runs a command line in this process and returns what it printed. */
export async function unroll(argv: readonly string[], surroundings: Surroundings = {}): Promise<Result> {
  const { env = {}, tty = false, columns = 80, interruptAfter } = surroundings;
  const printed = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  let pressed = false;
  const sink = (name: "stdout" | "stderr") => ({
    isTTY: tty,
    columns: tty ? columns : undefined,
    write(text: string) {
      printed[name] += text;
      if (interruptAfter === undefined || pressed || !printed[name].includes(interruptAfter)) return;
      pressed = true;
      for (const listener of listeners) listener();
    },
  });
  const host = {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    env,
    onInterrupt(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const code = await main(argv, host);
  if (listeners.size > 0) throw new Error("the command left without giving Ctrl-C back");
  return { code, ...printed };
}

/** A directory that goes away with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "unroll-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
