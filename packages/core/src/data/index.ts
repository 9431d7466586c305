/**
 * The door for data, `@unroll/core/data`: text to indices, indices to pairs, windows and batches; ordinary arrays, no tensors.
 *
 * @module
 */
export {
  batches,
  contiguousBatches,
  type LaneBatch,
  type LaneBatches,
  nextSymbolPairs,
  trainValidationSplit,
  windows,
} from "./sequences.js";
export { type SymbolUnit, Vocabulary, type VocabularyJSON, type VocabularyOptions } from "./vocabulary.js";
