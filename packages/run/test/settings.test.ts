import {
  changeSettings,
  checkSettings,
  newRun,
  type SettingsInput,
  sample,
  settingNames,
  settingsTable,
  textData,
} from "@unroll/run";
import { describe, expect, test } from "vitest";
import { english } from "./texts.js";

describe("settings", () => {
  test("every row has a default or says what it depends on, and words in both languages", () => {
    for (const name of settingNames) {
      const setting: { default?: unknown; defaultText?: unknown; meaning: { en: string; ko: string } } =
        settingsTable[name];
      expect(setting.default !== undefined || setting.defaultText !== undefined, name).toBe(true);
      expect(setting.meaning.en, name).toMatch(/^[\w ]/);
      expect(setting.meaning.ko, name).toMatch(/[가-힣]/);
    }
  });

  const wrong: [given: unknown, message: string][] = [
    [{ hiden: 3 }, "settings: unknown option 'hiden'. Did you mean 'hidden'?"],
    [[1], "settings: expected an options object"],
    [{ cell: "transformer" }, 'cell: expected one of rnn, gru, lstm, got "transformer"'],
    [{ hidden: 0 }, "hidden: expected a whole number from 1 to 16384, got 0"],
    [{ hidden: 1.5 }, "hidden: expected a whole number from 1 to 16384, got 1.5"],
    [{ hidden: "12" }, 'hidden: expected a whole number from 1 to 16384, got "12"'],
    [{ layers: -1 }, "layers: expected a whole number from 1 to 16, got -1"],
    [{ embedding: -1 }, "embedding: expected a whole number from 0 to 16384, got -1"],
    [{ dropout: 1 }, "dropout: expected a number from 0 to below 1, got 1"],
    [{ validation: 0.95 }, "validation: expected a number from 0 to 0.9, got 0.95"],
    [{ steps: 0 }, "steps: expected a whole number from 1 to 100000, got 0"],
    [{ batch: 5000 }, "batch: expected a whole number from 1 to 4096, got 5000"],
    [{ epochs: 0 }, "epochs: expected a whole number from 1 to 1000000, got 0"],
    [{ lr: 0 }, "lr: expected a number from 1e-9 to 10, got 0"],
    [{ lr: Number.NaN }, "lr: expected a number from 1e-9 to 10, got NaN"],
    [{ clip: -1 }, "clip: expected a number from 0 to 1000000, got -1"],
    [{ seed: 0.5 }, "seed: expected a whole number from 0"],
    [{ level: "syllable" }, 'level: expected one of character, word, byte, got "syllable"'],
  ];
  test.each(wrong)("%o is refused", (given, message) => {
    expect(() => newRun(english, given as SettingsInput)).toThrow(message);
  });

  test("undefined is as good as nothing", () => {
    expect(checkSettings({ hidden: undefined, layers: 2 })).toEqual({ layers: 2 });
  });

  test("batch and epochs follow the length of the text", () => {
    const { settings } = newRun(english).run;
    expect(settings).toMatchObject({ steps: 64, batch: 4, epochs: 500 });
    expect(newRun(english.repeat(20), { hidden: 4 }).run.settings).toMatchObject({ batch: 32, epochs: 182 });
    expect(newRun(english, { hidden: 4, batch: 1, steps: 8 }).run.settings.epochs).toBe(16);
  });

  test("a batch larger than the text is refused", () => {
    expect(() => newRun("abcabc", { batch: 9 })).toThrow(
      "batch: expected at most 5 for a text of which 6 symbols are learned, got 9",
    );
  });

  test("a run goes on with other epochs, lr and clip only", () => {
    const { settings } = newRun(english, { hidden: 4 }).run;
    expect(changeSettings(settings, { epochs: 9, lr: 0.1, clip: 3, hidden: 4 })).toEqual({
      ...settings,
      epochs: 9,
      lr: 0.1,
      clip: 3,
    });
    const different = { level: "byte", cell: "gru", dropout: 0.3, validation: 0.3 };
    for (const name of settingNames) {
      if (["epochs", "lr", "clip"].includes(name)) continue;
      const other = { [name]: (settings[name] as number) + 1, ...(name in different && different) };
      expect(() => changeSettings(settings, other as SettingsInput), name).toThrow(
        /: expected .*, as this run was begun with, got /,
      );
    }
  });
});

describe("text", () => {
  const wrong: [text: string, message: string][] = [
    ["", "expected a text to learn, got an empty one"],
    [" \n\n ", "expected a text to learn, got nothing but white space"],
    ["a", "at least two different characters to learn, got 1 symbols, 1 of them different"],
    ["aaaaaaaa", "at least two different characters to learn, got 8 symbols, 1 of them different"],
  ];
  test.each(wrong)("%j is refused", (text, message) => {
    expect(() => newRun(text)).toThrow(message);
  });

  test("two symbols are enough", () => {
    expect(newRun("ab", { hidden: 2 }).data).toMatchObject({
      train: Int32Array.of(0, 1),
      validation: new Int32Array(),
    });
  });

  test("the end is held back; one symbol alone is not", () => {
    const { train, validation } = textData("abcdefghijabcdefghij", { validation: 0.25 });
    expect([train.length, Array.from(validation)]).toEqual([15, [5, 6, 7, 8, 9]]);
    expect(textData("abcdefghij", { validation: 0.1 }).validation.length).toBe(0);
    expect(textData("abcdefghij", { validation: 0 }).train.length).toBe(10);
  });

  test("words and bytes", () => {
    expect(textData("one two one", { level: "word", validation: 0 }).vocabulary.symbols).toEqual(["one", "two"]);
    expect(textData("가", { level: "byte", validation: 0 }).train).toEqual(Int32Array.of(0xea, 0xb0, 0x80));
  });
});

test("sample options are checked", () => {
  const { run } = newRun("abab", { hidden: 2 });
  const draw = (options: object): string => [...sample(run, options)].join("");
  expect(() => draw({ temprature: 1 })).toThrow("sample: unknown option 'temprature'. Did you mean 'temperature'?");
  expect(() => draw({ temperature: -1 })).toThrow("temperature: expected a number from 0 to 100, got -1");
  expect(() => draw({ length: 1.5 })).toThrow("length: expected a whole number from 0");
  expect(() => draw({ topK: -1 })).toThrow("topK: expected a whole number from 0");
  expect(() => draw({ prompt: 5 })).toThrow("prompt: expected a text, got 5");
});
