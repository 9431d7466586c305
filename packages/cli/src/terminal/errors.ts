/**
 * From an error to one clear message on stderr and an exit code.
 *
 * @module
 */
import { exitCodes } from "./exit-codes.js";
import type { Session } from "./session.js";

/** The command line asks for something that cannot be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Errors whose message is for the user, by name, with the exit code that they stand for. */
const codesByName: Readonly<Record<string, number>> = {
  UsageError: exitCodes.usage,
  SettingError: exitCodes.usage,
  DivergedError: exitCodes.diverged,
  FigureError: exitCodes.failed,
};

/** Prints what went wrong and returns the exit code. An error that nobody foresaw is printed with its stack. */
export async function reportError(error: unknown, session: Session): Promise<number> {
  const label = session.paint("red", session.say({ en: "error:", ko: "오류:" }), "stderr");
  if (!(error instanceof Error)) {
    session.note(`${label} ${String(error)}`);
    return exitCodes.failed;
  }
  const { UnrollError } = await import("@unroll/core/errors");
  const code = codesByName[error.name];
  if (code === undefined && !(error instanceof UnrollError) && !isSystemError(error)) {
    session.note(`${label} ${error.stack ?? error.message}`);
    session.note(
      session.say({
        en: "This was not foreseen: it is a fault in unroll. Please report it with the command that led here.",
        ko: "예상하지 못한 오류로, unroll 자체의 결함입니다. 실행한 명령과 함께 알려 주세요.",
      }),
    );
    return exitCodes.failed;
  }
  session.note(`${label} ${error.message}`);
  return code ?? exitCodes.failed;
}

/** A refusal by the operating system, such as a disk that is full; its message names the file. */
const isSystemError = (error: Error): boolean => "syscall" in error && "code" in error;
