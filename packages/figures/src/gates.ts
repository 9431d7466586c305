/**
 * The gates of an LSTM or GRU over time.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { extent, finiteOption, isRecord, type Matrix, positiveOption, toLabels, toMatrix } from "./input.js";
import { heatMapSpec, type LineOption } from "./matshow.js";
import { figsizeOption, textOption } from "./options.js";
import { heatMapPanel } from "./plot/heatmap.js";
import type { HeatMapSpec } from "./plot/heatmap-spec.js";
import { points } from "./plot/style.js";
import { linearTicks, visible } from "./plot/ticks.js";

export interface GatesOptions {
  /** The sequence's symbols, one for each time step, written above. */
  symbols?: readonly (string | number)[] | string;
  /** Lines between time steps. */
  vlines?: readonly LineOption[];
  /** The numbers that the first and last colour of a panel stand for, by its name. */
  ranges?: Readonly<Record<string, readonly [number, number]>>;
  /** Colour map of numbers from 0 to 1 (`"wr"`, white to red, unless said otherwise) and of signed numbers (`"bwr"`). */
  cmap?: string;
  signedCmap?: string;
  title?: string;
  xlabel?: string;
  /** Pixels of a cell along time; left out, as large as fits 900 pixels. */
  cellSize?: number;
  figsize?: readonly [number, number];
  description?: string;
}

const KNOWN = [
  "symbols",
  "vlines",
  "ranges",
  "cmap",
  "signedCmap",
  "title",
  "xlabel",
  "cellSize",
  "figsize",
  "description",
];

/** Sigmoid gates: always between 0 and 1. */
const SIGMOID = new Set(["i", "f", "o", "r", "z", "input", "forget", "output", "reset", "update"]);
/** Passed through tanh: always between −1 and 1. */
const TANH = new Set(["g", "n", "h", "candidate", "new", "hidden", "state"]);

/**
 * Draws gate values as heat maps one below the other: units downwards, time to the right.
 *
 * Each entry is a matrix of T rows (time steps) and H columns (units), as a recurrent layer records them. The sigmoid gates i f o r z are
 * drawn from 0 to 1, g n h from −1 to 1, anything else (such as the cell state c) symmetrically over its own range.
 *
 * ```ts
 * gates({ i, f, g, o, c, h }, { symbols: "AbAcAdAbAc" });
 * ```
 *
 * @throws FigureError for no gates, different numbers of time steps, unknown options, names in `ranges` that are not there
 */
export function gates(record: Readonly<Record<string, Matrix>>, options: GatesOptions = {}): Figure {
  const where = "gates";
  checkOptions(where, options, KNOWN);
  if (!isRecord(record))
    throw new FigureError(`${where}: expected matrices by name, such as { i, f, g, o }, got ${describe(record)}`);
  const named = Object.entries(record).map(([name, matrix]): [string, number[][]] => [
    name,
    toMatrix(`${where}: ${name}`, matrix),
  ]);
  const [first] = named;
  if (first === undefined) throw new FigureError(`${where}: expected at least one matrix, got an empty object`);
  const steps = first[1].length;
  for (const [name, matrix] of named) {
    if (matrix.length !== steps) {
      throw new FigureError(
        `${where}: expected ${steps} rows (time steps) in '${name}' as in '${first[0]}', got ${matrix.length}`,
      );
    }
  }
  checkOptions(
    `${where}: ranges`,
    options.ranges,
    named.map(([name]) => name),
  );
  const symbols =
    options.symbols === undefined
      ? undefined
      : toLabels(`${where}: symbols`, options.symbols, steps, "time step").map(visible);
  const cell =
    options.cellSize === undefined
      ? Math.max(3, Math.min(30, Math.floor(900 / steps)))
      : positiveOption(`${where}: cellSize`, options.cellSize);
  const title = textOption(`${where}: title`, options.title);
  const specs = named.map(([name, matrix], i): HeatMapSpec => {
    const units = (matrix[0] as number[]).length;
    const [vmin, vmax] = rangeOf(`${where}: ranges.${name}`, name, matrix, options.ranges?.[name]);
    const last = i === named.length - 1;
    const spec = heatMapSpec(`${where}: ${name}`, matrix, {
      vmin,
      vmax,
      transpose: true,
      cmap: vmin < 0 ? (options.signedCmap ?? "bwr") : (options.cmap ?? "wr"),
      colorbar: true,
      xlabel: name.length === 1 ? `$${name}$` : name,
      xticks:
        units <= 12
          ? { positions: matrix[0]?.map((_, u) => u) as number[], labels: matrix[0]?.map((_, u) => u + 1) as number[] }
          : [],
      ...(options.vlines !== undefined && { hlines: options.vlines }),
    });
    const time = symbols === undefined ? linearTicks(0, steps - 1, Math.min(10, steps), true) : spec.xticks;
    const height = Math.max(4, Math.min(Math.max(cell, 16), Math.floor(140 / units)));
    return {
      ...spec,
      cellSize: [cell, height],
      xticks: i === 0 ? (symbols === undefined ? time : symbols.map((label, value) => ({ value, label }))) : [],
      title: i === 0 ? title : "",
      xlabel: last ? textOption(`${where}: xlabel`, options.xlabel) : "",
    };
  });
  const panels = specs.map(heatMapPanel);
  return new Figure(
    panels.map((panel) => [panel]),
    {
      ...figsizeOption(where, options.figsize),
      gap: points(4),
      title: title === "" ? `Gates ${named.map(([name]) => name).join(", ")} over time` : title,
      description: options.description ?? named.map(([name], i) => `${name}: ${panels[i]?.description}`).join(" "),
    },
    { heatMaps: specs.map((spec) => ({ ...spec, title: spec.ylabel })) },
  );
}

function rangeOf(where: string, name: string, matrix: number[][], given: unknown): [number, number] {
  if (given !== undefined) {
    if (!Array.isArray(given) || given.length !== 2)
      throw new FigureError(`${where}: expected [lowest, highest], got ${describe(given)}`);
    return [finiteOption(`${where}[0]`, given[0]), finiteOption(`${where}[1]`, given[1])];
  }
  if (SIGMOID.has(name)) return [0, 1];
  if (TANH.has(name)) return [-1, 1];
  const [low, high] = extent(matrix.flat()) ?? [-1, 1];
  const largest = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return [-largest, largest];
}
