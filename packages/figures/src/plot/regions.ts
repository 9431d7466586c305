/**
 * Decision regions: which class a classifier gives to each place of the plane.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "../errors.js";
import { finiteOption, isRecord, type Matrix, toMatrix, toVector, type Vector } from "../input.js";
import type { Node } from "../scene/scene.js";
import type { Scales } from "./axes.js";
import { drawn, shortNumber } from "./draw.js";

/**
 * What is predicted where: a function from a point to a class number; the last layer itself, whose class is argmax(W·h + b); or a matrix of
 * class numbers over an area `[left, right, bottom, top]`, its first row on top.
 */
export type Regions =
  | ((x: number, y: number) => number)
  | { readonly weight: Matrix; readonly bias?: Vector }
  | { readonly classes: Matrix; readonly extent: readonly [number, number, number, number] };

type Point = readonly [number, number];
type Limits = readonly [number, number];

/** Regions that know their classes and can draw themselves. */
export interface PlacedRegions {
  /** Class numbers that occur, in rising order. */
  readonly classes: readonly number[];
  draw(scales: Scales, colorOf: (index: number) => string): Node[];
}

/**
 * Regions within limits.
 *
 * @throws FigureError for what is none of the three forms, shapes that do not fit, classes that are no whole numbers
 */
export function placeRegions(
  where: string,
  regions: Regions,
  resolution: number,
  xlim: Limits,
  ylim: Limits,
): PlacedRegions {
  if (typeof regions === "function") {
    const classes: number[] = [];
    for (let i = 0; i < resolution; i++) {
      const y = ylim[1] - ((i + 0.5) * (ylim[1] - ylim[0])) / resolution;
      for (let j = 0; j < resolution; j++) {
        const x = xlim[0] + ((j + 0.5) * (xlim[1] - xlim[0])) / resolution;
        classes.push(classNumber(`${where}(${shortNumber(x)}, ${shortNumber(y)})`, regions(x, y)));
      }
    }
    return cellRegions(classes, resolution, [...xlim, ...ylim]);
  }
  if (!isRecord(regions)) {
    throw new FigureError(
      `${where}: expected a function, { weight, bias } or { classes, extent }, got ${describe(regions)}`,
    );
  }
  return "classes" in regions ? matrixRegions(where, regions) : linearRegions(where, regions, xlim, ylim);
}

function matrixRegions(where: string, regions: Extract<Regions, { classes: unknown }>): PlacedRegions {
  checkOptions(where, regions, ["classes", "extent"]);
  const { extent } = regions;
  if (!Array.isArray(extent) || extent.length !== 4) {
    throw new FigureError(`${where}.extent: expected [left, right, bottom, top], got ${describe(extent)}`);
  }
  const matrix = toMatrix(`${where}.classes`, regions.classes);
  const classes = matrix.flatMap((row, i) => row.map((value, j) => classNumber(`${where}.classes[${i}][${j}]`, value)));
  return cellRegions(
    classes,
    (matrix[0] as number[]).length,
    extent.map((edge, i) => finiteOption(`${where}.extent[${i}]`, edge)),
  );
}

/** −1 stands for no class. */
function cellRegions(classes: readonly number[], columns: number, extent: readonly number[]): PlacedRegions {
  const [left, right, bottom, top] = extent as [number, number, number, number];
  return {
    classes: [...new Set(classes)].filter((index) => index >= 0).sort((a, b) => a - b),
    draw({ x, y }, colorOf) {
      const rows = classes.length / columns;
      const colors = classes.map((index) => (index < 0 ? null : colorOf(index)));
      const [cellWidth, cellHeight] = [(x(right) - x(left)) / columns, (y(bottom) - y(top)) / rows];
      return [{ kind: "cells", x: x(left), y: y(top), cellWidth, cellHeight, columns, colors }];
    },
  };
}

/** Where row k of W·h + b is largest is where it beats every other row: the area cut by a straight line for each. */
function linearRegions(
  where: string,
  regions: Extract<Regions, { weight: unknown }>,
  xlim: Limits,
  ylim: Limits,
): PlacedRegions {
  checkOptions(where, regions, ["weight", "bias"]);
  const weight = toMatrix(`${where}.weight`, regions.weight);
  const columns = (weight[0] as number[]).length;
  if (columns !== 2) {
    throw new FigureError(
      `${where}.weight: expected 2 columns, one for each axis, got ${columns}. Use a function for more units`,
    );
  }
  const bias = regions.bias === undefined ? weight.map(() => 0) : toVector(`${where}.bias`, regions.bias);
  if (bias.length !== weight.length) {
    throw new FigureError(`${where}: expected as many biases as rows of weight (${weight.length}), got ${bias.length}`);
  }
  const rows = weight.map(([w0, w1], k) => [w0, w1, bias[k]] as [number, number, number]);
  const area: Point[] = [
    [xlim[0], ylim[0]],
    [xlim[1], ylim[0]],
    [xlim[1], ylim[1]],
    [xlim[0], ylim[1]],
  ];
  const polygons = rows.map(([a, b, c]) =>
    rows.reduce((polygon, [a2, b2, c2]) => keep(polygon, ([x, y]) => (a - a2) * x + (b - b2) * y + (c - c2)), area),
  );
  return {
    classes: polygons.flatMap((polygon, index) => (polygon.length > 2 ? [index] : [])),
    draw({ x, y }, colorOf) {
      // Of equal rows the first wins, so it is drawn last.
      const shapes = polygons.map((polygon, index) => ({ polygon, index })).filter(({ polygon }) => polygon.length > 2);
      return shapes.reverse().map(({ polygon, index }) => {
        const color = colorOf(index);
        return drawn({ fill: color, stroke: color, strokeWidth: 0.5, join: "round" }, (recorder) => {
          for (const [i, point] of polygon.entries()) recorder[i === 0 ? "moveTo" : "lineTo"](x(point[0]), y(point[1]));
          recorder.closePath();
        });
      });
    },
  };
}

/** The part of a convex polygon where a linear function is not negative (Sutherland and Hodgman's clipping). */
function keep(polygon: readonly Point[], inside: (point: Point) => number): Point[] {
  return polygon.flatMap((point, i): Point[] => {
    const next = polygon[(i + 1) % polygon.length] as Point;
    const [here, there] = [inside(point), inside(next)];
    const t = here / (here - there);
    const crossing: Point = [point[0] + t * (next[0] - point[0]), point[1] + t * (next[1] - point[1])];
    return [...(here >= 0 ? [point] : []), ...(here * there < 0 ? [crossing] : [])];
  });
}

function classNumber(where: string, value: unknown): number {
  if (Number.isNaN(value)) return -1;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new FigureError(`${where}: expected a class number (0, 1, 2, …; NaN for none), got ${describe(value)}`);
  }
  return value;
}
