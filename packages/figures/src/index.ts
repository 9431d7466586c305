/**
 * Pictures of what a recurrent network remembers: data → scene → SVG, PNG (`@unroll/figures/png`, Node) or canvas.
 *
 * @module
 */
export { FigureError } from "./errors.js";
export { Figure } from "./figure.js";
export { type GridOptions, grid } from "./grid.js";
export type { ArrayGiver, Matrix, Vector } from "./input.js";
export { type LinesData, type LinesOptions, lines, type RuleOption, type Series } from "./lines.js";
export { type LineOption, type MatshowOptions, matshow } from "./matshow.js";
export { CYCLE as lineColors, colorMapNames } from "./plot/colors.js";
export type { LegendPlace } from "./plot/legend.js";
export type { TicksOption } from "./plot/ticks.js";
export type {
  AxisScale,
  Box,
  Cells,
  Frame,
  Group,
  Node,
  Paint,
  Path,
  PathCommand,
  Rect,
  Run,
  Scene,
  Text,
} from "./scene/scene.js";
export { toSVG } from "./scene/svg.js";
