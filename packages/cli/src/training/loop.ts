/**
 * Training before the user's eyes: progress, samples, saving, Ctrl-C.
 *
 * @module
 */
import { DivergedError, type EpochStep, isSound, train } from "@unroll/run";
import { appendMetrics, saveRun } from "@unroll/run/node";
import { exitCodes } from "../terminal/exit-codes.js";
import { clock } from "../terminal/output.js";
import { type Progress, startProgress } from "../terminal/progress.js";
import { breathe, type Session } from "../terminal/session.js";
import type { Job } from "./job.js";
import { closing, epochLabel, epochText, sampleLines, stepText } from "./report.js";

/** Milliseconds between saves at the ends of epochs, and within an epoch. */
const saveEvery = { epoch: 10_000, step: 60_000 };
/** Milliseconds between looks at the keyboard, and between lines that stay. */
const breatheEvery = 25;
const lineEvery = 2000;

/** @param sampleEvery epochs between samples; 0 for none; undefined for about five in all */
export async function trainVisibly(session: Session, job: Job, sampleEvery: number | undefined): Promise<void> {
  const { run, data, directory } = job;
  const { epochs, batch, steps } = run.settings;
  const windows = Math.ceil(Math.floor((data.train.length - 1) / batch) / steps);
  const startedAt = performance.now();
  const elapsed = (since: number): number => performance.now() - since;
  const interrupt = session.watchInterrupt();
  const progress = startProgress(session, {
    total: epochs * windows,
    start: run.position.epoch * windows + run.position.window,
    plainEvery: 10,
  });
  let [breathedAt, savedAt, linedAt] = [startedAt, startedAt, Number.NEGATIVE_INFINITY];
  let savedEpoch = run.position.epoch;
  let last: EpochStep | undefined;
  let best: EpochStep | undefined;

  const save = async (): Promise<boolean> => {
    if (!isSound(run, data)) return false;
    await saveRun(directory, run);
    [savedAt, savedEpoch] = [performance.now(), run.position.epoch];
    return true;
  };
  try {
    for (const step of train(run, data)) {
      const finished = step.kind === "epoch" && step.epoch === epochs;
      if (step.kind === "step") {
        const done = (step.epoch - 1) * windows + step.window;
        if (done < epochs * windows) progress.update(done, stepText(session, step, last), epochLabel(session, step));
      }
      if (step.kind === "epoch") {
        last = step;
        if ((step.validation?.loss ?? 0) <= (best?.validation?.loss ?? Number.POSITIVE_INFINITY)) best = step;
        await appendMetrics(directory, step, elapsed(startedAt) / 1000);
        const every = sampleEvery ?? Math.ceil(epochs / 5);
        const sampling = every > 0 && (step.epoch % every === 0 || finished);
        if (sampling || finished || elapsed(linedAt) >= lineEvery) {
          progress.line(epochText(session, step));
          linedAt = performance.now();
        }
        if (sampling) progress.line(sampleLines(session, run).join("\n"));
      }
      if (elapsed(breathedAt) >= breatheEvery) {
        await breathe();
        breathedAt = performance.now();
      }
      if (interrupt.requested && !finished) {
        await stop(session, job, progress, save);
        return;
      }
      if (finished || elapsed(savedAt) >= (step.kind === "epoch" ? saveEvery.epoch : saveEvery.step)) await save();
    }
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    progress.end();
    throw new DivergedError(`${error.message}. ${keptText(directory, savedEpoch)}`, { cause: error });
  } finally {
    progress.end();
    interrupt.stop();
  }
  if (last === undefined || best === undefined) return;
  for (const line of closing(session, job, last, best, clock(elapsed(startedAt) / 1000))) session.print(line);
}

const keptText = (directory: string, epoch: number): string =>
  `What was good last, ${epoch === 0 ? "the beginning" : `epoch ${epoch}`}, is kept in ${directory}`;

async function stop(session: Session, job: Job, progress: Progress, save: () => Promise<boolean>): Promise<void> {
  const { directory, run } = job;
  const saved = await save();
  progress.end();
  const { epoch, step } = run.position;
  session.note(
    saved
      ? session.say({
          en: `Stopped after step ${step}, in epoch ${epoch + 1}. Saved in ${directory}. Go on with: npx unroll train --resume ${directory}`,
          ko: `${step}스텝, ${epoch + 1} 에폭에서 멈췄습니다. 저장 위치 ${directory}. 이어 하기: npx unroll train --resume ${directory}`,
        })
      : session.say({
          en: `Stopped after step ${step}, which spoiled the network; what was saved before is still in ${directory}.`,
          ko: `${step}스텝에서 멈췄습니다. 이 스텝에서 신경망이 망가져, ${directory}에는 그 전에 저장한 것이 남아 있습니다.`,
        }),
  );
  session.exitCode = exitCodes.interrupted;
}
