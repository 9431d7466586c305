import type { Language } from "../about.js";

interface Words {
  readonly length: string;
  readonly accuracy: string;
  readonly chance: string;
  readonly iteration: string;
  readonly training: string;
  readonly testing: string;
  readonly network: string;
  readonly weights: string;
  readonly average: string;
  readonly within: string;
  readonly beyond: string;
  readonly protocol: (epochs: number, tests: number, fast: boolean) => string;
}

/** What stands in tables and figures. */
export const words: Readonly<Record<Language, Words>> = {
  en: {
    length: "length",
    accuracy: "accuracy",
    chance: "chance",
    iteration: "iteration",
    training: "training",
    testing: "test",
    network: "network",
    weights: "weights",
    average: "average acc",
    within: "test, 2-20",
    beyond: "test, 22-40",
    protocol: (epochs, tests, fast) =>
      `for each network: ${epochs} iterations of one sequence each,\n${tests} test sequences of each length` +
      (fast ? "\nshortened by --fast: the text speaks of 100000 iterations and 1000 tests" : ""),
  },
  ko: {
    length: "길이",
    accuracy: "정확도",
    chance: "찍기",
    iteration: "반복 횟수",
    training: "학습",
    testing: "시험",
    network: "신경망",
    weights: "가중치",
    average: "평균 정확도",
    within: "시험 2-20",
    beyond: "시험 22-40",
    protocol: (epochs, tests, fast) =>
      `신경망마다 수열 하나씩 ${epochs}번 학습, 길이마다 시험 수열 ${tests}개` +
      (fast ? "\n--fast로 줄였습니다. 본문의 숫자는 학습 100000번, 시험 1000개일 때의 것입니다" : ""),
  },
};
