/**
 * Scene → canvas, for views that change many times a second.
 *
 * @module
 */
import {
  type Cells,
  FONT_FAMILIES,
  type Group,
  type Node,
  type Paint,
  type Path,
  type Rect,
  type Run,
  type Scene,
  type Text,
} from "./scene.js";

/** The part of `CanvasRenderingContext2D` that painting needs; an `OffscreenCanvas` has it too. */
export interface PaintContext {
  fillStyle: unknown;
  strokeStyle: unknown;
  lineWidth: number;
  lineCap: string;
  lineJoin: string;
  globalAlpha: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  save(): void;
  restore(): void;
  beginPath(): void;
  closePath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void;
  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void;
  arcTo(x1: number, y1: number, x2: number, y2: number, radius: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  clip(): void;
  fill(): void;
  stroke(): void;
  setLineDash(lengths: number[]): void;
  translate(x: number, y: number): void;
  rotate(angle: number): void;
  fillText(text: string, x: number, y: number): void;
  strokeText(text: string, x: number, y: number): void;
  measureText(text: string): { width: number };
}

/**
 * Paints a scene over whatever the canvas holds, its top left corner at the context's origin. For a dense screen scale the context first:
 * `ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)`.
 */
export function paint(scene: Scene, ctx: PaintContext): void {
  ctx.save();
  ctx.fillStyle = scene.background;
  ctx.fillRect(0, 0, scene.width, scene.height);
  for (const node of scene.children) paintNode(node, ctx);
  ctx.restore();
}

function paintNode(node: Node, ctx: PaintContext): void {
  (PAINTERS[node.kind] as (node: Node, ctx: PaintContext) => void)(node, ctx);
}

const PAINTERS: { readonly [K in Node["kind"]]: (node: Extract<Node, { kind: K }>, ctx: PaintContext) => void } = {
  group: paintGroup,
  cells: paintCells,
  text: paintText,
  rect(node, ctx) {
    trace(node, ctx);
    finish(node, ctx);
  },
  path(node, ctx) {
    follow(node, ctx);
    finish(node, ctx);
  },
};

function paintGroup(node: Group, ctx: PaintContext): void {
  ctx.save();
  if (node.opacity !== undefined) ctx.globalAlpha *= node.opacity;
  if (node.clip !== undefined) {
    ctx.beginPath();
    ctx.rect(node.clip.x, node.clip.y, node.clip.width, node.clip.height);
    ctx.clip();
  }
  for (const child of node.children) paintNode(child, ctx);
  ctx.restore();
}

function trace({ x, y, width, height, radius = 0 }: Rect, ctx: PaintContext): void {
  ctx.beginPath();
  if (radius === 0) {
    ctx.rect(x, y, width, height);
    return;
  }
  ctx.moveTo(x + radius, y);
  ctx.arcTo(x + width, y, x + width, y + height, radius);
  ctx.arcTo(x + width, y + height, x, y + height, radius);
  ctx.arcTo(x, y + height, x, y, radius);
  ctx.arcTo(x, y, x + width, y, radius);
  ctx.closePath();
}

function follow(path: Path, ctx: PaintContext): void {
  ctx.beginPath();
  for (const command of path.commands) {
    if (command[0] === "M") ctx.moveTo(command[1], command[2]);
    else if (command[0] === "L") ctx.lineTo(command[1], command[2]);
    else if (command[0] === "Q") ctx.quadraticCurveTo(command[1], command[2], command[3], command[4]);
    else if (command[0] === "C")
      ctx.bezierCurveTo(command[1], command[2], command[3], command[4], command[5], command[6]);
    else ctx.closePath();
  }
}

/** Fills and strokes the current path. */
function finish(paint: Paint, ctx: PaintContext): void {
  ctx.save();
  if (paint.opacity !== undefined) ctx.globalAlpha *= paint.opacity;
  if (paint.fill !== undefined) {
    ctx.fillStyle = paint.fill;
    ctx.fill();
  }
  if (paint.stroke !== undefined) {
    ctx.strokeStyle = paint.stroke;
    ctx.lineWidth = paint.strokeWidth ?? 1;
    ctx.lineCap = paint.cap ?? "butt";
    ctx.lineJoin = paint.join ?? "miter";
    ctx.setLineDash([...(paint.dash ?? [])]);
    ctx.stroke();
  }
  ctx.restore();
}

/** Edges are rounded to whole pixels, so that no background shines through between cells. */
function paintCells(node: Cells, ctx: PaintContext): void {
  ctx.save();
  if (node.opacity !== undefined) ctx.globalAlpha *= node.opacity;
  for (const [i, color] of node.colors.entries()) {
    if (color === null) continue;
    const row = Math.floor(i / node.columns);
    const column = i - row * node.columns;
    const [left, top] = [Math.round(node.x + column * node.cellWidth), Math.round(node.y + row * node.cellHeight)];
    const [right, bottom] = [
      Math.round(node.x + (column + 1) * node.cellWidth),
      Math.round(node.y + (row + 1) * node.cellHeight),
    ];
    ctx.fillStyle = color;
    ctx.fillRect(left, top, right - left, bottom - top);
  }
  ctx.restore();
}

const FAMILIES = FONT_FAMILIES.map((name) => (name.includes(" ") ? `"${name}"` : name)).join(", ");

function paintText(node: Text, ctx: PaintContext): void {
  ctx.save();
  ctx.translate(node.x, node.y);
  if (node.rotate !== undefined) ctx.rotate((node.rotate * Math.PI) / 180);
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  const useFont = (run: Run): void => {
    ctx.font = `${run.italic ? "italic " : ""}${node.bold === true ? "bold " : ""}${run.size}px ${FAMILIES}`;
  };
  const widths = node.runs.map((run) => {
    useFont(run);
    return ctx.measureText(run.text).width;
  });
  const total = widths.reduce((sum, width) => sum + width, 0);
  const start = node.anchor === "start" ? 0 : node.anchor === "middle" ? -total / 2 : -total;
  const eachRun = (draw: (run: Run, x: number) => void): void => {
    let x = start;
    for (const [i, run] of node.runs.entries()) {
      useFont(run);
      draw(run, x);
      x += widths[i] as number;
    }
  };
  if (node.halo !== undefined) {
    ctx.strokeStyle = node.halo;
    ctx.lineWidth = 3;
    ctx.lineJoin = "round";
    eachRun((run, x) => ctx.strokeText(run.text, x, -run.shift));
  }
  ctx.fillStyle = node.fill;
  eachRun((run, x) => ctx.fillText(run.text, x, -run.shift));
  ctx.restore();
}
