import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "06",
  slug: "cell-by-hand",
  title: {
    en: "The recurrent cell by hand",
    ko: "손으로 만드는 순환 셀",
  },
  summary: {
    en: "Forward and backward in NumPy's manner, compared with nn.RNN and with finite differences.",
    ko: "NumPy처럼 쓴 순전파와 역전파를 nn.RNN, 유한차분과 견줍니다.",
  },
  seed: 43052,
  tensors: {
    states: "(10, 8)",
    h: "(4, 2, 5)",
    yPred: "(3, 2, 5)",
    dx: "(3, 2, 5)",
    dh0: "(4, 2)",
    dWhx: "(4, 3)",
    dWhh: "(4, 4)",
    dbh: "(4, 1)",
  },
  text: () => import("./text.generated.js"),
};
