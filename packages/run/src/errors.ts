/**
 * Errors of their own kind, so that a caller can tell them from the library's.
 *
 * @module
 */
import { UnrollError } from "@unroll/core";

/** A setting is unknown, out of range, or does not fit the text. */
export class SettingError extends UnrollError {
  override readonly name = "SettingError";
}

/** A text or a run's file is missing, broken, or in the way. */
export class RunFileError extends UnrollError {
  override readonly name = "RunFileError";
}

/** Training left the numbers: the loss or a gradient is NaN, infinite, or far above that of guessing. */
export class DivergedError extends UnrollError {
  override readonly name = "DivergedError";
}
