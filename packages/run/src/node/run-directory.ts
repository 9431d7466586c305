/**
 * A run as a directory:
 *
 *     config.json          what was asked for, in words: settings, text, size
 *     metrics.jsonl        one line for each epoch
 *     model.safetensors    the network, for `generate` and for PyTorch
 *     resume.safetensors   everything that is needed to go on
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { readModel, readRun, writeModel, writeRun } from "../checkpoint.js";
import { RunFileError } from "../errors.js";
import type { Run } from "../run.js";
import type { Speaker } from "../sample.js";
import type { Settings } from "../settings.js";
import type { EpochStep } from "../train.js";
import { appendText, kindOf, readBytes, writeWhole } from "./files.js";
import type { TextSource } from "./text-file.js";

const names = {
  config: "config.json",
  metrics: "metrics.jsonl",
  model: "model.safetensors",
  resume: "resume.safetensors",
} as const;

const configSchema = v.object({
  format: v.literal("unroll-run"),
  version: v.literal(1),
  text: v.object({ path: v.string(), sha256: v.string() }),
});

/** The first of `base`, `base-2`, `base-3`, … that does not exist. */
export async function freeDirectory(base: string): Promise<string> {
  for (let n = 1; ; n++) {
    const path = n === 1 ? base : `${base}-${n}`;
    if ((await kindOf(path)) === "nothing") return path;
  }
}

/**
 * Makes sure that a new run may be written there; writes nothing.
 *
 * @param force allow that a run is there, which will be replaced
 * @throws RunFileError when something is there already
 */
export async function checkVacant(directory: string, force = false): Promise<void> {
  const kind = await kindOf(directory);
  if (kind === "nothing") return;
  if (kind === "file")
    throw new RunFileError(`${directory}: expected a directory or nothing, got a file. Take another name`);
  const content = await readdir(directory);
  if (content.length === 0) return;
  if (!content.includes(names.config)) {
    throw new RunFileError(
      `${directory}: expected an empty directory for the run, got one with ${content.length} other files. Take another name`,
    );
  }
  await readConfig(directory);
  if (force) return;
  throw new RunFileError(
    `${directory} holds a run already. Continue it with --resume ${directory}, replace it with --force, or take another name`,
  );
}

/** Writes a run that begins, replacing what {@link checkVacant} allowed. */
export async function beginRun(directory: string, run: Run, source: TextSource): Promise<void> {
  await writeWhole(join(directory, names.metrics), "");
  await writeConfig(directory, run, source);
  await saveRun(directory, run);
}

/** Notes that a run goes on: its present settings, and the lines of metrics up to where it stands. */
export async function continueRun(directory: string, run: Run, source: TextSource): Promise<void> {
  const path = join(directory, names.metrics);
  const before = (await kindOf(path)) === "file" ? new TextDecoder().decode(await readBytes(path)) : "";
  const kept = before.split("\n").filter((line) => stepOf(line) <= run.position.step);
  await writeWhole(path, kept.map((line) => `${line}\n`).join(""));
  await writeConfig(directory, run, source);
}

/** The step that a line of metrics tells of; Infinity for a line that was cut off. */
function stepOf(line: string): number {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === "number" ? step : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

async function writeConfig(directory: string, { settings, vocabulary, model }: Run, text: TextSource): Promise<void> {
  const config = {
    format: "unroll-run",
    version: 1,
    text,
    settings,
    vocabulary: { unit: vocabulary.unit, size: vocabulary.size },
    parameters: model.parameterCount(),
  };
  await writeWhole(join(directory, names.config), `${JSON.stringify(config, null, 2)}\n`);
}

/** Writes where the run stands. Each file is replaced as a whole. */
export async function saveRun(directory: string, run: Run): Promise<void> {
  await writeWhole(join(directory, names.resume), writeRun(run));
  await writeWhole(join(directory, names.model), writeModel(run));
}

/** Adds the line of an epoch. */
export async function appendMetrics(directory: string, epoch: EpochStep, seconds: number): Promise<void> {
  const { validation } = epoch;
  const line = {
    epoch: epoch.epoch,
    step: epoch.step,
    loss: epoch.loss,
    perplexity: epoch.perplexity,
    ...(validation && {
      validationLoss: validation.loss,
      validationPerplexity: validation.perplexity,
      validationAccuracy: validation.accuracy,
    }),
    seconds: Number(seconds.toFixed(3)),
  };
  await appendText(join(directory, names.metrics), `${JSON.stringify(line)}\n`);
}

/**
 * What config.json says.
 *
 * @throws RunFileError when the directory or the file is missing or is not a run's
 */
export async function readConfig(directory: string): Promise<{ readonly text: TextSource }> {
  await checkRunDirectory(directory);
  const path = join(directory, names.config);
  const text = new TextDecoder().decode(await readBytes(path));
  try {
    return v.parse(configSchema, JSON.parse(text));
  } catch (error) {
    throw new RunFileError(
      `${path}: expected what a run's config.json holds, got something else (${(error as Error).message})`,
      { cause: error },
    );
  }
}

async function checkRunDirectory(directory: string): Promise<void> {
  if ((await kindOf(directory)) === "directory") return;
  throw new RunFileError(
    `${directory}: expected the directory of a run, as training makes it, got ${await kindOf(directory)}`,
  );
}

/**
 * The run as it was saved last.
 *
 * @param change what is to be different from now on; see `changeSettings`
 * @throws RunFileError when a file is missing or broken
 */
export async function loadRun(directory: string, change?: (settings: Settings) => Settings): Promise<Run> {
  await checkRunDirectory(directory);
  const path = join(directory, names.resume);
  return readRun(await readBytes(path), change, path);
}

/**
 * The network of a run, to let it write.
 *
 * @param place the run's directory, or its model.safetensors
 * @throws RunFileError when the file is missing or broken
 */
export async function loadModel(place: string): Promise<Speaker & { readonly settings: Settings }> {
  const kind = await kindOf(place);
  if (kind === "nothing") await checkRunDirectory(place);
  const path = kind === "file" ? place : join(place, names.model);
  return readModel(await readBytes(path), path);
}
