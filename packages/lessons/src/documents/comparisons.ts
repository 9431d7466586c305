/**
 * What the documents print, and what the lessons print in the same places.
 *
 * @module
 */
import { FormatError } from "@unroll/core";
import type { LessonResult } from "../lesson.js";
import type { DocumentId, Words } from "./documents.js";

/** One result of a document beside a lesson's. */
export interface Comparison {
  readonly document: DocumentId;
  readonly lesson: string;
  readonly what: Words;
  /** As the document prints or says it. */
  readonly theirs: Words;
  readonly ours: (result: LessonResult) => Words;
  /** Whether a run that is shortened by `fast` gives something else. */
  readonly long?: true;
}

const figureOnly = (said: Words): Words => ({
  en: `${said.en} (a figure, no numbers)`,
  ko: `${said.ko} (그림만 있음)`,
});
const same = (text: string): Words => ({ en: text, ko: text });

/** Without a seed the numbers differ from run to run. */
const unseeded = (numbers: Words): Words => ({ en: `${numbers.en} (no seed)`, ko: `${numbers.ko} (시드 없음)` });

const lastThree: Words = {
  en: "p of the right symbol in the last three steps",
  ko: "마지막 세 시점에서 정답 문자의 확률",
};
const epochs: Words = { en: "epochs until apple gives pple!", ko: "apple이 pple!가 되기까지 걸린 에폭" };

/** In the order of the documents, and of the lessons within each. */
export const comparisons: readonly Comparison[] = [
  {
    document: "embeddings",
    lesson: "01",
    what: { en: "hidden values of a, b, c", ko: "a, b, c의 은닉값" },
    theirs: same("−0.0147, 0.9653, −0.9896"),
    ours: (result) => same(list(numbers(result, "hidden").slice(0, 3))),
  },
  {
    document: "embeddings",
    lesson: "01",
    what: { en: "weight; bias", ko: "가중치; 편향" },
    theirs: same("−4.6804, 0.3071, 5.2894; −1.5440, 0.9143, −1.3970"),
    ours: (result) => same(`${list(numbers(result, "weight"))}; ${list(numbers(result, "bias"))}`),
  },
  {
    document: "embeddings",
    lesson: "01",
    what: { en: "logits after a", ko: "a 다음의 로짓" },
    theirs: same("−1.4755, 0.9098, −1.4745"),
    ours: (result) => same(list(numbers(result, "logits").slice(0, 3))),
  },
  {
    document: "embeddings",
    lesson: "02",
    what: { en: "abcd, one unit", ko: "abcd, 은닉노드 하나" },
    theirs: figureOnly({ en: "a forced success", ko: "억지로 성공" }),
    ours: (result) => ({
      en: `${percent(fact(result, "accuracy"))} right, ${percent(fact(result, "accuracy before training"))} before training`,
      ko: `${percent(fact(result, "accuracy"))} 정답, 학습 전 ${percent(fact(result, "accuracy before training"))}`,
    }),
  },
  {
    document: "embeddings",
    lesson: "03",
    what: { en: "abcd, two units", ko: "abcd, 은닉노드 둘" },
    theirs: figureOnly({ en: "a clean success", ko: "깔끔한 성공" }),
    ours: (result) => {
      const least = Math.min(...rows(result, "yhat").map((row) => Math.max(...row))).toFixed(3);
      return {
        en: `${percent(fact(result, "accuracy"))} right, each with p ≥ ${least}`,
        ko: `${percent(fact(result, "accuracy"))} 정답, 확률은 모두 ${least} 이상`,
      };
    },
  },
  {
    document: "embeddings",
    lesson: "04",
    what: { en: "AbAcAd without memory", ko: "기억 없이 AbAcAd" },
    theirs: figureOnly({ en: "a failure", ko: "실패" }),
    ours: (result) => ({
      en: `${fact(result, "right answers")} of 599 right; a third after A`,
      ko: `599개 가운데 ${fact(result, "right answers")}개 정답, A 다음은 셋에 하나`,
    }),
  },
  {
    document: "embeddings",
    lesson: "05",
    what: { en: "units for abcde", ko: "abcde에 필요한 은닉노드 수" },
    theirs: { en: "three; n units hold 2ⁿ symbols", ko: "셋. n개로 문자 2ⁿ개를 표현" },
    ours: (result) => {
      const [right, clean] = ["right", "clean"].map((name) =>
        rows(result, name)
          .slice(0, 3)
          .map((row) => percent(row[3] as number))
          .join(", "),
      );
      return {
        en: `with 1, 2, 3 units all right for ${right} of seeds, cleanly for ${clean}`,
        ko: `노드 1, 2, 3개일 때 모두 맞힌 시드 ${right}, 깔끔하게 ${clean}`,
      };
    },
  },
  {
    document: "embeddings",
    lesson: "14",
    what: {
      en: "strides of (2, 2), (3, 2), (2, 3) in bytes; of (2, 2) int8",
      ko: "(2, 2), (3, 2), (2, 3) 배열의 스트라이드(바이트), int8일 때 (2, 2)",
    },
    theirs: same("(16, 8), (16, 8), (24, 8); (2, 1)"),
    ours: (result) => {
      const strides = ["arr1", "arr2", "arr3", "arr4"].map((name) => lastPair(printed(result, "strides"), name));
      return same(`${strides.slice(0, 3).join(", ")}; ${strides[3]}`);
    },
  },
  {
    document: "embeddings",
    lesson: "14",
    what: { en: "300 as int8", ko: "int8로 만든 300" },
    theirs: same("44"),
    ours: (result) => ({
      en: `refused; ${fact(result, "wrapped")} by \`.to("int8")\``,
      ko: `거절. \`.to("int8")\`이면 ${fact(result, "wrapped")}`,
    }),
  },
  {
    document: "layers",
    lesson: "07",
    what: lastThree,
    theirs: unseeded(same("0.9974, 0.9999, 0.5036")),
    ours: lastAnswers,
  },
  {
    document: "layers",
    lesson: "08",
    what: lastThree,
    theirs: unseeded(same("0.9916, 0.9995, 0.9839")),
    ours: lastAnswers,
  },
  {
    document: "layers",
    lesson: "09",
    what: lastThree,
    theirs: same("0.9702, 0.9990, 0.9408"),
    ours: lastAnswers,
  },
  {
    document: "layers",
    lesson: "10",
    what: lastThree,
    theirs: unseeded(same("0.9983, 0.9999, 0.9966")),
    ours: lastAnswers,
  },
  {
    document: "layers",
    lesson: "11",
    what: lastThree,
    theirs: unseeded(same("0.9691, 0.9945, 0.9948")),
    ours: lastAnswers,
  },
  {
    document: "layers",
    lesson: "12",
    what: { en: "last hidden state; last cell state", ko: "마지막 은닉 상태; 마지막 셀 상태" },
    theirs: same("0.1745, 0.1610; 0.2894, 0.4533"),
    ours: (result) => same(`${list(numbers(result, "hL"))}; ${list(numbers(result, "cL"))}`),
  },
  {
    document: "numpy",
    lesson: "06",
    what: { en: "forward and backward by hand", ko: "손으로 쓴 순전파와 역전파" },
    theirs: { en: "written, not run", ko: "함수만 있고 실행하지 않음" },
    ours: (result) => {
      const gaps = Object.entries(result.facts).filter(([name]) => name.endsWith(", nn.RNN"));
      const layer = Math.max(...gaps.map(([, gap]) => gap as number)).toExponential(0);
      const differences = fact(result, "dWhh, finite differences").toExponential(0);
      return {
        en: `within ${layer} of nn.RNN, ${differences} of finite differences`,
        ko: `nn.RNN과 ${layer}, 유한차분과 ${differences} 이내로 일치`,
      };
    },
  },
  {
    document: "numpy",
    lesson: "13",
    what: epochs,
    theirs: unseeded({ en: "4; first loss 1.6383", ko: "4, 첫 손실 1.6383" }),
    ours: apple,
  },
  {
    document: "shapes",
    lesson: "06",
    what: { en: "ten states of weights from [0, 1)", ko: "[0, 1)에서 뽑은 가중치로 얻은 은닉 상태 열 개" },
    theirs: { en: "(10, 8), from the second on above 0.9997", ko: "(10, 8), 둘째부터 0.9997보다 큼" },
    ours: (result) => {
      const least = Math.floor(fact(result, "smallest state from the second step on") * 1e4) / 1e4;
      return { en: `(10, 8), from the second on above ${least}`, ko: `(10, 8), 둘째부터 ${least}보다 큼` };
    },
  },
  {
    document: "shapes",
    lesson: "14",
    what: {
      en: "outputs and last states: one layer, two layers, two layers both ways",
      ko: "출력과 마지막 은닉 상태: 한 층, 두 층, 양방향 두 층",
    },
    theirs: same("(1, 10, 8) (1, 1, 8); (1, 10, 8) (2, 1, 8); (1, 10, 16) (4, 1, 8)"),
    ours: (result) => {
      const lines = printed(result, "shapes").split("\n").slice(1, 4);
      return same(lines.map((line) => (line.match(/\(\d+, \d+, \d+\)/g) ?? []).join(" ")).join("; "));
    },
  },
  {
    document: "shapes",
    lesson: "13",
    what: epochs,
    theirs: unseeded({ en: "3; first loss 1.6677", ko: "3, 첫 손실 1.6677" }),
    ours: apple,
  },
  {
    document: "halves",
    lesson: "15",
    what: {
      en: "average loss and accuracy of the first 99,000 iterations",
      ko: "처음 99,000번 반복의 평균 손실과 정확도",
    },
    theirs: unseeded(same("0.5191, 0.7129")),
    ours: (result) => same(list(["lossAverages", "accAverages"].map((name) => numbers(result, name).at(-1) as number))),
    long: true,
  },
  {
    document: "halves",
    lesson: "15",
    what: { en: "accuracy by length", ko: "길이별 정확도" },
    theirs: figureOnly({ en: "falls as sequences grow", ko: "수열이 길수록 낮음" }),
    ours: (result) => {
      const shares = numbers(result, "accuracyByLength").map((share) => percent(share));
      return {
        en: `${shares[0]} at 2 digits, ${shares[4]} at 10, ${shares[9]} at 20`,
        ko: `숫자 2개일 때 ${shares[0]}, 10개 ${shares[4]}, 20개 ${shares[9]}`,
      };
    },
    long: true,
  },
  {
    document: "halves",
    lesson: "16",
    what: { en: "the gradient 19 steps back in time", ko: "19시점을 거슬러 올라간 기울기" },
    theirs: { en: "vanishes, it seems (no numbers)", ko: "사라지는 것으로 보임 (숫자 없음)" },
    ours: (result) => {
      const sizes = ["RNN (ReLU)", "RNN (tanh)", "GRU", "LSTM"].map(
        (name) => `${name} ${fact(result, `${name}: gradient 19 steps back`).toExponential(0)}`,
      );
      return { en: `untrained: ${sizes.join(", ")}`, ko: `학습 전: ${sizes.join(", ")}` };
    },
  },
  {
    document: "halves",
    lesson: "16",
    what: { en: "accuracy at 20 digits when only the distance grows", ko: "거리만 늘 때 숫자 20개의 정확도" },
    theirs: { en: "not tried", ko: "시험하지 않음" },
    ours: (result) => {
      const [relu, tanh] = ["accuracyEnds", "accuracyEndsTanh"].map((name) =>
        percent(numbers(result, name)[9] as number),
      );
      return same(`ReLU ${relu}, tanh ${tanh}`);
    },
    long: true,
  },
  {
    document: "halves",
    lesson: "17",
    what: { en: "the same task with an LSTM", ko: "같은 문제를 LSTM으로" },
    theirs: { en: "named as the remedy, not tried", ko: "해결책으로 언급, 시험하지 않음" },
    ours: (result) => {
      const at = (length: number): string =>
        rows(result, "accuracyByLength")
          .map((row, i) => `${["RNN", "LSTM", "GRU"][i]} ${percent(row[length / 2 - 1] as number)}`)
          .join(", ");
      return { en: `at 20 digits ${at(20)}; at 40 ${at(40)}`, ko: `숫자 20개일 때 ${at(20)}, 40개 ${at(40)}` };
    },
    long: true,
  },
];

/** Of 299 steps the last three read A, c, A, and c, A, d follow. */
function lastAnswers(result: LessonResult): Words {
  const last = rows(result, "yhat").slice(-3);
  return same(list([2, 0, 3].map((answer, t) => last[t]?.[answer] as number)));
}

function apple(result: LessonResult): Words {
  const [steps, loss] = [fact(result, "first right after"), (result.losses[0] as number).toFixed(4)];
  return { en: `${steps}; first loss ${loss}`, ko: `${steps}, 첫 손실 ${loss}` };
}

const digits = (x: number): string => x.toFixed(4).replace("-", "−");
const list = (values: readonly number[]): string => values.map(digits).join(", ");
const percent = (share: number): string => `${Number((100 * share).toFixed(1))}%`;

function tensorOf(result: LessonResult, name: string): NonNullable<LessonResult["tensors"][string]> {
  return known(result, `the tensor '${name}'`, result.tensors[name]);
}

const rows = (result: LessonResult, name: string): number[][] => tensorOf(result, name) as number[][];
const numbers = (result: LessonResult, name: string): number[] => [tensorOf(result, name)].flat(3) as number[];
const fact = (result: LessonResult, name: string): number => known(result, `'${name}'`, result.facts[name]) as number;

function printed(result: LessonResult, label: string): string {
  return known(
    result,
    `something printed as '${label}'`,
    result.printed.find((section) => section.label === label),
  ).text;
}

/** The last `(a, b)` in the line of a table that begins with a name. */
function lastPair(table: string, name: string): string {
  const line = table.split("\n").find((text) => text.startsWith(`${name} `));
  return line?.match(/\(\d+, \d+\)/g)?.at(-1) ?? "";
}

function known<T>(result: LessonResult, what: string, value: T | undefined): T {
  if (value === undefined) throw new FormatError(`comparison with lesson ${result.lesson}: expected ${what}, got none`);
  return value;
}
