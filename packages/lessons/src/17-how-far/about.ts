import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "17",
  slug: "how-far",
  title: {
    en: "How far does memory reach?",
    ko: "기억은 어디까지 닿는가?",
  },
  summary: {
    en: "RNN, LSTM and GRU on lesson 15's task, tested on sequences twice as long as they have seen.",
    ko: "레슨 15의 문제를 RNN, LSTM, GRU로 풀고, 배운 것보다 두 배 긴 수열로 시험합니다.",
  },
  seed: 5,
  tensors: { accAverages: "(3, n)", accuracyByLength: "(3, 20)" },
  text: () => import("./text.generated.js"),
};
