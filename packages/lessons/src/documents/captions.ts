/**
 * What each figure of each lesson shows.
 *
 * @module
 */
import type { Words } from "./documents.js";

const vis1: Words = {
  en: "Hidden values, logits and probabilities over nine steps",
  ko: "아홉 시점의 은닉값, 로짓, 확률",
};
const vis2: Words = {
  en: "Hidden values, logits and probabilities as one matrix",
  ko: "은닉값, 로짓, 확률을 한 행렬로",
};
const states: Words = {
  en: "Hidden state and probability of the next symbol, step by step",
  ko: "시점마다의 은닉 상태와 다음 문자의 확률",
};
const plane: Words = {
  en: "Hidden states in the plane, and which symbol the network says where",
  ko: "평면 위의 은닉 상태, 그리고 어느 영역에서 어느 문자라고 답하는지",
};
const straight: Words = {
  en: "Each logit is a straight line in the hidden value",
  ko: "로짓은 저마다 은닉값의 일차함수",
};

/** Lesson → name of the figure → what it shows. */
export const captions: Readonly<Record<string, Readonly<Record<string, Words>>>> = {
  "01": { vis1, vis2, straight },
  "02": {
    vis1,
    vis2,
    straight,
    moves: {
      en: "Where each symbol's hidden value moves during training",
      ko: "학습하는 동안 문자마다 은닉값이 움직인 길",
    },
  },
  "03": { vis1, vis2, plane },
  "04": { vis1, vis2 },
  "05": {
    vis1,
    vis2,
    right: {
      en: "Share of 100 seeds whose answers are all right, by units and symbols",
      ko: "시드 100개 가운데 모두 맞힌 비율(노드 수 × 문자 수)",
    },
    clean: {
      en: "Share of 100 seeds that succeed cleanly",
      ko: "시드 100개 가운데 깔끔하게 성공한 비율",
    },
    patience: {
      en: "All right, when trained faster and four times as long",
      ko: "학습률을 높이고 네 배 오래 학습했을 때 모두 맞힌 비율",
    },
  },
  "06": {
    saturated: {
      en: "Weights between 0 and 1: from the second step on every state is near 1",
      ko: "가중치가 0과 1 사이일 때: 둘째 시점부터 은닉 상태가 모두 1에 가깝습니다",
    },
    usual: {
      en: "The same inputs through nn.RNN with its usual weights",
      ko: "같은 입력을 보통의 초기 가중치를 가진 nn.RNN에 넣었을 때",
    },
  },
  "07": { states },
  "08": { states },
  "09": { states, plane },
  "10": {
    states,
    gates: {
      en: "Gates, cell state and hidden state over two rounds",
      ko: "두 바퀴 동안의 게이트, 셀 상태, 은닉 상태",
    },
  },
  "11": { states },
  "12": {},
  "13": {
    yhat: { en: "Probability of each letter after each letter", ko: "글자마다 다음 글자의 확률" },
  },
  "14": {
    addresses: {
      en: "At which byte each number of a 2 × 3 array begins",
      ko: "2 × 3 배열의 각 숫자가 시작하는 바이트",
    },
  },
  "15": {
    curves: {
      en: "Loss and accuracy, averaged from the first iteration on: the second half repeats the first",
      ko: "첫 반복부터의 평균 손실과 정확도: 뒤 절반이 앞 절반을 되풀이할 때",
    },
    mirroredCurves: {
      en: "The same when the second half mirrors the first",
      ko: "뒤 절반이 앞 절반을 뒤집은 것일 때",
    },
    byLength: { en: "Accuracy on fresh sequences, by length", ko: "새로 만든 수열에 대한 길이별 정확도" },
  },
  "16": {
    before: {
      en: "Size of the gradient at each step back in time, before any training",
      ko: "학습하기 전, 거슬러 올라간 시점마다의 기울기 크기",
    },
    byLength: {
      en: "Accuracy by length, when the amount to remember grows and when only the distance does",
      ko: "기억할 양이 늘 때와 거리만 늘 때의 길이별 정확도",
    },
    after: {
      en: "The gradient again, in the trained networks",
      ko: "학습한 신경망에서 다시 잰 기울기 크기",
    },
  },
  "17": {
    curves: {
      en: "Accuracy while RNN, LSTM and GRU learn, averaged from the first iteration on",
      ko: "RNN, LSTM, GRU가 배우는 동안의 정확도, 첫 반복부터의 평균",
    },
    byLength: {
      en: "Accuracy up to twice the lengths they have learned from",
      ko: "배운 길이의 두 배까지 시험한 정확도",
    },
  },
};
