import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "16",
  slug: "gradient-back-in-time",
  title: {
    en: "Why it gets worse with length",
    ko: "길어지면 왜 나빠지는가",
  },
  summary: {
    en: "The gradient at each step back in time, and a control in which only the distance grows.",
    ko: "거슬러 올라간 시점마다의 기울기, 그리고 거리만 늘어나는 대조 실험.",
  },
  seed: 43052,
  tensors: {
    before: "(4, 20)",
    afterHalves: "(20,)",
    afterEnds: "(20,)",
    accuracyHalves: "(10,)",
    accuracyEnds: "(10,)",
    accuracyEndsTanh: "(10,)",
  },
  text: () => import("./text.generated.js"),
};
