/**
 * A run is a value: what was asked for, the network, its optimiser, and where training stands.
 *
 * @module
 */
import { Generator, optim } from "@unroll/core";
import type { Vocabulary } from "@unroll/core/data";
import { type ModelState, TextModel } from "./model.js";
import { withGenerator } from "./random.js";
import { completeSettings, type Settings, type SettingsInput } from "./settings.js";
import { type TextData, textData } from "./text-data.js";

/** Where training stands; changed by `train` after each step. */
export interface Position {
  /** Epochs that are done. */
  epoch: number;
  /** Windows of the present epoch that are done. */
  window: number;
  /** Optimiser steps in all. */
  step: number;
  /** Sum of the losses of all symbols of the present epoch so far, and how many those are. */
  lossSum: number;
  symbols: number;
  /** The state that the next window begins with; null for zeros. */
  state: ModelState | null;
}

export interface Run {
  readonly settings: Settings;
  readonly vocabulary: Vocabulary;
  readonly model: TextModel;
  readonly optimizer: optim.Adam;
  /** Where dropout's masks come from. */
  readonly generator: Generator;
  readonly position: Position;
}

/**
 * A run at its beginning. The network's weights are PyTorch's for the same seed.
 *
 * ```ts
 * const { run, data } = newRun(text, { cell: "gru", hidden: 64, seed: 1 });
 * for (const step of train(run, data)) if (step.kind === "epoch") console.log(step.loss);
 * ```
 *
 * @throws SettingError for unknown settings or values out of range
 * @throws RunFileError when there is too little text to learn from
 */
export function newRun(text: string, given: SettingsInput = {}): { run: Run; data: TextData } {
  const data = textData(text, given);
  const settings = completeSettings(given, data.train.length);
  const generator = new Generator().manualSeed(settings.seed);
  const model = withGenerator(generator, () => new TextModel(data.vocabulary.size, settings));
  const run = { settings, vocabulary: data.vocabulary, model, optimizer: adam(model, settings), generator };
  return { run: { ...run, position: beginning() }, data };
}

export const adam = (model: TextModel, { lr }: Settings): optim.Adam => new optim.Adam(model.parameters(), { lr });

const beginning = (): Position => ({ epoch: 0, window: 0, step: 0, lossSum: 0, symbols: 0, state: null });
