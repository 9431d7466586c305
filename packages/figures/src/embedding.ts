/**
 * Hidden states as points in the plane.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { extent, finiteOption, isRecord, type Matrix, toLabels, toMatrix, toVector, type Vector } from "./input.js";
import { legendOption } from "./lines.js";
import { booleanOption, figsizeOption, limitsOption, textOption } from "./options.js";
import { axesPanel, type Scales } from "./plot/axes.js";
import { cycleColor, lighten, namedColor } from "./plot/colors.js";
import { drawn, shortNumber } from "./plot/draw.js";
import type { LegendEntry, LegendPlace } from "./plot/legend.js";
import { markers } from "./plot/marks.js";
import { type LabelledPoint, placeLabels } from "./plot/place-labels.js";
import { TITLE_FONT } from "./plot/style.js";
import { visible } from "./plot/ticks.js";
import type { Cells, Node } from "./scene/scene.js";

/**
 * What is predicted where: a function from a point to a class number; the last layer itself, whose class is argmax(W·h + b); or a matrix of
 * class numbers over an area, its first row on top.
 */
export type Regions =
  | ((x: number, y: number) => number)
  | { readonly weight: Matrix; readonly bias?: Vector }
  | { readonly classes: Matrix; readonly extent: readonly [number, number, number, number] };

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
  /** Cells along each side of computed regions; 400 for a linear layer, 200 for a function unless said otherwise. */
  resolution?: number;
  colors?: readonly string[];
  title?: string;
  xlabel?: string;
  ylabel?: string;
  xlim?: readonly [number, number];
  ylim?: readonly [number, number];
  legend?: boolean | LegendPlace;
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
  const regions = options.regions === undefined ? undefined : regionCells(where, options, xlim, ylim);
  const known = regions === undefined ? 0 : regions.classes.reduce((most, index) => Math.max(most, index + 1), 0);
  if (classNames !== undefined && classNames.length < known) {
    throw new FigureError(
      `${where}: classNames: expected a name for each of ${known} classes, got ${classNames.length}`,
    );
  }
  const classColor = (index: number): string => colors.get(classNames?.[index] ?? "") ?? cycleColor(index);
  const present = [...new Set(regions?.classes ?? [])].filter((c) => c >= 0).sort((a, b) => a - b);
  const entries: LegendEntry[] = present.map((index) => ({
    label: classNames?.[index] ?? `class ${index}`,
    key: { patch: lighten(classColor(index), PALE) },
  }));
  const pointColor = (i: number): string => colors.get(symbols?.[i] ?? "") ?? cycleColor(0);
  const place = legendOption(where, options.legend ?? (entries.length > 0 ? "right" : undefined), entries.length > 0);

  const panel = axesPanel({
    x: { type: "linear", domain: xlim, label: textOption(`${where}: xlabel`, options.xlabel ?? `$h_{${first + 1}}$`) },
    y: { type: "linear", domain: ylim, label: textOption(`${where}: ylabel`, options.ylabel ?? `$h_{${second + 1}}$`) },
    title: textOption(`${where}: title`, options.title),
    titleSize: TITLE_FONT,
    grid: "none",
    legend: place === undefined ? undefined : { entries, place },
    preferred: { width: SIDE, height: SIDE },
    aspect: 1,
    description: options.description ?? inWords(xs, ys, symbols, present.length),
    draw(scales: Scales): Node[] {
      const nodes: Node[] = [];
      if (regions !== undefined) nodes.push(regionNode(regions, scales, (index) => lighten(classColor(index), PALE)));
      if (booleanOption(`${where}: path`, options.path, false)) {
        nodes.push(
          drawn({ stroke: "#7f7f7f", strokeWidth: 1, opacity: 0.7 }, (recorder) => {
            for (const [i, x] of xs.entries())
              recorder[i === 0 ? "moveTo" : "lineTo"](scales.x(x), scales.y(ys[i] as number));
          }),
        );
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
        ...placeLabels(
          shown.filter((point) => point.label !== ""),
          scales.box,
          LABEL_SIZE,
        ),
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

interface RegionCells {
  readonly columns: number;
  readonly rows: number;
  /** Left, right, bottom, top. */
  readonly extent: readonly [number, number, number, number];
  /** Row by row from the top; −1 for none. */
  readonly classes: readonly number[];
}

function regionCells(
  where: string,
  options: EmbeddingOptions,
  xlim: readonly [number, number],
  ylim: readonly [number, number],
): RegionCells {
  const { regions } = options;
  const { resolution = typeof regions === "function" ? 200 : 400 } = options;
  if (!Number.isInteger(resolution) || resolution < 2 || resolution > 1000) {
    throw new FigureError(`${where}: resolution: expected a whole number from 2 to 1000, got ${describe(resolution)}`);
  }
  if (isRecord(regions) && "classes" in regions) {
    checkOptions(`${where}: regions`, regions, ["classes", "extent"]);
    const { extent: area } = regions;
    if (!Array.isArray(area) || area.length !== 4) {
      throw new FigureError(`${where}: regions.extent: expected [left, right, bottom, top], got ${describe(area)}`);
    }
    const matrix = toMatrix(`${where}: regions.classes`, regions.classes);
    const classes = matrix.flatMap((row, i) =>
      row.map((value, j) => classNumber(`${where}: regions.classes[${i}][${j}]`, value)),
    );
    const [left, right, bottom, top] = area.map((edge, i) => finiteOption(`${where}: regions.extent[${i}]`, edge)) as [
      number,
      number,
      number,
      number,
    ];
    return {
      columns: (matrix[0] as number[]).length,
      rows: matrix.length,
      extent: [left, right, bottom, top],
      classes,
    };
  }
  const classOf = typeof regions === "function" ? regions : linearClass(where, regions);
  const classes: number[] = [];
  for (let i = 0; i < resolution; i++) {
    const y = ylim[1] - ((i + 0.5) * (ylim[1] - ylim[0])) / resolution;
    for (let j = 0; j < resolution; j++) {
      const x = xlim[0] + ((j + 0.5) * (xlim[1] - xlim[0])) / resolution;
      classes.push(classNumber(`${where}: regions(${shortNumber(x)}, ${shortNumber(y)})`, classOf(x, y)));
    }
  }
  return { columns: resolution, rows: resolution, extent: [...xlim, ...ylim], classes };
}

/** argmax over rows of W·h + b, the first among equals. */
function linearClass(where: string, regions: unknown): (x: number, y: number) => number {
  if (!isRecord(regions)) {
    throw new FigureError(
      `${where}: regions: expected a function, { weight, bias } or { classes, extent }, got ${describe(regions)}`,
    );
  }
  checkOptions(`${where}: regions`, regions, ["weight", "bias"]);
  const weight = toMatrix(`${where}: regions.weight`, regions.weight);
  if ((weight[0] as number[]).length !== 2) {
    throw new FigureError(
      `${where}: regions.weight: expected 2 columns, one for each axis, got ${weight[0]?.length}. Use a function for more units`,
    );
  }
  const bias = regions.bias === undefined ? weight.map(() => 0) : toVector(`${where}: regions.bias`, regions.bias);
  if (bias.length !== weight.length) {
    throw new FigureError(
      `${where}: regions: expected as many biases as rows of weight (${weight.length}), got ${bias.length}`,
    );
  }
  return (x, y) => {
    let [best, highest] = [0, -Infinity];
    for (const [k, [w0, w1]] of (weight as [number, number][]).entries()) {
      const score = w0 * x + w1 * y + (bias[k] as number);
      if (score > highest) [best, highest] = [k, score];
    }
    return best;
  };
}

function classNumber(where: string, value: unknown): number {
  if (Number.isNaN(value)) return -1;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new FigureError(`${where}: expected a class number (0, 1, 2, …; NaN for none), got ${describe(value)}`);
  }
  return value;
}

function regionNode(regions: RegionCells, scales: Scales, colorOf: (index: number) => string): Cells {
  const [left, right, bottom, top] = regions.extent;
  const [x0, x1, y0, y1] = [scales.x(left), scales.x(right), scales.y(top), scales.y(bottom)];
  return {
    kind: "cells",
    x: x0,
    y: y0,
    cellWidth: (x1 - x0) / regions.columns,
    cellHeight: (y1 - y0) / regions.rows,
    columns: regions.columns,
    colors: regions.classes.map((index) => (index < 0 ? null : colorOf(index))),
  };
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
