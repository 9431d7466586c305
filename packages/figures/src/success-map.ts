/**
 * Which runs learned the task: units × seeds.
 *
 * @module
 */
import { checkOptions, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { depthOf, extent, type Matrix, toLabels, toMatrix, unwrap } from "./input.js";
import { heatMapSpec, matshow } from "./matshow.js";
import { booleanOption, figsizeOption, textOption, wordsOption } from "./options.js";
import { heatMapPanel } from "./plot/heatmap.js";
import type { HeatMapSpec } from "./plot/heatmap-spec.js";
import { MISSING_COLOR } from "./plot/style.js";
import { cellTicks } from "./plot/ticks.js";

export interface SuccessMapOptions {
  /** What each row stands for (`["1 unit", "2 units"]`). */
  rows?: readonly (string | number)[];
  /** What each column stands for; 0, 1, 2, … unless given. */
  columns?: readonly (string | number)[];
  /** Successes first in every row, so that rows read as bars; the columns then no longer stand for the same seed. */
  sort?: boolean;
  /** What the figure says, in another language. */
  words?: Readonly<Partial<typeof WORDS>>;
  title?: string;
  xlabel?: string;
  ylabel?: string;
  figsize?: readonly [number, number];
  description?: string;
}

const WORDS = { learned: "learned", failed: "not learned", missing: "not run" };
const KNOWN = ["rows", "columns", "sort", "words", "title", "xlabel", "ylabel", "figsize", "description"];

/** Blue and orange: told apart by every kind of colour vision, and failures carry a cross besides. */
const LEARNED = "#2c7fb8";
const FAILED = "#fdae61";

/**
 * Draws success (true, 1) and failure (false, 0) of many runs, with the rate of each row beside it.
 *
 * With two axes: rows × seeds, a cell for each run. With three axes, rows × columns × seeds (units × symbols × seeds), a cell for each
 * share of successful runs, written in percent. NaN stands for a run that was not made.
 *
 * ```ts
 * successMap(learned, { rows: ["1 unit", "2 units"], xlabel: "seed", title: "abcde" });
 * ```
 *
 * @throws FigureError for ragged or empty data, entries other than 0, 1, true, false, NaN, unknown options
 */
export function successMap(data: Matrix | readonly Matrix[], options: SuccessMapOptions = {}): Figure {
  checkOptions("successMap", options, KNOWN);
  return depthOf(data) === 3 ? rateMap(data as readonly Matrix[], options) : runMap(data as Matrix, options);
}

function runMap(data: Matrix, options: SuccessMapOptions): Figure {
  const where = "successMap";
  const given = toMatrix(`${where}: data`, data);
  for (const [i, row] of given.entries()) checkOutcomes(`${where}: data[${i}]`, row);
  const words = wordsOption(`${where}: words`, options.words, WORDS);
  const sort = booleanOption(`${where}: sort`, options.sort, false);
  const matrix = sort ? given.map((row) => [...row].sort((a, b) => rank(a) - rank(b))) : given;
  const [rows, columns] = [matrix.length, (matrix[0] as number[]).length];
  const rates = matrix.map((row) => ({
    learned: row.filter((run) => run === 1).length,
    made: row.filter(Number.isFinite).length,
  }));
  const labels = rowLabels(where, options, rows);
  const cell = Math.max(4, Math.min(36, Math.floor(900 / columns)));
  const spec = heatMapSpec(where, matrix, {
    cmap: "wr",
    vmin: 0,
    vmax: 1,
    rowLabels: labels,
    title: textOption(`${where}: title`, options.title),
    xlabel: textOption(`${where}: xlabel`, options.xlabel),
    ylabel: textOption(`${where}: ylabel`, options.ylabel),
    xticks:
      options.columns === undefined
        ? sparse(columns)
        : (toLabels(`${where}: columns`, options.columns, columns, "column") as string[]),
    annotate: (run) => (run === 0 ? "×" : ""),
  });
  const missing = matrix.some((row) => row.some((run) => !Number.isFinite(run)));
  const drawn: HeatMapSpec = {
    ...spec,
    map: {
      name: "learned or not",
      kind: "sequential",
      table: Array.from({ length: 256 }, (_, i) => (i < 128 ? FAILED : LEARNED)),
    },
    cellSize: [cell, Math.max(cell, 22)],
    rowNotes: rates.map(({ learned, made }) => `${learned}/${made}`),
    key: [
      { color: LEARNED, label: words.learned },
      { color: FAILED, label: `× ${words.failed}` },
      ...(missing ? [{ color: MISSING_COLOR, label: words.missing }] : []),
    ],
    description:
      options.description ??
      `Runs that learned the task: ${rates.map(({ learned, made }, i) => `${labels[i]}: ${learned} of ${made}`).join("; ")}.`,
  };
  return new Figure([[heatMapPanel(drawn)]], figsizeOption(where, options.figsize), { heatMaps: [drawn] });
}

function rateMap(data: readonly Matrix[], options: SuccessMapOptions): Figure {
  const where = "successMap";
  const words = wordsOption(`${where}: words`, options.words, WORDS);
  const list = unwrap(data) as readonly unknown[];
  const rates = Array.from(list, (part, i) => {
    const runs = toMatrix(`${where}: data[${i}]`, part);
    return runs.map((seeds, j) => {
      checkOutcomes(`${where}: data[${i}][${j}]`, seeds);
      const made = seeds.filter(Number.isFinite);
      return (100 * made.filter((run) => run === 1).length) / made.length;
    });
  });
  const matrix = toMatrix(`${where}: data`, rates);
  const columns = (matrix[0] as number[]).length;
  const labels = rowLabels(where, options, matrix.length);
  const names =
    options.columns === undefined ? undefined : toLabels(`${where}: columns`, options.columns, columns, "column");
  const [low, high] = extent(matrix.flat()) ?? [0, 0];
  return matshow(matrix, {
    cmap: "Blues",
    vmin: 0,
    vmax: 100,
    cellSize: 52,
    rowLabels: labels,
    colorbar: `${words.learned}, %`,
    annotate: (rate) => (Number.isFinite(rate) ? `${Math.round(rate)}%` : ""),
    title: textOption(`${where}: title`, options.title),
    xlabel: textOption(`${where}: xlabel`, options.xlabel),
    ylabel: textOption(`${where}: ylabel`, options.ylabel),
    ...(names !== undefined && { xticks: names }),
    ...(options.figsize !== undefined && { figsize: options.figsize }),
    description:
      options.description ??
      `Share of runs that learned the task, for ${matrix.length} × ${columns} settings, from ${Math.round(low)} to ${Math.round(high)} percent.`,
  });
}

/** Learned, failed, not run. */
const rank = (run: number): number => (run === 1 ? 0 : run === 0 ? 1 : 2);

function checkOutcomes(where: string, runs: readonly number[]): void {
  const other = runs.findIndex((run) => run !== 0 && run !== 1 && !Number.isNaN(run));
  if (other >= 0) {
    throw new FigureError(
      `${where}[${other}]: expected true or false (1 or 0; NaN for not run), got ${runs[other]}. Draw shares with matshow, annotate: true`,
    );
  }
}

function rowLabels(where: string, options: SuccessMapOptions, rows: number): string[] {
  return options.rows === undefined
    ? Array.from({ length: rows }, (_, i) => String(i))
    : toLabels(`${where}: rows`, options.rows, rows, "row");
}

function sparse(columns: number): { positions: number[]; labels: string[] } {
  const ticks = cellTicks(columns);
  return { positions: ticks.map((tick) => tick.value), labels: ticks.map((tick) => tick.label) };
}
