/**
 * Training as a sequence of plain values. Who draws, prints or saves does so between them.
 *
 * @module
 */
import { functional as F, nn } from "@unroll/core";
import { contiguousBatches } from "@unroll/core/data";
import { DivergedError } from "./errors.js";
import { type Evaluation, evaluate, evaluateSteps } from "./evaluate.js";
import { withGenerator } from "./random.js";
import type { Run } from "./run.js";
import type { TextData } from "./text-data.js";

/** One step of the optimiser is done. */
export interface TrainingStep {
  readonly kind: "step";
  /** The present epoch, from 1, and the last. */
  readonly epoch: number;
  readonly epochs: number;
  /** Windows of this epoch that are done, and how many it has. */
  readonly window: number;
  readonly windows: number;
  /** Of this window, before the step. */
  readonly loss: number;
  /** Mean over this epoch so far. */
  readonly epochLoss: number;
  /** ‖gradient‖₂ before it was clipped. */
  readonly gradientNorm: number;
}

/** A part of the validation is done. */
export interface ValidationStep {
  readonly kind: "validation";
  readonly epoch: number;
  readonly epochs: number;
  /** From 0 to 1. */
  readonly part: number;
}

/** An epoch is done. */
export interface EpochStep {
  readonly kind: "epoch";
  readonly epoch: number;
  readonly epochs: number;
  /** Optimiser steps so far, in all epochs. */
  readonly step: number;
  /** Mean over the epoch, while the network was changing. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** Of the text held back; null when there is none. */
  readonly validation: Evaluation | null;
}

export type Step = TrainingStep | ValidationStep | EpochStep;

/** So many times the loss of guessing is no learning any more. */
const explosion = 4;

/**
 * Truncated back-propagation through time with Adam, from where the run stands to its last epoch. The state is carried from window to
 * window and is zero at the beginning of each epoch. At each value the run is whole: it may be saved, and training may be left off and
 * taken up again, by another `train` of the same or of the restored run, with the same numbers as without a break.
 *
 * @throws DivergedError, before the network is changed, when the loss or a gradient is no finite number or the loss is four times that of
 *   guessing
 */
export function* train(run: Run, data: TextData): Generator<Step, void, void> {
  const { settings, position } = run;
  const { epochs, batch, steps } = settings;
  const windows = contiguousBatches(data.train, { batchSize: batch, steps });
  while (position.epoch < epochs) {
    const epoch = position.epoch + 1;
    let window = 0;
    for (const { x, y } of windows) {
      window += 1;
      if (window <= position.window) continue;
      const { loss, gradientNorm } = learn(run, x, y);
      const symbols = x.length * batch;
      position.window = window;
      position.step += 1;
      position.lossSum += loss * symbols;
      position.symbols += symbols;
      const epochLoss = position.lossSum / position.symbols;
      yield { kind: "step", epoch, epochs, window, windows: windows.length, loss, epochLoss, gradientNorm };
    }
    const validating = evaluateSteps(run.model, data.validation, settings);
    let part = validating.next();
    for (; !part.done; part = validating.next()) yield { kind: "validation", epoch, epochs, part: part.value };
    const loss = position.lossSum / position.symbols;
    Object.assign(position, { epoch, window: 0, lossSum: 0, symbols: 0, state: null });
    const perplexity = Math.exp(loss);
    yield { kind: "epoch", epoch, epochs, step: position.step, loss, perplexity, validation: part.value };
  }
}

/** One window forwards, backwards, and a step. x and y are (T, B). */
function learn(run: Run, x: number[][], y: number[][]): { loss: number; gradientNorm: number } {
  const { model, optimizer, position, settings } = run;
  model.train();
  const forward = () => model.forward(x, position.state ?? undefined);
  const [logits, state] = settings.dropout > 0 ? withGenerator(run.generator, forward) : forward();
  const loss = F.crossEntropy(logits.reshape([-1, model.vocabularySize]), y.flat());
  const value = loss.item();
  checkLoss(run, value);
  optimizer.zeroGrad();
  loss.backward();
  const limit = settings.clip > 0 ? settings.clip : Number.POSITIVE_INFINITY;
  const gradientNorm = nn.utils.clipGradNorm(model.parameters(), limit, { errorIfNonfinite: false });
  if (!Number.isFinite(gradientNorm)) throw diverged(run, `the gradient's length is ${gradientNorm}`);
  optimizer.step();
  position.state = state.map((x) => x.detach());
  return { loss: value, gradientNorm };
}

/**
 * Whether the network, as it is now, still predicts better than an exploded one: what a step did to it is otherwise only seen at the next.
 * Ask before saving.
 */
export function isSound({ model, vocabulary, settings }: Run, data: TextData): boolean {
  const beginning = data.train.subarray(0, settings.steps + 1);
  const judged = evaluate(model, beginning, { batch: 1, steps: settings.steps });
  return judged !== null && judged.loss <= explosion * Math.log(vocabulary.size);
}

function checkLoss(run: Run, loss: number): void {
  const guessing = Math.log(run.vocabulary.size);
  if (!Number.isFinite(loss)) throw diverged(run, `the loss is ${loss}`);
  if (loss > explosion * guessing) {
    throw diverged(run, `the loss is ${loss.toPrecision(3)}, and guessing would have ${guessing.toPrecision(3)}`);
  }
}

function diverged({ settings, position }: Run, what: string): DivergedError {
  const { lr, clip } = settings;
  const slower = Number((lr / 10).toPrecision(2));
  return new DivergedError(
    `training diverged at step ${position.step + 1}, in epoch ${position.epoch + 1}: ${what}. ` +
      `Lower lr, such as ${slower} instead of ${lr}${clip === 0 || clip > 1 ? `, or set clip to 1 instead of ${clip}` : ""}`,
  );
}
