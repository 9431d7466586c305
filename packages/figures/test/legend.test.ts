import { expect, test } from "vitest";
import { lines } from "../src/index.js";
import type { Rect } from "../src/scene/scene.js";
import { flat, pixel, texts } from "./scene.js";

test("legends name what was named", () => {
  expect(texts(lines({ 손실: [1, 2], accuracy: [2, 1] }))).toEqual(expect.arrayContaining(["손실", "accuracy"]));
  expect(texts(lines({ a: [1, 2] }, { legend: false }))).not.toContain("a");
});

test("the best place covers no line, even where all corners are taken", () => {
  const cross = { up: [0, 1, 2, 3, 4], down: [4, 3, 2, 1, 0] };
  const figure = lines(cross, { hlines: [{ at: 2, label: "middle" }] });
  const box = flat(figure.scene.children).find(
    (node): node is Rect => node.kind === "rect" && node.fill === "#ffffff" && node.opacity === 0.8,
  ) as Rect;
  const covered = (x: number, y: number): boolean => {
    const [px, py] = pixel(figure, x, y);
    return px > box.x && px < box.x + box.width && py > box.y && py < box.y + box.height;
  };
  for (let x = 0; x <= 4; x += 0.05) {
    for (const y of [x, 4 - x, 2]) expect(covered(x, y), `(${x}, ${y})`).toBe(false);
  }
});

test.each(["upper center", "center left", "center", "lower center"] as const)("%s is where it says", (legend) => {
  const figure = lines({ a: [0, 1] }, { legend });
  const [frame] = figure.frames as [(typeof figure.frames)[0]];
  const box = flat(figure.scene.children).find(
    (node): node is Rect => node.kind === "rect" && node.fill === "#ffffff" && node.opacity === 0.8,
  ) as Rect;
  const [across, down] = [
    (box.x + box.width / 2 - frame.x) / frame.width,
    (box.y + box.height / 2 - frame.y) / frame.height,
  ];
  expect(across < 0.4).toBe(legend.endsWith("left"));
  expect(Math.abs(across - 0.5) < 0.01).toBe(legend.includes("center") && !legend.endsWith("left"));
  expect([down < 0.4, down > 0.6]).toEqual([legend.startsWith("upper"), legend.startsWith("lower")]);
});
