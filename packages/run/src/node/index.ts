/**
 * `@unroll/run/node`: texts from files, runs in directories.
 *
 * @module
 */
export {
  appendMetrics,
  beginRun,
  checkVacant,
  continueRun,
  freeDirectory,
  loadModel,
  loadRun,
  readConfig,
  saveRun,
} from "./run-directory.js";
export { readTextFile, type TextSource } from "./text-file.js";
