/**
 * `unroll train FILE`: learns a text, symbol by symbol.
 *
 * @module
 */
import { type SettingsInput, settingsTable } from "@unroll/run";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../terminal/errors.js";
import { addFlags, flagsOf } from "../terminal/flags.js";
import { examples } from "../terminal/help.js";
import { type Session, sessionOf } from "../terminal/session.js";

interface TrainFlags extends Readonly<Record<string, unknown>> {
  readonly out?: string;
  readonly resume?: string;
  readonly force?: boolean;
  readonly sampleEvery?: number;
}

export function register(program: Command): void {
  const session = sessionOf(program);
  const { say } = session;
  const command = program
    .command("train")
    .argument("[file]", say({ en: "a text in UTF-8, in any language", ko: "UTF-8로 된 글. 어느 언어든 좋습니다" }))
    .description(say({ en: "learn a text, then write like it", ko: "글을 학습하여 비슷한 글을 쓰게 합니다" }));
  addFlags(command, session, settingsTable, { seed: { en: "drawn, and printed", ko: "무작위로 정하고 출력함" } });
  command
    .option(
      "--out <directory>",
      say({ en: "where the run is kept (default: runs/NAME)", ko: "저장할 디렉터리 (기본값: runs/이름)" }),
    )
    .option("--resume <directory>", say({ en: "go on with the run kept there", ko: "저장된 학습을 이어서 합니다" }))
    .option("--force", say({ en: "replace a run that is kept there", ko: "그 자리에 저장된 학습을 새것으로 바꿉니다" }))
    .addOption(
      new Option(
        "--sample-every <n>",
        say({
          en: "epochs between samples; 0: none (default: about five samples in all)",
          ko: "쓴 글을 보여 주는 에폭 간격. 0이면 없음 (기본값: 모두 다섯 번쯤)",
        }),
      ).argParser(wholeNumber),
    )
    .addHelpText(
      "after",
      examples(session, [
        ["unroll train book.txt", { en: "learn it, keep the run in runs/book", ko: "학습하여 runs/book에 저장" }],
        ["unroll train book.txt --cell gru --hidden 256 --layers 2", { en: "a larger network", ko: "더 큰 신경망" }],
        [
          "unroll train book.txt --epochs 5 --seed 1 --out runs/a",
          { en: "the same bits at every call", ko: "실행할 때마다 비트까지 같은 결과" },
        ],
        ["unroll train --resume runs/a --epochs 10", { en: "five epochs more", ko: "다섯 에폭 더" }],
      ]),
    )
    .action((file: string | undefined, flags: TrainFlags) => trainText(session, file, flags));
}

function wholeNumber(text: string): number {
  const n = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(n) || n < 0) {
    throw new InvalidArgumentError("Expected a whole number from 0.");
  }
  return n;
}

async function trainText(session: Session, file: string | undefined, flags: TrainFlags): Promise<void> {
  const given = flagsOf(settingsTable, flags) as SettingsInput;
  const { resume, out, force } = flags;
  if (resume !== undefined && (out !== undefined || force)) {
    throw new UsageError(
      `--resume goes on in the run's own directory; expected it without ${out !== undefined ? "--out" : "--force"}`,
    );
  }
  const { begin, goOn } = await import("../training/job.js");
  const job =
    resume !== undefined
      ? await goOn(file, resume, given)
      : await begin(required(file), given, { ...(out !== undefined && { out }), force: force ?? false });
  const { heading } = await import("../training/report.js");
  for (const line of heading(session, job)) session.note(line);
  const { trainVisibly } = await import("../training/loop.js");
  await trainVisibly(session, job, flags.sampleEvery);
}

function required(file: string | undefined): string {
  if (file !== undefined) return file;
  throw new UsageError("train: expected a text file to learn, got none. For example: unroll train book.txt");
}
