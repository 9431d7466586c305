/**
 * What a verb knows of the outside world: where it prints, in which language, whether Ctrl-C was pressed.
 *
 * @module
 */
import type { Command } from "commander";
import { exitCodes } from "./exit-codes.js";
import { type ColorMode, colorMode, paint, type Sink, type Style, wrapWords } from "./output.js";

export type { Sink } from "./output.js";

/** The outside world itself; tests give another. */
export interface Host {
  /** For results. */
  readonly stdout: Sink;
  /** For progress and remarks. */
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `listener` at each Ctrl-C until the function returned is called. */
  onInterrupt(listener: () => void): () => void;
}

export const languages = ["en", "ko"] as const;
export type Language = (typeof languages)[number];

/** One text in every language. */
export type Text = { readonly [L in Language]: string };

export const progressModes = ["auto", "bar", "plain", "none"] as const;
/** `auto` draws a bar in a terminal and prints plain lines to files and pipes. */
export type ProgressMode = (typeof progressModes)[number];

/** One call of the program. */
export class Session {
  /** What the process ends with unless an error decides. */
  exitCode: number = exitCodes.ok;
  readonly progress: ProgressMode;

  constructor(
    readonly host: Host,
    readonly language: Language,
    options: { readonly progress?: ProgressMode } = {},
  ) {
    this.progress = options.progress ?? "auto";
  }

  /** The text in the language of this session. */
  readonly say = (text: Text): string => text[this.language];

  /** A line of results, on stdout. */
  print(line = ""): void {
    this.host.stdout.write(`${line}\n`);
  }

  /** A sentence on stdout, in lines that are not too long. */
  tell(text: string): void {
    for (const line of wrapWords(text, this.textColumns())) this.print(line);
  }

  /** A line of remarks, on stderr, where it does not mix with results. */
  note(line = ""): void {
    this.host.stderr.write(`${line}\n`);
  }

  /** How many colours a stream shows: none for files, pipes and NO_COLOR. */
  colors(stream: "stdout" | "stderr"): ColorMode {
    return colorMode(this.host[stream], this.host.env);
  }

  /** The same for drawings, which need more than 16: terminals that say they have those understand 256. */
  drawingColors(stream: "stdout" | "stderr"): "none" | "256" | "truecolor" {
    const mode = this.colors(stream);
    return mode === "16" ? "256" : mode;
  }

  /** The text in a style, or plain where the stream has no colours. */
  paint(style: Style, text: string, stream: "stdout" | "stderr" = "stdout"): string {
    return this.colors(stream) === "none" ? text : paint(style, text);
  }

  /** Columns of a terminal; 80 where there is none. */
  columns(stream: "stdout" | "stderr"): number {
    const columns = this.host[stream].columns;
    return columns !== undefined && columns > 0 ? columns : 80;
  }

  /** Columns of a text: not wider than what is easy to read. */
  textColumns(stream: "stdout" | "stderr" = "stdout"): number {
    return Math.min(this.columns(stream), 100);
  }

  /** Watches for Ctrl-C from here on; `stop()` gives the key back to the system. */
  watchInterrupt(): { readonly requested: boolean; stop(): void } {
    let requested = false;
    const stop = this.host.onInterrupt(() => {
      requested = true;
    });
    return {
      get requested() {
        return requested;
      },
      stop,
    };
  }
}

const sessions = new WeakMap<Command, Session>();

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

export function attachSession(program: Command, session: Session): void {
  sessions.set(program, session);
}

/** The session that a command belongs to: the verb's own `Command`, or the program that `register` is given. */
export function sessionOf(command: Command): Session {
  const session = sessions.get(rootOf(command));
  if (session === undefined) throw new Error("no session was attached to the program");
  return session;
}

/** Lets the process look after signals and streams; long loops call it between steps. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The process that runs this. A second Ctrl-C ends it at once; a reader of results that goes away (`| head`) ends it quietly, without
 * a reader of remarks it goes on.
 */
export function nodeHost(): Host {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
    throw error;
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt(listener) {
      let presses = 0;
      const handle = (): void => {
        presses += 1;
        if (presses > 1) process.exit(exitCodes.interrupted);
        listener();
      };
      process.on("SIGINT", handle);
      return () => process.off("SIGINT", handle);
    },
  };
}
