import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, unroll } from "./program.js";

const english = `${"The sea was always in the same place, and every day it had another colour. ".repeat(6)}\n`;
const korean = `${"바다는 날마다 같은 자리에 있었지만 날마다 다른 빛깔이었다. ".repeat(8)}\n`;
const small = ["--hidden", "16", "--embedding", "8", "--steps", "16", "--batch", "4", "--lr", "0.02", "--seed", "1"];

/** A text in a directory of its own, and the place for its run. */
function place(text: string | Uint8Array = english): { file: string; out: string } {
  const directory = temporaryDirectory();
  const file = join(directory, "text.txt");
  writeFileSync(file, text);
  return { file, out: join(directory, "run") };
}

const files = ["config.json", "metrics.jsonl", "model.safetensors", "resume.safetensors"];

test("learns an English text and writes like it", async () => {
  const { file, out } = place();
  const trained = await unroll(["train", file, ...small, "--epochs", "60", "--out", out]);
  expect(trained.code).toBe(0);
  expect(trained.stderr).toMatch(
    /^Embedding\(\d+, 8\) → LSTM\(8, 16\) → Linear\(16, \d+\)\n[\d,]+ parameters, seed 1\n/,
  );
  expect(trained.stderr).toMatch(/^Epoch {2}1\/60 {2}loss \d/m);
  expect(trained.stderr).toMatch(/^Epoch 60\/60 {2}loss 0\.\d{3} {2}perplexity 1\.\d{3} {2}validation 0\./m);
  expect(trained.stderr.match(/^ {2}│ /gm)?.length).toBeGreaterThan(4);
  expect(trained.stdout).toContain(`60 epochs in 0:0`);
  expect(trained.stdout).toContain(`npx unroll generate ${out} --prompt "The" --temperature 0.8`);
  expect(readdirSync(out).sort()).toEqual(files);
  expect(readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n").length).toBe(60);

  const written = await unroll(["generate", out, "--prompt", "The sea", "--length", "40", "--temperature", "0"]);
  expect(written).toEqual({ code: 0, stdout: "The sea was always in the same place, and every", stderr: "" });
});

test("learns a Korean text, says so in Korean, and writes Korean", async () => {
  const { file, out } = place(korean);
  const trained = await unroll([
    "train",
    file,
    ...small,
    "--epochs",
    "40",
    "--out",
    out,
    "--lang",
    "ko",
    "--cell",
    "gru",
  ]);
  expect(trained.code).toBe(0);
  expect(trained.stderr).toMatch(/^에폭 40\/40 {2}손실 0\.\d{3} {2}퍼플렉서티 /m);
  expect(trained.stderr).toContain("학습할 글자");
  expect(trained.stdout).toContain('--prompt "바다는"');
  const { stdout } = await unroll([
    "generate",
    out,
    "--prompt",
    "바다는 날마다",
    "--length",
    "12",
    "--temperature",
    "0",
  ]);
  expect(stdout).toBe("바다는 날마다 같은 자리에 있었지만");
});

test("the same seed writes the same text, a drawn seed is told", async () => {
  const { file, out } = place();
  await unroll(["train", file, ...small, "--epochs", "1", "--out", out]);
  const first = await unroll(["generate", out, "--length", "50", "--seed", "4"]);
  expect(await unroll(["generate", out, "--length", "50", "--seed", "4"])).toEqual(first);
  expect(first.stderr).toBe("");
  const drawn = await unroll(["generate", out, "--length", "50"]);
  const seed = /^seed (\d+)\n$/.exec(drawn.stderr)?.[1] as string;
  expect((await unroll(["generate", out, "--length", "50", "--seed", seed])).stdout).toBe(drawn.stdout);
  expect((await unroll(["generate", out, "--length", "3"], { tty: true })).stdout).toMatch(/\n$/);
  const own = await unroll(["train", file, ...small.slice(0, -2), "--epochs", "1", "--out", `${out}2`]);
  expect(own.stderr).toMatch(/parameters, seed \d+ \(drawn\)/);
});

test("four epochs are two and two more, in every byte", async () => {
  const { file, out } = place();
  const train = (...rest: string[]) => unroll(["train", ...rest, "--progress", "none"]);
  await train(file, ...small, "--dropout", "0.2", "--epochs", "4", "--out", `${out}-4`);
  await train(file, ...small, "--dropout", "0.2", "--epochs", "2", "--out", `${out}-2`);
  const more = await train("--resume", `${out}-2`, "--epochs", "4");
  expect(more.code).toBe(0);
  expect(more.stderr).toContain("going on after 2 epochs");
  for (const name of ["config.json", "model.safetensors", "resume.safetensors"]) {
    expect(readFileSync(join(`${out}-2`, name)).equals(readFileSync(join(`${out}-4`, name))), name).toBe(true);
  }
  const metrics = (path: string) => readFileSync(join(path, "metrics.jsonl"), "utf8").replace(/,"seconds":[\d.]+/g, "");
  expect(metrics(`${out}-2`)).toBe(metrics(`${out}-4`));
});

test("Ctrl-C finishes the step, saves, and the run goes on as if nothing had been", async () => {
  const { file, out } = place();
  const argv = ["train", file, ...small, "--epochs", "600", "--out", `${out}-a`];
  const stopped = await unroll(argv, { interruptAfter: "Epoch   1/600" });
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toBe("");
  expect(stopped.stderr).toMatch(
    /Stopped after step \d+, in epoch \d+\. Saved in .*-a\. Go on with: npx unroll train --resume .*-a\n$/,
  );
  expect(readdirSync(`${out}-a`).sort()).toEqual(files);
  const step = Number(/after step (\d+)/.exec(stopped.stderr)?.[1]);
  const epochs = String(Math.floor(step / 6) + 2);

  const more = await unroll(["train", file, "--resume", `${out}-a`, "--epochs", epochs, "--progress", "none"]);
  expect(more.code).toBe(0);
  await unroll(["train", file, ...small, "--epochs", epochs, "--out", `${out}-b`, "--progress", "none"]);
  const [a, b] = ["a", "b"].map((name) => readFileSync(join(`${out}-${name}`, "resume.safetensors")));
  expect(a?.equals(b as Buffer)).toBe(true);
});

test("generate stops at Ctrl-C with what it has written", async () => {
  const { file, out } = place();
  await unroll(["train", file, ...small, "--epochs", "1", "--out", out]);
  const argv = ["generate", out, "--prompt", "The", "--length", "1000000", "--seed", "1"];
  const { code, stdout } = await unroll(argv, { interruptAfter: "The" });
  expect(code).toBe(130);
  expect(stdout.length).toBeLessThan(900_000);
});

test("a run that diverges stops with advice; what was good is kept", async () => {
  const { file, out } = place();
  const argv = ["train", file, "--hidden", "8", "--steps", "16", "--seed", "1", "--epochs", "3", "--out", out];
  const { code, stdout, stderr } = await unroll([...argv, "--lr", "10", "--clip", "0"]);
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(
    /error: training diverged at step \d+, in epoch 1: the loss is .*Lower lr, such as 1 instead of 10/,
  );
  expect(stderr).toContain(`What was good last, the beginning, is kept in ${out}`);
  expect((await unroll(["generate", out, "--length", "5", "--seed", "1"])).code).toBe(0);
  expect((await unroll(["train", "--resume", out, "--lr", "0.01", "--progress", "none"])).code).toBe(0);
});

test("a terminal gets a bar, NO_COLOR is respected", async () => {
  const { file, out } = place();
  const argv = ["train", file, ...small, "--epochs", "2", "--out", out, "--sample-every", "0"];
  const { stderr } = await unroll(argv, { tty: true, columns: 100, env: { NO_COLOR: "1" } });
  const drawn = stderr.replaceAll("\r\x1b[2K", "\n");
  expect(drawn).toMatch(/^Epoch 1\/2 ━*╸? +\d+% {2}loss \d/m);
  expect(drawn).not.toContain("\x1b");
  expect(stderr).not.toContain("│");
});

const wrongTexts: [what: string, text: string | Uint8Array, message: string][] = [
  ["an empty text", "", "error: expected a text to learn, got an empty one"],
  ["white space", " \n\n", "got nothing but white space"],
  ["one letter", "a", "expected a text with at least two different characters to learn, got 1 symbols"],
  ["too little for the batch", "abcdefgh", "batch: expected at most"],
  ["no UTF-8", Uint8Array.of(65, 0xff), "text.txt: expected text in UTF-8, got the byte 0xFF at 1, in line 1"],
];
test.each(wrongTexts)("%s is refused and nothing is written", async (_, text, message) => {
  const { file, out } = place(text);
  const { code, stdout, stderr } = await unroll(["train", file, "--batch", "64", "--out", out]);
  expect(code).toBeGreaterThan(0);
  expect(stdout).toBe("");
  expect(stderr).toContain(message);
  expect(stderr.split("\n").length).toBe(2);
  expect(existsSync(out)).toBe(false);
});

test("files and directories that are missing or in the way", async () => {
  const { file, out } = place();
  const fails = async (argv: string[], message: string, code = 1): Promise<void> => {
    const result = await unroll(argv);
    expect([result.code, result.stdout], result.stderr).toEqual([code, ""]);
    expect(result.stderr).toContain(message);
  };
  await fails(["train", `${file}x`], "text.txtx cannot be read: it does not exist");
  await fails(["train", join(file, "..")], "cannot be read: it is a directory");
  await fails(["train", file, "--out", file], "text.txt: expected a directory or nothing, got a file");
  await fails(
    ["train", file, "--out", join(file, "..")],
    "expected an empty directory for the run, got one with 1 other files",
  );
  await fails(["train", "--resume", out], "expected the directory of a run, as training makes it, got nothing");
  await fails(["generate", out], "expected the directory of a run, as training makes it, got nothing");
  mkdirSync(out);
  await fails(["generate", out], "model.safetensors cannot be read: it does not exist");

  await unroll(["train", file, ...small, "--epochs", "1", "--out", out]);
  const before = readFileSync(join(out, "resume.safetensors"));
  await fails(["train", file, ...small, "--epochs", "1", "--out", out], "holds a run already");
  await fails(
    ["train", "--resume", out],
    "has done 1 epoch, 1 were asked for. To go on, say up to which: --epochs 2",
    2,
  );
  await fails(
    ["train", "--resume", out, "--epochs", "2", "--hidden", "5"],
    "hidden: expected 16, as this run was begun with",
    2,
  );
  await fails(["generate", out, "--prompt", "바다"], 'got "바" (U+BC14), which it does not have', 2);
  expect(readFileSync(join(out, "resume.safetensors")).equals(before)).toBe(true);

  writeFileSync(file, `${english}!`);
  await fails(["train", "--resume", out, "--epochs", "2"], "expected the text that the run in");
  rmSync(file);
  await fails(["train", "--resume", out, "--epochs", "2"], `${basename(file)} cannot be read: it does not exist`);
  truncateSync(join(out, "model.safetensors"), 100);
  await fails(["generate", out], "model.safetensors cannot be read: safetensors: expected a header of");
  truncateSync(join(out, "resume.safetensors"), 10);
  await fails(["train", "--resume", out, "--epochs", "2"], "resume.safetensors cannot be read: safetensors:");
});

test("--force replaces a run", async () => {
  const { file, out } = place();
  await unroll(["train", file, ...small, "--epochs", "2", "--out", out]);
  const again = await unroll(["train", file, ...small, "--epochs", "1", "--cell", "rnn", "--out", out, "--force"]);
  expect(again.code).toBe(0);
  expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8")).settings.cell).toBe("rnn");
  expect(readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n").length).toBe(1);
  expect(readdirSync(out).sort()).toEqual(files);
});
