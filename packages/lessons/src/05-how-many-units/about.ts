import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "05",
  slug: "how-many-units",
  title: {
    en: "abcde: how few units are enough?",
    ko: "abcde: 은닉노드는 몇 개면 충분한가?",
  },
  summary: {
    en: "The notes say n units hold 2ⁿ symbols. We measure it.",
    ko: "강의노트에 따르면 노드 n개는 문자 2ⁿ개를 담습니다. 재어 봅니다.",
  },
  seed: 43052,
  tensors: {
    hidden: "(11, 3)",
    weight: "(3, 5)",
    bias: "(5,)",
    logits: "(11, 5)",
    yhat: "(11, 5)",
    right: "(4, 7)",
    clean: "(4, 7)",
    rightWithPatience: "(4, 7)",
  },
  text: () => import("./text.generated.js"),
};
