/**
 * Lines over a common axis, in matplotlib's conventions.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import {
  depthOf,
  extent,
  finiteOption,
  isRecord,
  type Matrix,
  positiveOption,
  toLabels,
  toMatrix,
  toVector,
  unwrap,
  type Vector,
} from "./input.js";
import { booleanOption, choiceOr, figsizeOption, limitsOption, textOption } from "./options.js";
import { cycleColor, namedColor } from "./plot/colors.js";
import { shortNumber } from "./plot/draw.js";
import { LEGEND_PLACES, type LegendPlace } from "./plot/legend.js";
import { type LinePlotSpec, type LineSeries, linePanel, type Rule } from "./plot/lineplot.js";
import { type LineStyle, parseFormat } from "./plot/marks.js";
import { LINE_WIDTH, points, TITLE_FONT } from "./plot/style.js";
import { givenTicks, type TicksOption } from "./plot/ticks.js";

/** One line: heights, and positions if they are not 0, 1, 2, … */
export interface Series {
  y: Vector;
  x?: Vector;
  /** Its name in the legend. */
  label?: string;
  /** matplotlib's format text, such as `"--o"`, `"r:"`, `"s"`. */
  format?: string;
  color?: string;
  /** Points. */
  width?: number;
  /** 0 … 1. */
  opacity?: number;
}

/** One line, a matrix with a line in each column (as `plt.plot` has it), several lines with their own looks, or lines by name. */
export type LinesData = Vector | Matrix | readonly Series[] | Readonly<Record<string, Vector>>;

/** A straight line across the axes: where, or where and how. */
export type RuleOption =
  | number
  | {
      readonly at: number;
      readonly color?: string;
      readonly format?: string;
      readonly width?: number;
      readonly label?: string;
    };

export interface LinesOptions {
  /** Positions of all series without their own. */
  x?: Vector;
  /** matplotlib's format text for all series without their own; `"-"` unless said otherwise. */
  format?: string;
  /** Names for the legend, one for each series. */
  labels?: readonly string[];
  /** Colours, one for each series; matplotlib's ten in turn unless given. */
  colors?: readonly string[];
  /** Where the legend stands, `true` for the best corner, `false` for none; shown when there are names unless said otherwise. */
  legend?: boolean | LegendPlace;
  title?: string;
  xlabel?: string;
  ylabel?: string;
  grid?: boolean;
  xlim?: readonly [number, number];
  ylim?: readonly [number, number];
  xscale?: "linear" | "log";
  yscale?: "linear" | "log";
  xticks?: TicksOption;
  yticks?: TicksOption;
  /** Horizontal and vertical lines; grey and dashed unless said otherwise. */
  hlines?: readonly RuleOption[];
  vlines?: readonly RuleOption[];
  /** Inches, 100 pixels each; 6.4 × 4.8 unless said otherwise. */
  figsize?: readonly [number, number];
  /** Points. */
  titleSize?: number;
  description?: string;
}

const KNOWN = [
  "x",
  "format",
  "labels",
  "colors",
  "legend",
  "title",
  "xlabel",
  "ylabel",
  "grid",
  "xlim",
  "ylim",
  "xscale",
  "yscale",
  "xticks",
  "yticks",
  "hlines",
  "vlines",
  "figsize",
  "titleSize",
  "description",
];

/**
 * Draws lines (matplotlib's `plt.plot`). NaN leaves a gap.
 *
 * ```ts
 * lines(hidden, { format: "--o", title: "$h$" });                     // a matrix: one line for each column
 * lines({ loss, accuracy }, { xlabel: "epoch", grid: true });         // by name, with a legend
 * lines([{ y: a, format: "r:" }, { x: [0, 5], y: [1, 1] }]);
 * ```
 *
 * @throws FigureError for empty data, lengths that differ, unknown options, formats and colours, a logarithmic axis without positive numbers
 */
export function lines(data: LinesData, options: LinesOptions = {}): Figure {
  const where = "lines";
  checkOptions(where, options, KNOWN);
  const series = readSeries(where, data, options);
  const rules = [
    ...readRules(`${where}: hlines`, options.hlines, "horizontal"),
    ...readRules(`${where}: vlines`, options.vlines, "vertical"),
  ];
  const positions = series.flatMap((one) => one.x);
  const spec: LinePlotSpec = {
    where,
    series,
    rules,
    x: {
      label: textOption(`${where}: xlabel`, options.xlabel),
      type: choiceOr(`${where}: xscale`, options.xscale, ["linear", "log"], "linear"),
      limits: limitsOption(`${where}: xlim`, options.xlim),
      ticks: options.xticks === undefined ? undefined : givenTicks(`${where}: xticks`, options.xticks),
      integer: positions.every(Number.isInteger),
    },
    y: {
      label: textOption(`${where}: ylabel`, options.ylabel),
      type: choiceOr(`${where}: yscale`, options.yscale, ["linear", "log"], "linear"),
      limits: limitsOption(`${where}: ylim`, options.ylim),
      ticks: options.yticks === undefined ? undefined : givenTicks(`${where}: yticks`, options.yticks),
    },
    title: textOption(`${where}: title`, options.title),
    titleSize: options.titleSize === undefined ? TITLE_FONT : positiveOption(`${where}: titleSize`, options.titleSize),
    grid: booleanOption(`${where}: grid`, options.grid, false),
    legend: legendOption(
      where,
      options.legend,
      series.some((one) => one.label !== "") || rules.some((rule) => rule.label !== ""),
    ),
    description: options.description ?? describeSeries("Line plot", series),
  };
  return new Figure(
    [[linePanel(spec)]],
    { figsize: [6.4, 4.8], ...figsizeOption(where, options.figsize) },
    { lines: spec },
  );
}

/** Where the legend stands, if there shall be one. */
export function legendOption(where: string, option: unknown, named: boolean): LegendPlace | undefined {
  if (option === undefined) return named ? "best" : undefined;
  if (option === false) return undefined;
  if (!named) throw new FigureError(`${where}: legend: there are no names to show. Give labels, or lines by name`);
  return option === true ? "best" : choiceOr(`${where}: legend`, option, LEGEND_PLACES, "best");
}

function readSeries(where: string, data: LinesData, options: LinesOptions): LineSeries[] {
  const list = asSeries(where, data);
  const labels =
    options.labels === undefined ? undefined : toLabels(`${where}: labels`, options.labels, list.length, "series");
  const colors = options.colors;
  if (colors !== undefined && (!Array.isArray(colors) || colors.length !== list.length)) {
    throw new FigureError(
      `${where}: colors: expected ${list.length} colours, one for each series, got ${describe(colors)}`,
    );
  }
  return list.map((one, i) => {
    const name = list.length === 1 ? where : `${where}: series ${i}`;
    checkOptions(name, one, ["y", "x", "label", "format", "color", "width", "opacity"]);
    const y = toVector(`${name}: y`, one.y);
    const given = one.x ?? options.x;
    const x = given === undefined ? y.map((_, k) => k) : toVector(`${name}: x`, given);
    if (x.length !== y.length) {
      throw new FigureError(
        `${name}: expected as many positions as heights, got ${x.length} in x and ${y.length} in y`,
      );
    }
    const color = one.color ?? colors?.[i];
    return {
      label: labels?.[i] ?? textOption(`${name}: label`, one.label),
      x,
      y,
      style: lineStyle(
        name,
        { format: one.format ?? options.format, color, width: one.width, opacity: one.opacity },
        cycleColor(i),
      ),
    };
  });
}

/** The four forms of data as a list of series. */
function asSeries(where: string, data: unknown): Series[] {
  const value = unwrap(data);
  if (Array.isArray(value) && value.length > 0 && value.every((one) => isRecord(one) && "y" in one))
    return value as Series[];
  if (isRecord(value)) {
    const named = Object.entries(value as Record<string, Vector>);
    if (named.length === 0) throw new FigureError(`${where}: expected at least one line, got an empty object`);
    return named.map(([label, y]) => ({ label, y }));
  }
  if (depthOf(value) < 2) return [{ y: toVector(`${where}: data`, value) }];
  const matrix = toMatrix(`${where}: data`, value);
  return (matrix[0] as number[]).map((_, j) => ({ y: matrix.map((row) => row[j] as number) }));
}

interface StyleOptions {
  readonly format?: unknown;
  readonly color?: unknown;
  readonly width?: unknown;
  readonly opacity?: unknown;
}

/** A look from options, with matplotlib's rule: a format with a marker and no line draws no line. */
export function lineStyle(where: string, options: StyleOptions, otherwise: string): LineStyle {
  const format =
    options.format === undefined ? { dash: "-" as const } : parseFormat(`${where}: format`, options.format);
  const dash = format.dash ?? (format.marker === undefined ? "-" : undefined);
  const opacity = options.opacity;
  if (opacity !== undefined && !(typeof opacity === "number" && opacity >= 0 && opacity <= 1)) {
    throw new FigureError(`${where}: opacity: expected a number from 0 to 1, got ${describe(opacity)}`);
  }
  return {
    color: options.color === undefined ? (format.color ?? otherwise) : namedColor(`${where}: color`, options.color),
    dash,
    marker: format.marker,
    width: options.width === undefined ? LINE_WIDTH : points(positiveOption(`${where}: width`, options.width)),
    ...(opacity !== undefined && { opacity }),
  };
}

/** Straight lines from an option. */
export function readRules(where: string, option: unknown, direction: Rule["direction"]): Rule[] {
  if (option === undefined) return [];
  if (!Array.isArray(option))
    throw new FigureError(`${where}: expected an array of positions such as [0.5], got ${describe(option)}`);
  return option.map((entry, i) => {
    const rule = typeof entry === "number" ? { at: entry } : entry;
    checkOptions(`${where}[${i}]`, rule, ["at", "color", "format", "width", "label"]);
    return {
      at: finiteOption(`${where}[${i}]`, rule.at),
      direction,
      style: lineStyle(
        `${where}[${i}]`,
        { format: rule.format ?? "--", color: rule.color, width: rule.width ?? 1 },
        "#7f7f7f",
      ),
      label: textOption(`${where}[${i}].label`, rule.label),
    };
  });
}

/** Series in words: where each begins and ends, and between which numbers it runs. */
export function describeSeries(kind: string, series: readonly LineSeries[]): string {
  const told = series.filter((one) => one.quiet !== true);
  const lines = told.slice(0, 12).map((one, i) => {
    const name = one.label === "" ? (told.length === 1 ? "" : `line ${i + 1}: `) : `${one.label}: `;
    const range = extent(one.y);
    if (range === undefined) return `${name}no finite numbers`;
    const finite = one.y.filter(Number.isFinite);
    const gaps = one.y.length - finite.length;
    return (
      `${name}from ${shortNumber(finite[0] as number)} to ${shortNumber(finite.at(-1) as number)}, between ${shortNumber(range[0])} and ${shortNumber(range[1])}` +
      (gaps === 0 ? "" : `, ${gaps} missing`)
    );
  });
  const more = told.length > 12 ? ` and ${told.length - 12} more` : "";
  const [from, to] = extent(series.flatMap((one) => one.x)) ?? [0, 0];
  return `${kind} of ${told.length} ${told.length === 1 ? "line" : "lines"} over ${shortNumber(from)} to ${shortNumber(to)}; ${lines.join("; ")}${more}.`;
}
