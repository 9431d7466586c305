/**
 * What every plotting function returns.
 *
 * @module
 */
import type { HeatMapSpec } from "./plot/heatmap-spec.js";
import type { LinePlotSpec } from "./plot/lineplot.js";
import { type LayoutOptions, layout, type Panel } from "./plot/panel.js";
import type { Frame, Scene } from "./scene/scene.js";
import { toSVG } from "./scene/svg.js";

/** What a figure was drawn from, so that a terminal can draw it too. */
export interface Origin {
  /** One above the other. */
  readonly heatMaps?: readonly HeatMapSpec[];
  readonly lines?: LinePlotSpec;
}

/** A finished picture: a scene and ways to show it. Figures are values; nothing changes them. */
export class Figure {
  /** The picture as plain data. */
  readonly scene: Scene;
  /** The panels that `grid` can place anew. @internal */
  readonly panels: readonly Panel[];
  /** @internal */
  readonly origin: Origin;

  /** @internal */
  constructor(rows: readonly (readonly Panel[])[], options: LayoutOptions = {}, origin: Origin = {}) {
    this.scene = layout(rows, options);
    this.panels = rows.flat();
    this.origin = origin;
  }

  /** What the one heat map of this figure was drawn from. @internal */
  get heatMap(): HeatMapSpec | undefined {
    const { heatMaps = [] } = this.origin;
    return heatMaps.length === 1 ? heatMaps[0] : undefined;
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
