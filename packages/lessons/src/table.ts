/**
 * Tables of text, the way pandas prints a frame: columns to the right, the row's number in front.
 *
 * @module
 */
import { displayWidth } from "@unroll/figures";

/**
 * ```
 *    x  y
 * 0  A  b
 * 1  b  A
 * ```
 *
 * @param columns columns of one length, by name
 * @param rows how many rows from the first (default all)
 */
export function frame(columns: Readonly<Record<string, readonly (string | number)[]>>, rows?: number): string {
  const lists = Object.entries(columns).map(([name, list]) => [name, ...list.slice(0, rows).map(String)]);
  const length = lists[0]?.length ?? 1;
  const index = ["", ...Array.from({ length: length - 1 }, (_, i) => String(i))];
  return table([index, ...lists], ["left"]);
}

/** A shape as NumPy and pandas print it: `(299, 7)`, `(8,)`. */
export function shapeOf(x: { readonly shape: readonly number[] }): string {
  return x.shape.length === 1 ? `(${x.shape[0]},)` : `(${x.shape.join(", ")})`;
}

/**
 * Columns of text with two spaces between them.
 *
 * @param sides `"left"` or `"right"` for each column; what is left out is right
 */
export function table(columns: readonly (readonly string[])[], sides: readonly ("left" | "right")[] = []): string {
  const padded = columns.map((column, j) => {
    const width = Math.max(...column.map(displayWidth));
    return column.map((cell) => {
      const room = " ".repeat(width - displayWidth(cell));
      return sides[j] === "left" ? cell + room : room + cell;
    });
  });
  const height = padded[0]?.length ?? 0;
  return Array.from({ length: height }, (_, i) =>
    padded
      .map((column) => column[i])
      .join("  ")
      .trimEnd(),
  ).join("\n");
}
