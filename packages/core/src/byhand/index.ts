/**
 * `@unroll/core/byhand`: the recurrent network written out, to read beside a textbook and to check the library against.
 *
 * @module
 */
export type { Matrix, Sequence } from "./matrix.js";
export {
  type RnnCaches,
  type RnnCellCache,
  type RnnParameters,
  rnnBackward,
  rnnCellBackward,
  rnnCellForward,
  rnnForward,
} from "./rnn.js";
