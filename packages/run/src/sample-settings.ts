/**
 * How a network is to write, as a table.
 *
 * @module
 */
import { type Given, numberSetting, textSetting, type Values } from "./setting.js";

export const sampleTable = {
  prompt: textSetting({
    defaultText: { en: "none: begins as after a new line", ko: "없음: 줄이 바뀐 뒤처럼 시작" },
    meaning: { en: "what the text begins with", ko: "글의 첫머리" },
  }),
  length: numberSetting(
    { min: 0, max: 100_000_000, whole: true },
    { default: 500, meaning: { en: "symbols to write", ko: "쓸 기호 수" } },
  ),
  temperature: numberSetting(
    { min: 0, max: 100 },
    {
      default: 1,
      meaning: {
        en: "below 1 bolder, above 1 wilder; 0: always the likeliest symbol",
        ko: "1보다 작으면 무난하게, 크면 엉뚱하게. 0이면 늘 가장 그럴듯한 기호",
      },
    },
  ),
  topK: numberSetting(
    { min: 0, max: 1_000_000_000, whole: true },
    {
      default: 0,
      meaning: {
        en: "draw from so many of the likeliest symbols; 0: from all",
        ko: "가장 그럴듯한 몇 개에서만 뽑기. 0이면 모두",
      },
    },
  ),
  seed: numberSetting(
    { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
    {
      default: 0,
      meaning: {
        en: "where random numbers begin; the same seed, the same text",
        ko: "난수의 시드. 시드가 같으면 글도 같음",
      },
    },
  ),
} as const;

export type SampleSettings = Values<typeof sampleTable>;
export type SampleOptions = Given<typeof sampleTable>;
