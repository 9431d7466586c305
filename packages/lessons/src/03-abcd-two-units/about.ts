import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "03",
  slug: "abcd-two-units",
  title: {
    en: "abcd: two hidden units, a clean success",
    ko: "abcd: 은닉노드 둘, 깔끔한 성공",
  },
  summary: {
    en: "With a plane instead of a line each symbol gets a corner of its own.",
    ko: "직선 대신 평면을 쓰면 문자마다 모서리를 하나씩 차지합니다.",
  },
  seed: 43052,
  tensors: { hidden: "(9, 2)", weight: "(2, 4)", bias: "(4,)", logits: "(9, 4)", yhat: "(9, 4)" },
  text: () => import("./text.generated.js"),
};
