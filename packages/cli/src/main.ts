/**
 * The `unroll` command: finds the verb, loads its file, runs it, turns errors into exit codes.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { reportError, UsageError } from "./terminal/errors.js";
import { exitCodes } from "./terminal/exit-codes.js";
import { helpTitle } from "./terminal/help.js";
import { textWidth } from "./terminal/output.js";
import { attachSession, type Host, type Language, languages, progressModes, Session } from "./terminal/session.js";

export { type Host, nodeHost, type Sink } from "./terminal/session.js";

/** A file in `commands/`: adds one verb to the program. `sessionOf(program)` tells language and streams. */
interface Verb {
  register(program: Command): void;
}

/** Loaded when asked for, so that a verb starts without waiting for what others need. In the order of the help. */
const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  start: () => import("./commands/start.js"),
  lesson: () => import("./commands/lesson.js"),
  train: () => import("./commands/train.js"),
  generate: () => import("./commands/generate.js"),
  engines: () => import("./commands/engines.js"),
};

/**
 * Runs the command line `argv` (without `node` and the script) and returns the exit code: 0 ok, 1 failed, 2 bad usage,
 * 3 training diverged, 130 after Ctrl-C. Never throws.
 */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const session = new Session(host, languageOf(argv, host.env), progressOf(argv));
  try {
    const program = describeProgram(session);
    const named = argv.filter((word) => Object.hasOwn(verbs, word));
    for (const name of Object.keys(verbs)) {
      if (named.length === 0 || named.includes(name)) (await verbs[name]?.())?.register(program);
    }
    await program.parseAsync(argv.length === 0 ? ["help"] : argv, { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return await reportError(error, session);
  }
}

function describeProgram(session: Session): Command {
  const { stdout, stderr } = session.host;
  const program = new Command("unroll");
  attachSession(program, session);
  program
    .description(
      session.say({
        en: "Recurrent neural networks: train them, look inside them, let them write.",
        ko: "순환신경망을 학습시키고, 속을 들여다보고, 글을 쓰게 합니다.",
      }),
    )
    .version(version(), "-V, --version", session.say({ en: "print the version", ko: "버전을 출력합니다" }))
    .helpOption("-h, --help", session.say({ en: "print help", ko: "도움말을 출력합니다" }))
    .helpCommand("help [verb]", session.say({ en: "print help on a verb", ko: "명령의 도움말을 출력합니다" }))
    .addOption(
      new Option("--lang <language>", session.say({ en: "language of texts", ko: "설명의 언어" })).choices(languages),
    )
    .addOption(
      new Option(
        "--progress <kind>",
        session.say({ en: "how progress is shown on stderr", ko: "진행 상황을 표준 오류에 보이는 방법" }),
      )
        .choices(progressModes)
        .default("auto"),
    )
    .option(
      "--engine <name>",
      session.say({
        en: "what does the arithmetic, see `unroll engines` (default: UNROLL_ENGINE, else wasm)",
        ko: "계산 엔진. `unroll engines`로 목록을 봅니다 (기본값: UNROLL_ENGINE, 없으면 wasm)",
      }),
    )
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => session.columns("stdout"),
      getErrHelpWidth: () => session.columns("stderr"),
      getOutHasColors: () => session.colors("stdout") !== "none",
      getErrHasColors: () => session.colors("stderr") !== "none",
    })
    .configureHelp({
      showGlobalOptions: true,
      displayWidth: textWidth,
      styleTitle: (title) => helpTitle(session, title),
    })
    .showHelpAfterError(session.say({ en: "(--help explains)", ko: "(--help로 사용법을 볼 수 있습니다)" }))
    .exitOverride()
    .hook("preAction", async (command) => {
      const engine = command.opts<{ engine?: string }>().engine ?? session.host.env.UNROLL_ENGINE;
      if (engine !== undefined) await useEngine(engine);
    });
  return program;
}

async function useEngine(name: string): Promise<void> {
  const { OptionError, setEngine } = await import("@unroll/core");
  // The engine of a package of its own: it makes itself known when it is loaded.
  if (name === "native") await import("@unroll/native");
  try {
    setEngine(name);
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(error.message);
    throw error;
  }
}

/** Known before parsing, because help is written in it: --lang, UNROLL_LANG, else the system's, else English. */
function languageOf(argv: readonly string[], env: Host["env"]): Language {
  const flag = flagValue(argv, "--lang") ?? env.UNROLL_LANG;
  const system = env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
  const wanted = flag ?? system.slice(0, 2);
  return languages.find((language) => language === wanted) ?? "en";
}

function progressOf(argv: readonly string[]): { progress?: (typeof progressModes)[number] } {
  const mode = progressModes.find((known) => known === flagValue(argv, "--progress"));
  return mode === undefined ? {} : { progress: mode };
}

/** The value of a flag written as `--flag value` or `--flag=value`. */
function flagValue(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = argv[at];
  return word === flag ? argv[at + 1] : word?.slice(flag.length + 1);
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
