/**
 * `@unroll/figures/png`: PNG and files, for Node. Drawn by resvg with the bundled fonts and no others, so that a figure has
 * the same letters on every machine.
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { checkOptions, describe, FigureError } from "../errors.js";
import type { Figure } from "../figure.js";
import { choiceOption, positiveOption } from "../input.js";
import type { Node, Scene } from "../scene/scene.js";
import { bundledFonts, fontCovers } from "./fonts.js";

export { bundledFonts } from "./fonts.js";

export interface PNGOptions {
  /** Pixels of the PNG for one pixel of the figure; 1 unless said otherwise, 2 for dense screens and print. */
  scale?: number;
  /** Paths of further .ttf or .otf files, for characters that the bundled fonts lack. */
  fonts?: readonly string[];
  /** What to do about characters that no font has (a box would be drawn): `"warn"` (a process warning) unless said otherwise. */
  missingGlyphs?: "warn" | "error" | "ignore";
}

/** Anything with a scene that can write itself as SVG; every `Figure` is one. */
export type Drawable = Pick<Figure, "scene" | "toSVG">;

const LARGEST_SIDE = 16384;

/**
 * The figure as a PNG file's bytes. The same figure gives the same bytes.
 *
 * @throws FigureError when resvg's binary or the fonts are not installed, for bad options, for characters that no font has if asked
 */
export async function toPNG(figure: Drawable, options: PNGOptions = {}): Promise<Uint8Array> {
  checkOptions("toPNG", options, ["scale", "fonts", "missingGlyphs"]);
  if (typeof (figure as Partial<Figure> | undefined)?.toSVG !== "function") {
    throw new FigureError(`toPNG: expected a Figure, as matshow() and lines() return it, got ${describe(figure)}`);
  }
  const scale = options.scale === undefined ? 1 : positiveOption("toPNG: scale", options.scale);
  const side = Math.max(figure.scene.width, figure.scene.height) * scale;
  if (side > LARGEST_SIDE) {
    throw new FigureError(
      `toPNG: expected a picture of at most ${LARGEST_SIDE} pixels a side, got ${Math.ceil(side)}. Use a smaller scale or figsize`,
    );
  }
  const policy = choiceOption("toPNG: missingGlyphs", options.missingGlyphs ?? "warn", ["warn", "error", "ignore"]);
  const fontFiles = [...bundledFonts(), ...(options.fonts ?? [])];
  if (policy !== "ignore") reportMissing(figure.scene, fontFiles, policy);
  const { Resvg } = await loadResvg();
  const picture = new Resvg(figure.toSVG(), {
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: "DejaVu Sans" },
    fitTo: { mode: "zoom", value: scale },
  });
  return picture.render().asPng();
}

/**
 * Writes a figure to a file; the ending decides: `.svg` or `.png` (at twice the size unless `scale` says otherwise).
 * Folders are made as needed.
 *
 * @returns the path
 * @throws FigureError for another ending, and what `toPNG` throws
 */
export async function writeFigure(path: string, figure: Drawable, options: PNGOptions = {}): Promise<string> {
  checkOptions("writeFigure", options, ["scale", "fonts", "missingGlyphs"]);
  if (typeof path !== "string") throw new FigureError(`writeFigure: expected a path, got ${describe(path)}`);
  const ending = extname(path).toLowerCase();
  if (ending !== ".svg" && ending !== ".png") {
    throw new FigureError(`writeFigure: expected a path ending in .svg or .png, got ${JSON.stringify(path)}`);
  }
  const content = ending === ".svg" ? figure.toSVG() : await toPNG(figure, { scale: 2, ...options });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function loadResvg(): Promise<typeof import("@resvg/resvg-js")> {
  try {
    return await import("@resvg/resvg-js");
  } catch (cause) {
    throw new FigureError(
      "PNG needs the optional binary of @resvg/resvg-js for this machine, and it is not installed " +
        "(npm leaves it out with --omit=optional). Install again without that flag, or write SVG, which always works",
      { cause },
    );
  }
}

/** Characters of a scene's text that none of the fonts has. */
export function missingGlyphs(scene: Scene, fontFiles: readonly string[] = bundledFonts()): string[] {
  const characters = new Set<string>();
  const visit = (node: Node): void => {
    if (node.kind === "group") node.children.forEach(visit);
    if (node.kind === "text") for (const run of node.runs) for (const character of run.text) characters.add(character);
  };
  scene.children.forEach(visit);
  const covers = fontFiles.map(fontCovers);
  return [...characters].filter((character) => {
    const code = character.codePointAt(0) as number;
    return code >= 0x20 && !covers.some((has) => has(code));
  });
}

function reportMissing(scene: Scene, fontFiles: readonly string[], policy: "warn" | "error"): void {
  const missing = missingGlyphs(scene, fontFiles);
  if (missing.length === 0) return;
  const names = missing.map(
    (c) => `${c} (U+${(c.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0")})`,
  );
  const message =
    `no font has ${names.slice(0, 8).join(", ")}${names.length > 8 ? ` and ${names.length - 8} more` : ""}: a box is drawn instead. ` +
    "Give a font file that has them: { fonts: [path] }, or write SVG";
  if (policy === "error") throw new FigureError(`toPNG: ${message}`);
  process.emitWarning(message, { type: "FigureWarning" });
}
