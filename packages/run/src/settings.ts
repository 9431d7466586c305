/**
 * What a run is made of, in one table: every setting with its default, its range and its meaning.
 *
 * @module
 */
import { SettingError } from "./errors.js";
import { checkValues, choiceSetting, type Given, numberSetting, type Setting, type Values } from "./setting.js";

/** Optimiser steps that a small network needs to get somewhere. */
const enoughSteps = 2000;

/** All settings of a run that learns a text. */
export const settingsTable = {
  level: choiceSetting(["character", "word", "byte"], {
    default: "character",
    meaning: { en: "what counts as one symbol", ko: "기호 하나로 보는 단위" },
  }),
  cell: choiceSetting(["rnn", "gru", "lstm"], {
    default: "lstm",
    meaning: { en: "kind of recurrent layer", ko: "순환층의 종류" },
  }),
  hidden: numberSetting(
    { min: 1, max: 16384, whole: true },
    { default: 128, meaning: { en: "hidden units of each layer", ko: "층마다의 은닉노드 수" } },
  ),
  layers: numberSetting(
    { min: 1, max: 16, whole: true },
    { default: 1, meaning: { en: "recurrent layers, one above the other", ko: "쌓아 올리는 순환층의 수" } },
  ),
  embedding: numberSetting(
    { min: 0, max: 16384, whole: true },
    {
      default: 64,
      meaning: {
        en: "numbers that stand for each symbol, learned too; 0: one-hot vectors",
        ko: "기호마다 함께 학습하는 임베딩의 크기. 0이면 원-핫 벡터",
      },
    },
  ),
  dropout: numberSetting(
    { min: 0, max: 1, below: true },
    {
      default: 0,
      meaning: {
        en: "part of each layer's outputs that is left out in training",
        ko: "학습할 때 각 층의 출력을 빼는 비율(드롭아웃)",
      },
    },
  ),
  validation: numberSetting(
    { min: 0, max: 0.9 },
    {
      default: 0.1,
      flag: "val",
      meaning: {
        en: "part of the text, at its end, that is not learned but used to check",
        ko: "학습하지 않고 검증에 쓰는, 글 끝부분의 비율",
      },
    },
  ),
  steps: numberSetting(
    { min: 1, max: 100_000, whole: true },
    {
      default: 64,
      meaning: {
        en: "symbols that gradients go back through; the state goes on beyond",
        ko: "기울기가 거슬러 올라가는 스텝 수. 상태는 그 너머로도 이어짐",
      },
    },
  ),
  batch: numberSetting(
    { min: 1, max: 4096, whole: true },
    {
      defaultText: { en: "by the text's length, at most 32", ko: "글 길이에 맞춤, 최대 32" },
      meaning: { en: "places of the text that are read at once", ko: "한꺼번에 읽는 글의 자리 수(배치)" },
    },
  ),
  epochs: numberSetting(
    { min: 1, max: 1_000_000, whole: true },
    {
      defaultText: {
        en: `by the text's length, about ${enoughSteps} steps`,
        ko: `글 길이에 맞춤, 약 ${enoughSteps}스텝`,
      },
      meaning: { en: "times that the text is read, in all", ko: "글을 읽는 총 횟수(에폭)" },
      changeable: true,
    },
  ),
  lr: numberSetting(
    { min: 1e-9, max: 10 },
    { default: 0.003, meaning: { en: "learning rate of Adam", ko: "Adam의 학습률" }, changeable: true },
  ),
  clip: numberSetting(
    { min: 0, max: 1_000_000 },
    {
      default: 1,
      meaning: {
        en: "longest gradient, longer ones are shortened; 0: no limit",
        ko: "기울기의 최대 크기(노름). 넘으면 줄임. 0이면 제한 없음",
      },
      changeable: true,
    },
  ),
  seed: numberSetting(
    { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
    {
      default: 0,
      meaning: {
        en: "where random numbers begin; the same seed, the same run",
        ko: "난수의 시드. 시드가 같으면 결과도 같음",
      },
    },
  ),
} as const;

export type Settings = Values<typeof settingsTable>;
export type SettingsInput = Given<typeof settingsTable>;
export type SettingName = keyof Settings;

export const settingNames = Object.keys(settingsTable) as SettingName[];

/**
 * The settings given, checked; those that are `undefined` are left out.
 *
 * @throws SettingError naming the setting, what is accepted and what came, or an unknown name and the nearest known one
 */
export const checkSettings = (given: unknown): SettingsInput => checkValues("settings", settingsTable, given);

/**
 * Every setting: those given, and the defaults of the others for a text of which `symbols` are to be learned.
 *
 * @throws SettingError as {@link checkSettings}, and when the text is too short for the batch
 */
export function completeSettings(given: SettingsInput, symbols: number): Settings {
  const known = checkSettings(given);
  const defaults = Object.fromEntries(settingNames.map((name) => [name, (settingsTable[name] as Setting).default]));
  const { steps } = { ...defaults, ...known } as Settings;
  const batch = known.batch ?? lanesFor(symbols, steps);
  if (batch > symbols - 1) {
    throw new SettingError(
      `batch: expected at most ${symbols - 1} for a text of which ${symbols} symbols are learned, got ${batch}. ` +
        "Take a smaller batch or a longer text",
    );
  }
  const epochs = known.epochs ?? epochsFor(Math.ceil(Math.floor((symbols - 1) / batch) / steps));
  return { ...defaults, ...known, batch, epochs } as Settings;
}

/** As many as leave each lane four windows, so that there is something to carry over. */
const lanesFor = (symbols: number, steps: number): number => clamp(Math.floor(symbols / (4 * steps)), 1, 32);

const epochsFor = (windows: number): number => clamp(Math.ceil(enoughSteps / windows), 5, 500);

const clamp = (n: number, low: number, high: number): number => Math.max(low, Math.min(high, n));

/**
 * The settings of a run that is continued.
 *
 * @throws SettingError when others than those that may change differ
 */
export function changeSettings(of: Settings, given: SettingsInput): Settings {
  const changes = checkSettings(given);
  const changeable = (name: SettingName): boolean => (settingsTable[name] as Setting).changeable === true;
  for (const name of settingNames) {
    const [now, wanted] = [of[name], changes[name]];
    if (wanted === undefined || wanted === now || changeable(name)) continue;
    throw new SettingError(
      `${name}: expected ${now}, as this run was begun with, got ${wanted}. ` +
        `When a run is continued only ${settingNames.filter(changeable).join(", ")} may change; begin another run for the rest`,
    );
  }
  return { ...of, ...changes } as Settings;
}
