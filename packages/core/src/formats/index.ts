/**
 * The door for file formats, `@unroll/core/formats`: bytes in, named arrays out, and back.
 *
 * @module
 */
export { type ArrayRecord, readSafetensors, type SafetensorsFile, writeSafetensors } from "./safetensors.js";
