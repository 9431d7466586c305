/**
 * Several figures as one.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { positiveOption } from "./input.js";
import { figsizeOption, textOption } from "./options.js";
import type { Panel } from "./plot/panel.js";

export interface GridOptions {
  /** How many stand in a row; all in one row unless said otherwise. Not for figures already given as rows. */
  columns?: number;
  /** A title over all. */
  suptitle?: string;
  /** Points. */
  suptitleSize?: number;
  /** Inches, 100 pixels each; left out, each panel keeps its own size. */
  figsize?: readonly [number, number];
  description?: string;
}

/**
 * Places figures in rows and columns and draws them anew, with their frames in line (matplotlib's `plt.subplots` and `tight_layout`).
 *
 * ```ts
 * grid([lines(h, { title: "$h$" }), lines(netOut, { title: "$net(x)$" }), lines(yhat, { title: "$\\hat{y}$" })],
 *      { suptitle: "$h, net(x), \\hat{y}$", figsize: [15, 5] });
 * ```
 *
 * @throws FigureError for an empty grid, for what is not a figure, for a figsize that leaves no room
 */
export function grid(figures: readonly Figure[] | readonly (readonly Figure[])[], options: GridOptions = {}): Figure {
  checkOptions("grid", options, ["columns", "suptitle", "suptitleSize", "figsize", "description"]);
  if (!Array.isArray(figures) || figures.length === 0) {
    throw new FigureError(`grid: expected a list of figures, or rows of figures, got ${describe(figures)}`);
  }
  const inRows = Array.isArray(figures[0]);
  if (inRows && options.columns !== undefined) {
    throw new FigureError("grid: the figures are given as rows already: leave out columns, or give one flat list");
  }
  const columns = options.columns === undefined ? figures.length : positiveOption("grid: columns", options.columns);
  if (!Number.isInteger(columns)) throw new FigureError(`grid: columns: expected a whole number, got ${columns}`);
  const rows = inRows ? (figures as readonly (readonly Figure[])[]) : chunks(figures as readonly Figure[], columns);
  const panels = rows.map((row, i) => {
    if (!Array.isArray(row) || row.length === 0)
      throw new FigureError(`grid: expected row ${i} to be a list of figures, got ${describe(row)}`);
    return row.map((figure, j) => panelOf(figure, `grid[${i}][${j}]`));
  });
  return new Figure(panels, {
    ...figsizeOption("grid", options.figsize),
    suptitle: textOption("grid: suptitle", options.suptitle),
    ...(options.suptitleSize !== undefined && {
      suptitleSize: positiveOption("grid: suptitleSize", options.suptitleSize),
    }),
    ...(options.description !== undefined && { description: options.description }),
  });
}

function chunks<T>(list: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, i) => list.slice(i * length, (i + 1) * length));
}

function panelOf(figure: unknown, where: string): Panel {
  if (!(figure instanceof Figure))
    throw new FigureError(`${where}: expected a Figure, as matshow() and lines() return it, got ${describe(figure)}`);
  if (figure.panels.length !== 1) {
    throw new FigureError(
      `${where}: expected a figure of one panel, got one of ${figure.panels.length} ('${figure.title}'). Place its parts instead`,
    );
  }
  return figure.panels[0] as Panel;
}
