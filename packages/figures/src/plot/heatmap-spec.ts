import type { ColorMap } from "./colors.js";
import type { Tick } from "./ticks.js";

/** A straight line across all rows (or columns) at a position in cells, 2.5 being between the third and the fourth. */
export interface Divider {
  readonly at: number;
  readonly color: string;
  readonly width: number;
}

/** Everything decided: what `heatMapPanel` draws. */
export interface HeatMapSpec {
  readonly matrix: readonly (readonly number[])[];
  readonly map: ColorMap;
  readonly vmin: number;
  readonly vmax: number;
  readonly xticks: readonly Tick[];
  readonly yticks: readonly Tick[];
  readonly xlabel: string;
  readonly ylabel: string;
  readonly title: string;
  readonly titleSize: number;
  readonly tickSize: number;
  readonly colorbar: { readonly label: string } | undefined;
  readonly vlines: readonly Divider[];
  readonly hlines: readonly Divider[];
  readonly annotate: ((value: number, row: number, column: number) => string) | undefined;
  readonly cellSize: readonly [number, number] | undefined;
  /** Text right of each row. */
  readonly rowNotes?: readonly string[];
  /** Colours explained below the cells. */
  readonly key?: readonly { readonly color: string; readonly label: string }[];
  readonly description: string;
}
