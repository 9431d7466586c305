import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "15",
  slug: "halves",
  title: {
    en: "Do the halves match?",
    ko: "앞뒤 절반이 같은가?",
  },
  summary: {
    en: "A ReLU cell of 50 units judges 2 to 20 digits; accuracy by length, and the same for mirrored halves.",
    ko: "ReLU 셀 50개가 숫자 2~20개를 판정합니다. 길이별 정확도, 그리고 좌우 대칭인 경우.",
  },
  seed: 5,
  tensors: {
    lossAverages: "(n,)",
    accAverages: "(n,)",
    accuracyByLength: "(10,)",
    mirroredLossAverages: "(n,)",
    mirroredAccAverages: "(n,)",
    mirroredAccuracyByLength: "(10,)",
  },
  text: () => import("./text.generated.js"),
};
