/**
 * What `unroll train` is about to do: a run, its text, its directory.
 *
 * @module
 */
import { randomInt } from "node:crypto";
import { basename, extname, join } from "node:path";
import {
  changeSettings,
  newRun,
  type Run,
  RunFileError,
  type SettingsInput,
  type TextData,
  textData,
} from "@unroll/run";
import { beginRun, checkVacant, continueRun, freeDirectory, loadRun, readConfig, readTextFile } from "@unroll/run/node";
import { UsageError } from "../terminal/errors.js";

export interface Job {
  readonly run: Run;
  readonly data: TextData;
  readonly directory: string;
  /** Of the text, as it was given. */
  readonly file: string;
  /** Whether the seed was drawn rather than given. */
  readonly seedDrawn: boolean;
}

export interface Placement {
  readonly out?: string;
  readonly force?: boolean;
}

/** A run at its beginning, on disk. Nothing is written unless text, settings and directory are fine. */
export async function begin(file: string, given: SettingsInput, { out, force = false }: Placement): Promise<Job> {
  const { text, source } = await readTextFile(file);
  const seed = given.seed ?? randomInt(2 ** 31);
  const { run, data } = newRun(text, { ...given, seed });
  const directory = out ?? (await freeDirectory(join("runs", basename(file, extname(file)))));
  await checkVacant(directory, force);
  await beginRun(directory, run, source);
  return { run, data, directory, file, seedDrawn: given.seed === undefined };
}

/** A run where it was left off. */
export async function goOn(file: string | undefined, directory: string, given: SettingsInput): Promise<Job> {
  const { text: learned } = await readConfig(directory);
  const place = file ?? learned.path;
  const run = await loadRun(directory, (settings) => changeSettings(settings, given));
  const { text, source } = await readTextFile(place);
  if (source.sha256 !== learned.sha256) {
    throw new RunFileError(
      `${place}: expected the text that the run in ${directory} was begun with (${learned.path}, as it was then), got another. ` +
        "Give the same text, or begin a new run",
    );
  }
  const { epoch } = run.position;
  if (epoch >= run.settings.epochs) {
    throw new UsageError(
      `${directory} has done ${epoch} ${epoch === 1 ? "epoch" : "epochs"}, ${run.settings.epochs} were asked for. ` +
        `To go on, say up to which: --epochs ${2 * epoch}`,
    );
  }
  const data = textData(text, run.settings, run.vocabulary);
  await continueRun(directory, run, source);
  return { run, data, directory, file: place, seedDrawn: false };
}
