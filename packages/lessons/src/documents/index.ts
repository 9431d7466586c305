/**
 * `@unroll/lessons/documents`: the documents that the lessons go through, figure by figure and number by number.
 *
 * @module
 */
export { captions } from "./captions.js";
export { type Comparison, comparisons } from "./comparisons.js";
export { type DocumentFigure, type DocumentId, documentFigures, documents, type Words } from "./documents.js";
