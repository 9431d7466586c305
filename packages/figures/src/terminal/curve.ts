/**
 * Curves in a terminal.
 *
 * @module
 */
import { type CurveGroup, type NamedCurve, readCurves } from "../curves.js";
import { checkOptions, describe, FigureError } from "../errors.js";
import { extent, finiteOption } from "../input.js";
import { booleanOption, limitsOption, textOption } from "../options.js";
import { cycleColor } from "../plot/colors.js";
import { shortNumber } from "../plot/draw.js";
import { givenTicks, linearTicks, type TicksOption } from "../plot/ticks.js";
import { plainLabel } from "../text/mathtext.js";
import { colorDepth, displayWidth, fitTo, inked, type TerminalColor } from "./text.js";

export interface TerminalCurveOptions {
  /** Columns and lines of the whole drawing; 72 × 16 unless said otherwise. */
  width?: number;
  height?: number;
  color?: TerminalColor;
  title?: string;
  xlabel?: string;
  ylim?: readonly [number, number];
  /** A logarithmic axis. */
  log?: boolean;
  /** Horizontal lines, such as a chance level. */
  hlines?: readonly number[];
  vlines?: readonly number[];
  /** Labels below the axis, instead of the first and the last position. */
  xticks?: TicksOption;
}

const KNOWN = ["width", "height", "color", "title", "xlabel", "ylim", "log", "hlines", "vlines", "xticks"];

/** Marks that tell curves apart without colour. */
const MARKS = ["•", "×", "o", "+", "*", "#", "@", "%"];

/**
 * Draws one or several curves. In colour, or with one curve, in Braille dots (two across and four down in each character);
 * several curves without colour each have a mark of their own.
 *
 * @returns lines joined by `\n`, without one at the end
 * @throws FigureError for empty or all-missing curves, unknown options, a size too small to draw in
 */
export function terminalCurve(curves: CurveGroup, options: TerminalCurveOptions = {}): string {
  const where = "terminalCurve";
  checkOptions(where, options, KNOWN);
  const depth = colorDepth(where, options.color);
  const log = booleanOption(`${where}: log`, options.log, false);
  const series = readCurves(where, curves, 1).map((curve) => ({
    ...curve,
    y: log ? curve.y.map((v) => (v > 0 ? Math.log10(v) : Number.NaN)) : curve.y,
  }));
  const hlines = (options.hlines ?? [])
    .map((at, i) => finiteOption(`${where}: hlines[${i}]`, at))
    .map((at) => (log ? Math.log10(at) : at));
  const vlines = (options.vlines ?? []).map((at, i) => finiteOption(`${where}: vlines[${i}]`, at));
  const ticks = options.xticks === undefined ? [] : givenTicks(`${where}: xticks`, options.xticks);
  const xlabel = textOption(`${where}: xlabel`, options.xlabel);
  const named = series.filter((curve) => curve.name !== "");
  const title = textOption(`${where}: title`, options.title);
  const size = {
    width: sizeOption(`${where}: width`, options.width ?? 72, 20),
    height: sizeOption(`${where}: height`, options.height ?? 16, 5),
  };
  const rows = size.height - 2 - (title === "" ? 0 : 1) - (named.length > 0 ? 1 : 0);
  if (rows < 2)
    throw new FigureError(
      `${where}: height: expected room for at least 2 lines of curve beside axis, title and names, got ${size.height}`,
    );

  const limits = limitsOption(`${where}: ylim`, options.ylim);
  const ys =
    limits === undefined
      ? extent([...series.flatMap((curve) => curve.y), ...hlines])
      : log
        ? limits.map(Math.log10)
        : limits;
  const xs = extent([...series.flatMap((curve) => curve.x), ...vlines]);
  if (ys === undefined || xs === undefined)
    throw new FigureError(`${where}: there are no finite numbers to draw${log ? " above 0" : ""}`);
  const [low, high] = ys[0] === ys[1] ? [(ys[0] as number) - 0.5, (ys[1] as number) + 0.5] : (ys as [number, number]);
  const [first, last] = xs[0] === xs[1] ? [xs[0] - 0.5, xs[1] + 0.5] : xs;

  const numbers = axisNumbers(low, high, rows, log);
  const gutter = [...numbers.values()].reduce((most, label) => Math.max(most, displayWidth(label)), 0);
  const columns = size.width - gutter - 2;
  if (columns < 8)
    throw new FigureError(
      `${where}: width: expected room for at least 8 columns of curve beside numbers of ${gutter}, got ${size.width}`,
    );

  const canvas = new Canvas(columns, rows);
  const dotted = depth !== "none" || series.length === 1;
  for (const [k, curve] of series.entries()) {
    const place = (i: number): [number, number] => [
      ((curve.x[i] as number) - first) / (last - first),
      1 - ((curve.y[i] as number) - low) / (high - low),
    ];
    canvas.draw(curve, place, k, dotted);
  }
  const columnOf = (x: number): number => Math.round(((x - first) / (last - first)) * (columns - 1));
  const upright = new Set(vlines.map(columnOf));
  const out = Array.from({ length: rows }, (_, i) => {
    const rule = hlines.some((at) => Math.round((1 - (at - low) / (high - low)) * (rows - 1)) === i);
    const label = numbers.get(i);
    const edge = label === undefined ? "│" : "┤";
    const empty = (j: number): string => (upright.has(j) ? "┊" : rule ? "╌" : " ");
    const cells = canvas.row(i, empty, (text, k) => (k < 0 ? text : inked(text, cycleColor(k), depth)));
    return `${fitTo(label ?? "", gutter, "right")} ${edge}${cells}`.trimEnd();
  });
  out.push(`${" ".repeat(gutter)} └${"─".repeat(columns)}`);
  const indent = " ".repeat(gutter + 2);
  if (ticks.length > 0) {
    const labels = ticks.map(({ value, label }) => ({ at: columnOf(value), label: plainLabel(label) }));
    out.push((indent + tickLine(labels, columns)).trimEnd());
    if (xlabel !== "") out.push((indent + fitTo(plainLabel(xlabel), columns, "center")).trimEnd());
  } else {
    out.push(indent + bottomLine(shortNumber(first), xlabel, shortNumber(last), columns));
  }
  if (title !== "") out.unshift(indent + fitTo(plainLabel(title), columns, "center").trimEnd());
  if (named.length > 0) {
    const length = (gap: number): number =>
      series.reduce((sum, curve) => sum + 2 + displayWidth(curve.name) + gap, -gap);
    const gap = [3, 2, 1].find((one) => length(one) <= columns) ?? 1;
    // Names that do not fit are cut to equal shares.
    const share = Math.max(1, Math.floor((columns + gap) / series.length) - 2 - gap);
    const keys = series.map(({ name }, k) => {
      const mark = inked(dotted ? "━" : (MARKS[k % MARKS.length] as string), cycleColor(k), depth);
      return `${mark} ${length(gap) <= columns ? name : fitTo(name, share).trimEnd()}`;
    });
    out.push(indent + keys.join(" ".repeat(gap)));
  }
  return out.join("\n");
}

function sizeOption(where: string, value: unknown, least: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least) {
    throw new FigureError(`${where}: expected a whole number of at least ${least}, got ${describe(value)}`);
  }
  return value;
}

/** Numbers for some of the rows: about one in three. */
function axisNumbers(low: number, high: number, rows: number, log: boolean): Map<number, string> {
  const labels = new Map<number, string>();
  const ticks = linearTicks(low, high, Math.max(2, Math.round(rows / 3)), false);
  for (const tick of ticks) {
    const row = Math.round((1 - (tick.value - low) / (high - low)) * (rows - 1));
    labels.set(row, log ? shortNumber(10 ** tick.value, 2) : tick.label);
  }
  return labels;
}

function bottomLine(first: string, label: string, last: string, columns: number): string {
  const middle = columns - displayWidth(first) - displayWidth(last);
  return middle < 2 ? fitTo(first, columns) : first + fitTo(plainLabel(label), middle, "center") + last;
}

/** Labels centred under their columns, as many as fit beside each other. */
function tickLine(labels: readonly { readonly at: number; readonly label: string }[], columns: number): string {
  let line = "";
  for (const { at, label } of labels.toSorted((a, b) => a.at - b.at)) {
    const width = displayWidth(label);
    const start = Math.max(0, Math.min(columns - width, at - Math.floor(width / 2)));
    const room = start - displayWidth(line);
    if (at < 0 || at >= columns || room < (line === "" ? 0 : 1)) continue;
    line += " ".repeat(room) + label;
  }
  return line;
}

/** Braille dots by column (2) and row (4) within a character. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Character cells; each knows its dots or its mark, and the curve drawn last in it. */
class Canvas {
  private readonly columns: number;
  private readonly rows: number;
  private readonly dots: Uint8Array;
  private readonly owner: Int8Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.dots = new Uint8Array(columns * rows);
    this.owner = new Int8Array(columns * rows).fill(-1);
  }

  /** Straight lines between neighbouring points given as shares of width and height; gaps at what is not finite. */
  draw(curve: NamedCurve, place: (i: number) => [number, number], k: number, dotted: boolean): void {
    const [wide, tall] = dotted ? [this.columns * 2, this.rows * 4] : [this.columns, this.rows];
    let previous: [number, number] | undefined;
    for (let i = 0; i < curve.y.length; i++) {
      const [u, v] = place(i);
      if (!Number.isFinite(u) || !Number.isFinite(v)) {
        previous = undefined;
        continue;
      }
      const point: [number, number] = [u * (wide - 1), v * (tall - 1)];
      const [x0, y0] = previous ?? point;
      const steps = Math.min(
        4 * (wide + tall),
        Math.max(1, Math.ceil(Math.max(Math.abs(point[0] - x0), Math.abs(point[1] - y0)))),
      );
      for (let s = 0; s <= steps; s++) {
        this.set(
          Math.round(x0 + ((point[0] - x0) * s) / steps),
          Math.round(y0 + ((point[1] - y0) * s) / steps),
          k,
          dotted,
        );
      }
      previous = point;
    }
  }

  private set(x: number, y: number, k: number, dotted: boolean): void {
    const [column, row] = dotted ? [x >> 1, y >> 2] : [x, y];
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
    const at = row * this.columns + column;
    if (dotted) this.dots[at] = (this.dots[at] as number) | (DOTS[(x & 1) as 0 | 1][y & 3] as number);
    this.owner[at] = k;
  }

  row(i: number, empty: (column: number) => string, ink: (text: string, k: number) => string): string {
    let line = "";
    for (let j = 0; j < this.columns; ) {
      const k = this.owner[i * this.columns + j] as number;
      let piece = "";
      while (j < this.columns && this.owner[i * this.columns + j] === k) {
        const dots = this.dots[i * this.columns + j] as number;
        piece +=
          k < 0 ? empty(j) : dots > 0 ? String.fromCodePoint(0x2800 + dots) : (MARKS[k % MARKS.length] as string);
        j++;
      }
      line += ink(piece, k);
    }
    return line;
  }
}
