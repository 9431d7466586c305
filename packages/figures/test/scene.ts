/** What tests read out of a figure's scene. */
import type { Figure } from "../src/index.js";
import type { Cells, Node, Path, Text } from "../src/scene/scene.js";

export function flat(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => (node.kind === "group" ? flat(node.children) : [node]));
}

export const texts = (figure: Figure): string[] =>
  flat(figure.scene.children)
    .filter((node): node is Text => node.kind === "text")
    .map((node) => node.runs.map((run) => run.text).join(""));
export const paths = (figure: Figure, color: string): Path[] =>
  flat(figure.scene.children).filter(
    (node): node is Path => node.kind === "path" && (node.stroke === color || node.fill === color),
  );
export const cells = (figure: Figure): Cells[] =>
  flat(figure.scene.children).filter((node): node is Cells => node.kind === "cells");

/** The pixel of a data point, from the frame that a figure tells. */
export function pixel(figure: Figure, x: number, y: number): [number, number] {
  const [frame] = figure.frames as [Figure["frames"][0]];
  const share = (scale: { type: string; from: number; to: number }, v: number): number =>
    scale.type === "log"
      ? Math.log(v / scale.from) / Math.log(scale.to / scale.from)
      : (v - scale.from) / (scale.to - scale.from);
  return [frame.x + frame.width * share(frame.xScale, x), frame.y + frame.height * (1 - share(frame.yScale, y))];
}
