/**
 * How much of the gradient arrives, how far back in time?
 *
 * @module
 */
import { checkOptions, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { depthOf, isRecord, toVector, unwrap, type Vector } from "./input.js";
import { describeSeries, legendOption } from "./lines.js";
import { booleanOption, figsizeOption, textOption } from "./options.js";
import { cycleColor } from "./plot/colors.js";
import type { LegendPlace } from "./plot/legend.js";
import { type LinePlotSpec, type LineSeries, linePanel } from "./plot/lineplot.js";
import { LINE_WIDTH, TITLE_FONT } from "./plot/style.js";

export interface GradientFlowOptions {
  /** Each line divided by its first value, so that all begin at 1. */
  relative?: boolean;
  /** A logarithmic axis, `true` unless said otherwise: a constant factor each step is a straight line there. */
  log?: boolean;
  title?: string;
  xlabel?: string;
  ylabel?: string;
  legend?: boolean | LegendPlace;
  grid?: boolean;
  figsize?: readonly [number, number];
  description?: string;
}

const KNOWN = ["relative", "log", "title", "xlabel", "ylabel", "legend", "grid", "figsize", "description"];

/** A line, and a marker against mistaking lines for one another without colour. */
const MARKERS = ["o", "s", "^", "D", "v", "x"];

/**
 * Draws the size of the gradient ‖∂L/∂h‖ at each step back from the end: entry k is k steps before the last.
 *
 * ```ts
 * gradientFlow({ RNN: [1, 0.6, 0.36], LSTM: [1, 0.9, 0.85] }, { relative: true });
 * ```
 *
 * Zeros have no place on a logarithmic axis: the line breaks there, and the text alternative counts them.
 *
 * @throws FigureError for negative sizes, empty data, `relative` with a first value of zero, unknown options
 */
export function gradientFlow(
  data: Vector | Readonly<Record<string, Vector>>,
  options: GradientFlowOptions = {},
): Figure {
  const where = "gradientFlow";
  checkOptions(where, options, KNOWN);
  const value = unwrap(data);
  const named: [string, unknown][] = isRecord(value) ? Object.entries(value) : [["", value]];
  if (named.length === 0) throw new FigureError(`${where}: expected at least one line, got an empty object`);
  if (depthOf(value) > 1) {
    throw new FigureError(
      `${where}: expected one list of sizes or lists by name, got a list of lists. Name them: { RNN: […], LSTM: […] }`,
    );
  }
  const relative = booleanOption(`${where}: relative`, options.relative, false);
  const series = named.map(([label, sizes], i): LineSeries => {
    const name = label === "" ? where : `${where}: ${label}`;
    const read = toVector(name, sizes);
    const negative = read.findIndex((size) => size < 0);
    if (negative >= 0)
      throw new FigureError(
        `${name}[${negative}]: expected the size of a gradient, 0 or more, got ${read[negative]}. Take its norm`,
      );
    const first = read[0] as number;
    if (relative && !(first > 0))
      throw new FigureError(`${name}: relative: expected a first size above 0 to divide by, got ${first}`);
    const marker = MARKERS[i % MARKERS.length];
    const style = {
      color: cycleColor(i),
      dash: "-" as const,
      marker: read.length <= 60 ? marker : undefined,
      width: LINE_WIDTH,
    };
    return { label, x: read.map((_, k) => k), y: relative ? read.map((size) => size / first) : read, style };
  });
  const log = booleanOption(`${where}: log`, options.log, true);
  const zeros = series.flatMap((one) => one.y).filter((size) => size === 0).length;
  const spec: LinePlotSpec = {
    where,
    series,
    rules: [],
    x: { label: textOption(`${where}: xlabel`, options.xlabel ?? "steps back in time"), type: "linear", integer: true },
    y: {
      label: textOption(
        `${where}: ylabel`,
        options.ylabel ?? (relative ? "size of the gradient, relative" : "size of the gradient"),
      ),
      type: log ? "log" : "linear",
    },
    title: textOption(`${where}: title`, options.title),
    titleSize: TITLE_FONT,
    grid: booleanOption(`${where}: grid`, options.grid, true),
    legend: legendOption(
      where,
      options.legend,
      series.some((one) => one.label !== ""),
    ),
    description:
      options.description ??
      describeSeries("Size of the gradient by steps back in time", series) +
        (log && zeros > 0 ? ` Values of zero that are not drawn: ${zeros}.` : ""),
  };
  return new Figure(
    [[linePanel(spec)]],
    { figsize: [6.4, 4.8], ...figsizeOption(where, options.figsize) },
    { lines: spec },
  );
}
