/**
 * `unroll engines`: what can do the arithmetic here, and how fast it multiplies matrices.
 *
 * @module
 */
import type { Command } from "commander";
import { examples } from "../terminal/help.js";
import { breathe, type Session, sessionOf } from "../terminal/session.js";

/** Side of the square matrices: large enough that overhead does not count, small enough for the cache. */
const side = 256;
const milliseconds = 300;

export function register(program: Command): void {
  const session = sessionOf(program);
  program
    .command("engines")
    .description(
      session.say({
        en: "list the engines that do the arithmetic, with a measured rate",
        ko: "계산 엔진의 목록과 잰 속도를 보여 줍니다",
      }),
    )
    .addHelpText(
      "after",
      examples(session, [
        ["unroll engines", { en: "list and measure", ko: "목록과 속도" }],
        ["unroll --engine reference start", { en: "use one by name", ko: "이름으로 골라 쓰기" }],
        ["UNROLL_ENGINE=reference unroll start", { en: "the same", ko: "위와 같음" }],
      ]),
    )
    .action(() => listEngines(session));
}

async function listEngines(session: Session): Promise<void> {
  const { engineName, engineNames, setEngine, UnrollError } = await import("@unroll/core");
  const inUse = engineName();
  const { blasInfo } = await import("@unroll/native");
  const names = engineNames();
  const widest = Math.max(...names.map((name) => name.length));
  session.print(
    session.say({
      en: `Multiplying ${side} × ${side} matrices in float32, one thread:`,
      ko: `${side} × ${side} 행렬의 float32 곱셈, 스레드 하나:`,
    }),
  );
  for (const name of names) {
    await breathe();
    const mark = name === inUse ? session.paint("green", "*") : " ";
    try {
      setEngine(name);
    } catch (error) {
      if (!(error instanceof UnrollError)) throw error;
      session.print(`${mark} ${name.padEnd(widest)}  ${error.message}`);
      continue;
    }
    const library = name === "native" ? `  ${blasInfo().version ?? ""}` : "";
    session.print(`${mark} ${name.padEnd(widest)}  ${(await gemmRate()).toFixed(1).padStart(7)} GFLOP/s${library}`);
  }
  setEngine(inUse);
  session.print(
    session.say({
      en: "* is in use. wasm and reference give the same bits; native rounds its sums in another order, within stated bounds.",
      ko: "*가 지금 쓰는 엔진입니다. wasm과 reference의 결과는 비트까지 같고, native는 더하는 순서가 달라 정해진 오차 안에서 다를 수 있습니다.",
    }),
  );
}

/** 10⁹ floating-point operations a second: the best of several products within the time allowed. */
async function gemmRate(): Promise<number> {
  const { Generator, noGrad, rand } = await import("@unroll/core");
  const generator = new Generator().manualSeed(1);
  const [a, b] = [rand([side, side], { generator }), rand([side, side], { generator })];
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + milliseconds;
  do {
    const start = performance.now();
    noGrad(() => a.matmul(b));
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  return (2 * side ** 3) / best / 1e6;
}
