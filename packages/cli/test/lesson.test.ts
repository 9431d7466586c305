import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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
    expect(textWidth(line), line).toBeLessThanOrEqual(60);
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
  const { code, stderr } = await unroll(["lesson", "10", "--out", out], { tty: true, interruptAfter: "ETA" });
  expect([code, stderr.endsWith("Stopped before the end; nothing was saved.\n")]).toEqual([130, true]);
  expect(existsSync(out)).toBe(false);
});

test("in a narrow terminal the list has a line for each lesson", async () => {
  const { textWidth } = await import("../src/terminal/output.js");
  for (const columns of [40, 60, 100]) {
    for (const lang of ["en", "ko"]) {
      const { stdout } = await unroll(["lesson", "--lang", lang], { tty: true, columns, env: { NO_COLOR: "1" } });
      const lines = stdout.split("\n").filter((line) => /^\d\d {2}/.test(line));
      expect(lines).toHaveLength(17);
      for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
  }
});

test.each(["06", "08", "10", "13", "14"])("lesson %s --json is numbers by name", async (number) => {
  const { code, stdout } = await unroll(["lesson", number, "--json", "--lang", "ko"]);
  const { lesson, losses, tensors } = JSON.parse(stdout);
  expect([code, lesson, stdout.split("\n").length]).toEqual([0, number, 2]);
  const numbers = [losses, ...Object.values(tensors)].flat(Number.POSITIVE_INFINITY);
  expect(numbers.every(Number.isFinite)).toBe(true);
});

test("curves and gates are drawn in the terminal, numbers are written into cells", async () => {
  const out = join(temporaryDirectory(), "figures");
  const { stdout } = await unroll(["lesson", "02", "--out", out]);
  expect(stdout).toContain("• a   × b   o c   + d");
  expect(stdout).toMatch(/h\(a\) +h\(b\) +h\(d\) +h\(c\)/);
  expect((await unroll(["lesson", "10", "--out", out])).stdout).toMatch(/\n {2}f\n1 [\s\S]*\n {2}c\n1 /);
  expect((await unroll(["lesson", "13", "--out", out])).stdout).toContain("a 0.00 0.00 0.00 0.00 1.00");
});

test("a folder that cannot be is refused before the training, and without the usual one the lesson goes on", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, "runs");
  writeFileSync(file, "");
  const refused = await unroll(["lesson", "12", "--out", join(file, "a")]);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    `error: --out: expected a folder, got ${join(file, "a")}: ${file} is a file\n`,
  ]);
  const before = process.cwd();
  process.chdir(directory);
  try {
    const { code, stdout, stderr } = await unroll(["lesson", "13", "--lang", "ko"]);
    expect(code).toBe(0);
    expect(stdout).toContain("pple!");
    expect(stdout).not.toContain("그림: ");
    expect(stderr).toContain("그림을 저장하지 않습니다");
  } finally {
    process.chdir(before);
  }
});
