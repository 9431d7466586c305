import type { Language } from "../about.js";

interface Words {
  readonly stepsBack: string;
  readonly size: string;
  readonly length: string;
  readonly accuracy: string;
  readonly chance: string;
  readonly perStep: string;
  readonly halves: string;
  readonly ends: string;
  readonly endsTanh: string;
  readonly protocol: (iterations: number, fast: boolean) => string;
}

/** What stands in tables and figures. */
export const words: Readonly<Record<Language, Words>> = {
  en: {
    stepsBack: "steps back in time",
    size: "size of the gradient, relative",
    length: "length",
    accuracy: "accuracy",
    chance: "chance",
    perStep: "factor a step",
    halves: "halves, ReLU",
    ends: "ends, ReLU",
    endsTanh: "ends, tanh",
    protocol: (iterations, fast) =>
      `${iterations} iterations of 32 sequences for each network` +
      (fast ? "\nshortened by --fast: the text speaks of 10000 iterations" : ""),
  },
  ko: {
    stepsBack: "거슬러 올라간 시점 수",
    size: "기울기의 크기(상대값)",
    length: "길이",
    accuracy: "정확도",
    chance: "찍기",
    perStep: "시점마다의 비",
    halves: "절반, ReLU",
    ends: "양 끝, ReLU",
    endsTanh: "양 끝, tanh",
    protocol: (iterations, fast) =>
      `신경망마다 수열 32개씩 ${iterations}번 학습` +
      (fast ? "\n--fast로 줄였습니다. 본문의 숫자는 10000번일 때의 것입니다" : ""),
  },
};
