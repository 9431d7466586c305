import { readSafetensors, writeSafetensors } from "@unroll/core/formats";
import { newRun, readModel, readRun, sample, train, writeModel, writeRun } from "@unroll/run";
import { describe, expect, test } from "vitest";
import { english } from "./texts.js";

const settings = { hidden: 6, embedding: 4, steps: 16, batch: 4, epochs: 1, seed: 1 } as const;

function trained() {
  const { run, data } = newRun(english, settings);
  for (const _ of train(run, data));
  return run;
}

/** The file with parts of its metadata or tensors replaced; undefined takes a part away. */
function changed(
  bytes: Uint8Array,
  metadata: Record<string, string | undefined>,
  tensors: Record<string, undefined> = {},
): Uint8Array {
  const file = readSafetensors(bytes);
  const kept = <V>(all: Record<string, V | undefined>) =>
    Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, V>;
  return writeSafetensors(kept({ ...file.tensors, ...tensors }), kept({ ...file.metadata, ...metadata }));
}

describe("model file", () => {
  const run = trained();
  const bytes = writeModel(run);

  test("has PyTorch's names and says what it is", () => {
    const { tensors, metadata } = readSafetensors(bytes);
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))).toEqual({
      "embedding.weight": [run.vocabulary.size, 4],
      "rnn.weight_ih_l0": [24, 4],
      "rnn.weight_hh_l0": [24, 6],
      "rnn.bias_ih_l0": [24],
      "rnn.bias_hh_l0": [24],
      "linear.weight": [run.vocabulary.size, 6],
      "linear.bias": [run.vocabulary.size],
    });
    expect(metadata.format).toBe("unroll model 1");
    expect(JSON.parse(metadata.settings ?? "")).toEqual(run.settings);
    expect(JSON.parse(metadata.vocabulary ?? "").symbols).toEqual(run.vocabulary.symbols);
    expect(JSON.parse(metadata.position ?? "")).toEqual({ epoch: 1, step: run.position.step });
  });

  test("the network that is read writes what the network that was written writes", () => {
    const options = { prompt: "The", length: 50, seed: 2 };
    expect([...sample(readModel(bytes), options)]).toEqual([...sample(run, options)]);
  });

  const broken: [what: string, bytes: Uint8Array, message: string][] = [
    ["nothing", new Uint8Array(), "model.safetensors cannot be read: safetensors: expected at least 8 bytes, got 0"],
    ["the first half", bytes.slice(0, bytes.length >> 1), "model.safetensors cannot be read: safetensors:"],
    ["all but a byte", bytes.slice(0, -1), "The file is cut off"],
    ["a text", new TextEncoder().encode("no weights at all"), "model.safetensors cannot be read: safetensors:"],
    [
      "another program's weights",
      changed(bytes, { format: undefined }),
      "expected a file of kind 'unroll model', got metadata format ''",
    ],
    ["a whole run", writeRun(run), "expected a file of kind 'unroll model', got metadata format 'unroll run 1'"],
    [
      "a later format",
      changed(bytes, { format: "unroll model 2" }),
      "expected version 1 of the format, got 2. Use the unroll that wrote it",
    ],
    ["no settings", changed(bytes, { settings: undefined }), "settings: expected JSON in the metadata"],
    ["half the settings", changed(bytes, { settings: '{"hidden":6}' }), "settings: expected level, cell, layers"],
    ["unknown settings", changed(bytes, { settings: '{"hiden":6}' }), "unknown option 'hiden'"],
    ["no vocabulary", changed(bytes, { vocabulary: "{}" }), "Vocabulary.fromJSON: expected { unit, symbols }"],
    ["a weight missing", changed(bytes, {}, { "linear.bias": undefined }), "missing: linear.bias"],
    [
      "weights of another size",
      changed(bytes, { settings: JSON.stringify({ ...run.settings, hidden: 7 }) }),
      "rnn.weight_hh_l0: expected a Tensor of shape [28, 7], got [24, 6]",
    ],
  ];
  test.each(broken)("%s is refused", (_, file, message) => {
    expect(() => readModel(file)).toThrow(message);
    expect(() => readModel(file, "runs/x/model.safetensors")).toThrow(/^runs\/x\/model.safetensors cannot be read: /);
  });
});

describe("run file", () => {
  const run = trained();
  const bytes = writeRun(run);

  test("is read as it was written, byte for byte", () => {
    expect(writeRun(readRun(bytes))).toEqual(bytes);
  });

  test("may go on with another learning rate", () => {
    const other = readRun(bytes, (before) => ({ ...before, lr: 0.5 }));
    expect(other.optimizer.paramGroups[0]?.lr).toBe(0.5);
    expect(other.settings.lr).toBe(0.5);
  });

  const broken: [what: string, bytes: Uint8Array, message: string][] = [
    ["a model", writeModel(run), "expected a file of kind 'unroll run', got metadata format 'unroll model 1'"],
    ["half a file", bytes.slice(0, bytes.length >> 1), "resume.safetensors cannot be read: safetensors:"],
    [
      "no random numbers",
      changed(bytes, {}, { generator: undefined }),
      "setState: expected a Uint8Array of 5056 bytes",
    ],
    ["no position", changed(bytes, { position: undefined }), "position: expected JSON in the metadata"],
    ["a position before the beginning", changed(bytes, { position: '{"epoch":-1}' }), "position: "],
    ["no groups", changed(bytes, { paramGroups: "[]" }), "Adam.loadStateDict: expected 1 groups"],
    ["a weight missing", changed(bytes, {}, { "model.linear.bias": undefined }), "missing: linear.bias"],
  ];
  test.each(broken)("%s is refused", (_, file, message) => {
    expect(() => readRun(file)).toThrow(message);
  });
});
