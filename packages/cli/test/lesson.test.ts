import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, unroll } from "./program.js";

test("lesson lists all lessons, a line each, in both languages", async () => {
  const { code, stdout } = await unroll(["lesson"]);
  expect(code).toBe(0);
  const lines = stdout.split("\n").filter((line) => /^\d\d {2}/.test(line));
  expect(lines.length).toBeGreaterThanOrEqual(12);
  expect(lines[0]).toMatch(/^01 {2}abc: one hidden unit, a forced success {2,}A network without memory/);
  expect((await unroll(["lesson", "--lang", "ko"])).stdout).toMatch(
    /^01 {2}abc: 은닉노드 하나, 억지로 성공 {2,}기억이 없는/,
  );
});

test("lesson --json lists them for other programs, with the tensors that each returns", async () => {
  const { stdout } = await unroll(["lesson", "--json"]);
  const list = JSON.parse(stdout);
  expect(list[0]).toMatchObject({ lesson: "01", slug: "abc", seed: 43052, tensors: { hidden: "(9, 1)" } });
});

test("lesson NN --json is one JSON object on stdout and writes nothing", async () => {
  const { code, stdout, stderr } = await unroll(["lesson", "12", "--json"]);
  expect([code, stdout.split("\n").length]).toEqual([0, 2]);
  const result = JSON.parse(stdout);
  expect(Object.keys(result)).toEqual(["lesson", "seed", "losses", "tensors"]);
  expect([result.lesson, result.seed, result.losses.length]).toEqual(["12", 43052, 1]);
  const [[h1, h2]] = result.tensors.hL;
  const [[c1, c2]] = result.tensors.cL;
  expect([h1, h2, c1, c2].map((value) => value.toFixed(4))).toEqual(["0.1745", "0.1610", "0.2894", "0.4533"]);
  expect(stderr).toContain("loss 1.4556");
});

test("lesson NN shows the text, trains, prints tables, draws and saves figures", async () => {
  const out = join(temporaryDirectory(), "figures");
  const { code, stdout, stderr } = await unroll(["lesson", "1", "--out", out]);
  expect(code).toBe(0);
  expect(stdout.indexOf("The shortest text worth learning")).toBeLessThan(stdout.indexOf("tensor([[-0.0147]"));
  expect(stdout).toContain("tensor([[-4.6804,  0.3071,  5.2894]])");
  expect(stdout).toContain("y = a?      y = c?");
  expect(stdout).not.toContain("\x1b");
  expect(stdout).not.toContain("<!--");
  expect(readdirSync(out).sort()).toEqual([
    "straight.png",
    "straight.svg",
    "vis1.png",
    "vis1.svg",
    "vis2.png",
    "vis2.svg",
  ]);
  expect(readFileSync(join(out, "vis2.svg"), "utf8")).toContain("<svg");
  expect(stdout).toContain(join(out, "vis2.svg"));
  expect(stderr).toContain("loss 0.1098");
});

test("lines are no longer than the terminal, colours and Korean included", async () => {
  const out = join(temporaryDirectory(), "figures");
  const { stdout } = await unroll(["lesson", "12", "--lang", "ko", "--out", out], {
    tty: true,
    columns: 60,
    env: { TERM: "xterm-256color" },
  });
  expect(stdout).toContain("모듈 둘, 가중치 한 벌");
  expect(stdout).toContain("\x1b[");
  const { textWidth } = await import("../src/terminal/output.js");
  for (const line of stdout.split("\n")) {
    if (!line.startsWith(" ") && !line.startsWith("\x1b[2m그림")) expect(textWidth(line), line).toBeLessThanOrEqual(60);
  }
});

test("--seed changes the numbers", async () => {
  const { stdout } = await unroll(["lesson", "12", "--json", "--seed", "1"]);
  expect(JSON.parse(stdout).seed).toBe(1);
  expect(JSON.parse(stdout).losses[0]).not.toBeCloseTo(1.4556, 3);
});

test.each([
  [["lesson", "99"], /expected the number of a lesson, got '99'. There are:\n {2}01 {2}abc/],
  [["lesson", "99", "--lang", "ko"], /'99' 이\(가\) 왔습니다/],
  [["lesson", "01", "--seed", "x"], /--seed: expected a whole number of at least 0, got 'x'/],
  [["lesson", "--seed", "1"], /--seed needs a lesson to run: unroll lesson 01 --seed/],
  [["lesson", "01", "--sed", "1"], /unknown option '--sed'/],
])("%j is refused", async (argv, message) => {
  const { code, stdout, stderr } = await unroll(argv);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
});

test("Ctrl-C ends a lesson without figures", async () => {
  const out = join(temporaryDirectory(), "figures");
  const { code } = await unroll(["lesson", "10", "--out", out], { tty: true, interruptAfter: "ETA" });
  expect(code).toBe(130);
  expect(existsSync(out)).toBe(false);
});

test("a long training is drawn while it runs, and the drawing is taken away", async () => {
  const out = join(temporaryDirectory(), "figures");
  const { stderr } = await unroll(["lesson", "05", "--fast", "--out", out], { tty: true, env: { TERM: "xterm" } });
  const drawings = stderr.split("└").length - 1;
  expect(drawings).toBeGreaterThanOrEqual(0);
  expect(stderr.endsWith("\x1b[J") || stderr.endsWith("\x1b[2K")).toBe(true);
});
