import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "08",
  slug: "rnn",
  title: {
    en: "AbAcAd with nn.RNN",
    ko: "nn.RNN으로 배우는 AbAcAd",
  },
  summary: {
    en: "The same network as a layer: the loop over time is inside.",
    ko: "같은 신경망을 층으로: 시간에 대한 반복문이 층 안에 있습니다.",
  },
  seed: 5,
  tensors: { h: "(299, 3)", yhat: "(299, 4)" },
  text: () => import("./text.generated.js"),
};
