/**
 * A matrix as a picture, in matplotlib's conventions.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { extent, finiteOption, type Matrix, positiveOption, toLabels, toMatrix } from "./input.js";
import { figsizeOption, textOption } from "./options.js";
import { type ColorMap, colorMap, namedColor } from "./plot/colors.js";
import { shortNumber } from "./plot/draw.js";
import { DIVIDER_COLOR, DIVIDER_WIDTH, heatMapPanel } from "./plot/heatmap.js";
import type { Divider, HeatMapSpec } from "./plot/heatmap-spec.js";
import { FONT, points, TITLE_FONT } from "./plot/style.js";
import { cellTicks, givenTicks, type Tick, type TicksOption, visible } from "./plot/ticks.js";

/** Where a line is drawn, or where and how: `2.5`, `{ at: 2.5, color: "lime", width: 1.5 }` (width in points). */
export type LineOption = number | { readonly at: number; readonly color?: string; readonly width?: number };

export interface MatshowOptions {
  /** A colour map, `"bwr"` unless said otherwise; see `colorMapNames`. */
  cmap?: string;
  /**
   * The numbers that the first and the last colour stand for. Left out: a diverging map runs from −m to m with m the largest magnitude,
   * so that its neutral colour is zero; a sequential map runs from the smallest to the largest number.
   */
  vmin?: number;
  vmax?: number;
  /** Labels of columns, on top; numbers in matplotlib's steps unless given. `[]` for none. */
  xticks?: TicksOption;
  /** Labels of rows. */
  yticks?: TicksOption;
  /** A label for each row, such as the symbols of the sequence; instead of `yticks`. */
  rowLabels?: readonly (string | number)[] | string;
  /** A colour bar, `false` unless said otherwise; a text is written beside it. */
  colorbar?: boolean | string;
  title?: string;
  xlabel?: string;
  ylabel?: string;
  /** Lines between columns, in cells: `[2.5]` lies between the third and the fourth. Lime unless said otherwise. */
  vlines?: readonly LineOption[];
  /** Lines between rows. */
  hlines?: readonly LineOption[];
  /** Writes each number into its cell: `true` with two decimals, or a function that makes the text. */
  annotate?: boolean | ((value: number, row: number, column: number) => string);
  /** Draws rows as columns; labels, lines and numbers go with them. */
  transpose?: boolean;
  /** Inches, 100 pixels each; left out, the picture is as large as its cells and labels need. */
  figsize?: readonly [number, number];
  /** Pixels a side of a cell; left out, what `plt.matshow` gives. */
  cellSize?: number;
  /** Points. */
  titleSize?: number;
  tickSize?: number;
  /** The text alternative's sentences, instead of those made from the numbers. */
  description?: string;
}

const KNOWN = [
  "cmap",
  "vmin",
  "vmax",
  "xticks",
  "yticks",
  "rowLabels",
  "colorbar",
  "title",
  "xlabel",
  "ylabel",
  "vlines",
  "hlines",
  "annotate",
  "transpose",
  "figsize",
  "cellSize",
  "titleSize",
  "tickSize",
  "description",
];

/**
 * Draws a matrix as square coloured cells: rows downwards, columns to the right, column labels on top (matplotlib's `plt.matshow`).
 *
 * For hidden states and probabilities over time, rows are time steps and columns are h₁ … P_A …, as `torch.concat([h, yhat], axis=1)` has them.
 * What is not a finite number is drawn grey and hatched, and the text alternative says so.
 *
 * ```ts
 * matshow(table, { cmap: "bwr", vmin: -1, vmax: 1, xticks: ["$h_1$", "$h_2$", "$P_A$"], vlines: [1.5] });
 * ```
 *
 * @throws FigureError for a ragged or empty matrix, unknown options or colour maps, vmin ≥ vmax, labels that do not match
 */
export function matshow(matrix: Matrix, options: MatshowOptions = {}): Figure {
  checkOptions("matshow", options, KNOWN);
  const spec = heatMapSpec("matshow", toMatrix("matshow: matrix", matrix), options);
  return new Figure([[heatMapPanel(spec)]], figsizeOption("matshow", options.figsize), { heatMaps: [spec] });
}

/** Everything that `matshow` decides before it draws. */
export function heatMapSpec(where: string, given: number[][], options: MatshowOptions): HeatMapSpec {
  const map = colorMap(`${where}: cmap`, options.cmap ?? "bwr");
  const [vmin, vmax] = colorRange(where, given, map, options);
  const [rows, columns] = [given.length, (given[0] as number[]).length];
  if (options.rowLabels !== undefined && options.yticks !== undefined) {
    throw new FigureError(`${where}: rowLabels and yticks both label the rows: expected one of them`);
  }
  const xticks = ticksWithin(`${where}: xticks`, options.xticks, columns, "column");
  const yticks =
    options.rowLabels === undefined
      ? ticksWithin(`${where}: yticks`, options.yticks, rows, "row")
      : toLabels(`${where}: rowLabels`, options.rowLabels, rows, "row").map((label, value) => ({
          value,
          label: visible(label),
        }));
  const vlines = dividers(`${where}: vlines`, options.vlines, columns, "column");
  const hlines = dividers(`${where}: hlines`, options.hlines, rows, "row");
  const annotate = annotation(where, options.annotate);
  const { transpose = false } = options;
  const xlabel = textOption(`${where}: xlabel`, options.xlabel);
  const ylabel = textOption(`${where}: ylabel`, options.ylabel);
  return {
    matrix: transpose ? transposed(given) : given,
    map,
    vmin,
    vmax,
    xticks: transpose ? yticks : xticks,
    yticks: transpose ? xticks : yticks,
    xlabel: transpose ? ylabel : xlabel,
    ylabel: transpose ? xlabel : ylabel,
    vlines: transpose ? hlines : vlines,
    hlines: transpose ? vlines : hlines,
    annotate: transpose && annotate !== undefined ? (value, row, column) => annotate(value, column, row) : annotate,
    title: textOption(`${where}: title`, options.title),
    titleSize: options.titleSize === undefined ? TITLE_FONT : positiveOption(`${where}: titleSize`, options.titleSize),
    tickSize: options.tickSize === undefined ? FONT : positiveOption(`${where}: tickSize`, options.tickSize),
    colorbar:
      options.colorbar === undefined || options.colorbar === false
        ? undefined
        : { label: options.colorbar === true ? "" : options.colorbar },
    cellSize:
      options.cellSize === undefined ? undefined : square(positiveOption(`${where}: cellSize`, options.cellSize)),
    description: options.description ?? inWords(given, map, vmin, vmax),
  };
}

const square = (side: number): [number, number] => [side, side];

function transposed(matrix: number[][]): number[][] {
  return (matrix[0] as number[]).map((_, j) => matrix.map((row) => row[j] as number));
}

function colorRange(where: string, matrix: number[][], map: ColorMap, options: MatshowOptions): [number, number] {
  const [low, high] = extent(matrix.flat()) ?? [0, 0];
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  let automatic: [number, number] = map.kind === "diverging" ? [-magnitude, magnitude] : [low, high];
  if (automatic[0] === automatic[1]) automatic = [automatic[0] - 1, automatic[1] + 1];
  if (map.kind === "diverging" && options.vmin === undefined && typeof options.vmax === "number")
    automatic[0] = -options.vmax;
  if (map.kind === "diverging" && options.vmax === undefined && typeof options.vmin === "number")
    automatic[1] = -options.vmin;
  const vmin = options.vmin === undefined ? automatic[0] : finiteOption(`${where}: vmin`, options.vmin);
  const vmax = options.vmax === undefined ? automatic[1] : finiteOption(`${where}: vmax`, options.vmax);
  if (!(vmin < vmax)) {
    throw new FigureError(
      `${where}: expected vmin below vmax, got vmin ${vmin} and vmax ${vmax}. For signed numbers use vmin: -m, vmax: m`,
    );
  }
  return [vmin, vmax];
}

function ticksWithin(where: string, option: unknown, cells: number, of: string): Tick[] {
  if (option === undefined) return cellTicks(cells);
  const ticks = givenTicks(where, option);
  for (const { value, label } of ticks) {
    if (value < -0.5 || value > cells - 0.5) {
      throw new FigureError(
        `${where}: expected positions between -0.5 and ${cells - 0.5} (${cells} ${of}s, the first is 0), got ${value}` +
          (label === "" ? "" : ` for label ${JSON.stringify(label)}`),
      );
    }
  }
  return ticks;
}

function dividers(where: string, option: unknown, cells: number, of: string): Divider[] {
  if (option === undefined) return [];
  if (!Array.isArray(option))
    throw new FigureError(`${where}: expected an array of positions such as [2.5], got ${describe(option)}`);
  return option.map((entry, i) => {
    const divider = typeof entry === "number" ? { at: entry } : entry;
    checkOptions(`${where}[${i}]`, divider, ["at", "color", "width"]);
    const at = finiteOption(`${where}[${i}]`, divider.at);
    if (at < -0.5 || at > cells - 0.5) {
      throw new FigureError(
        `${where}[${i}]: expected a position between -0.5 and ${cells - 0.5} (${cells} ${of}s, the first is 0), got ${at}`,
      );
    }
    return {
      at,
      color: divider.color === undefined ? DIVIDER_COLOR : namedColor(`${where}[${i}].color`, divider.color),
      width:
        divider.width === undefined ? DIVIDER_WIDTH : points(positiveOption(`${where}[${i}].width`, divider.width)),
    };
  });
}

function annotation(where: string, option: unknown): HeatMapSpec["annotate"] {
  if (option === undefined || option === false) return undefined;
  if (option === true) return (value) => (Number.isFinite(value) ? value.toFixed(2).replace("-", "−") : "");
  if (typeof option === "function") return (value, row, column) => String(option(value, row, column));
  throw new FigureError(
    `${where}: annotate: expected true, false or a function that makes the text, got ${describe(option)}`,
  );
}

/** The text alternative: size, range, what is missing or cut off. */
function inWords(matrix: number[][], map: ColorMap, vmin: number, vmax: number): string {
  const values = matrix.flat();
  const bad = values.filter((value) => !Number.isFinite(value)).length;
  const outside = values.filter((value) => value < vmin || value > vmax).length;
  const range = extent(values);
  const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
  return (
    `Heat map of ${count(matrix.length, "row", "rows")} and ${count((matrix[0] as number[]).length, "column", "columns")}; ` +
    `colours (${map.name}) run from ${shortNumber(vmin)} to ${shortNumber(vmax)}; ` +
    (range === undefined
      ? "there are no numbers"
      : `the numbers run from ${shortNumber(range[0])} to ${shortNumber(range[1])}`) +
    (outside > 0 ? `; ${count(outside, "lies", "lie")} outside the colours` : "") +
    (bad > 0 ? `; ${count(bad, "is not a finite number and is", "are not finite numbers and are")} hatched grey` : "") +
    "."
  );
}
