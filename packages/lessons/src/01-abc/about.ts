import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "01",
  slug: "abc",
  title: {
    en: "abc: one hidden unit, a forced success",
    ko: "abc: 은닉노드 하나, 억지로 성공",
  },
  summary: {
    en: "A network without memory learns a → b → c → a with a single hidden unit.",
    ko: "기억이 없는 신경망이 은닉노드 하나로 a → b → c → a를 배웁니다.",
  },
  seed: 43052,
  tensors: { hidden: "(9, 1)", weight: "(1, 3)", bias: "(3,)", logits: "(9, 3)", yhat: "(9, 3)" },
  text: () => import("./text.generated.js"),
};
