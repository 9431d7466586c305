/**
 * A stand-in for a canvas context that writes down what is drawn.
 *
 * @module
 */
import type { PathCommand } from "./scene.js";

/**
 * Collects path commands; has the methods that d3-shape calls on a context. Arcs are full circles there, begun at their right end by
 * `moveTo`; they become four cubic Béziers (error below 0.03 % of the radius).
 */
export class PathRecorder {
  readonly commands: PathCommand[] = [];
  /** Where the origin of what is drawn lies. */
  offset: readonly [number, number] = [0, 0];
  /** Whether what is drawn is turned upside down about its origin. */
  flipped = false;

  moveTo(x: number, y: number): void {
    this.commands.push(["M", ...this.place(x, y)]);
  }

  lineTo(x: number, y: number): void {
    this.commands.push(["L", ...this.place(x, y)]);
  }

  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void {
    this.commands.push(["Q", ...this.place(x1, y1), ...this.place(x, y)]);
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.commands.push(["C", ...this.place(x1, y1), ...this.place(x2, y2), ...this.place(x, y)]);
  }

  arc(x: number, y: number, r: number): void {
    const k = 0.5522847498 * r;
    this.bezierCurveTo(x + r, y + k, x + k, y + r, x, y + r);
    this.bezierCurveTo(x - k, y + r, x - r, y + k, x - r, y);
    this.bezierCurveTo(x - r, y - k, x - k, y - r, x, y - r);
    this.bezierCurveTo(x + k, y - r, x + r, y - k, x + r, y);
    this.closePath();
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.moveTo(x, y);
    this.lineTo(x + width, y);
    this.lineTo(x + width, y + height);
    this.lineTo(x, y + height);
    this.closePath();
  }

  closePath(): void {
    this.commands.push(["Z"]);
  }

  private place(x: number, y: number): [number, number] {
    return [this.offset[0] + x, this.offset[1] + (this.flipped ? -y : y)];
  }
}
