import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unroll } from "./program.js";

const verbs = ["start", "lesson", "train", "generate", "engines"];

test("without a verb, and with --help, the verbs are listed", async () => {
  for (const argv of [[], ["--help"], ["help"], ["-h"]]) {
    const { code, stdout, stderr } = await unroll(argv);
    expect([code, stderr]).toEqual([0, ""]);
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, "m"));
  }
});

test.each(verbs)("%s --help has examples, in English and in Korean", async (verb) => {
  const english = await unroll([verb, "--help"]);
  expect(english).toMatchObject({ code: 0, stderr: "" });
  expect(english.stdout).toContain(`Usage: unroll ${verb}`);
  expect(english.stdout).toMatch(new RegExp(`Examples:\n {2}unroll ${verb}`));
  const korean = await unroll([verb, "--help", "--lang", "ko"]);
  expect(korean).toMatchObject({ code: 0, stderr: "" });
  expect(korean.stdout).toContain(`사용법: unroll ${verb}`);
  expect(korean.stdout).toContain("예:\n");
  expect((await unroll(["help", verb])).stdout).toBe(english.stdout);
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(await unroll(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("the language is that of --lang, UNROLL_LANG, the system, in this order", async () => {
  const isKorean = async (argv: string[], env: Record<string, string>): Promise<boolean> =>
    (await unroll(argv, { env })).stdout.includes("사용법:");
  expect(await isKorean([], {})).toBe(false);
  expect(await isKorean([], { LANG: "ko_KR.UTF-8" })).toBe(true);
  expect(await isKorean([], { LANG: "ko_KR.UTF-8", UNROLL_LANG: "en" })).toBe(false);
  expect(await isKorean(["--help", "--lang=ko"], { UNROLL_LANG: "en" })).toBe(true);
  expect(await isKorean([], { LANG: "de_DE.UTF-8" })).toBe(false);
});

const refused: [argv: string[], message: string][] = [
  [["trian"], "error: unknown command 'trian'\n(Did you mean train?)"],
  [["dance"], "error: unknown command 'dance'"],
  [["--colour"], "error: unknown option '--colour'"],
  [["train", "x.txt", "--hiden", "3"], "error: unknown option '--hiden'\n(Did you mean --hidden?)"],
  [["train", "x.txt", "--hidden"], "error: option '--hidden <n>' argument missing"],
  [["train", "x.txt", "--hidden", "many"], "argument 'many' is invalid. Expected a whole number from 1 to 16384."],
  [["train", "x.txt", "--hidden", ""], "argument '' is invalid. Expected a whole number from 1 to 16384."],
  [["train", "x.txt", "--cell", "LSTM"], "argument 'LSTM' is invalid. Expected one of rnn, gru, lstm."],
  [["train", "x.txt", "--val", "1"], "option '--val <n>' argument '1' is invalid. Expected a number from 0 to 0.9."],
  [["train", "x.txt", "--sample-every", "-1"], "argument '-1' is invalid. Expected a whole number from 0."],
  [["train", "x.txt", "y.txt"], "error: too many arguments"],
  [["train"], "error: train: expected a text file to learn, got none. For example: unroll train book.txt"],
  [
    ["train", "--resume", "runs/x", "--out", "runs/y"],
    "--resume goes on in the run's own directory; expected it without --out",
  ],
  [["train", "--resume", "runs/x", "--force"], "expected it without --force"],
  [["generate"], "error: missing required argument 'directory'"],
  [["generate", "runs/x", "--temperature", "hot"], "argument 'hot' is invalid. Expected a number from 0 to 100."],
  [["generate", "runs/x", "--topk", "3"], "error: unknown option '--topk'\n(Did you mean --top-k?)"],
  [["generate", "runs/x", "--length", "1.5"], "Expected a whole number from 0 to 100000000."],
  [["start", "--seed", "x"], "option '--seed <n>' argument 'x' is invalid. Expected a whole number from 0."],
  [["start", "--lang", "fr"], "option '--lang <language>' argument 'fr' is invalid. Allowed choices are en, ko."],
  [["start", "--progress", "loud"], "Allowed choices are auto, bar, plain, none."],
  [
    ["engines", "--engine", "wsam"],
    "expected the name of an engine out of wasm, reference, relaxed, got \"wsam\". Did you mean 'wasm'?",
  ],
];
test.each(refused)("%o is bad usage", async (argv, message) => {
  const { code, stdout, stderr } = await unroll(argv);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
});

test("an engine that UNROLL_ENGINE names wrongly is bad usage too", async () => {
  const { code, stderr } = await unroll(["engines"], { env: { UNROLL_ENGINE: "abacus" } });
  expect(code).toBe(2);
  expect(stderr).toContain('got "abacus"');
});

test("help is as wide as the terminal and coloured only there", async () => {
  const wide = await unroll(["train", "--help"], { tty: true, columns: 160 });
  expect(wide.stdout).toContain("\x1b[1mUsage:\x1b[22m");
  expect(wide.stdout).toMatch(/^ {2}--hidden <n> .*\(default: 128\)$/m);
  expect((await unroll(["train", "--help"])).stdout).not.toContain("\x1b");
});

test("engines lists those there are with a rate and marks the one in use", async () => {
  const { code, stdout } = await unroll(["engines", "--engine", "reference"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}wasm +\d+\.\d GFLOP\/s$/m);
  expect(stdout).toMatch(/^\* reference +\d+\.\d GFLOP\/s$/m);
  expect((await unroll(["engines", "--engine", "wasm"])).stdout).toMatch(/^\* wasm/m);
});
