/**
 * `@unroll/core/errors`: the errors that Unroll throws on purpose, for whoever tells them apart before anything else of Unroll is loaded.
 *
 * @module
 */
export { DTypeError, FormatError, GradientError, OptionError, ShapeError, UnrollError } from "./errors.js";
