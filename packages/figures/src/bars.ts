/**
 * Bars: one number for each of a few things.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { isRecord, toLabels, toVector, unwrap, type Vector } from "./input.js";
import { legendOption, type RuleOption, readRules } from "./lines.js";
import { booleanOption, figsizeOption, limitsOption, textOption } from "./options.js";
import { type BarGroup, barPanel } from "./plot/barplot.js";
import { cycleColor, namedColor } from "./plot/colors.js";
import { shortNumber } from "./plot/draw.js";
import type { LegendEntry, LegendPlace } from "./plot/legend.js";
import { visible } from "./plot/ticks.js";

export interface BarsOptions {
  /** What each bar stands for; 0, 1, 2, … unless given. */
  labels?: readonly (string | number)[];
  /** How far each number may be off: a line up and down, in the form of the data. */
  errors?: Vector | Readonly<Record<string, Vector>>;
  /** Lying bars, with room for long labels. */
  horizontal?: boolean;
  /** Writes each number at its bar: `true`, or a function that makes the text. */
  annotate?: boolean | ((value: number, index: number) => string);
  title?: string;
  xlabel?: string;
  ylabel?: string;
  /** Limits of the axis of numbers. */
  limits?: readonly [number, number];
  /** Straight lines across the bars: a chance level, for instance. */
  rules?: readonly RuleOption[];
  /** One for each series. */
  colors?: readonly string[];
  /** Beside the axes unless said otherwise: bars leave little room. */
  legend?: boolean | LegendPlace;
  grid?: boolean;
  /** Inches, 100 pixels each; 6.4 × 4.8 unless said otherwise. */
  figsize?: readonly [number, number];
  description?: string;
}

const KNOWN = [
  "labels",
  "errors",
  "horizontal",
  "annotate",
  "title",
  "xlabel",
  "ylabel",
  "limits",
  "rules",
  "colors",
  "legend",
  "grid",
  "figsize",
  "description",
];

/**
 * Draws bars from zero: one series, or several by name side by side. NaN leaves a place empty.
 *
 * ```ts
 * bars({ RNN: [0.62, 0.4], LSTM: [0.97, 0.9] }, { labels: ["short", "long"], rules: [{ at: 0.5, label: "chance" }], annotate: true });
 * ```
 *
 * @throws FigureError for empty data, lengths that differ, unknown options
 */
export function bars(data: Vector | Readonly<Record<string, Vector>>, options: BarsOptions = {}): Figure {
  const where = "bars";
  checkOptions(where, options, KNOWN);
  const series = readSeries(`${where}: data`, data);
  const count = (series[0] as [string, number[]])[1].length;
  const errors = options.errors === undefined ? undefined : readSeries(`${where}: errors`, options.errors);
  const { colors } = options;
  if (colors !== undefined && (!Array.isArray(colors) || colors.length !== series.length)) {
    throw new FigureError(
      `${where}: colors: expected ${series.length} colours, one for each series, got ${describe(colors)}`,
    );
  }
  const groups: BarGroup[] = series.map(([name, values], g) => ({
    name,
    values,
    errors: errors === undefined ? values.map(() => 0) : errorsOf(`${where}: errors`, errors, name, count),
    color: namedColor(`${where}: colors[${g}]`, colors?.[g] ?? cycleColor(g)),
  }));
  const labels =
    options.labels === undefined
      ? Array.from({ length: count }, (_, i) => String(i))
      : toLabels(`${where}: labels`, options.labels, count, "bar").map(visible);
  const horizontal = booleanOption(`${where}: horizontal`, options.horizontal, false);
  const rules = readRules(`${where}: rules`, options.rules, horizontal ? "vertical" : "horizontal");
  const entries: LegendEntry[] = [
    ...groups.filter((group) => group.name !== "").map((group) => ({ label: group.name, key: { patch: group.color } })),
    ...rules.filter((rule) => rule.label !== "").map((rule) => ({ label: rule.label, key: rule.style })),
  ];
  const place = legendOption(where, options.legend ?? (entries.length > 0 ? "right" : undefined), entries.length > 0);
  const [xlabel, ylabel] = [
    textOption(`${where}: xlabel`, options.xlabel),
    textOption(`${where}: ylabel`, options.ylabel),
  ];
  const panel = barPanel({
    where,
    groups,
    labels,
    horizontal,
    write: annotation(where, options.annotate),
    rules,
    limits: limitsOption(`${where}: limits`, options.limits),
    title: textOption(`${where}: title`, options.title),
    alongLabel: horizontal ? ylabel : xlabel,
    acrossLabel: horizontal ? xlabel : ylabel,
    grid: booleanOption(`${where}: grid`, options.grid, false),
    legend: place === undefined ? undefined : { entries, place },
    description: options.description ?? inWords(groups, labels),
  });
  return new Figure([[panel]], { figsize: [6.4, 4.8], ...figsizeOption(where, options.figsize) });
}

function readSeries(where: string, data: unknown): [string, number[]][] {
  const value = unwrap(data);
  if (!isRecord(value)) return [["", toVector(where, value)]];
  const series = Object.entries(value).map(([name, values]): [string, number[]] => [
    name,
    toVector(`${where}.${name}`, values),
  ]);
  const first = series[0];
  if (first === undefined) throw new FigureError(`${where}: expected at least one series of bars, got an empty object`);
  for (const [name, values] of series) {
    if (values.length !== first[1].length) {
      throw new FigureError(
        `${where}: expected ${first[1].length} numbers in '${name}' as in '${first[0]}', got ${values.length}`,
      );
    }
  }
  return series;
}

function errorsOf(where: string, errors: readonly [string, number[]][], name: string, count: number): number[] {
  const found = errors.find(([of]) => of === name)?.[1];
  if (found === undefined || found.length !== count) {
    throw new FigureError(
      `${where}: expected the form of the data, ${count} numbers${name === "" ? "" : ` for '${name}'`}, got ${found?.length ?? 0}`,
    );
  }
  for (const [i, error] of found.entries()) {
    if (error < 0) throw new FigureError(`${where}[${i}]: expected a number of 0 or more, got ${error}`);
  }
  return found;
}

function annotation(
  where: string,
  option: BarsOptions["annotate"],
): ((value: number, index: number) => string) | undefined {
  if (option === undefined || option === false) return undefined;
  if (option === true) return (value) => shortNumber(value, 3);
  if (typeof option === "function") return (value, index) => String(option(value, index));
  throw new FigureError(
    `${where}: annotate: expected true, false or a function that makes the text, got ${describe(option)}`,
  );
}

function inWords(groups: readonly BarGroup[], labels: readonly string[]): string {
  const told = groups.map((group) => {
    const numbers = group.values.slice(0, 20).map((value, i) => `${labels[i]} ${shortNumber(value)}`);
    return `${group.name === "" ? "" : `${group.name}: `}${numbers.join(", ")}${group.values.length > 20 ? ", …" : ""}`;
  });
  return `Bars; ${told.join("; ")}.`;
}
