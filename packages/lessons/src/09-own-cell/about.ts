import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "09",
  slug: "own-cell",
  title: {
    en: "A cell of one's own, with two units",
    ko: "직접 만든 셀, 은닉노드 둘",
  },
  summary: {
    en: "i2h, h2h, tanh: a recurrent cell in ten lines, and why its seed matters.",
    ko: "i2h, h2h, tanh: 열 줄로 만드는 순환 셀, 그리고 시드가 중요한 까닭.",
  },
  seed: 43052,
  tensors: { h: "(299, 2)", yhat: "(299, 4)" },
  text: () => import("./text.generated.js"),
};
