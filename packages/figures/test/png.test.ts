import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Figure, lines, matshow } from "../src/index.js";
import { bundledFonts, fontCovers } from "../src/node/fonts.js";
import { missingGlyphs, toPNG, writeFigure } from "../src/node/png.js";
import { text } from "../src/plot/draw.js";
import type { Scene } from "../src/scene/scene.js";
import { toSVG } from "../src/scene/svg.js";
import { decodePNG } from "./decode-png.js";
import { examples } from "./examples.js";

const folder = mkdtempSync(join(tmpdir(), "unroll-figures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A scene of one label. */
function labelled(label: string): { scene: Scene; toSVG: () => string } {
  const scene: Scene = {
    width: 120,
    height: 40,
    title: "label",
    description: "",
    background: "#ffffff",
    children: [text(10, 28, label, { size: 18 })],
    frames: [],
  };
  return { scene, toSVG: () => toSVG(scene) };
}

describe("every figure", () => {
  for (const [name, draw] of Object.entries(examples)) {
    test(`${name} renders with text, the same bytes each time`, async () => {
      const figure = draw();
      const file = await toPNG(figure);
      const pixels = decodePNG(file);
      expect([pixels.width, pixels.height]).toEqual([Math.ceil(figure.width), Math.ceil(figure.height)]);
      const withoutText = decodePNG(
        await toPNG({ scene: figure.scene, toSVG: () => figure.toSVG().replace(/<text[\s\S]*?<\/text>/g, "") }),
      );
      const all = [0, 0, pixels.width, pixels.height] as const;
      expect(pixels.dark(...all) - withoutText.dark(...all)).toBeGreaterThan(100);
      expect(Buffer.compare(Buffer.from(file), Buffer.from(await toPNG(draw())))).toBe(0);
      expect(missingGlyphs(figure.scene)).toEqual([]);
    });
  }
});

describe("letters", () => {
  const box = async (label: string): Promise<string> => {
    const pixels = decodePNG(await toPNG(labelled(label), { missingGlyphs: "ignore" }));
    return Array.from({ length: 40 }, (_, y) =>
      Array.from({ length: 120 }, (_, x) => (pixels.at(x, y)[0] < 128 ? "#" : " ")).join(""),
    ).join("\n");
  };

  test("Hangul is drawn, each syllable its own, none as the box of a missing glyph", async () => {
    const missing = await box("\u{10FFFD}");
    const seen = new Set<string>();
    for (const syllable of ["은", "닉", "값", "률", "쀍", "똠"]) {
      const drawn = await box(syllable);
      expect(drawn.split("#").length, syllable).toBeGreaterThan(60);
      expect(drawn, syllable).not.toBe(missing);
      seen.add(drawn);
    }
    expect(seen.size).toBe(6);
  });

  test("a space is blank, mathematics leans, a subscript is smaller and lower", async () => {
    expect(await box(" ")).not.toContain("#");
    expect(await box("$h$")).not.toBe(await box("h"));
    const lowest = (drawn: string): number =>
      drawn.split("\n").reduce((last, row, i) => (row.includes("#") ? i : last), 0);
    expect(lowest(await box("$h_1$"))).toBeGreaterThan(lowest(await box("$h$")));
  });

  test("all 11,172 syllables, Greek and the signs of labels have a glyph", () => {
    const covers = bundledFonts().map(fontCovers);
    const has = (code: number): boolean => covers.some((one) => one(code));
    for (let code = 0xac00; code <= 0xd7a3; code++) expect(has(code)).toBe(true);
    for (const sign of "αβγδϵεζηθικλμνξπρστυϕφχψωΓΔΘΛΞΠΣΥΦΨΩ∂∇∞∑∏√ℓ′∘⋅×±⊙≤≥≠≈∈→←↦⇒ŷ−␣↵⇥₁ₜ²‖…") {
      expect(has(sign.codePointAt(0) as number), sign).toBe(true);
    }
  });

  test("characters that no font has are named: as a warning, an error, or not at all", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    await toPNG(labelled("𐎀漢"));
    expect(String(warn.mock.calls[0]?.[0])).toContain("no font has 𐎀 (U+10380), 漢 (U+6F22)");
    warn.mockClear();
    await toPNG(labelled("漢"), { missingGlyphs: "ignore" });
    await toPNG(labelled("은 x"));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    await expect(toPNG(labelled("漢"), { missingGlyphs: "error" })).rejects.toThrow(/no font has 漢.*Give a font file/);
  });
});

describe("files", () => {
  test("the ending decides, folders are made, a PNG is twice the size", async () => {
    const figure = lines([1, 2, 3]);
    const svg = await writeFigure(join(folder, "deep/er/a.svg"), figure);
    expect(readFileSync(svg, "utf8")).toBe(figure.toSVG());
    const png = await writeFigure(join(folder, "deep/a.PNG"), figure);
    expect(decodePNG(readFileSync(png)).width).toBe(2 * figure.width);
    const small = await writeFigure(join(folder, "b.png"), figure, { scale: 1 });
    expect(decodePNG(readFileSync(small)).width).toBe(figure.width);
  });

  test.each([
    [
      "another ending",
      () => writeFigure(join(folder, "a.jpg"), lines([1])),
      /path ending in \.svg or \.png, got .*a\.jpg/,
    ],
    ["no figure", () => toPNG([1, 2] as never), /expected a Figure.*got \[1,2\]/],
    ["unknown option", () => toPNG(lines([1]), { zoom: 2 } as never), /unknown option 'zoom'.*scale/],
    ["bad scale", () => toPNG(lines([1]), { scale: 0 }), /toPNG: scale: expected a finite number above 0, got 0/],
    ["too large", () => toPNG(lines([1]), { scale: 100 }), /at most 16384 pixels a side, got 64000/],
    [
      "a font that is not there",
      () => toPNG(lines([1]), { fonts: ["/nowhere/x.ttf"] }),
      /\/nowhere\/x\.ttf: expected a font file/,
    ],
    [
      "bad policy",
      () => toPNG(lines([1]), { missingGlyphs: "shout" as never }),
      /expected one of 'warn', 'error', 'ignore', got "shout"/,
    ],
  ])("%s is an error", async (_, run, message) => {
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toMatchObject({ name: "FigureError" });
  });

  test("without resvg's binary the error says that SVG works", async () => {
    vi.resetModules();
    vi.doMock("@resvg/resvg-js", () => {
      throw new Error("Cannot find native binding");
    });
    const png = await import("../src/node/png.js");
    await expect(png.toPNG(matshow([[1]]))).rejects.toThrow(
      /optional binary of @resvg\/resvg-js.*write SVG, which always works/,
    );
    vi.doUnmock("@resvg/resvg-js");
  });
});

test("a figure says what it is", () => {
  const figure = matshow([[1, 2]], { title: "$h_1$" });
  expect(figure).toBeInstanceOf(Figure);
  expect(String(figure)).toMatch(/^Figure\(\d+ × \d+: h₁\)$/);
});
