/**
 * The five documents that the lessons go through, and every figure they draw, with the lesson that draws its counterpart.
 *
 * @module
 */
import type { Language } from "../about.js";

/** A text in each language. */
export type Words = Readonly<Record<Language, string>>;

export type DocumentId = "embeddings" | "layers" | "numpy" | "halves" | "shapes";

export const documents: Readonly<Record<DocumentId, Words>> = {
  embeddings: { en: "abc, abcd, AbAcAd with embeddings", ko: "임베딩으로 배우는 abc, abcd, AbAcAd" },
  layers: { en: "AbAcAd with recurrent cells and layers", ko: "순환 셀과 순환층으로 배우는 AbAcAd" },
  numpy: { en: "a cell in NumPy, forward and backward; apple", ko: "NumPy로 쓴 셀의 순전파와 역전파, apple" },
  shapes: { en: "shapes of nn.RNN; apple", ko: "nn.RNN의 모양, apple" },
  halves: { en: "do a sequence's halves match?", ko: "수열의 앞뒤 절반이 같은가?" },
};

/** A figure of a document and its counterpart. */
export interface DocumentFigure {
  readonly document: DocumentId;
  readonly shows: Words;
  /** The document's plotting call; a call that several lines prepare is given by its main line. */
  readonly call: string;
  readonly lesson: string;
  /** The figure's name in the lesson's results. */
  readonly figure: string;
  /** Which of the figure's panels, counted from 0, when the document draws only that one. */
  readonly panel?: number;
}

/**
 * Every figure that the documents draw, in their order. What a document draws twice stands here twice. The document `numpy` also shows a picture
 * of a cell that its program does not draw.
 */
export const documentFigures: readonly DocumentFigure[] = [
  ...inEmbeddings("01", { en: "abc, one unit", ko: "abc, 은닉노드 하나" }, [
    { en: "hidden value", ko: "은닉값", call: "plt.plot(hidden[:9],'--o')", figure: "vis1", panel: 0 },
    { en: "logits", ko: "로짓", call: "plt.plot(net(x).data[:9],'--o')", figure: "vis1", panel: 1 },
    { en: "probabilities", ko: "확률", call: "plt.plot(yhat[:9],'--o')", figure: "vis1", panel: 2 },
    vis1(),
    vis1(),
    vis2("plt.matshow(combined[:15],vmin=-7,vmax=7,cmap='bwr')"),
  ]),
  ...inEmbeddings("02", { en: "abcd, one unit", ko: "abcd, 은닉노드 하나" }, [
    vis1(),
    vis2("plt.matshow(combined[:15],vmin=-15,vmax=15,cmap='bwr')"),
  ]),
  ...inEmbeddings("03", { en: "abcd, two units", ko: "abcd, 은닉노드 둘" }, [
    vis1(),
    vis2("plt.matshow(combined[:15],vmin=-7,vmax=7,cmap='bwr')"),
  ]),
  ...inEmbeddings("04", { en: "AbAcAd, two units", ko: "AbAcAd, 은닉노드 둘" }, [
    vis1(),
    vis2("plt.matshow(combined[:15],vmin=-5,vmax=5,cmap='bwr')"),
  ]),
  ...inEmbeddings("05", { en: "abcde, three units", ko: "abcde, 은닉노드 셋" }, [
    vis1(),
    vis2("plt.matshow(combined[:15],vmin=-5,vmax=5,cmap='bwr')"),
  ]),
  states("07", 3, { en: "RNNCell", ko: "RNNCell" }),
  states("08", 3, { en: "nn.RNN", ko: "nn.RNN" }),
  states("10", 3, { en: "nn.LSTM", ko: "nn.LSTM" }),
  states("11", 3, { en: "LSTMCell", ko: "LSTMCell" }),
  states("09", 2, { en: "a cell of one's own", ko: "직접 만든 셀" }),
  states("11", 3, { en: "LSTMCell, a second time", ko: "LSTMCell, 두 번째" }),
  {
    document: "halves",
    shows: { en: "loss and accuracy while it learns", ko: "학습하는 동안의 손실과 정확도" },
    call: "plt.plot(losses, label='Loss'); plt.plot(acces, label='acc')",
    lesson: "15",
    figure: "curves",
  },
  {
    document: "halves",
    shows: { en: "accuracy by length", ko: "길이별 정확도" },
    call: "fig, ax = plt.subplots(); ax.plot(x, y)",
    lesson: "15",
    figure: "byLength",
  },
];

/** What a figure shows, and how it is drawn, before document and lesson are known. */
type Drawing = Words & Pick<DocumentFigure, "call" | "figure" | "panel">;

function inEmbeddings(lesson: string, program: Words, drawings: readonly Drawing[]): DocumentFigure[] {
  return drawings.map(({ en, ko, ...drawing }) => ({
    document: "embeddings",
    shows: { en: `${program.en}: ${en}`, ko: `${program.ko}: ${ko}` },
    lesson,
    ...drawing,
  }));
}

function vis1(): Drawing {
  return {
    en: "hidden values, logits, probabilities",
    ko: "은닉값, 로짓, 확률",
    call: "fig,ax = plt.subplots(1,3,figsize=(15,5))",
    figure: "vis1",
  };
}

function vis2(call: string): Drawing {
  return { en: "all of it as one matrix", ko: "모두를 한 행렬로", call, figure: "vis2" };
}

function states(lesson: string, units: number, layer: Words): DocumentFigure {
  return {
    document: "layers",
    shows: { en: `${layer.en}: states and probabilities`, ko: `${layer.ko}: 은닉 상태와 확률` },
    call: `plt.matshow(mat,cmap='bwr',vmin=-1,vmax=1); plt.axvline(x=${units - 0.5},color='lime')`,
    lesson,
    figure: "states",
  };
}
