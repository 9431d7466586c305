import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "11",
  slug: "lstm-cell",
  title: {
    en: "AbAcAd with LSTMCell in a loop",
    ko: "LSTMCell 반복문으로 배우는 AbAcAd",
  },
  summary: {
    en: "Two states go from step to step, and 100 epochs are enough.",
    ko: "두 상태를 시점에서 시점으로 넘기며, 100 에폭이면 충분합니다.",
  },
  seed: 3,
  tensors: { h: "(299, 3)", c: "(299, 3)", yhat: "(299, 4)" },
  text: () => import("./text.generated.js"),
};
