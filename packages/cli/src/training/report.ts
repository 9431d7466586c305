/**
 * What training says.
 *
 * @module
 */
import { type EpochStep, type Run, sample, type TrainingStep } from "@unroll/run";
import { grouped, harmless, wrap } from "../terminal/output.js";
import type { Session, Text } from "../terminal/session.js";
import type { Job } from "./job.js";

/** `Embedding(57, 64) → LSTM(64, 128) → Linear(128, 57)`. */
function architecture({ model, settings }: Run): string {
  const { rnn, vocabularySize: V } = model;
  const options = [
    ...(settings.layers > 1 ? [`layers ${settings.layers}`] : []),
    ...(settings.dropout > 0 ? [`dropout ${settings.dropout}`] : []),
  ];
  const kind = { rnn: "RNN", gru: "GRU", lstm: "LSTM" }[settings.cell];
  return [
    model.embedding === null ? `one-hot(${V})` : `Embedding(${V}, ${settings.embedding})`,
    `${kind}(${[rnn.inputSize, rnn.hiddenSize, ...options].join(", ")})`,
    `Linear(${rnn.hiddenSize}, ${V})`,
  ].join(" → ");
}

const units: Readonly<Record<string, Text>> = {
  character: { en: "characters", ko: "글자" },
  word: { en: "words", ko: "낱말" },
  byte: { en: "bytes", ko: "바이트" },
};

/** What is known before the first step: network, text, where it is kept. */
export function heading(session: Session, { run, data, directory, file, seedDrawn }: Job): string[] {
  const { settings, vocabulary, model, position } = run;
  const parameters = grouped(model.parameterCount());
  const [learned, checked] = [grouped(data.train.length), grouped(data.validation.length)];
  const unit = session.say(units[vocabulary.unit] as Text);
  const size = grouped(vocabulary.size);
  const drawn = seedDrawn ? session.say({ en: " (drawn)", ko: " (무작위)" }) : "";
  const going =
    position.step === 0
      ? ""
      : session.say({
          en: `, going on after ${position.epoch} epochs`,
          ko: `, ${position.epoch} 에폭 다음부터`,
        });
  return [
    session.paint("bold", architecture(run), "stderr"),
    session.say({
      en: `${parameters} parameters, seed ${settings.seed}${drawn}`,
      ko: `매개변수 ${parameters}개, 시드 ${settings.seed}${drawn}`,
    }),
    session.say({
      en: `${file}: ${learned} ${unit} to learn, ${checked} to check with, ${size} different`,
      ko: `${file}: 학습할 ${unit} ${learned}개, 검증할 ${unit} ${checked}개, 서로 다른 ${unit} ${size}개`,
    }),
    session.say({
      en: `${settings.batch} × ${settings.steps} at a time, ${settings.epochs} epochs, kept in ${directory}${going}`,
      ko: `한 번에 ${settings.batch} × ${settings.steps}, ${settings.epochs} 에폭, 저장 위치 ${directory}${going}`,
    }),
  ];
}

/** Three digits after the point for small numbers, none for large ones. */
export const short = (n: number): string => (n < 100 ? n.toFixed(n < 10 ? 3 : 1) : grouped(Math.round(n)));

export const epochLabel = (session: Session, { epoch, epochs }: { epoch: number; epochs: number }): string => {
  const number = String(epoch).padStart(String(epochs).length);
  return session.say({ en: `Epoch ${number}/${epochs}`, ko: `에폭 ${number}/${epochs}` });
};

const losses: Text = { en: "loss", ko: "손실" };
const perplexity: Text = { en: "perplexity", ko: "퍼플렉서티" };
const validation: Text = { en: "validation", ko: "검증" };
const accuracy: Text = { en: "accuracy", ko: "정확도" };

/** Beside the bar. */
export function stepText(session: Session, step: TrainingStep, last: EpochStep | undefined): string {
  const parts = [
    `${session.say(losses)} ${short(step.epochLoss)}`,
    `${session.say({ en: "ppl", ko: "PPL" })} ${short(Math.exp(step.epochLoss))}`,
  ];
  if (last?.validation) parts.push(`${session.say({ en: "val", ko: "검증" })} ${short(last.validation.loss)}`);
  return parts.join("  ");
}

/** The line that stays of an epoch. */
export function epochText(session: Session, step: EpochStep): string {
  const parts = [
    epochLabel(session, step),
    `${session.say(losses)} ${short(step.loss)}`,
    `${session.say(perplexity)} ${short(step.perplexity)}`,
  ];
  if (step.validation) {
    parts.push(
      `${session.say(validation)} ${short(step.validation.loss)}`,
      `${session.say(perplexity)} ${short(step.validation.perplexity)}`,
      `${session.say(accuracy)} ${(100 * step.validation.accuracy).toFixed(1)}%`,
    );
  }
  return parts.join("  ");
}

/** A few lines that the network writes by now. The same run writes the same at the same epoch. */
export function sampleLines(session: Session, run: Run): string[] {
  const length = run.vocabulary.unit === "word" ? 40 : 200;
  const pieces = sample(run, { length, temperature: 0.8, seed: run.settings.seed });
  const bar = session.paint("cyan", "│", "stderr");
  const lines = wrap(harmless([...pieces].join("").trim()), Math.min(100, session.columns("stderr") - 4));
  return lines.map((line) => `  ${bar} ${line}`.trimEnd());
}

/** The end of a run, and what to do with it. */
export function closing(
  session: Session,
  { run, directory, data }: Job,
  last: EpochStep,
  best: EpochStep,
  time: string,
): string[] {
  const valid = last.validation;
  const lines = [
    session.say({
      en: `${last.epoch} epochs in ${time}: loss ${short(last.loss)}${valid ? `, validation ${short(valid.loss)} (perplexity ${short(valid.perplexity)})` : ""}. Saved in ${directory}`,
      ko: `${last.epoch} 에폭, ${time}: 손실 ${short(last.loss)}${valid ? `, 검증 ${short(valid.loss)} (퍼플렉서티 ${short(valid.perplexity)})` : ""}. 저장 위치 ${directory}`,
    }),
  ];
  if (valid && best.validation && valid.loss > 1.02 * best.validation.loss) {
    lines.push(
      session.say({
        en: `The validation was best after epoch ${best.epoch} (${short(best.validation.loss)}); since then the network has learned the text by heart. A longer text, --dropout or fewer --epochs help.`,
        ko: `검증 손실은 ${best.epoch} 에폭 뒤에 가장 낮았습니다(${short(best.validation.loss)}). 그 뒤로는 글을 통째로 외웠습니다. 더 긴 글, --dropout, 더 적은 --epochs가 도움이 됩니다.`,
      }),
    );
  }
  const opening = openingWord(run, data);
  lines.push(
    session.say({ en: "Let it write: ", ko: "글을 쓰게 하기: " }) +
      session.paint("bold", `npx unroll generate ${directory} --prompt ${opening} --temperature 0.8`),
  );
  return lines;
}

/** A prompt that the network surely knows: the text's first word. */
function openingWord({ vocabulary }: Run, { train }: Job["data"]): string {
  const beginning = vocabulary.decode(train.subarray(0, 40));
  const word = /[\p{L}\p{N}]+/u.exec(beginning)?.[0] ?? Array.from(beginning.trim())[0] ?? "";
  return JSON.stringify(Array.from(word).slice(0, 12).join(""));
}
