/** A lesson's text in a terminal, and the curve that is drawn while it runs. */
import { terminalCurve } from "@unroll/figures";
import { languages, lessons, parseText } from "@unroll/lessons";
import { expect, test, vi } from "vitest";
import { renderBlock, wrapCode } from "../src/terminal/document.js";
import { startLiveCurve } from "../src/terminal/live-curve.js";
import { textWidth } from "../src/terminal/output.js";
import { Session } from "../src/terminal/session.js";

function terminal(columns: number): { session: Session; written: () => string } {
  let written = "";
  const sink = { isTTY: true, columns, write: (text: string) => (written += text) };
  const host = { stdout: sink, stderr: sink, env: { TERM: "xterm-256color" }, onInterrupt: () => () => {} };
  return { session: new Session(host, "en"), written: () => written };
}

test.each([60, 80, 120])("texts, code and tables of all lessons fit into %i columns", async (columns) => {
  const { session } = terminal(columns);
  for (const lesson of lessons) {
    const texts = await lesson.text();
    for (const block of languages.flatMap((language) => parseText(texts[language]))) {
      // The table of ten seeds needs 67 columns.
      if (columns === 60 && block.type === "table") continue;
      for (const line of renderBlock(session, block)) {
        expect(textWidth(line), `${lesson.id}: ${line}`).toBeLessThanOrEqual(Math.min(columns, 100));
      }
    }
  }
});

test("a line of code goes on further in, and nothing of it is lost", () => {
  const line = "  h = this.relu.forward(this.fc_x2h.forward(xt.unsqueeze(0)).add(this.fc_h2h.forward(h)));";
  const lines = wrapCode(line, 50);
  expect(lines).toEqual([
    "  h = this.relu.forward(this.fc_x2h.forward(",
    "      xt.unsqueeze(0))",
    "      .add(this.fc_h2h.forward(h)));",
  ]);
  expect(wrapCode(line, 76)[1]).toBe("      .add(this.fc_h2h.forward(h)));");
  expect(lines.map((one) => one.trim()).join("")).toBe(line.trim());
  expect(wrapCode("  new nn.Sequential(new nn.Embedding(4, 2), new nn.Flatten(), new nn.Tanh());", 66)[1]).toBe(
    "      new nn.Tanh());",
  );
  expect(wrapCode("const short = 1;", 50)).toEqual(["const short = 1;"]);
  expect(wrapCode("x".repeat(60), 50)).toEqual(["x".repeat(60)]);
});

test("the live curve begins after a while, is drawn again twice a second and goes away", () => {
  vi.useFakeTimers();
  const { session, written } = terminal(60);
  const live = startLiveCurve(session, terminalCurve);
  for (let epoch = 0; epoch < 40; epoch++) {
    vi.advanceTimersByTime(100);
    live.add(epoch, 1 / (epoch + 1), epoch / 40);
    if (epoch === 9) expect(written()).toBe("");
    if (epoch === 30) expect(live.caption("Epoch 30, Loss: 0.0323")).toBe(true);
  }
  live.end();
  vi.useRealTimers();
  const drawings = written().split("└").slice(1);
  expect(drawings).toHaveLength(6);
  expect(written()).toContain("loss");
  expect(written()).toContain("accuracy");
  expect(written()).toMatch(/Epoch 30, Loss: 0\.0323\n[^\n]*[┤│]/);
  // 14 lines of drawing and the caption are taken back.
  expect(written().endsWith("\r\x1b[2K\x1b[15A\x1b[J")).toBe(true);
});

test("there is no live curve without a terminal", () => {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) };
  const host = { stdout: sink, stderr: sink, env: {}, onInterrupt: () => () => {} };
  const live = startLiveCurve(new Session(host, "en"), terminalCurve);
  live.add(0, 1, 1);
  expect(live.caption("a line")).toBe(false);
  live.end();
  expect(written).toEqual([]);
});
