import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "04",
  slug: "without-memory",
  title: {
    en: "AbAcAd without memory: why it must fail",
    ko: "기억 없이 AbAcAd: 실패할 수밖에 없는 까닭",
  },
  summary: {
    en: "What follows A depends on what came before it; a window of two symbols repairs it, and is no answer.",
    ko: "A 다음은 그 앞에 달려 있습니다. 두 문자를 한꺼번에 보면 고쳐지지만 해답은 아닙니다.",
  },
  seed: 43052,
  tensors: { hidden: "(13, 2)", weight: "(2, 4)", bias: "(4,)", logits: "(13, 4)", yhat: "(13, 4)", pairs: "(6, 4)" },
  text: () => import("./text.generated.js"),
};
