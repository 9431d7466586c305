/**
 * How well a network predicts a text.
 *
 * @module
 */
import { functional as F, noGrad } from "@unroll/core";
import { contiguousBatches } from "@unroll/core/data";
import type { ModelState, TextModel } from "./model.js";
import type { Settings } from "./settings.js";

export interface Evaluation {
  /** Mean of −ln p(next symbol), in nats. */
  readonly loss: number;
  /** e^loss: as uncertain as a choice among so many symbols. */
  readonly perplexity: number;
  /** Part of the symbols that were the network's first choice. */
  readonly accuracy: number;
  /** How many predictions were judged. */
  readonly symbols: number;
}

/** Dropout is off, the state is carried on. @returns what the network predicts of `indices`, or null for fewer than two */
export function evaluate(
  model: TextModel,
  indices: ArrayLike<number>,
  settings: Pick<Settings, "batch" | "steps">,
): Evaluation | null {
  const steps = evaluateSteps(model, indices, settings);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** {@link evaluate} in pieces, so that a caller can do other things between; yields the part that is done. */
export function* evaluateSteps(
  model: TextModel,
  indices: ArrayLike<number>,
  { batch, steps }: Pick<Settings, "batch" | "steps">,
): Generator<number, Evaluation | null, void> {
  if (indices.length < 2) return null;
  // At most so many lanes that each has a whole window, so that few symbols are judged without anything before them.
  const lanes = Math.max(1, Math.min(batch, Math.floor((indices.length - 1) / steps)));
  const windows = contiguousBatches(indices, { batchSize: lanes, steps });
  const wasTraining = model.training;
  let state: ModelState | undefined;
  let [sum, correct, symbols, done] = [0, 0, 0, 0];
  try {
    for (const { x, y } of windows) {
      model.eval();
      const judged = noGrad(() => judge(model, x, y, state));
      model.train(wasTraining);
      state = judged.state;
      sum += judged.lossSum;
      correct += judged.correct;
      symbols += judged.symbols;
      done += 1;
      yield done / windows.length;
    }
  } finally {
    model.train(wasTraining);
  }
  const loss = sum / symbols;
  return { loss, perplexity: Math.exp(loss), accuracy: correct / symbols, symbols };
}

function judge(model: TextModel, x: number[][], y: number[][], state: ModelState | undefined) {
  const [logits, next] = model.forward(x, state);
  const rows = logits.reshape([-1, model.vocabularySize]);
  const targets = y.flat();
  const choices = rows.argmax(1).toTypedArray();
  return {
    state: next,
    lossSum: F.crossEntropy(rows, targets).item() * targets.length,
    correct: targets.filter((target, i) => target === choices[i]).length,
    symbols: targets.length,
  };
}
