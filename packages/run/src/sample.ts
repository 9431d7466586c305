/**
 * Letting a network write.
 *
 * @module
 */
import { multinomial, noGrad, Generator as RandomNumbers, type Tensor, tensor } from "@unroll/core";
import type { Vocabulary } from "@unroll/core/data";
import type { ModelState, TextModel } from "./model.js";
import { openingSymbol, promptIndices } from "./prompt.js";
import { type SampleOptions, sampleTable } from "./sample-settings.js";
import { checkValues } from "./setting.js";
import { SymbolWriter } from "./symbol-writer.js";

/** A network and the symbols it speaks of; a `Run` is one. */
export interface Speaker {
  readonly model: TextModel;
  readonly vocabulary: Vocabulary;
}

/**
 * Writes a text piece by piece: the prompt, then symbol by symbol what the network draws. The same arguments give the same text.
 * Pieces are whole characters; words come with a space between.
 *
 * ```ts
 * for (const piece of sample(run, { prompt: "To be", length: 200, temperature: 0.8 })) process.stdout.write(piece);
 * ```
 *
 * @throws SettingError when an option is out of range or the prompt has symbols that the network does not know
 */
export function* sample({ model, vocabulary }: Speaker, options: SampleOptions = {}): Generator<string, void, void> {
  const given = checkValues("sample", sampleTable, options);
  const { length = 500, temperature = 1, topK = 0, seed = 0 } = given;
  const random = new RandomNumbers().manualSeed(seed);
  const writer = new SymbolWriter(vocabulary);
  const prompt = promptIndices(vocabulary, given.prompt ?? "");
  if (prompt.length > 0) yield writer.write(prompt);
  let input = prompt.length > 0 ? prompt : [openingSymbol(vocabulary, random)];
  let state: ModelState | undefined;
  for (let written = 0; written < length; written++) {
    const [logits, next] = read(model, input, state);
    const symbol = draw(logits, temperature, topK, random);
    const piece = writer.write([symbol]);
    if (piece !== "") yield piece;
    [input, state] = [[symbol], next];
  }
  const rest = writer.end();
  if (rest !== "") yield rest;
}

/** Logits (V) of the symbol after `input`. */
function read(model: TextModel, input: readonly number[], state: ModelState | undefined): [Tensor, ModelState] {
  const wasTraining = model.training;
  model.eval();
  const [logits, next] = noGrad(() =>
    model.forward(
      input.map((symbol) => [symbol]),
      state,
    ),
  );
  model.train(wasTraining);
  return [logits.select(0, input.length - 1).select(0, 0), next];
}

/** Below this temperature the likeliest symbol is certain to the last digit of a float32. */
const coldest = 1e-6;

function draw(logits: Tensor, temperature: number, topK: number, random: RandomNumbers): number {
  if (temperature < coldest) return logits.argmax().item();
  // The largest logit becomes 0, so that nothing overflows however low the temperature.
  const weights = logits.sub(logits.max()).div(temperature).softmax(0);
  return multinomial(topK > 0 ? likeliest(weights, topK) : weights, 1, { generator: random }).item();
}

/** The `k` largest weights, zero elsewhere; of equal ones those that come first. */
function likeliest(weights: Tensor, k: number): Tensor {
  const all = weights.toTypedArray() as Float32Array;
  const order = Array.from(all.keys()).sort((a, b) => (all[b] as number) - (all[a] as number) || a - b);
  const kept = new Float32Array(all.length);
  for (const i of order.slice(0, k)) kept[i] = all[i] as number;
  return tensor(kept);
}
