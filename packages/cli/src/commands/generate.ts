/**
 * `unroll generate DIR`: lets a network write. The text goes to stdout as it comes, and nothing else does.
 *
 * @module
 */
import { type SampleOptions, sampleTable } from "@unroll/run";
import type { Command } from "commander";
import { exitCodes } from "../terminal/exit-codes.js";
import { addFlags, flagsOf } from "../terminal/flags.js";
import { examples } from "../terminal/help.js";
import { breathe, type Session, sessionOf } from "../terminal/session.js";

export function register(program: Command): void {
  const session = sessionOf(program);
  const { say } = session;
  const command = program
    .command("generate")
    .argument("<directory>", say({ en: "a run that `unroll train` made", ko: "`unroll train`이 만든 디렉터리" }))
    .description(say({ en: "write a text with a network that was trained", ko: "학습된 신경망으로 글을 씁니다" }));
  addFlags(command, session, sampleTable, { seed: { en: "drawn, and printed", ko: "무작위로 정하고 출력함" } });
  command
    .addHelpText(
      "after",
      examples(session, [
        ["unroll generate runs/book", { en: "500 symbols", ko: "기호 500개" }],
        [
          'unroll generate runs/book --prompt "Once" --temperature 0.7',
          { en: "goes on from a beginning, carefully", ko: "첫머리를 주고 조심스럽게" },
        ],
        [
          "unroll generate runs/book --temperature 0",
          { en: "always the likeliest symbol", ko: "늘 가장 그럴듯한 기호" },
        ],
        ["unroll generate runs/book --seed 1 > text.txt", { en: "the same text each time", ko: "매번 같은 글" }],
      ]),
    )
    .action((directory: string, flags: Readonly<Record<string, unknown>>) => generate(session, directory, flags));
}

async function generate(session: Session, directory: string, flags: Readonly<Record<string, unknown>>): Promise<void> {
  const { sample } = await import("@unroll/run");
  const { loadModel } = await import("@unroll/run/node");
  const given = flagsOf(sampleTable, flags) as SampleOptions;
  const model = await loadModel(directory);
  const seed = given.seed ?? (await drawSeed());
  const interrupt = session.watchInterrupt();
  let breathedAt = performance.now();
  let ended = "";
  try {
    for (const piece of sample(model, { ...given, seed })) {
      session.host.stdout.write(piece);
      ended = piece;
      if (performance.now() - breathedAt < 20) continue;
      await breathe();
      breathedAt = performance.now();
      if (interrupt.requested) break;
    }
  } finally {
    interrupt.stop();
  }
  if (session.host.stdout.isTTY === true && !ended.endsWith("\n")) session.print();
  if (interrupt.requested) session.exitCode = exitCodes.interrupted;
  // Without it a text that was liked could not be had again.
  if (given.seed === undefined && given.temperature !== 0) {
    session.note(session.paint("dim", session.say({ en: `seed ${seed}`, ko: `시드 ${seed}` }), "stderr"));
  }
}

async function drawSeed(): Promise<number> {
  const { randomInt } = await import("node:crypto");
  return randomInt(2 ** 31);
}
