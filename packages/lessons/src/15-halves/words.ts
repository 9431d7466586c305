import type { Language } from "../about.js";

/** What stands in tables and figures. */
export const words: Readonly<Record<Language, Words>> = {
  en: {
    training: "training",
    testing: "test",
    mirroredTraining: "training, mirrored",
    mirroredTesting: "test, mirrored",
    iteration: "iteration",
    length: "length",
    sequences: "sequences",
    repeated: "repeated",
    mirrored: "mirrored",
    accuracy: "accuracy",
    chance: "chance",
    loss: "loss",
    guess: "guess",
    protocol: (epochs, tests, fast) =>
      `for each of the two tasks: ${epochs} iterations of one sequence each,\n${tests} test sequences` +
      (fast ? "\nshortened by --fast: the text speaks of 100000 iterations and 100000 tests" : ""),
  },
  ko: {
    training: "학습",
    testing: "시험",
    mirroredTraining: "학습(대칭)",
    mirroredTesting: "시험(대칭)",
    iteration: "반복 횟수",
    length: "길이",
    sequences: "수열 수",
    repeated: "반복",
    mirrored: "대칭",
    accuracy: "정확도",
    chance: "찍기",
    loss: "손실",
    guess: "찍기",
    protocol: (epochs, tests, fast) =>
      `두 문제마다 수열 하나씩 ${epochs}번 학습, 시험 수열 ${tests}개` +
      (fast ? "\n--fast로 줄였습니다. 본문의 숫자는 학습 100000번, 시험 100000개일 때의 것입니다" : ""),
  },
};

interface Words {
  readonly training: string;
  readonly testing: string;
  readonly mirroredTraining: string;
  readonly mirroredTesting: string;
  readonly iteration: string;
  readonly length: string;
  readonly sequences: string;
  readonly repeated: string;
  readonly mirrored: string;
  readonly accuracy: string;
  readonly chance: string;
  readonly loss: string;
  readonly guess: string;
  readonly protocol: (epochs: number, tests: number, fast: boolean) => string;
}
