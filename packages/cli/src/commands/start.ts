/**
 * `unroll start`: a first look, in a few seconds. Trains two networks, prints what they expect, draws what they remember.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Learned, NetworkKind } from "../start/learn.js";
import { exitCodes } from "../terminal/exit-codes.js";
import { examples } from "../terminal/help.js";
import { startProgress } from "../terminal/progress.js";
import { breathe, type Session, sessionOf } from "../terminal/session.js";

interface StartFlags {
  readonly seed?: number;
  readonly out: string;
}

export function register(program: Command): void {
  const session = sessionOf(program);
  const { say } = session;
  program
    .command("start")
    .description(
      say({
        en: "a first look: train two networks, see what they remember",
        ko: "첫걸음: 신경망 둘을 학습시키고 무엇을 기억하는지 봅니다",
      }),
    )
    .addOption(
      new Option(
        "--seed <n>",
        say({
          en: "where random numbers begin (default: one with which both succeed)",
          ko: "난수의 시드 (기본값: 둘 다 성공하는 시드)",
        }),
      ).argParser((text) => {
        const seed = Number(text);
        if (text.trim() !== "" && Number.isSafeInteger(seed) && seed >= 0) return seed;
        throw new InvalidArgumentError("Expected a whole number from 0.");
      }),
    )
    .option("--out <directory>", say({ en: "where pictures are written", ko: "그림을 저장할 디렉터리" }), "runs/start")
    .addHelpText(
      "after",
      examples(session, [
        ["unroll start", { en: "about three seconds", ko: "3초쯤 걸립니다" }],
        ["unroll start --seed 9", { en: "other first weights: does it succeed?", ko: "다른 초기 가중치: 성공할까요?" }],
        ["unroll start --lang ko", { en: "in Korean", ko: "한국어로" }],
      ]),
    )
    .action((flags: StartFlags) => start(session, flags));
}

async function start(session: Session, { seed: given, out }: StartFlags): Promise<void> {
  const { say } = session;
  session.print(
    session.paint(
      "bold",
      say({ en: "What comes next in AbAcAdAbAcAd…?", ko: "AbAcAdAbAcAd… 다음에는 무엇이 올까요?" }),
    ),
  );
  session.tell(
    say({
      en: "After A comes b, c or d, in turn. To know which, a network has to remember what came before.",
      ko: "A 다음에는 b, c, d가 번갈아 옵니다. 어느 차례인지 알려면 앞에 온 것을 기억해야 합니다.",
    }),
  );
  const { goodSeed, networks } = await import("../start/learn.js");
  const seed = given ?? goodSeed;
  const written: string[] = [];
  for (const { kind, epochs } of networks) {
    session.print();
    session.tell(
      session.paint("bold", `nn.${kind}(4, 3)`) +
        say({
          en: `: 4 symbols in, 3 hidden units, then nn.Linear(3, 4). ${epochs} epochs of Adam, seed ${seed}`,
          ko: `: 입력 문자 4개, 은닉노드 3개, 그다음 nn.Linear(3, 4). Adam으로 ${epochs} 에폭, 시드 ${seed}`,
        }),
    );
    const learned = await watch(session, kind, epochs, seed);
    if (learned === undefined) return;
    await show(session, kind, learned);
    written.push(...(await draw(kind, learned, out)));
  }
  ending(session, written);
}

/** Trains with a bar. Undefined after Ctrl-C. */
async function watch(session: Session, kind: NetworkKind, epochs: number, seed: number): Promise<Learned | undefined> {
  const { learn } = await import("../start/learn.js");
  const label = session.say({ en: "epoch", ko: "에폭" });
  const progress = startProgress(session, { total: epochs });
  const interrupt = session.watchInterrupt();
  const learning = learn(kind, epochs, seed);
  let breathedAt = performance.now();
  try {
    for (let epoch = 1; ; epoch++) {
      const { done, value } = learning.next();
      if (!done) {
        const count = `${label} ${String(epoch).padStart(3)}/${epochs}`;
        progress.update(epoch, `${session.say({ en: "loss", ko: "손실" })} ${value.toFixed(4)}`, count);
        if (performance.now() - breathedAt < 25) continue;
      }
      await breathe();
      breathedAt = performance.now();
      if (interrupt.requested) {
        session.exitCode = exitCodes.interrupted;
        return undefined;
      }
      if (done) return value;
    }
  } finally {
    progress.end();
    interrupt.stop();
  }
}

async function show(session: Session, kind: NetworkKind, learned: Learned): Promise<void> {
  const { say } = session;
  const { loss, yhat, accuracy } = learned;
  session.tell(
    say({
      en: `loss ${loss.toFixed(4)}. The probabilities of A, b, c, d after each of the 299 symbols read:`,
      ko: `손실 ${loss.toFixed(4)}. 글자 299개를 하나씩 읽은 뒤 A, b, c, d가 올 확률:`,
    }),
  );
  session.print(String(yhat));
  session.tell(accuracy > 0.99 ? succeeded(session, kind) : failed(session, accuracy));
  const { terminalHeatmap } = await import("@unroll/figures");
  const { heatMap } = await import("../start/picture.js");
  session.print();
  session.print(
    terminalHeatmap(heatMap(kind, learned), {
      color: session.drawingColors("stdout"),
      width: session.textColumns(),
    }),
  );
}

function succeeded(session: Session, kind: NetworkKind): string {
  return kind === "RNN"
    ? session.say({
        en: "Every second row is sure of A; the rows between are sure of b, c and d in turn, though all three have just read A: the three hidden units remember.",
        ko: "한 줄 걸러 A가 확실하고, 그 사이 줄들은 똑같이 방금 A를 읽고도 b, c, d를 차례로 맞힙니다. 은닉노드 3개가 앞을 기억하는 것입니다.",
      })
    : session.say({
        en: "The LSTM finds the same answer; compare the three columns left of the line: it remembers in its own way.",
        ko: "LSTM도 같은 답을 찾습니다. 선 왼쪽의 세 열을 견주어 보세요. 기억하는 방식은 저마다 다릅니다.",
      });
}

const failed = (session: Session, accuracy: number): string =>
  session.say({
    en: `With this seed it does not succeed: ${(100 * accuracy).toFixed(1)}% right. That happens, in PyTorch too; another --seed may do better.`,
    ko: `이 시드로는 성공하지 못했습니다: 정답률 ${(100 * accuracy).toFixed(1)}%. PyTorch에서도 생기는 일이며, 다른 --seed로는 될 수 있습니다.`,
  });

async function draw(kind: NetworkKind, learned: Learned, folder: string): Promise<string[]> {
  const { writeFigure } = await import("@unroll/figures/png");
  const { heatMap } = await import("../start/picture.js");
  const figure = heatMap(kind, learned);
  const name = `${folder}/${kind.toLowerCase()}`;
  return [await writeFigure(`${name}.svg`, figure), await writeFigure(`${name}.png`, figure)];
}

function ending(session: Session, written: readonly string[]): void {
  const { say } = session;
  session.print();
  session.tell(say({ en: `Pictures: ${written.join("  ")}`, ko: `그림: ${written.join("  ")}` }));
  session.print();
  session.print(session.paint("bold", say({ en: "Try next", ko: "다음에 해 볼 것" })));
  const next: readonly (readonly [string, string])[] = [
    ["npx unroll lesson", say({ en: "the lessons, from one hidden unit on", ko: "은닉노드 하나부터 시작하는 레슨" })],
    ["npx unroll train LICENSE", say({ en: "learn a text of your own choice", ko: "원하는 글을 학습하기" })],
    ["npx unroll start --seed 9", say({ en: "other first weights", ko: "다른 초기 가중치" })],
  ];
  for (const [command, meaning] of next) session.print(`  ${command.padEnd(27)}${session.paint("dim", meaning)}`);
}
