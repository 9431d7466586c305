/** The digits that the notes print, for the programs whose numbers do not depend on anybody's last bits. */
import { describe, expect, test } from "vitest";
import { lessons } from "../src/index.js";
import { printed, rows, runLesson } from "./run.js";

describe("lesson 01 prints what the notes print", () => {
  const result = runLesson("01");

  test("hidden values, weight, bias", () => {
    const once = ["[-0.0147]", "[ 0.9653]", "[-0.9896]"];
    expect(printed(result, "hidden[:9]")).toBe(`tensor([${[...once, ...once, ...once].join(",\n        ")}])`);
    expect(printed(result, "weight.T")).toBe("tensor([[-4.6804,  0.3071,  5.2894]])");
    expect(printed(result, "bias")).toBe("tensor([-1.5440,  0.9143, -1.3970])");
  });

  test("the nine logits, which are net(x) and straight lines in the hidden value", () => {
    const once = ["[-1.4755,  0.9098, -1.4745]", "[-6.0618,  1.2108,  3.7086]", "[ 3.0875,  0.6104, -6.6312]"];
    expect(printed(result, "hidden[:9] @ weight.T + bias")).toBe(
      `tensor([${[...once, ...once, ...once].join(",\n        ")}])`,
    );
    expect(result.facts["largest |hidden @ weight.T + bias - net(x)|"]).toBe(0);
    const [weight] = rows(result, "weight") as [number[]];
    const bias = result.tensors.bias as number[];
    rows(result, "logits").forEach((row, t) => {
      row.forEach((logit, k) => {
        const line = (weight[k] as number) * (rows(result, "hidden")[t]?.[0] as number) + (bias[k] as number);
        if (!(Math.abs(logit - line) <= 1e-6)) expect.fail(`step ${t}, answer ${k}: expected ${line}, got ${logit}`);
      });
    });
  });

  test("the head of the table, the shape, the accuracy", () => {
    expect(printed(result, "x, y")).toBe("   x  y\n0  a  b\n1  b  c\n2  c  a\n3  a  b\n4  b  c");
    expect(printed(result, "combined.shape")).toBe("(299, 7)");
    expect(result.facts.accuracy).toBe(1);
    expect(result.losses).toHaveLength(5000);
  });

  test("what the text says of the picture: where the lines cross, and how far the hidden values are from there", () => {
    const [[a, b, c]] = rows(result, "weight") as [[number, number, number]];
    const [p, q, r] = result.tensors.bias as [number, number, number];
    const borders = [(q - p) / (a - b), (r - q) / (b - c)];
    expect(borders.map((border) => border.toFixed(3))).toEqual(["-0.493", "0.464"]);
    const distances = rows(result, "hidden").flatMap(([h]) =>
      borders.map((border) => Math.abs((h as number) - border)),
    );
    expect(Math.min(...distances)).toBeGreaterThan(0.47);
  });
});

test("lesson 02 starts half right and ends right, whatever the seed", () => {
  const result = runLesson("02");
  expect(result.facts).toEqual({ accuracy: 1, "accuracy before training": expect.closeTo(199 / 399, 6) });
  expect(printed(result, "weight.T")).toBe("tensor([[ 4.2944, -8.2596, -2.0274, 11.0505]])");
  expect(printed(result, "combined.shape")).toBe("(399, 9)");
  expect(runLesson("02", { seed: 7 }).losses).toEqual(result.losses);
});

test("lesson 03 is clean", () => {
  const result = runLesson("03");
  expect(printed(result, "hidden[:4]")).toBe(
    "tensor([[-0.9937,  0.9470],\n        [-0.9921, -0.9892],\n        [ 0.9944, -0.9683],\n        [ 0.9280,  0.9929]])",
  );
  expect(printed(result, "combined.shape")).toBe("(399, 10)");
  for (const row of rows(result, "yhat")) expect(Math.max(...row)).toBeGreaterThan(0.97);
  expect(result.facts.accuracy).toBe(1);
});

describe("lesson 09 is near what the notes print", () => {
  const result = runLesson("09");
  const notes = [
    [4.1978e-3, 9.4555e-1, 1.9557e-6, 5.0253e-2],
    [9.9994e-1, 5.5569e-5, 8.4751e-10, 1.3143e-6],
    [2.1349e-7, 1.1345e-6, 9.7019e-1, 2.9806e-2],
    [2.1339e-7, 1.1339e-6, 9.702e-1, 2.9798e-2],
    [9.9901e-1, 9.6573e-4, 6.9303e-9, 2.1945e-5],
    [7.2919e-4, 2.5484e-2, 3.3011e-2, 9.4078e-1],
  ];

  test("the first row within 2 %, the others within 15 %", () => {
    const yhat = rows(result, "yhat");
    [...yhat.slice(0, 3), ...yhat.slice(-3)].forEach((row, i) => {
      row.forEach((p, k) => {
        const apart = Math.abs(p / (notes[i]?.[k] as number) - 1);
        if (!(apart <= (i === 0 ? 0.02 : 0.15))) expect.fail(`row ${i}, column ${k}: ${p} is ${apart} off`);
      });
    });
  });

  test("the text tells the digits that are printed", async () => {
    const [first] = /\d\.\d+e-\d+/.exec(printed(result, "yhat")) ?? [];
    const { en, ko } = (await lessons.find(({ id }) => id === "09")?.text()) ?? { en: "", ko: "" };
    expect(en).toContain(`and ${first} here`);
    expect(ko).toContain(`여기서는 ${first}입니다`);
  });

  test("all answers are right, and the six situations are six points", () => {
    expect(result.facts).toEqual({ accuracy: 1, "right from the second round on": true });
    const points = rows(result, "h").slice(6, 12) as [number, number][];
    for (const [i, [x, y]] of points.entries()) {
      for (const [u, v] of points.slice(i + 1)) expect(Math.hypot(x - u, y - v)).toBeGreaterThan(0.3);
    }
  });
});

describe("lesson 12 prints what the notes print", () => {
  const result = runLesson("12");

  test("the state after the last step, by the layer and by the cell", () => {
    expect(printed(result, "hL, cL")).toBe("tensor([[0.1745, 0.1610]])\ntensor([[0.2894, 0.4533]])");
    expect(printed(result, "ht, ct")).toBe("tensor([0.1745, 0.1610])\ntensor([0.2894, 0.4533])");
    expect(result.facts["largest |cell - layer|"]).toBe(0);
  });

  test("assigning .data shares memory: the cell has learned too", () => {
    expect(result.facts["the cell has learned too"]).toBe(true);
  });
});
