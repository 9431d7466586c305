/**
 * `@unroll/run`: a run is a value. Settings, a text, a network that learns it, what it writes. Nothing here reads files or clocks;
 * `@unroll/run/node` keeps runs in directories.
 *
 * @module
 */
export { readModel, readRun, writeModel, writeRun } from "./checkpoint.js";
export { DivergedError, RunFileError, SettingError } from "./errors.js";
export { type Evaluation, evaluate } from "./evaluate.js";
export { type ModelState, TextModel } from "./model.js";
export { newRun, type Position, type Run } from "./run.js";
export { type Speaker, sample } from "./sample.js";
export { type SampleOptions, sampleTable } from "./sample-settings.js";
export { accepts, type Meaning, type Setting } from "./setting.js";
export {
  changeSettings,
  checkSettings,
  type SettingName,
  type Settings,
  type SettingsInput,
  settingNames,
  settingsTable,
} from "./settings.js";
export { type TextData, textData } from "./text-data.js";
export { type EpochStep, isSound, type Step, type TrainingStep, train, type ValidationStep } from "./train.js";
