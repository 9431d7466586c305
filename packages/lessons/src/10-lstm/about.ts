import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "10",
  slug: "lstm",
  title: {
    en: "AbAcAd with nn.LSTM",
    ko: "nn.LSTM으로 배우는 AbAcAd",
  },
  summary: {
    en: "Gates decide what is kept, what is let in and what is shown.",
    ko: "무엇을 남기고, 들이고, 내보일지를 게이트가 정합니다.",
  },
  seed: 43052,
  tensors: { h: "(299, 3)", c: "(299, 3)", yhat: "(299, 4)" },
  text: () => import("./text.generated.js"),
};
