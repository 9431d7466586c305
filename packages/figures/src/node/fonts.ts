/**
 * The font files that come with the package, and which characters a font file can draw.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { FigureError } from "../errors.js";

const FILES = [
  "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  "dejavu-fonts-ttf/ttf/DejaVuSans-Oblique.ttf",
  "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
  "@expo-google-fonts/nanum-gothic/400Regular/NanumGothic_400Regular.ttf",
  "@expo-google-fonts/nanum-gothic/700Bold/NanumGothic_700Bold.ttf",
];

/**
 * Paths of the bundled fonts: DejaVu Sans (matplotlib's font; upright, oblique, bold) and Nanum Gothic (Hangul; regular, bold).
 *
 * @throws FigureError when a font package is not installed
 */
export function bundledFonts(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return FILES.map((file) => {
    try {
      return resolve(file);
    } catch (cause) {
      throw new FigureError(
        `the font file ${file} was not found: a PNG would have no text. Run 'npm install' for the package ` +
          "@unroll/figures again, or write SVG, which needs no fonts",
        { cause },
      );
    }
  });
}

const coverage = new Map<string, (code: number) => boolean>();

/**
 * Which code points a TrueType or OpenType file has a glyph for, read from its `cmap` table (formats 4 and 12).
 *
 * @throws FigureError when the file cannot be read or is no such font
 */
export function fontCovers(path: string): (code: number) => boolean {
  const known = coverage.get(path);
  if (known !== undefined) return known;
  let covers: (code: number) => boolean;
  try {
    covers = readCoverage(readFileSync(path));
  } catch (cause) {
    throw new FigureError(
      `${path}: expected a font file (.ttf or .otf) that can be read: ${(cause as Error).message}`,
      { cause },
    );
  }
  coverage.set(path, covers);
  return covers;
}

/** Ranges [first, last] of code points, from the subtable with the widest reach. */
function readCoverage(file: Buffer): (code: number) => boolean {
  const tables = file.readUInt16BE(4);
  let cmap = -1;
  for (let i = 0; i < tables; i++) {
    const entry = 12 + 16 * i;
    if (file.toString("latin1", entry, entry + 4) === "cmap") cmap = file.readUInt32BE(entry + 8);
  }
  if (cmap < 0) throw new FigureError("it has no table of characters");
  const offsets = Array.from(
    { length: file.readUInt16BE(cmap + 2) },
    (_, i) => cmap + file.readUInt32BE(cmap + 8 + 8 * i),
  );
  const wide = offsets.find((at) => file.readUInt16BE(at) === 12);
  const narrow = offsets.find((at) => file.readUInt16BE(at) === 4);
  const ranges: [number, number][] = [];
  if (wide !== undefined) {
    for (let i = 0; i < file.readUInt32BE(wide + 12); i++) {
      ranges.push([file.readUInt32BE(wide + 16 + 12 * i), file.readUInt32BE(wide + 20 + 12 * i)]);
    }
  } else if (narrow !== undefined) {
    const count = file.readUInt16BE(narrow + 6) / 2;
    for (let i = 0; i < count; i++) {
      const last = file.readUInt16BE(narrow + 14 + 2 * i);
      if (last !== 0xffff) ranges.push([file.readUInt16BE(narrow + 16 + 2 * (count + i)), last]);
    }
  } else throw new FigureError("its table of characters has neither format 4 nor 12");
  return (code) => ranges.some(([first, last]) => code >= first && code <= last);
}
