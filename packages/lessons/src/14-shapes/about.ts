import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "14",
  slug: "shapes",
  title: {
    en: "Shapes, strides and small integers",
    ko: "모양, 스트라이드, 작은 정수",
  },
  summary: {
    en: "What recurrent layers take and give, why Linear keeps its weight transposed, what int8 does with 300.",
    ko: "순환층이 받고 돌려주는 것, Linear가 가중치를 전치해 두는 까닭, int8과 300.",
  },
  seed: 43052,
  tensors: { outputs: "(1, 10, 16)", status: "(4, 1, 8)", addresses: "(2, 3)" },
  text: () => import("./text.generated.js"),
};
