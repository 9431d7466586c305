import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EpochStep, newRun, RunFileError, train, writeRun } from "@unroll/run";
import {
  appendMetrics,
  beginRun,
  checkVacant,
  continueRun,
  freeDirectory,
  loadModel,
  loadRun,
  readConfig,
  readTextFile,
  saveRun,
} from "@unroll/run/node";
import { describe, expect, test } from "vitest";
import { english, temporaryDirectory, textPath } from "./texts.js";

const settings = { hidden: 6, embedding: 4, steps: 32, batch: 4, epochs: 2, seed: 1 } as const;
const source = { path: "/texts/english.txt", sha256: "0".repeat(64) };
const fileNames = ["config.json", "metrics.jsonl", "model.safetensors", "resume.safetensors"];

/** A run of two epochs in a directory, as training leaves it. */
async function kept(): Promise<{ directory: string; run: ReturnType<typeof newRun>["run"] }> {
  const directory = join(temporaryDirectory(), "run");
  const { run, data } = newRun(english, settings);
  await beginRun(directory, run, source);
  for (const step of train(run, data)) if (step.kind === "epoch") await appendMetrics(directory, step, 0.25);
  await saveRun(directory, run);
  return { directory, run };
}

describe("a run's directory", () => {
  test("holds four files and nothing half written", async () => {
    const { directory, run } = await kept();
    expect(readdirSync(directory).sort()).toEqual(fileNames);
    const config = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
    expect(config).toMatchObject({ format: "unroll-run", version: 1, text: source, settings: run.settings });
    const lines = readFileSync(join(directory, "metrics.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => Object.keys(JSON.parse(line)).join(" "))).toEqual(
      Array(2).fill("epoch step loss perplexity validationLoss validationPerplexity validationAccuracy seconds"),
    );
    expect(writeRun(await loadRun(directory))).toEqual(writeRun(run));
    expect((await loadModel(directory)).vocabulary.symbols).toEqual(run.vocabulary.symbols);
    expect((await loadModel(join(directory, "model.safetensors"))).settings).toEqual(run.settings);
    expect(await readConfig(directory)).toMatchObject({ text: source });
  });

  test("metrics beyond the point where a run goes on are dropped, and a line that was cut off", async () => {
    const { directory, run } = await kept();
    const path = join(directory, "metrics.jsonl");
    const before = readFileSync(path, "utf8");
    const beyond = {
      kind: "epoch",
      epoch: 3,
      epochs: 3,
      step: 999,
      loss: 1,
      perplexity: 1,
      validation: null,
    } as EpochStep;
    await appendMetrics(directory, beyond, 1);
    writeFileSync(path, '{"epoch":4,"st', { flag: "a" });
    await continueRun(directory, run, source);
    expect(readFileSync(path, "utf8")).toBe(before);
    rmSync(path);
    await continueRun(directory, run, source);
    expect(readFileSync(path, "utf8")).toBe("");
  });

  test("is only taken when nothing is there, or with force a run", async () => {
    const { directory } = await kept();
    await expect(checkVacant(directory)).rejects.toThrow(
      `${directory} holds a run already. Continue it with --resume ${directory}, replace it with --force, or take another name`,
    );
    await checkVacant(directory, true);
    const parent = temporaryDirectory();
    await checkVacant(parent);
    await checkVacant(join(parent, "new"));
    writeFileSync(join(parent, "diary.txt"), "");
    await expect(checkVacant(parent, true)).rejects.toThrow(
      "expected an empty directory for the run, got one with 1 other files",
    );
    await expect(checkVacant(join(parent, "diary.txt"))).rejects.toThrow("expected a directory or nothing, got a file");
  });

  test("gets a number when its name is taken", async () => {
    const parent = temporaryDirectory();
    const base = join(parent, "book");
    expect(await freeDirectory(base)).toBe(base);
    mkdirSync(base);
    expect(await freeDirectory(base)).toBe(`${base}-2`);
    mkdirSync(`${base}-2`);
    expect(await freeDirectory(base)).toBe(`${base}-3`);
  });

  test("what cannot be written leaves what was there, and nothing else", async () => {
    const { directory, run } = await kept();
    rmSync(join(directory, "model.safetensors"));
    mkdirSync(join(directory, "model.safetensors"));
    await expect(saveRun(directory, run)).rejects.toThrow(RunFileError);
    expect(readdirSync(directory).sort()).toEqual(fileNames);
    const file = textPath("english");
    await expect(beginRun(join(file, "run"), run, source)).rejects.toThrow(
      "cannot be written: a part of its path is no directory",
    );
  });

  const broken: [
    what: string,
    spoil: (directory: string) => void,
    load: typeof loadRun | typeof loadModel | typeof readConfig,
    message: string,
  ][] = [
    [
      "no directory",
      (d) => rmSync(d, { recursive: true }),
      loadRun,
      "expected the directory of a run, as training makes it, got nothing",
    ],
    [
      "no directory",
      (d) => rmSync(d, { recursive: true }),
      loadModel,
      "expected the directory of a run, as training makes it, got nothing",
    ],
    [
      "no directory",
      (d) => rmSync(d, { recursive: true }),
      readConfig,
      "expected the directory of a run, as training makes it, got nothing",
    ],
    [
      "no model",
      (d) => rmSync(join(d, "model.safetensors")),
      loadModel,
      "model.safetensors cannot be read: it does not exist",
    ],
    [
      "no resume",
      (d) => rmSync(join(d, "resume.safetensors")),
      loadRun,
      "resume.safetensors cannot be read: it does not exist",
    ],
    ["no config", (d) => rmSync(join(d, "config.json")), readConfig, "config.json cannot be read: it does not exist"],
    [
      "half a model",
      (d) => truncateSync(join(d, "model.safetensors"), 300),
      loadModel,
      "model.safetensors cannot be read: safetensors:",
    ],
    [
      "half a resume",
      (d) => truncateSync(join(d, "resume.safetensors"), 3000),
      loadRun,
      "resume.safetensors cannot be read: safetensors:",
    ],
    [
      "half a config",
      (d) => truncateSync(join(d, "config.json"), 30),
      readConfig,
      "config.json: expected what a run's config.json holds",
    ],
    [
      "another config",
      (d) => writeFileSync(join(d, "config.json"), "{}"),
      readConfig,
      "config.json: expected what a run's config.json holds",
    ],
  ];
  test.each(broken)("%s is an error that names the file", async (_, spoil, load, message) => {
    const { directory } = await kept();
    spoil(directory);
    await expect(load(directory)).rejects.toThrow(message);
    await expect(load(directory)).rejects.toThrow(RunFileError);
  });
});

describe("text files", () => {
  const written = (bytes: Uint8Array | string): string => {
    const path = join(temporaryDirectory(), "text.txt");
    writeFileSync(path, bytes);
    return path;
  };

  test("are read as UTF-8, with one kind of line end and without a mark", async () => {
    const path = written("\uFEFF가나\r\n다");
    expect(await readTextFile(path)).toMatchObject({
      text: "가나\n다",
      source: { path, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  const wrong: [what: string, bytes: readonly number[], message: string][] = [
    [
      "a lone byte",
      [65, 10, 66, 0xff, 67],
      "expected text in UTF-8, got the byte 0xFF at 3, in line 2. Is it a text at all?",
    ],
    [
      "CP949",
      [0xb0, 0xa1, 0xb3, 0xaa],
      "got the byte 0xB0 at 0, in line 1. It may be CP949; convert it: iconv -f CP949 -t UTF-8",
    ],
    ["UTF-16", [0xff, 0xfe, 65, 0], "got the byte 0xFF at 0, in line 1. It may be UTF-16; convert it: iconv -f UTF-16"],
    [
      "a picture",
      [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0],
      "got the byte 0x89 at 0, in line 1. Is it a text at all?",
    ],
    ["a character cut off", [65, 0xea, 0xb0], "expected text in UTF-8, got the byte 0xB0 at 2, in line 1"],
  ];
  test.each(wrong)("%s is refused with its place", async (_, bytes, message) => {
    await expect(readTextFile(written(Uint8Array.from(bytes)))).rejects.toThrow(message);
  });

  test("must be there and be files", async () => {
    const directory = temporaryDirectory();
    await expect(readTextFile(join(directory, "none.txt"))).rejects.toThrow(
      "none.txt cannot be read: it does not exist",
    );
    await expect(readTextFile(directory)).rejects.toThrow("cannot be read: it is a directory");
    expect(existsSync(join(directory, "none.txt"))).toBe(false);
  });
});
