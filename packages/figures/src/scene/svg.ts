/**
 * Scene → SVG text. No DOM: the same scene gives the same bytes in Node and in every browser.
 *
 * @module
 */
import {
  type Box,
  type Cells,
  FONT_FAMILIES,
  type Node,
  type Paint,
  type PathCommand,
  type Scene,
  type Text,
} from "./scene.js";

/** Writes a scene as one SVG document with `<title>` and `<desc>` for those who cannot see it. */
export function toSVG(scene: Scene): string {
  const clips = new Map<string, string>();
  const drawn = scene.children.map((node) => nodeText(node, clips)).join("");
  const defs = [...clips.values()].join("");
  const [width, height] = [num(scene.width), num(scene.height)];
  const fonts = FONT_FAMILIES.map((name) => (name.includes(" ") ? `'${name}'` : name)).join(", ");
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `role="img" aria-labelledby="${ID}-title ${ID}-desc" font-family="${fonts}">\n` +
    `<title id="${ID}-title">${escapeText(scene.title)}</title>\n` +
    `<desc id="${ID}-desc">${escapeText(scene.description)}</desc>\n` +
    (defs === "" ? "" : `<defs>${defs}</defs>\n`) +
    `<rect width="100%" height="100%" fill="${escapeText(scene.background)}"/>\n${drawn}</svg>\n`;
  return svg.replaceAll(ID, `u${hash(svg)}`);
}

/**
 * Stands where ids begin until the rest is written. Ids must differ between figures on one page and agree between two runs, so they come
 * from the content. Text cannot hold this character: it is escaped.
 */
const ID = "\u0000";

function nodeText(node: Node, clips: Map<string, string>): string {
  switch (node.kind) {
    case "group": {
      const clip = node.clip === undefined ? "" : ` clip-path="url(#${clipId(node.clip, clips)})"`;
      const opacity = node.opacity === undefined ? "" : ` opacity="${num(node.opacity)}"`;
      const children = node.children.map((child) => nodeText(child, clips)).join("");
      return `<g${clip}${opacity}>\n${children}</g>\n`;
    }
    case "rect": {
      const radius = node.radius === undefined ? "" : ` rx="${num(node.radius)}"`;
      return `<rect ${boxText(node)}${radius}${paintText(node)}/>\n`;
    }
    case "cells":
      return cellsText(node);
    case "path":
      return node.commands.length === 0 ? "" : `<path d="${pathText(node.commands)}"${paintText(node)}/>\n`;
    case "text":
      return textText(node);
    default:
      return node satisfies never;
  }
}

/** One path for each colour, in cell units under a scaling transform; equal neighbours in a row are joined. */
function cellsText(node: Cells): string {
  const byColor = new Map<string, string>();
  for (let i = 0; i < node.colors.length; i++) {
    const color = node.colors[i];
    if (color === null || color === undefined) continue;
    const row = Math.floor(i / node.columns);
    const column = i - row * node.columns;
    let length = 1;
    while (column + length < node.columns && node.colors[i + length] === color) length++;
    byColor.set(color, `${byColor.get(color) ?? ""}M${column} ${row}h${length}v1h-${length}z`);
    i += length - 1;
  }
  const opacity = node.opacity === undefined ? "" : ` opacity="${num(node.opacity)}"`;
  const place = `translate(${num(node.x)} ${num(node.y)}) scale(${num(node.cellWidth, 1e4)} ${num(node.cellHeight, 1e4)})`;
  const paths = [...byColor].map(([color, d]) => `<path fill="${color}" d="${d}"/>\n`).join("");
  return `<g transform="${place}" shape-rendering="crispEdges"${opacity}>\n${paths}</g>\n`;
}

function pathText(commands: readonly PathCommand[]): string {
  return commands.map(([letter, ...points]) => letter + points.map((p) => num(p as number)).join(" ")).join("");
}

function textText(node: Text): string {
  const rotate =
    node.rotate === undefined ? "" : ` transform="rotate(${num(node.rotate)} ${num(node.x)} ${num(node.y)})"`;
  const weight = node.bold === true ? ' font-weight="bold"' : "";
  const halo =
    node.halo === undefined
      ? ""
      : ` stroke="${escapeText(node.halo)}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"`;
  const size = node.runs[0]?.size ?? 0;
  let shift = 0;
  const spans = node.runs.map((run) => {
    const dy = run.shift === shift ? "" : ` dy="${num(shift - run.shift)}"`;
    shift = run.shift;
    const style =
      (run.size === size ? "" : ` font-size="${num(run.size)}"`) + (run.italic ? ' font-style="italic"' : "");
    const text = escapeText(run.text);
    return dy === "" && style === "" ? text : `<tspan${dy}${style}>${text}</tspan>`;
  });
  const anchor = node.anchor === "start" ? "" : ` text-anchor="${node.anchor}"`;
  return (
    `<text x="${num(node.x)}" y="${num(node.y)}" font-size="${num(size)}"${anchor} fill="${escapeText(node.fill)}"` +
    `${weight}${halo}${rotate} xml:space="preserve">${spans.join("")}</text>\n`
  );
}

function paintText(paint: Paint): string {
  let text = ` fill="${paint.fill === undefined ? "none" : escapeText(paint.fill)}"`;
  if (paint.stroke !== undefined) {
    text += ` stroke="${escapeText(paint.stroke)}" stroke-width="${num(paint.strokeWidth ?? 1)}"`;
    if (paint.dash !== undefined) text += ` stroke-dasharray="${paint.dash.map((length) => num(length)).join(" ")}"`;
    if (paint.cap !== undefined) text += ` stroke-linecap="${paint.cap}"`;
    if (paint.join !== undefined) text += ` stroke-linejoin="${paint.join}"`;
  }
  if (paint.opacity !== undefined) text += ` opacity="${num(paint.opacity)}"`;
  return text;
}

function clipId(box: Box, clips: Map<string, string>): string {
  const shape = boxText(box);
  const ids = [...clips.keys()];
  const known = ids.indexOf(shape);
  const id = `${ID}-clip${known < 0 ? ids.length : known}`;
  if (known < 0) clips.set(shape, `<clipPath id="${id}"><rect ${shape}/></clipPath>`);
  return id;
}

const boxText = (box: Box): string =>
  `x="${num(box.x)}" y="${num(box.y)}" width="${num(box.width)}" height="${num(box.height)}"`;

/** A coordinate with two decimals at most: far below a pixel, and free of rounding noise. */
export function num(value: number, precision = 100): string {
  const rounded = Math.round(value * precision) / precision;
  return String(rounded === 0 ? 0 : rounded);
}

/**
 * Text for XML: markup escaped; control characters, which XML cannot hold, shown by their pictures (U+2400 …);
 * halves of surrogate pairs replaced.
 */
export function escapeText(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/\p{Cc}/gu, (c) => controlPicture(c.codePointAt(0) as number))
    .replace(/\p{Cs}|[\uFFFE\uFFFF]/gu, "\uFFFD");
}

function controlPicture(code: number): string {
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : code === 0x7f ? "\u2421" : "\uFFFD";
}

/** FNV-1a, 32 bits, as eight hexadecimal digits. */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(16).padStart(8, "0");
}
