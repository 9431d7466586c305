import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { matshow } from "../src/index.js";
import { toPNG } from "../src/node/png.js";
import { cellColor, colorMap, colorMapNames } from "../src/plot/colors.js";
import { matshowCell } from "../src/plot/heatmap.js";
import { cellTicks } from "../src/plot/ticks.js";
import type { Cells, Text } from "../src/scene/scene.js";
import { decodePNG } from "./decode-png.js";
import { wave } from "./examples.js";

const fixture = JSON.parse(readFileSync(new URL("fixtures/matplotlib-colormaps.json", import.meta.url), "utf8")) as {
  maps: Record<string, string>;
  numbers: [number, number, number, string][];
};

const channels = (hex: string): number[] => [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));

describe("colour maps are matplotlib's", () => {
  for (const [name, digits] of Object.entries(fixture.maps)) {
    // matplotlib rounds the listed maps down to bytes, d3 to the nearest; the last entry of its Reds ends in …274 instead of 13/255.
    const tolerance = /viridis|magma|inferno|plasma|Reds/.test(name) ? 1 : 0;
    test(`${name} within ${tolerance} of 256 × 3 bytes`, () => {
      const { table } = colorMap("test", name);
      const ours = table.flatMap((entry) => channels(entry.slice(1)));
      const theirs = Array.from({ length: 256 }, (_, i) => channels(digits.slice(6 * i, 6 * i + 6))).flat();
      const worst = ours.reduce((most, byte, i) => Math.max(most, Math.abs(byte - (theirs[i] as number))), 0);
      expect(ours).toHaveLength(theirs.length);
      expect(worst).toBeLessThanOrEqual(tolerance);
    });
  }

  test("bwr has no exact white and its quarters are where matplotlib has them", () => {
    const { table } = colorMap("test", "bwr");
    expect([table[0], table[64], table[127], table[128], table[191], table[255]]).toEqual([
      "#0000ff",
      "#8080ff",
      "#fefeff",
      "#fffefe",
      "#ff8080",
      "#ff0000",
    ]);
  });

  test("a number has the entry that matplotlib gives it, also outside the range", () => {
    for (const [value, vmin, vmax, digits] of fixture.numbers) {
      expect(cellColor(colorMap("test", "bwr"), value, vmin, vmax), `${value} in ${vmin} … ${vmax}`).toBe(`#${digits}`);
    }
  });

  test("every name and its reverse", () => {
    for (const name of colorMapNames) {
      const forward = colorMap("test", name).table;
      expect(forward).toHaveLength(256);
      const backward = colorMap("test", `${name}_r`).table;
      expect([backward[0], backward[255]]).toEqual([forward[255], forward[0]]);
      for (const entry of forward) expect(entry).toMatch(/^#[0-9a-f]{6}$/);
    }
  });
});

describe("pixels", () => {
  test("the middle and the corners of every cell have the colour of its number, at 1× and 2×", async () => {
    const matrix = wave(10, 7);
    const figure = matshow(matrix, { vmin: -1, vmax: 1, vlines: [] });
    const { box, side } = cellsOf(figure);
    for (const scale of [1, 2]) {
      const pixels = decodePNG(await toPNG(figure, { scale }));
      expect([pixels.width, pixels.height]).toEqual([figure.width * scale, figure.height * scale]);
      for (const [i, row] of matrix.entries()) {
        for (const [j, value] of row.entries()) {
          const color = channels((cellColor(colorMap("test", "bwr"), value, -1, 1) as string).slice(1));
          const [x, y] = [(box.x + j * side) * scale, (box.y + i * side) * scale];
          for (const [dx, dy] of [
            [0.5, 0.5],
            [0.1, 0.1],
            [0.9, 0.1],
            [0.1, 0.9],
            [0.9, 0.9],
          ] as const) {
            expect(
              pixels.at(Math.floor(x + dx * side * scale), Math.floor(y + dy * side * scale)),
              `cell ${i}, ${j}`,
            ).toEqual(color);
          }
        }
      }
    }
  });

  test("cells meet without a seam: along a row every pixel is one of the two colours", async () => {
    const figure = matshow([[-1, 1, -1, 1, -1]], { vmin: -1, vmax: 1, figsize: [3.37, 2.11], xticks: [], yticks: [] });
    const pixels = decodePNG(await toPNG(figure));
    const { box, side } = cellsOf(figure);
    const y = Math.round(box.y + side / 2);
    for (let x = Math.ceil(box.x) + 2; x < box.x + 5 * side - 2; x++)
      expect(["0,0,255", "255,0,0"]).toContain(String(pixels.at(x, y)));
  });

  test("the line between states and probabilities is lime and lies between the third and the fourth column", async () => {
    const figure = matshow(wave(10, 7), { vmin: -1, vmax: 1, vlines: [2.5] });
    const pixels = decodePNG(await toPNG(figure, { scale: 2 }));
    const { box, side } = cellsOf(figure);
    expect(pixels.at(Math.round(2 * (box.x + 3 * side)), Math.round(2 * (box.y + side / 2)))).toEqual([0, 255, 0]);
  });

  test("what is not finite is grey and hatched, and the description counts it", async () => {
    const matrix = wave(4, 4);
    (matrix[1] as number[])[2] = Number.NaN;
    (matrix[2] as number[])[2] = Number.POSITIVE_INFINITY;
    const figure = matshow(matrix, { vmin: -1, vmax: 1 });
    expect(figure.description).toContain("2 are not finite numbers and are hatched grey");
    const pixels = decodePNG(await toPNG(figure));
    const { box, side } = cellsOf(figure);
    for (const row of [1, 2]) {
      const seen = new Set<string>();
      for (let k = 2; k < side - 2; k++)
        seen.add(String(pixels.at(Math.round(box.x + 2 * side + k), Math.round(box.y + row * side + side / 2))));
      expect(seen).toContain("217,217,217");
      expect(seen.size).toBeGreaterThan(1);
    }
  });
});

describe("matplotlib's conventions", () => {
  test("cells are square, rows run down, the frame says which numbers its edges stand for", () => {
    const figure = matshow(wave(10, 7));
    const [frame] = figure.frames;
    expect(frame?.xScale).toEqual({ type: "linear", from: -0.5, to: 6.5 });
    expect(frame?.yScale).toEqual({ type: "linear", from: 9.5, to: -0.5 });
    expect((frame?.width as number) / 7).toBe((frame?.height as number) / 10);
  });

  test.each([
    [10, 7, 44],
    [9, 3, 64],
    [1, 1, 64],
    [100, 100, 3],
    [4, 50, 24],
  ])("a matrix of %i × %i has cells of %i pixels", (rows, columns, side) => {
    expect(matshowCell(rows, columns)).toBe(side);
  });

  test.each([
    [7, [0, 1, 2, 3, 4, 5, 6]],
    [10, [0, 2, 4, 6, 8]],
    [15, [0, 2, 4, 6, 8, 10, 12, 14]],
    [30, [0, 5, 10, 15, 20, 25]],
    [1, [0]],
  ])("ticks of %i cells", (cells, positions) => {
    expect(cellTicks(cells).map((tick) => tick.value)).toEqual(positions);
  });

  test("column labels stand above the cells, row labels left of them", () => {
    const figure = matshow(wave(3, 2), { xticks: ["up", "top"], rowLabels: "가 b" });
    const [frame] = figure.frames as [(typeof figure.frames)[0]];
    const texts = figure.scene.children.filter((node): node is Text => node.kind === "text");
    const find = (label: string): Text => texts.find((node) => node.runs[0]?.text === label) as Text;
    for (const label of ["up", "top"]) expect(find(label).y).toBeLessThan(frame?.y as number);
    for (const label of ["가", "␣", "b"]) {
      expect(find(label).x).toBeLessThan(frame?.x as number);
      expect(find(label).anchor).toBe("end");
    }
  });

  test("a diverging map is symmetric about zero unless said otherwise, a sequential one spans the numbers", () => {
    expect(matshow([[1, -3]]).description).toContain("run from −3 to 3");
    expect(matshow([[1, -3]], { vmax: 5 }).description).toContain("run from −5 to 5");
    expect(matshow([[1, -3]], { cmap: "viridis" }).description).toContain("colours (viridis) run from −3 to 1");
    expect(matshow([[0, 0]]).description).toContain("run from −1 to 1");
  });

  test("transposing moves labels, lines and numbers along", () => {
    const upright = matshow(wave(3, 2), { xticks: ["a", "b"], rowLabels: "xyz", vlines: [0.5] });
    const lying = matshow(wave(3, 2), {
      xticks: ["a", "b"],
      rowLabels: "xyz",
      vlines: [0.5],
      transpose: true,
      annotate: (_, i, j) => `${i}${j}`,
    });
    expect(lying.frames[0]?.xScale.to).toBe(upright.frames[0]?.yScale.from);
    const cells = lying.scene.children.find((node): node is Cells => node.kind === "cells") as Cells;
    const before = upright.scene.children.find((node): node is Cells => node.kind === "cells") as Cells;
    expect(cells.columns).toBe(3);
    expect(cells.colors).toEqual([0, 2, 4, 1, 3, 5].map((i) => before.colors[i]));
    const texts = lying.scene.children
      .filter((node): node is Text => node.kind === "text")
      .map((node) => node.runs[0]?.text);
    expect(texts.slice(0, 6)).toEqual(["00", "10", "20", "01", "11", "21"]);
  });

  test("takes typed arrays, booleans, and whatever gives nested arrays", () => {
    const expected = matshow([
      [0, 1],
      [1, 0],
    ]).toSVG();
    expect(matshow([Float32Array.of(0, 1), Float32Array.of(1, 0)]).toSVG()).toBe(expected);
    expect(
      matshow([
        [false, true],
        [true, false],
      ]).toSVG(),
    ).toBe(expected);
    expect(
      matshow({
        toArray: () => [
          [0, 1],
          [1, 0],
        ],
      }).toSVG(),
    ).toBe(expected);
    expect(
      matshow({
        tolist: () => [
          [0, 1],
          [1, 0],
        ],
      }).toSVG(),
    ).toBe(expected);
  });
});

function cellsOf(figure: ReturnType<typeof matshow>): { box: { x: number; y: number }; side: number } {
  const cells = figure.scene.children.find((node): node is Cells => node.kind === "cells") as Cells;
  return { box: cells, side: cells.cellWidth };
}
