/**
 * A panel is one set of axes before it has a place: it says how much room its labels need and draws itself into a box.
 * `layout` gives panels their places and makes the scene.
 *
 * @module
 */
import { FigureError } from "../errors.js";
import type { Box, Frame, Node, Scene } from "../scene/scene.js";
import { plainLabel } from "../text/mathtext.js";
import { heightOf, text, widthOf } from "./draw.js";
import { DPI, OUTER_PAD, points } from "./style.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Room for ticks, labels, titles and colour bars around the box of the axes. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Panel {
  /** In plain text. */
  readonly title: string;
  readonly description: string;
  /** The size of the box when nobody asks for another. */
  readonly preferred: Size;
  /** Height over width that the box must have, for square cells. */
  readonly aspect?: number;
  /** The least width of the box and its margins, for what is written above and below it. */
  readonly leastWidth: number;
  margins(box: Size): Margins;
  /** `room` is the box with its margins: a title must stay inside. */
  draw(box: Box, room: Box): Node[];
  frame(box: Box): Frame;
}

export interface LayoutOptions {
  /** Width and height in inches, 100 pixels each, as in matplotlib. */
  readonly figsize?: readonly [number, number];
  readonly suptitle?: string;
  /** In points. */
  readonly suptitleSize?: number;
  readonly title?: string;
  readonly description?: string;
  readonly background?: string;
  /** Pixels between panels. */
  readonly gap?: number;
}

const NO_MARGINS: Margins = { left: 0, right: 0, top: 0, bottom: 0 };

/** Places panels, row by row, and draws them. Boxes in one column share their left and right edges, boxes in one row top and bottom. */
export function layout(rows: readonly (readonly Panel[])[], options: LayoutOptions = {}): Scene {
  const columns = Math.max(...rows.map((row) => row.length));
  const gap = options.gap ?? points(12);
  const suptitleSize = options.suptitleSize ?? 14;
  const suptitle = options.suptitle ?? "";
  const head = suptitle === "" ? 0 : heightOf(suptitleSize) + points(8);

  const column = (j: number): Panel[] => rows.flatMap((row) => row[j] ?? []);
  let widths = Array.from({ length: columns }, (_, j) => Math.max(...column(j).map((panel) => panel.preferred.width)));
  let heights = rows.map((row) => Math.max(...row.map((panel) => panel.preferred.height)));
  let margins: Margins[][] = [];
  const measure = (): void => {
    margins = rows.map((row, i) =>
      row.map((panel, j) => panel.margins(fit(panel, { width: widths[j] as number, height: heights[i] as number }))),
    );
  };
  const left = (j: number): number => Math.max(...margins.map((row) => (row[j] ?? NO_MARGINS).left));
  const right = (j: number): number => Math.max(...margins.map((row) => (row[j] ?? NO_MARGINS).right));
  const top = (i: number): number => Math.max(...(margins[i] as Margins[]).map((m) => m.top));
  const bottom = (i: number): number => Math.max(...(margins[i] as Margins[]).map((m) => m.bottom));
  const sum = (count: number, of: (k: number) => number): number => {
    let total = 0;
    for (let k = 0; k < count; k++) total += of(k);
    return total;
  };
  const around = (): Size => ({
    width: 2 * OUTER_PAD + (columns - 1) * gap + sum(columns, (j) => left(j) + right(j)),
    height: 2 * OUTER_PAD + head + (rows.length - 1) * gap + sum(rows.length, (i) => top(i) + bottom(i)),
  });

  let total: Size;
  measure();
  if (options.figsize === undefined) {
    const slack = Array.from({ length: columns }, (_, j) => {
      const need = Math.max(...column(j).map((panel) => panel.leastWidth));
      return Math.max(0, need - (left(j) + (widths[j] as number) + right(j)));
    });
    // Writing that is wider than its panel makes the figure wider, not the cells.
    margins = margins.map((row) =>
      row.map((m, j) => ({ ...m, left: m.left + (slack[j] as number) / 2, right: m.right + (slack[j] as number) / 2 })),
    );
    const labels = around();
    const wide = widthOf(suptitle, suptitleSize) + 2 * OUTER_PAD;
    total = {
      width: Math.ceil(Math.max(labels.width + sum(columns, (j) => widths[j] as number), wide)),
      height: Math.ceil(labels.height + sum(rows.length, (i) => heights[i] as number)),
    };
  } else {
    total = { width: options.figsize[0] * DPI, height: options.figsize[1] * DPI };
    for (let pass = 0; pass < 3; pass++) {
      const labels = around();
      const [width, height] = [(total.width - labels.width) / columns, (total.height - labels.height) / rows.length];
      if (width < 20 || height < 20) {
        throw new FigureError(
          `figsize: ${options.figsize.join(" × ")} inches leave no room for the axes beside their labels; ` +
            `expected at least ${((labels.width + 20 * columns) / DPI).toFixed(1)} × ${((labels.height + 20 * rows.length) / DPI).toFixed(1)}`,
        );
      }
      widths = widths.map(() => Math.floor(width));
      heights = heights.map(() => Math.floor(height));
      measure();
    }
  }

  const children: Node[] = [];
  const frames: Frame[] = [];
  const used = around().width + sum(columns, (j) => widths[j] as number);
  if (suptitle !== "") {
    const size = Math.min(
      suptitleSize,
      (suptitleSize * (total.width - 2 * OUTER_PAD)) / Math.max(1, widthOf(suptitle, suptitleSize)),
    );
    children.push(text(total.width / 2, OUTER_PAD, suptitle, { size, anchor: "middle", at: "top" }));
  }
  let y = OUTER_PAD + head;
  for (const [i, row] of rows.entries()) {
    let x = (total.width - used) / 2 + OUTER_PAD;
    for (const [j, panel] of row.entries()) {
      const cell: Box = { x: x + left(j), y: y + top(i), width: widths[j] as number, height: heights[i] as number };
      const size = fit(panel, cell);
      const box: Box = {
        x: Math.round(cell.x + (cell.width - size.width) / 2),
        y: Math.round(cell.y + (cell.height - size.height) / 2),
        ...size,
      };
      const room: Box = { x, y, width: left(j) + cell.width + right(j), height: top(i) + cell.height + bottom(i) };
      children.push(...panel.draw(box, room));
      frames.push(panel.frame(box));
      x += room.width + gap;
    }
    y += top(i) + (heights[i] as number) + bottom(i) + gap;
  }

  const panels = rows.flat();
  const titles = [suptitle, ...panels.map((panel) => panel.title)].filter((title) => title !== "").map(plainLabel);
  return {
    width: total.width,
    height: total.height,
    title: options.title ?? (titles.length > 0 ? titles.join(" · ") : "Figure"),
    description: options.description ?? panels.map((panel) => panel.description).join(" "),
    background: options.background ?? "#ffffff",
    children,
    frames,
  };
}

/** The largest size of a panel's aspect inside a box. */
function fit(panel: Panel, box: Size): Size {
  const { aspect } = panel;
  if (aspect === undefined) return { width: box.width, height: box.height };
  const width = Math.min(box.width, box.height / aspect);
  return { width, height: width * aspect };
}

/** A title centred over a box that keeps inside the room of its panel, smaller if it must. */
export function titleNode(label: string, size: number, box: Box, room: Box, bottom: number): Node[] {
  if (label === "") return [];
  const fitted = Math.max(size * 0.55, Math.min(size, (size * room.width) / Math.max(1, widthOf(label, size))));
  const half = widthOf(label, fitted) / 2;
  const centre = Math.max(room.x + half, Math.min(room.x + room.width - half, box.x + box.width / 2));
  return [text(centre, bottom, label, { size: fitted, anchor: "middle", at: "bottom" })];
}
