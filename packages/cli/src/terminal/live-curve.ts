/**
 * Loss and accuracy drawn while they come in, above the progress bar.
 *
 * @module
 */
import type { terminalCurve } from "@unroll/figures";
import type { Session } from "./session.js";

/** What is over sooner needs no curve. */
const firstAfter = 1500;
const drawEvery = 500;
const height = 14;
/** More points than that are thinned out: a terminal has fewer columns. */
const mostPoints = 400;

export interface LiveCurve {
  /** Takes a point in; draws at most twice a second. */
  add(epoch: number, loss: number | undefined, accuracy: number | undefined): void;
  /** A line that stands above the curve until the next. False when there is no terminal to keep it in place. */
  caption(line: string): boolean;
  /** Begins anew, for another network. */
  clear(): void;
  /** Takes the drawing away. */
  end(): void;
}

/** A drawing on stderr; does nothing unless that is a terminal with a progress bar. */
export function startLiveCurve(session: Session, draw: typeof terminalCurve): LiveCurve {
  const { stderr } = session.host;
  if (stderr.isTTY !== true || !["auto", "bar"].includes(session.progress)) {
    return { add: () => {}, caption: () => false, clear: () => {}, end: () => {} };
  }
  const names = {
    loss: session.say({ en: "loss", ko: "손실" }),
    accuracy: session.say({ en: "accuracy", ko: "정확도" }),
  };
  let epochs: number[] = [];
  let losses: number[] = [];
  let accuracies: number[] = [];
  let stride = 1;
  let line = "";
  let drawnAt = performance.now() + firstAfter - drawEvery;
  let lines = 0;

  const erase = (): void => {
    if (lines > 0) stderr.write(`\r\x1b[2K\x1b[${lines}A\x1b[J`);
    lines = 0;
  };
  const clear = (): void => {
    [epochs, losses, accuracies, stride, line] = [[], [], [], 1, ""];
  };
  return {
    clear,
    add(epoch, loss, accuracy) {
      if (loss === undefined && accuracy === undefined) return;
      if (epoch % stride === 0) {
        epochs.push(epoch);
        losses.push(loss ?? Number.NaN);
        accuracies.push(accuracy ?? Number.NaN);
      }
      if (epochs.length > mostPoints) {
        stride *= 2;
        [epochs, losses, accuracies] = [epochs, losses, accuracies].map((list) =>
          list.filter((_, i) => i % 2 === 0),
        ) as [number[], number[], number[]];
      }
      const now = performance.now();
      if (now - drawnAt < drawEvery || epochs.length < 2) return;
      drawnAt = now;
      const curves = {
        ...(losses.some(Number.isFinite) && { [names.loss]: { x: epochs, y: losses } }),
        ...(accuracies.some(Number.isFinite) && { [names.accuracy]: { x: epochs, y: accuracies } }),
      };
      const width = Math.min(72, session.columns("stderr") - 1);
      const drawing = draw(curves, { width, height, color: session.drawingColors("stderr") });
      const block = line === "" ? drawing : `${line}\n${drawing}`;
      erase();
      stderr.write(`\r\x1b[2K${block}\n`);
      lines = block.split("\n").length;
    },
    caption(text) {
      line = text;
      return true;
    },
    end: erase,
  };
}
