/**
 * What every plotting function returns.
 *
 * @module
 */
import type { HeatMapSpec } from "./plot/heatmap-spec.js";
import { type LayoutOptions, layout, type Panel } from "./plot/panel.js";
import type { Frame, Scene } from "./scene/scene.js";
import { toSVG } from "./scene/svg.js";

/** A finished picture: a scene and ways to show it. Figures are values; nothing changes them. */
export class Figure {
  /** The picture as plain data. */
  readonly scene: Scene;
  /** The panels that `grid` can place anew. @internal */
  readonly panels: readonly Panel[];
  /** What a heat map was drawn from, so that a terminal can draw it too. @internal */
  readonly heatMap: HeatMapSpec | undefined;

  /** @internal */
  constructor(rows: readonly (readonly Panel[])[], options: LayoutOptions = {}, heatMap?: HeatMapSpec) {
    this.scene = layout(rows, options);
    this.panels = rows.flat();
    this.heatMap = heatMap;
  }

  /** In CSS pixels. */
  get width(): number {
    return this.scene.width;
  }

  get height(): number {
    return this.scene.height;
  }

  /** The figure's name, for those who cannot see it. */
  get title(): string {
    return this.scene.title;
  }

  /** What can be seen, in words and numbers. */
  get description(): string {
    return this.scene.description;
  }

  /** Where each panel lies and which numbers its edges stand for. */
  get frames(): readonly Frame[] {
    return this.scene.frames;
  }

  /** The figure as an SVG document. The same data give the same bytes everywhere. */
  toSVG(): string {
    return toSVG(this.scene);
  }

  toString(): string {
    return `Figure(${this.width} × ${this.height}: ${this.title})`;
  }

  /** Shows the figure in Deno's Jupyter kernel. */
  [Symbol.for("Jupyter.display")](): { "image/svg+xml": string; "text/plain": string } {
    return { "image/svg+xml": this.toSVG(), "text/plain": `${this.title}. ${this.description}` };
  }
}
