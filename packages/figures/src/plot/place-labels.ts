/**
 * Names beside points, where they cover neither points nor each other.
 *
 * @module
 */
import type { Box, Node } from "../scene/scene.js";
import { heightOf, text, widthOf } from "./draw.js";
import { MARKER_SIZE } from "./style.js";

export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly color: string;
}

/** Directions tried in turn: right, left, above, below, and the diagonals; then all again farther out. */
const DIRECTIONS = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, -1],
  [-1, -1],
  [1, 1],
  [-1, 1],
] as const;

/** One text for each point with a name, with a white outline; a name is left out when there is no free place near its point. */
export function placeLabels(points: readonly LabelledPoint[], room: Box, size: number): Node[] {
  const radius = MARKER_SIZE / 2 + 3;
  const taken: Box[] = points.map(({ x, y }) => ({
    x: x - radius,
    y: y - radius,
    width: 2 * radius,
    height: 2 * radius,
  }));
  const nodes: Node[] = [];
  for (const point of points) {
    if (point.label === "") continue;
    const [width, height] = [widthOf(point.label, size), heightOf(size) * 0.8];
    const place = [1, 2.2]
      .flatMap((distance) =>
        DIRECTIONS.map(([dx, dy]) => ({ dx, dy, gap: radius + 2 * distance + (distance - 1) * 5 })),
      )
      .map(({ dx, dy, gap }): Box => {
        const far = dx !== 0 && dy !== 0 ? gap * 0.7 : gap;
        const x = point.x + dx * far + (dx === 0 ? -width / 2 : dx < 0 ? -width : 0);
        const y = point.y + dy * far + (dy === 0 ? -height / 2 : dy < 0 ? -height : 0);
        return { x, y, width, height };
      })
      .find((box) => inside(box, room) && !taken.some((other) => overlap(box, other)));
    if (place === undefined) continue;
    taken.push(place);
    nodes.push(
      text(place.x, place.y + height / 2, point.label, { size, at: "center", fill: point.color, halo: "#ffffff" }),
    );
  }
  return nodes;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function inside(box: Box, room: Box): boolean {
  return (
    box.x >= room.x &&
    box.y >= room.y &&
    box.x + box.width <= room.x + room.width &&
    box.y + box.height <= room.y + room.height
  );
}
