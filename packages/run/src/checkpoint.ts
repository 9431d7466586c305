/**
 * A run as the bytes of two files, and back.
 *
 * `model.safetensors` is for whoever uses the network: weights under PyTorch's names; as metadata settings and vocabulary.
 * `resume.safetensors` is for going on: also Adam's moments, the carried state, the random numbers and the position. It is one file, so
 * that a run written at one moment is never read together with parts of another.
 *
 * @module
 */
import {
  type DType,
  FormatError,
  Generator,
  type optim,
  type Tensor,
  type TypedArray,
  tensor,
  UnrollError,
} from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { readSafetensors, writeSafetensors } from "@unroll/core/formats";
import * as v from "valibot";
import { RunFileError } from "./errors.js";
import { TextModel } from "./model.js";
import { withGenerator } from "./random.js";
import { adam, type Position, type Run } from "./run.js";
import type { Speaker } from "./sample.js";
import { checkSettings, type Settings, settingNames } from "./settings.js";

/** Raised when older readers would misunderstand what is written. */
const formatVersion = 1;

type Arrays = Record<string, { dtype: DType; shape: readonly number[]; data: TypedArray }>;

const arrayOf = (x: Tensor) => ({ dtype: x.dtype, shape: x.shape, data: x.toTypedArray() });

const prefixed = (prefix: string, tensors: Record<string, Tensor>): Arrays =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [prefix + name, arrayOf(x)]));

/** The names after a prefix, with their tensors. */
function withPrefix(prefix: string, arrays: Arrays): Record<string, Tensor> {
  const found = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, array]) => [name.slice(prefix.length), tensorOf(array)]));
}

const tensorOf = ({ dtype, shape, data }: Arrays[string]): Tensor => tensor(data, { dtype }).reshape(shape);

const metadataOf = (kind: "model" | "run", { settings, vocabulary }: Run): Record<string, string> => ({
  format: `unroll ${kind} ${formatVersion}`,
  settings: JSON.stringify(settings),
  vocabulary: JSON.stringify(vocabulary),
});

/** The network alone. */
export function writeModel(run: Run): Uint8Array {
  const { epoch, step } = run.position;
  const metadata = { ...metadataOf("model", run), position: JSON.stringify({ epoch, step }) };
  return writeSafetensors(prefixed("", run.model.stateDict()), metadata);
}

/** Everything that decides how training goes on. */
export function writeRun(run: Run): Uint8Array {
  const { state, param_groups } = run.optimizer.stateDict();
  const { state: carried, ...counters } = run.position;
  const moments: Record<string, Tensor> = {};
  for (const [index, entries] of Object.entries(state)) {
    for (const [name, value] of Object.entries(entries)) moments[`${index}.${name}`] = value as Tensor;
  }
  const generator = run.generator.getState();
  return writeSafetensors(
    {
      ...prefixed("model.", run.model.stateDict()),
      ...prefixed("optimizer.", moments),
      ...prefixed("state.", Object.fromEntries((carried ?? []).map((x, i) => [String(i), x]))),
      generator: { dtype: "uint8", shape: [generator.length], data: generator },
    },
    {
      ...metadataOf("run", run),
      position: JSON.stringify(counters),
      paramGroups: JSON.stringify(param_groups),
    },
  );
}

/**
 * The network that {@link writeModel} wrote.
 *
 * @param name of the file, for messages
 * @throws RunFileError when the bytes are no such file, are cut off, or were written by a newer version
 */
export function readModel(bytes: Uint8Array, name = "model.safetensors"): Speaker & { readonly settings: Settings } {
  return reading(name, () => {
    const { tensors, metadata } = readSafetensors(bytes);
    const { settings, vocabulary, model } = readHeader("model", metadata);
    model.loadStateDict(withPrefix("", tensors));
    return { settings, vocabulary, model: model.eval() };
  });
}

const positionSchema = v.strictObject({
  epoch: v.pipe(v.number(), v.integer(), v.minValue(0)),
  window: v.pipe(v.number(), v.integer(), v.minValue(0)),
  step: v.pipe(v.number(), v.integer(), v.minValue(0)),
  lossSum: v.number(),
  symbols: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/**
 * The run that {@link writeRun} wrote.
 *
 * @param settings instead of those written; see `changeSettings`
 * @throws RunFileError as {@link readModel}
 */
export function readRun(
  bytes: Uint8Array,
  change: (settings: Settings) => Settings = (settings) => settings,
  name = "resume.safetensors",
): Run {
  const { written, vocabulary, model, tensors, metadata } = reading(name, () => {
    const file = readSafetensors(bytes);
    const header = readHeader("run", file.metadata);
    header.model.loadStateDict(withPrefix("model.", file.tensors));
    return { written: header.settings, ...header, ...file };
  });
  const settings = change(written);
  return reading(name, () => {
    const optimizer = adam(model, settings);
    optimizer.loadStateDict({
      state: readMoments(withPrefix("optimizer.", tensors)),
      param_groups: parsed(metadata, "paramGroups") as optim.OptimizerStateDict["param_groups"],
    });
    for (const group of optimizer.paramGroups) group.lr = settings.lr;
    const generator = new Generator().setState(tensors.generator?.data as Uint8Array);
    return { settings, vocabulary, model, optimizer, generator, position: readPosition(tensors, metadata, model) };
  });
}

function readPosition(tensors: Arrays, metadata: Record<string, string>, model: TextModel): Position {
  const counters = v.safeParse(positionSchema, parsed(metadata, "position"));
  if (!counters.success) throw new FormatError(`position: ${counters.issues[0].message}`);
  const carried = Object.values(withPrefix("state.", tensors));
  const { numLayers, hiddenSize } = model.rnn;
  for (const { shape } of carried) {
    if (shape.length !== 3 || shape[0] !== numLayers || shape[2] !== hiddenSize) {
      throw new FormatError(`expected a carried state of shape [${numLayers}, B, ${hiddenSize}], got [${shape}]`);
    }
  }
  return { ...counters.output, state: carried.length > 0 ? carried : null };
}

function readMoments(tensors: Record<string, Tensor>): optim.OptimizerStateDict["state"] {
  const state: optim.OptimizerStateDict["state"] = {};
  for (const [name, x] of Object.entries(tensors)) {
    const dot = name.indexOf(".");
    const index = name.slice(0, dot);
    state[index] = { ...state[index], [name.slice(dot + 1)]: x };
  }
  return state;
}

/** What both files begin with, and a network of that form, its weights still to be loaded. */
function readHeader(kind: "model" | "run", metadata: Record<string, string>) {
  const [maker, got, version] = (metadata.format ?? "").split(" ");
  if (maker !== "unroll" || got !== kind) {
    throw new FormatError(`expected a file of kind 'unroll ${kind}', got metadata format '${metadata.format ?? ""}'`);
  }
  if (version !== String(formatVersion)) {
    throw new FormatError(
      `expected version ${formatVersion} of the format, got ${version}. Use the unroll that wrote it`,
    );
  }
  const settings = checkSettings(parsed(metadata, "settings")) as Settings;
  const missing = settingNames.filter((name) => !(name in settings));
  if (missing.length > 0) throw new FormatError(`settings: expected ${missing.join(", ")}, got none`);
  const vocabulary = Vocabulary.fromJSON(parsed(metadata, "vocabulary"));
  // The first weights are overwritten; they are not to be drawn from anybody's random numbers.
  const model = withGenerator(new Generator(), () => new TextModel(vocabulary.size, settings));
  return { settings, vocabulary, model };
}

function parsed(metadata: Record<string, string>, key: string): unknown {
  try {
    return JSON.parse(metadata[key] ?? "");
  } catch (error) {
    throw new FormatError(`${key}: expected JSON in the metadata, got: ${(error as Error).message}`);
  }
}

/** Says which file it was when something is wrong with it. */
function reading<R>(name: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnrollError)) throw error;
    throw new RunFileError(`${name} cannot be read: ${error.message}`, { cause: error });
  }
}
