import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "07",
  slug: "rnn-cell",
  title: {
    en: "AbAcAd with RNNCell in a loop",
    ko: "RNNCell 반복문으로 배우는 AbAcAd",
  },
  summary: {
    en: "A hidden state carried from step to step remembers which A this is.",
    ko: "시점에서 시점으로 넘겨주는 은닉 상태가 지금이 몇 번째 A인지 기억합니다.",
  },
  seed: 5,
  tensors: { h: "(299, 3)", yhat: "(299, 4)" },
  text: () => import("./text.generated.js"),
};
