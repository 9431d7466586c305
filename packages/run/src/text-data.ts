/**
 * From a text to what is learned from it.
 *
 * @module
 */
import { trainValidationSplit, Vocabulary } from "@unroll/core/data";
import { RunFileError } from "./errors.js";
import { checkSettings, type Settings, type SettingsInput, settingsTable } from "./settings.js";

/** A text as indices into its vocabulary, its end held back for validation. */
export interface TextData {
  readonly vocabulary: Vocabulary;
  readonly train: Int32Array;
  /** Empty when there is no validation, or when the text is too short for it. */
  readonly validation: Int32Array;
}

/**
 * Cuts a text into symbols and splits off its end.
 *
 * @param vocabulary of a run that is continued; left out, that of the text
 * @throws SettingError for settings out of range
 * @throws RunFileError when there is too little text to learn from
 */
export function textData(text: string, given: SettingsInput = {}, vocabulary?: Vocabulary): TextData {
  const settings = checkSettings(given);
  const unit = settings.level ?? (settingsTable.level.default as Settings["level"]);
  const fraction = settings.validation ?? (settingsTable.validation.default as number);
  const known = vocabulary ?? vocabularyOf(text, unit);
  const { train, validation } = trainValidationSplit(known.encode(text), { validation: fraction });
  if (new Set(train).size < 2) {
    throw new RunFileError(
      `expected a text with at least two different ${unit}s to learn, got ${train.length} symbols, ` +
        `${new Set(train).size} of them different. Take a longer text${fraction > 0 ? " or less validation" : ""}`,
    );
  }
  // One symbol alone has no successor to be checked with.
  const checked = validation.length < 2 ? [] : validation;
  return { vocabulary: known, train: Int32Array.from(train), validation: Int32Array.from(checked) };
}

function vocabularyOf(text: string, unit: Settings["level"]): Vocabulary {
  if (text.trim() === "") {
    throw new RunFileError(`expected a text to learn, got ${text === "" ? "an empty one" : "nothing but white space"}`);
  }
  return Vocabulary.from(text, { unit });
}
