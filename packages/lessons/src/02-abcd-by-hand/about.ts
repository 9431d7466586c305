import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "02",
  slug: "abcd-by-hand",
  title: {
    en: "abcd: one hidden unit, started by hand",
    ko: "abcd: 은닉노드 하나, 손으로 정한 출발점",
  },
  summary: {
    en: "Four symbols on a line: weights set through .data, then trained.",
    ko: "네 문자를 직선 위에: .data로 가중치를 정해 주고 학습합니다.",
  },
  seed: 43052,
  tensors: { start: "(4, 4)", hidden: "(9, 1)", weight: "(1, 4)", bias: "(4,)", logits: "(9, 4)", yhat: "(9, 4)" },
  text: () => import("./text.generated.js"),
};
