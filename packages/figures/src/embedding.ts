/**
 * Hidden states as points in the plane.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { extent, type Matrix, toLabels, toMatrix } from "./input.js";
import { legendOption } from "./lines.js";
import { booleanOption, figsizeOption, limitsOption, textOption } from "./options.js";
import { axesPanel, type Scales } from "./plot/axes.js";
import { cycleColor, lighten, namedColor } from "./plot/colors.js";
import { shortNumber } from "./plot/draw.js";
import type { LegendEntry, LegendPlace } from "./plot/legend.js";
import { markers, seriesNodes } from "./plot/marks.js";
import { type LabelledPoint, placeLabels } from "./plot/place-labels.js";
import { placeRegions, type Regions } from "./plot/regions.js";
import { TITLE_FONT } from "./plot/style.js";
import { visible } from "./plot/ticks.js";
import type { Node } from "./scene/scene.js";

export interface EmbeddingOptions {
  /** The symbol of each point, written beside it and coloured alike. */
  symbols?: readonly (string | number)[] | string;
  /** Decision regions, in pale colours behind the points. */
  regions?: Regions;
  /** Names of the classes, in their order. A symbol of the same name has the same colour. */
  classNames?: readonly (string | number)[] | string;
  /** Which two columns are drawn; `[0, 1]` unless said otherwise. */
  dims?: readonly [number, number];
  /** Joins the points in the order of time. */
  path?: boolean;
  /** Cells along each side for a region function; 200 unless said otherwise. A linear layer's regions are exact. */
  resolution?: number;
  colors?: readonly string[];
  title?: string;
  xlabel?: string;
  ylabel?: string;
  xlim?: readonly [number, number];
  ylim?: readonly [number, number];
  legend?: boolean | LegendPlace;
  /** A line above the classes in the legend, such as `"predicts"`. */
  legendTitle?: string;
  figsize?: readonly [number, number];
  description?: string;
}

const KNOWN = [
  "symbols",
  "regions",
  "classNames",
  "dims",
  "path",
  "resolution",
  "colors",
  "title",
  "xlabel",
  "ylabel",
  "xlim",
  "ylim",
  "legend",
  "legendTitle",
  "figsize",
  "description",
];

const LABEL_SIZE = 10;
const SIDE = 400;
const PALE = 0.72;
/** Pixels within which equal symbols share one name. */
const NAMED_WITHIN = 18;

/**
 * Draws the rows of a matrix (time steps) as points, with their symbols and what the last layer makes of each place.
 *
 * ```ts
 * embedding(h, { symbols: "AbAcAd", regions: { weight: linr.weight, bias: linr.bias }, classNames: "Abcd" });
 * ```
 *
 * States within −1 … 1 are shown on the whole square; anything else on the area they take.
 *
 * @throws FigureError for fewer than two columns, labels that do not match, region classes that are no whole numbers, unknown options
 */
export function embedding(points: Matrix, options: EmbeddingOptions = {}): Figure {
  const where = "embedding";
  checkOptions(where, options, KNOWN);
  const matrix = toMatrix(`${where}: points`, points);
  const [first, second] = dimsOption(where, options.dims, (matrix[0] as number[]).length);
  const xs = matrix.map((row) => row[first] as number);
  const ys = matrix.map((row) => row[second] as number);
  const symbols =
    options.symbols === undefined
      ? undefined
      : toLabels(`${where}: symbols`, options.symbols, matrix.length, "point").map(visible);
  const xlim = limitsOption(`${where}: xlim`, options.xlim) ?? around(where, xs, ys);
  const ylim = limitsOption(`${where}: ylim`, options.ylim) ?? around(where, ys, xs);
  const classNames =
    options.classNames === undefined ? undefined : [...options.classNames].map((name) => visible(String(name)));
  const colors = colorsOf(where, symbols ?? [], classNames ?? [], options.colors);
  const { resolution = 200 } = options;
  if (!Number.isInteger(resolution) || resolution < 2 || resolution > 1000) {
    throw new FigureError(`${where}: resolution: expected a whole number from 2 to 1000, got ${describe(resolution)}`);
  }
  const regions =
    options.regions === undefined
      ? undefined
      : placeRegions(`${where}: regions`, options.regions, resolution, xlim, ylim);
  const present = regions?.classes ?? [];
  const known = (present.at(-1) ?? -1) + 1;
  if (classNames !== undefined && classNames.length < known) {
    throw new FigureError(
      `${where}: classNames: expected a name for each of ${known} classes, got ${classNames.length}`,
    );
  }
  const classColor = (index: number): string => colors.get(classNames?.[index] ?? "") ?? cycleColor(index);
  const entries: LegendEntry[] = present.map((index) => ({
    label: classNames?.[index] ?? `class ${index}`,
    key: { patch: lighten(classColor(index), PALE) },
  }));
  const pointColor = (i: number): string => colors.get(symbols?.[i] ?? "") ?? cycleColor(0);
  const place = legendOption(where, options.legend ?? (entries.length > 0 ? "right" : undefined), entries.length > 0);

  const legendTitle = textOption(`${where}: legendTitle`, options.legendTitle);

  const panel = axesPanel({
    x: { type: "linear", domain: xlim, label: textOption(`${where}: xlabel`, options.xlabel ?? `$h_{${first + 1}}$`) },
    y: { type: "linear", domain: ylim, label: textOption(`${where}: ylabel`, options.ylabel ?? `$h_{${second + 1}}$`) },
    title: textOption(`${where}: title`, options.title),
    titleSize: TITLE_FONT,
    grid: "none",
    legend: place === undefined ? undefined : { entries, place, ...(legendTitle !== "" && { title: legendTitle }) },
    preferred: { width: SIDE, height: SIDE },
    aspect: 1,
    description: options.description ?? inWords(xs, ys, symbols, present.length),
    draw(scales: Scales): Node[] {
      const nodes: Node[] = [];
      if (regions !== undefined) nodes.push(...regions.draw(scales, (index) => lighten(classColor(index), PALE)));
      if (booleanOption(`${where}: path`, options.path, false)) {
        const style = { color: "#7f7f7f", dash: "-" as const, marker: undefined, width: 1, opacity: 0.7 };
        nodes.push(...seriesNodes(xs.map(scales.x), ys.map(scales.y), style));
      }
      return nodes;
    },
    over(scales: Scales): Node[] {
      const shown = placed(xs, ys, symbols, scales, pointColor);
      const byColor = new Map<string, LabelledPoint[]>();
      for (const point of shown) byColor.set(point.color, [...(byColor.get(point.color) ?? []), point]);
      return [
        ...[...byColor].flatMap(([color, group]) => {
          const [px, py] = [group.map((point) => point.x), group.map((point) => point.y)];
          return [markers(px, py, "o", "#ffffff", 12), markers(px, py, "o", color)];
        }),
        ...placeLabels(shown, scales.box, LABEL_SIZE),
      ];
    },
    occupied: (scales) => xs.map((x, i) => [scales.x(x), scales.y(ys[i] as number)] as const),
  });
  return new Figure([[panel]], figsizeOption(where, options.figsize));
}

function dimsOption(where: string, dims: unknown, columns: number): [number, number] {
  if (columns < 2) {
    throw new FigureError(
      `${where}: expected points of at least two numbers, got ${columns}. Draw one hidden unit with lines or matshow`,
    );
  }
  if (dims === undefined) return [0, 1];
  if (!Array.isArray(dims) || dims.length !== 2 || !dims.every((d) => Number.isInteger(d) && d >= 0 && d < columns)) {
    throw new FigureError(`${where}: dims: expected two columns from 0 to ${columns - 1}, got ${describe(dims)}`);
  }
  return [dims[0], dims[1]];
}

/** The whole square −1 … 1 for states of tanh; else a square around the points. */
function around(where: string, values: readonly number[], others: readonly number[]): [number, number] {
  const [own, other] = [extent(values), extent(others)];
  if (own === undefined || other === undefined) throw new FigureError(`${where}: there are no finite points to draw`);
  if (Math.max(...own.map(Math.abs), ...other.map(Math.abs)) <= 1) return [-1.12, 1.12];
  const half = (Math.max(own[1] - own[0], other[1] - other[0]) || 1) * 0.56;
  const middle = (own[0] + own[1]) / 2;
  return [middle - half, middle + half];
}

/** A colour for each name: classes in their order, then symbols that are no classes. */
function colorsOf(
  where: string,
  symbols: readonly string[],
  classNames: readonly string[],
  given: unknown,
): Map<string, string> {
  const names = [...new Set([...classNames, ...symbols])];
  if (given !== undefined && (!Array.isArray(given) || given.length < names.length)) {
    throw new FigureError(
      `${where}: colors: expected at least ${names.length}, one for each of ${names.join(" ")}, got ${describe(given)}`,
    );
  }
  const list = given as readonly string[] | undefined;
  return new Map(
    names.map((name, i) => [name, list === undefined ? cycleColor(i) : namedColor(`${where}: colors[${i}]`, list[i])]),
  );
}

/** Points in pixels. Of several close together with one symbol only the first is named; of several on one spot only the first is drawn. */
function placed(
  xs: readonly number[],
  ys: readonly number[],
  symbols: readonly string[] | undefined,
  scales: Scales,
  colorOf: (i: number) => string,
): LabelledPoint[] {
  const drawn: LabelledPoint[] = [];
  for (const [i, value] of xs.entries()) {
    const [x, y] = [scales.x(value), scales.y(ys[i] as number)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const color = colorOf(i);
    const label = symbols?.[i] ?? "";
    const near = (distance: number, other: LabelledPoint): boolean =>
      other.color === color && Math.abs(other.x - x) < distance && Math.abs(other.y - y) < distance;
    if (drawn.some((other) => near(1, other))) continue;
    const named = drawn.some((other) => other.label === label && near(NAMED_WITHIN, other));
    drawn.push({ x, y, label: named ? "" : label, color });
  }
  return drawn;
}

function inWords(
  xs: readonly number[],
  ys: readonly number[],
  symbols: readonly string[] | undefined,
  regions: number,
): string {
  const means = [...new Set(symbols ?? [])].slice(0, 12).map((symbol) => {
    const own = (values: readonly number[]): number => {
      const list = values.filter((_, i) => symbols?.[i] === symbol);
      return list.reduce((sum, value) => sum + value, 0) / list.length;
    };
    return `${symbol} around (${shortNumber(own(xs), 2)}, ${shortNumber(own(ys), 2)})`;
  });
  return (
    `${xs.length} hidden states as points in the plane${means.length > 0 ? `; ${means.join(", ")}` : ""}` +
    `${regions > 0 ? `; ${regions} decision regions behind them` : ""}.`
  );
}
