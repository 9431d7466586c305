import type { UnrollError } from "../../src/index.js";

/** A call that must fail: what is wrong with it, the call, the class of the error, what its message must say. */
export type WrongCall = readonly [
  what: string,
  call: () => unknown,
  error: new (message: string) => UnrollError,
  says: RegExp,
];
