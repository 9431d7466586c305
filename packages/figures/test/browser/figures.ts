/** Every figure drawn where this runs: as SVG, and as pixels of a canvas. */
import { matshow, type PaintContext, paint } from "../../src/index.js";
import { examples } from "../examples.js";

export function svgs(): string[] {
  return Object.values(examples).map((draw) => draw().toSVG());
}

/** Dark pixels of every figure on a canvas, and the colours in the middle of four cells. */
export function painted(): { dark: number[]; cells: number[][] } {
  const context = (width: number, height: number): OffscreenCanvasRenderingContext2D =>
    new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
  const dark = Object.values(examples).map((draw) => {
    const { scene } = draw();
    const ctx = context(Math.ceil(scene.width), Math.ceil(scene.height));
    paint(scene, ctx satisfies PaintContext);
    const { data } = ctx.getImageData(0, 0, Math.ceil(scene.width), Math.ceil(scene.height));
    let count = 0;
    for (let i = 0; i < data.length; i += 4)
      if (Math.max(data[i] as number, data[i + 1] as number, data[i + 2] as number) < 128) count++;
    return count;
  });
  const figure = matshow(
    [
      [-1, 1],
      [-0.5, 0.5],
    ],
    { vmin: -1, vmax: 1 },
  );
  const ctx = context(figure.width, figure.height);
  paint(figure.scene, ctx);
  const [frame] = figure.frames as [(typeof figure.frames)[0]];
  const cells = [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ].map(([u, v]) => [
    ...ctx
      .getImageData(frame.x + frame.width * (u as number), frame.y + frame.height * (v as number), 1, 1)
      .data.slice(0, 3),
  ]);
  return { dark, cells };
}
