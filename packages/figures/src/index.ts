/**
 * Pictures of what a recurrent network remembers: data → scene → SVG, PNG (`@unroll/figures/png`, Node), canvas or terminal.
 *
 * @module
 */
export { type AccuracyByLengthOptions, accuracyByLength, type LengthScores } from "./accuracy-by-length.js";
export { type BarsOptions, bars } from "./bars.js";
export { type Curve, type CurveGroup, type CurvesData, type CurvesOptions, curves } from "./curves.js";
export { type EmbeddingOptions, embedding } from "./embedding.js";
export { FigureError } from "./errors.js";
export { Figure } from "./figure.js";
export { type GatesOptions, gates } from "./gates.js";
export { type GradientFlowOptions, gradientFlow } from "./gradient-flow.js";
export { type GridOptions, grid } from "./grid.js";
export type { ArrayGiver, Matrix, Vector } from "./input.js";
export { type LinesData, type LinesOptions, lines, type RuleOption, type Series } from "./lines.js";
export { type LineOption, type MatshowOptions, matshow } from "./matshow.js";
export { CYCLE as lineColors, colorMapNames } from "./plot/colors.js";
export type { LegendPlace } from "./plot/legend.js";
export type { Regions } from "./plot/regions.js";
export type { TicksOption } from "./plot/ticks.js";
export { type PaintContext, paint } from "./scene/canvas.js";
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
export { type SuccessMapOptions, successMap } from "./success-map.js";
export { type TerminalCurveOptions, terminalCurve } from "./terminal/curve.js";
export { type TerminalFigureOptions, terminalFigure } from "./terminal/figure.js";
export { type TerminalHeatmapOptions, terminalHeatmap } from "./terminal/heatmap.js";
export { displayWidth, type TerminalColor } from "./terminal/text.js";
