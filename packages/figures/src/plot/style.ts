/**
 * The measures of every figure: matplotlib's defaults, in pixels at 100 to the inch.
 *
 * @module
 */

/** Pixels of a length in points. */
export const points = (pt: number): number => (pt * 100) / 72;

export const DPI = 100;
export const FONT = 10;
export const TITLE_FONT = 12;
export const TICK_LENGTH = points(3.5);
export const TICK_PAD = points(3.5);
export const LABEL_PAD = points(4);
export const TITLE_PAD = points(6);
export const LINE_WIDTH = points(1.5);
/** Six points and the edge of one that matplotlib draws around them. */
export const MARKER_SIZE = points(7);
export const FRAME_WIDTH = 1;
export const INK = "#000000";
export const GRID_COLOR = "#b0b0b0";
/** What is not a number is drawn in this grey, hatched. */
export const MISSING_COLOR = "#d9d9d9";
export const HATCH_COLOR = "#8c8c8c";
/** Space around a figure. */
export const OUTER_PAD = 10;
