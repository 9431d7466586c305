/** What the process ends with. */
export const exitCodes = {
  ok: 0,
  /** A file is missing or broken, or a computation refused its input. */
  failed: 1,
  /** Unknown verbs and flags, values out of range. */
  usage: 2,
  /** Training diverged: the loss is NaN, infinite or far above guessing. */
  diverged: 3,
  /** Ctrl-C; what was learned has been saved. */
  interrupted: 130,
} as const;
