import { describe, expect, test } from "vitest";
import { type Node, type PaintContext, paint } from "../src/index.js";
import { examples } from "./examples.js";

/** A context that counts and checks instead of painting. */
class Recorder implements PaintContext {
  fillStyle: unknown = "";
  strokeStyle: unknown = "";
  lineWidth = 1;
  lineCap = "butt";
  lineJoin = "miter";
  globalAlpha = 1;
  font = "";
  textAlign = "";
  textBaseline = "";
  depth = 0;
  readonly texts: string[] = [];
  readonly fills: unknown[] = [];
  save = (): void => void this.depth++;
  restore = (): void => void this.depth--;
  beginPath = (): void => {};
  closePath = (): void => {};
  moveTo = finite;
  lineTo = finite;
  quadraticCurveTo = finite;
  bezierCurveTo = finite;
  arcTo = finite;
  rect = finite;
  clip = (): void => {};
  fill = (): void => void this.fills.push(this.fillStyle);
  stroke = (): void => {};
  setLineDash = (lengths: number[]): void => finite(...lengths);
  translate = finite;
  rotate = finite;
  fillRect = (...box: number[]): void => {
    finite(...box);
    this.fills.push(this.fillStyle);
  };
  fillText = (text: string, x: number, y: number): void => {
    finite(x, y);
    expect(this.font).toMatch(/^(italic )?(bold )?[\d.]+px "DejaVu Sans", NanumGothic/);
    this.texts.push(text);
  };
  strokeText = (): void => {};
  measureText = (text: string): { width: number } => ({ width: text.length * 6 });
}

function finite(...numbers: number[]): void {
  for (const number of numbers) expect(Number.isFinite(number)).toBe(true);
}

const runs = (nodes: readonly Node[]): string[] =>
  nodes.flatMap((node) =>
    node.kind === "group" ? runs(node.children) : node.kind === "text" ? node.runs.map((run) => run.text) : [],
  );

describe("painting on a canvas", () => {
  for (const [name, draw] of Object.entries(examples)) {
    test(`${name}: every text, finite coordinates, the state as it was`, () => {
      const { scene } = draw();
      const ctx = new Recorder();
      paint(scene, ctx);
      expect(ctx.depth).toBe(0);
      expect(ctx.texts).toEqual(runs(scene.children));
      expect(ctx.fills[0]).toBe("#ffffff");
    });
  }

  test("cells meet on whole pixels", () => {
    const boxes: number[][] = [];
    const ctx = new Recorder();
    ctx.fillRect = (...box: number[]): void => void boxes.push(box);
    paint(
      {
        width: 10,
        height: 10,
        title: "",
        description: "",
        background: "#fff",
        frames: [],
        children: [
          { kind: "cells", x: 0.3, y: 0, cellWidth: 3.1, cellHeight: 5, columns: 3, colors: ["red", null, "blue"] },
        ],
      },
      ctx,
    );
    expect(boxes).toEqual([
      [0, 0, 10, 10],
      [0, 0, 3, 5],
      [7, 0, 3, 5],
    ]);
  });
});
