/**
 * A heat map in a terminal.
 *
 * @module
 */
import { checkOptions, FigureError } from "../errors.js";
import { Figure } from "../figure.js";
import { type Matrix, positiveOption, toMatrix } from "../input.js";
import { heatMapSpec, type LineOption } from "../matshow.js";
import { cellColor, readableOn } from "../plot/colors.js";
import { shortNumber } from "../plot/draw.js";
import type { HeatMapSpec } from "../plot/heatmap-spec.js";
import { MISSING_COLOR } from "../plot/style.js";
import type { TicksOption } from "../plot/ticks.js";
import { plainLabel } from "../text/mathtext.js";
import { colorDepth, displayWidth, escapeFor, fitTo, inked, RESET, type TerminalColor } from "./text.js";

export interface TerminalHeatmapOptions {
  /** Colours, if the terminal has them; plain text with signs and shades unless said otherwise. */
  color?: TerminalColor;
  /** Columns of the terminal; 80 unless said otherwise. */
  width?: number;
  cmap?: string;
  vmin?: number;
  vmax?: number;
  xticks?: TicksOption;
  yticks?: TicksOption;
  rowLabels?: readonly (string | number)[] | string;
  vlines?: readonly LineOption[];
  title?: string;
  transpose?: boolean;
}

const KNOWN = [
  "color",
  "width",
  "cmap",
  "vmin",
  "vmax",
  "xticks",
  "yticks",
  "rowLabels",
  "vlines",
  "title",
  "transpose",
];

type Depth = "none" | "256" | "truecolor";

const SHADES = "░▒▓█";
/** One sign for a number when a cell has one column: far below zero, below, near, above, far above. */
const SIGNS = "=-·+#";

/**
 * Draws a matrix with block characters, as `matshow` draws it in a picture; options mean the same.
 *
 * In colour each cell is a coloured block. Without colour a cell shows the sign and, in four shades, the size of its number; nothing but
 * printable characters and line breaks is used then. What is not a finite number shows as `//`. Columns that do not fit are left out,
 * and a line says how many.
 *
 * @param matrix a matrix, or a figure that `matshow` made, which is drawn as it is: then only `color` and `width` may be given
 * @returns lines joined by `\n`, without one at the end
 * @throws FigureError as `matshow` does
 */
export function terminalHeatmap(matrix: Matrix | Figure, options: TerminalHeatmapOptions = {}): string {
  const where = "terminalHeatmap";
  checkOptions(where, options, matrix instanceof Figure ? ["color", "width"] : KNOWN);
  const { color, width = 80, ...rest } = options;
  const depth = colorDepth(where, color);
  const spec =
    matrix instanceof Figure ? specOf(where, matrix) : heatMapSpec(where, toMatrix(`${where}: matrix`, matrix), rest);
  return drawHeatMap(where, spec, positiveOption(`${where}: width`, width), depth);
}

/** Draws what was decided before. */
export function drawHeatMap(where: string, spec: HeatMapSpec, width: number, depth: Depth): string {
  const columns = (spec.matrix[0] as readonly number[]).length;
  const labels = { x: labelList(spec.xticks, columns), y: labelList(spec.yticks, spec.matrix.length) };
  const gutter = labels.y.reduce((most, label) => Math.max(most, displayWidth(label)), 0);
  const room = width - gutter - 1;
  if (room < 2)
    throw new FigureError(
      `${where}: width: expected room for the cells beside row labels of ${gutter} columns, got ${width}`,
    );

  const cuts = new Map(spec.vlines.map((divider) => [Math.floor(divider.at), divider.color]));
  const written = numbersOf(spec);
  const widestOf = (texts: readonly string[]): number =>
    texts.reduce((most, text) => Math.max(most, displayWidth(text) + 1), 0);
  const wanted = Math.max(2, Math.min(6, Math.max(widestOf(labels.x), widestOf(written?.flat() ?? []))));
  const fits = (cell: number): boolean => columns * cell + cuts.size <= room;
  let cell = wanted;
  while (cell > 1 && !fits(cell)) cell--;
  const numbers = cell >= widestOf(written?.flat() ?? []) ? written : undefined;
  const shown = Math.min(columns, Math.floor((room - cuts.size) / cell));

  const cutMark = (j: number): string => (cuts.has(j) ? inked("│", cuts.get(j) as string, depth) : "");
  const header = columnHeader(labels.x, spec, cell, shown, cuts, room);
  const lines = spec.matrix.map((row, i) => {
    const cells = row
      .slice(0, shown)
      .map((value, j) => cellText(value, spec, cell, depth, numbers?.[i]?.[j]) + cutMark(j));
    return `${fitTo(labels.y[i] as string, gutter, "right")} ${cells.join("")}`.trimEnd();
  });
  const indent = " ".repeat(gutter + 1);
  const out = [...header.map((line) => (indent + line).trimEnd()), ...lines];
  if (numbers === undefined || depth !== "none") out.push(indent + scaleLine(spec, depth, cell));
  if (spec.title !== "") out.unshift(indent + plainLabel(spec.title));
  if (shown < columns) out.push(`${indent}… ${columns - shown} more columns do not fit into ${width}`);
  return out.join("\n");
}

function specOf(where: string, figure: Figure): HeatMapSpec {
  if (figure.heatMap === undefined)
    throw new FigureError(
      `${where}: expected a heat map as matshow() makes it, got ${figure}. Give it the matrix instead`,
    );
  return figure.heatMap;
}

/** A label for each cell; empty where there is no tick. */
function labelList(ticks: HeatMapSpec["xticks"], cells: number): string[] {
  const labels = new Array<string>(cells).fill("");
  for (const { value, label } of ticks) {
    if (Number.isInteger(value) && value >= 0 && value < cells) labels[value] = plainLabel(label);
  }
  return labels;
}

/** At most this many lines of labels, so that wide ones can stand above narrow cells, each a line lower than its neighbour. */
const HEADER_LINES = 3;

/** Labels above their cells, where they do not fit beside each other on several lines; what still does not fit is left out. */
function columnHeader(
  labels: readonly string[],
  spec: HeatMapSpec,
  cell: number,
  shown: number,
  cuts: ReadonlyMap<number, string>,
  room: number,
): string[] {
  if (spec.xticks.length === 0) return [];
  const lines: string[] = [];
  let at = 0;
  for (let j = 0; j < shown; j++) {
    const label = labels[j] as string;
    const width = displayWidth(label);
    if (width > 0) {
      const start = Math.min(at + (width <= cell ? Math.floor((cell - width) / 2) : 0), room - width);
      let row = lines.findIndex((line) => displayWidth(line) < start || line === "");
      if (row < 0 && lines.length < HEADER_LINES) row = lines.push("") - 1;
      if (row >= 0 && start >= 0) {
        const line = lines[row] as string;
        lines[row] = line + " ".repeat(start - displayWidth(line)) + label;
      }
    }
    at += cell + (cuts.has(j) ? 1 : 0);
  }
  return lines;
}

/** What is written into the cells, if something is written into each. */
function numbersOf({ annotate, matrix }: HeatMapSpec): string[][] | undefined {
  if (annotate === undefined) return undefined;
  const texts = matrix.map((row, i) => row.map((value, j) => annotate(value, i, j)));
  return texts.flat().includes("") ? undefined : texts;
}

function cellText(value: number, spec: HeatMapSpec, cell: number, depth: Depth, number?: string): string {
  if (number !== undefined) {
    const text = `${fitTo(number, cell - 1, "right")} `;
    const color = cellColor(spec.map, value, spec.vmin, spec.vmax) ?? MISSING_COLOR;
    if (depth === "none") return text;
    return `${escapeFor(readableOn(color), depth, "ink")}${escapeFor(color, depth, "background")}${text}${RESET}`;
  }
  if (depth !== "none") {
    const color = cellColor(spec.map, value, spec.vmin, spec.vmax);
    const ink =
      color === null
        ? escapeFor("#000000", depth, "ink") + escapeFor(MISSING_COLOR, depth, "background")
        : escapeFor(color, depth, "background");
    return `${ink}${(color === null ? "/" : " ").repeat(cell)}${RESET}`;
  }
  if (!Number.isFinite(value)) return fitTo("//".slice(0, cell), cell);
  if (spec.map.kind === "sequential") {
    const level = Math.max(0, Math.min(4, Math.floor(((value - spec.vmin) / (spec.vmax - spec.vmin)) * 5)));
    const mark = level === 0 ? "·" : (SHADES[level - 1] as string);
    return cell === 1 ? mark : fitTo(mark.repeat(cell - 1), cell);
  }
  const largest = Math.max(Math.abs(spec.vmin), Math.abs(spec.vmax));
  const share = Math.max(-1, Math.min(1, value / largest));
  if (cell === 1) return SIGNS[Math.round(share * 2) + 2] as string;
  if (Math.abs(share) < 0.05) return fitTo(" ·", cell);
  const mark = SHADES[Math.min(3, Math.floor(Math.abs(share) * 4))] as string;
  return fitTo((share < 0 ? "-" : "+") + mark.repeat(Math.max(1, cell - 2)), cell);
}

/** What the colours or the signs mean. */
function scaleLine(spec: HeatMapSpec, depth: Depth, cell: number): string {
  const [low, high] = [shortNumber(spec.vmin), shortNumber(spec.vmax)];
  if (depth !== "none") {
    const steps = Array.from({ length: 16 }, (_, i) =>
      escapeFor(spec.map.table[Math.round((i * 255) / 15)] as string, depth, "background"),
    );
    return `${low} ${steps.map((step) => `${step} `).join("")}${RESET} ${high}`;
  }
  if (spec.map.kind === "sequential") return `· ${low}  ${[...SHADES].join("")}  ${high}`;
  return cell === 1 ? `${[...SIGNS].join(" ")} from ${low} to ${high}` : `+ above, - below 0; ${SHADES} up to ${high}`;
}
