import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "13",
  slug: "apple",
  title: {
    en: "apple → pple!",
    ko: "apple → pple!",
  },
  summary: {
    en: "One word, letter by letter, with the prediction after every step of training.",
    ko: "단어 하나를 글자 단위로 배우며, 학습 단계마다 예측을 봅니다.",
  },
  seed: 43052,
  tensors: { outputs: "(1, 5, 5)", yhat: "(5, 5)" },
  text: () => import("./text.generated.js"),
};
