import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, unroll } from "./program.js";

test("start trains both networks, prints their tables and draws what they remember", async () => {
  const out = join(temporaryDirectory(), "start");
  const { code, stdout, stderr } = await unroll(["start", "--out", out]);
  expect(code).toBe(0);
  const tables = stdout.match(/^tensor\(\[\[(?:.|\n)*?\]\]\)$/gm) as string[];
  expect(tables.length).toBe(2);
  for (const table of tables) {
    // Seven lines: three rows, dots, three rows, as PyTorch prints 299 rows. The first has read A and expects b.
    expect(table.split("\n").length).toBe(7);
    expect(table.split("\n")[3]).toBe("        ...,");
    const [A, b, c, d] = (/\[\[(.*?)\]/.exec(table)?.[1] ?? "").split(", ").map(Number) as [
      number,
      number,
      number,
      number,
    ];
    expect(A + b + c + d).toBeCloseTo(1, 3);
    expect(b).toBeGreaterThan(0.9);
  }
  expect(stdout).toContain("the three hidden units remember");
  expect(stdout.match(/h₁ +h₂ +h₃ +P_A P_b P_c P_d/g)?.length).toBe(2);
  expect(stdout).toContain("npx unroll lesson");
  expect(stderr).toContain("epoch 200/200 100%  loss 0.00");
  expect(stderr).toContain("epoch 500/500 100%  loss 0.00");
  for (const name of ["rnn", "lstm"]) {
    expect(readFileSync(join(out, `${name}.svg`), "utf8")).toContain("<svg");
    expect(
      readFileSync(join(out, `${name}.png`))
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
  }
});

test("start speaks Korean, and says when a seed does not succeed", async () => {
  const out = join(temporaryDirectory(), "start");
  const { code, stdout } = await unroll(["start", "--out", out, "--lang", "ko", "--seed", "9", "--progress", "none"]);
  expect(code).toBe(0);
  expect(stdout).toContain("다음에는 무엇이 올까요?");
  expect(stdout).toMatch(/이 시드로는 성공하지 못했습니다: 정답률 \d\d\.\d%/);
});

test("start stops at Ctrl-C without pictures", async () => {
  const out = join(temporaryDirectory(), "start");
  const { code } = await unroll(["start", "--out", out], { tty: true, interruptAfter: "loss" });
  expect(code).toBe(130);
  expect(existsSync(out)).toBe(false);
});

test("what the system refuses is said in one line", async () => {
  const file = join(temporaryDirectory(), "file");
  writeFileSync(file, "");
  const { code, stderr } = await unroll(["start", "--out", join(file, "start"), "--progress", "none"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: E\w+: .*file.*\n$/);
});
