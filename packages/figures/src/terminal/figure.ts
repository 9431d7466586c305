/**
 * Any figure in a terminal, as far as text can draw it.
 *
 * @module
 */
import { checkOptions } from "../errors.js";
import type { Figure } from "../figure.js";
import { positiveOption } from "../input.js";
import type { LinePlotSpec } from "../plot/lineplot.js";
import { plainLabel } from "../text/mathtext.js";
import { terminalCurve } from "./curve.js";
import { drawHeatMap } from "./heatmap.js";
import { colorDepth, type TerminalColor } from "./text.js";

export interface TerminalFigureOptions {
  /** Colours, if the terminal has them. */
  color?: TerminalColor;
  /** Columns of the terminal; 80 unless said otherwise. */
  width?: number;
}

/** Longer lines of dots say no more. */
const WIDEST = 72;
const HEIGHT = 16;

/**
 * Draws what `matshow`, `successMap`, `gates`, `lines`, `curves`, `accuracyByLength` and `gradientFlow` made: heat maps one below the
 * other, lines with their names and rules.
 *
 * @returns lines joined by `\n`, without one at the end; undefined for figures that text cannot draw: grids, bars, planes
 * @throws FigureError for unknown options and a width too small to draw in
 */
export function terminalFigure(figure: Figure, options: TerminalFigureOptions = {}): string | undefined {
  const where = "terminalFigure";
  checkOptions(where, options, ["color", "width"]);
  const color = colorDepth(where, options.color);
  const width = positiveOption(`${where}: width`, options.width ?? 80);
  const { heatMaps, lines } = figure.origin;
  if (heatMaps !== undefined) return heatMaps.map((spec) => drawHeatMap(where, spec, width, color)).join("\n");
  if (lines === undefined || lines.x.type === "log") return undefined;
  // What is measured on different axes is drawn in different drawings.
  const sides = [false, true].flatMap((right) => drawLines(lines, right, Math.min(WIDEST, width), color));
  return sides.length === 0 ? undefined : sides.join("\n\n");
}

function drawLines(spec: LinePlotSpec, right: boolean, width: number, color: TerminalColor): string[] {
  const series = spec.series.filter((one) => (one.right === true) === right && one.quiet !== true);
  if (series.length === 0 || series.some((one) => one.style.dash === undefined)) return [];
  const rules = spec.rules.filter((rule) => (rule.right === true) === right);
  const at = (direction: "horizontal" | "vertical"): number[] =>
    rules.filter((rule) => rule.direction === direction).map((rule) => rule.at);
  const axis = right && spec.y2 !== undefined ? spec.y2 : spec.y;
  const names = series.map(({ label }, i) => (label === "" ? String(i + 1) : plainLabel(label)));
  const curves = Object.fromEntries(series.map(({ x, y }, i) => [names[i] as string, { x, y }]));
  const { ticks } = spec.x;
  return [
    terminalCurve(series.length === 1 && series[0]?.label === "" ? (Object.values(curves)[0] as never) : curves, {
      width,
      height: HEIGHT,
      color,
      title: spec.title === "" ? axis.label : spec.title,
      xlabel: spec.x.label,
      log: axis.type === "log",
      hlines: at("horizontal"),
      vlines: at("vertical"),
      ...(ticks !== undefined && {
        xticks: { positions: ticks.map((tick) => tick.value), labels: ticks.map((tick) => tick.label) },
      }),
    }),
  ];
}
