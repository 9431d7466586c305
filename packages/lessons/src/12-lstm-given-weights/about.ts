import type { LessonAbout } from "../about.js";

export const about: LessonAbout = {
  id: "12",
  slug: "lstm-given-weights",
  title: {
    en: "An LSTM that is given a cell's weights",
    ko: "LSTMCell의 가중치를 물려받은 LSTM",
  },
  summary: {
    en: "LSTMCell and LSTM are the same arithmetic: copy the weights and one epoch agrees.",
    ko: "LSTMCell과 LSTM은 같은 계산입니다. 가중치를 옮기고 한 에폭을 돌려 확인합니다.",
  },
  seed: 43052,
  tensors: { hL: "(1, 2)", cL: "(1, 2)", ht: "(2,)", ct: "(2,)" },
  text: () => import("./text.generated.js"),
};
