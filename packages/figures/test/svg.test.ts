import { describe, expect, test } from "vitest";
import { type Figure, grid, lines, matshow } from "../src/index.js";
import type { Node, Scene } from "../src/scene/scene.js";
import { escapeText, num, toSVG } from "../src/scene/svg.js";
import { examples, wave } from "./examples.js";

function* nodesOf(nodes: readonly Node[]): Generator<Node> {
  for (const node of nodes) {
    yield node;
    if (node.kind === "group") yield* nodesOf(node.children);
  }
}

/** Checks that tags nest and attributes are quoted; returns how often each element occurs. */
function elements(svg: string): Map<string, number> {
  const counts = new Map<string, number>();
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, close, name, _attributes, empty) => {
      if (close) expect(open.pop()).toBe(name);
      else {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        if (!empty) open.push(name);
      }
      return "";
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]/);
  expect(rest).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
  return counts;
}

describe("every figure as SVG", () => {
  for (const [name, draw] of Object.entries(examples)) {
    test(name, () => {
      const figure = draw();
      const svg = figure.toSVG();
      const counts = elements(svg);
      expect(counts.get("svg")).toBe(1);
      expect(counts.get("title")).toBe(1);
      expect(counts.get("desc")).toBe(1);
      expect(figure.title.length).toBeGreaterThan(0);
      expect(figure.description.length).toBeGreaterThan(20);
      expect(counts.get("text")).toBeGreaterThan(2);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
      expect(svg).toContain(`role="img" aria-labelledby=`);
      expect(draw().toSVG()).toBe(svg);
    });

    test(`${name} is plain data and lies within its edges`, () => {
      const { scene } = draw();
      expect(structuredClone(scene)).toEqual(scene);
      expect(toSVG(JSON.parse(JSON.stringify(scene)) as Scene)).toBe(toSVG(scene));
      for (const node of nodesOf(scene.children)) {
        if (node.kind !== "text") continue;
        expect(node.x).toBeGreaterThan(0);
        expect(node.x).toBeLessThan(scene.width);
        expect(node.y).toBeGreaterThan(0);
        expect(node.y).toBeLessThan(scene.height + 1);
      }
    });
  }
});

describe("text alternatives", () => {
  test("come from titles and numbers, and can be given", () => {
    const figure = lines({ loss: [3, 1, 2] }, { title: "$h_1$ & <b>" });
    expect(figure.title).toBe("h₁ & <b>");
    expect(figure.description).toBe("Line plot of 1 line over 0 to 2; loss: from 3 to 2, between 1 and 3.");
    expect(figure.toSVG()).toContain(">h₁ &amp; &lt;b&gt;</title>");
    expect(lines([1, 2], { description: "mine" }).description).toBe("mine");
    expect(matshow([[1]], { description: "mine" }).description).toBe("mine");
  });

  test("Deno's Jupyter kernel gets the picture and the words", () => {
    const figure = matshow([[1]], { title: "one" }) as unknown as Record<symbol, () => Record<string, string>>;
    const shown = figure[Symbol.for("Jupyter.display")]?.() as Record<string, string>;
    expect(shown["image/svg+xml"]).toMatch(/^<svg /);
    expect(shown["text/plain"]).toContain("one. Heat map of 1 row and 1 column");
  });
});

describe("writing", () => {
  test.each([
    [1 / 3, "0.33"],
    [-0.001, "0"],
    [12, "12"],
    [1e-9, "0"],
    [123456.789, "123456.79"],
  ])("%d as %s", (value, expected) => {
    expect(num(value)).toBe(expected);
  });

  test("markup, control characters and halves of surrogate pairs cannot break the document", () => {
    expect(escapeText('a<b>&"\u0000\n\u007f\ud800x\ufffe')).toBe(
      "a&lt;b&gt;&amp;&quot;\u2400\u240a\u2421\ufffdx\ufffd",
    );
    elements(matshow([[1]], { title: "<svg onload=alert(1)> & \u0001", rowLabels: ["</text>"] }).toSVG());
  });

  test("equal neighbours are one piece of one path for each colour", () => {
    const svg = matshow(
      [
        [1, 1, -1],
        [1, 1, 1],
      ],
      { vmin: -1, vmax: 1, xticks: [], yticks: [] },
    ).toSVG();
    expect(svg).toContain('<path fill="#ff0000" d="M0 0h2v1h-2zM0 1h3v1h-3z"/>');
    expect(svg).toContain('<path fill="#0000ff" d="M2 0h1v1h-1z"/>');
  });

  test("ids differ between figures", () => {
    const id = (figure: Figure): string => /<title id="([^"]+)"/.exec(figure.toSVG())?.[1] as string;
    expect(id(lines([1, 2]))).not.toBe(id(lines([1, 3])));
  });
});

describe("grid", () => {
  test("frames in a row share top and bottom, frames in a column left and right", () => {
    const figure = grid(
      [
        [lines([1, 2]), lines([1000, 20000], { title: "t", xlabel: "x" })],
        [lines([3, 4], { ylabel: "y" }), lines([5])],
      ],
      { figsize: [8, 6] },
    );
    const [a, b, c, d] = figure.frames as [
      (typeof figure.frames)[0],
      (typeof figure.frames)[0],
      (typeof figure.frames)[0],
      (typeof figure.frames)[0],
    ];
    expect([a?.y, a?.height]).toEqual([b?.y, b?.height]);
    expect([c?.y, c?.height]).toEqual([d?.y, d?.height]);
    expect([a?.x, a?.width]).toEqual([c?.x, c?.width]);
    expect([b?.x, b?.width]).toEqual([d?.x, d?.width]);
    expect([figure.width, figure.height]).toEqual([800, 600]);
  });

  test("columns breaks a flat list into rows", () => {
    const three = [lines([1]), lines([2]), lines([3])];
    const rows = grid(three, { columns: 2 }).frames.map((frame) => frame.y);
    expect(rows[0]).toBe(rows[1]);
    expect(rows[2]).toBeGreaterThan(rows[0] as number);
  });

  test("square cells stay square in any room", () => {
    for (const figure of grid([matshow(wave(10, 7)), matshow(wave(3, 9))], { figsize: [12, 4] }).frames.entries()) {
      const [i, frame] = figure;
      const [columns, rows] = i === 0 ? [7, 10] : [9, 3];
      expect(Math.abs(frame.width / columns - frame.height / rows)).toBeLessThan(1e-9);
    }
  });
});
