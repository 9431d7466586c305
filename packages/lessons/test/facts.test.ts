/** What the texts claim, beyond the digits. */
import { functional, manualSeed, nn, noGrad, randn, type Tensor, zeros } from "@unroll/core";
import { describe, expect, test } from "vitest";
import { gradientFlow } from "../src/16-gradient-back-in-time/flow.js";
import { makeBatch } from "../src/16-gradient-back-in-time/sequences.js";
import { printed, rows, runLesson } from "./run.js";

describe("lesson 04: without memory", () => {
  test.each([43052, 1, 2])("399 of 599 answers and a loss between the floor and 0.553 under seed %i", (seed) => {
    const { facts, losses } = runLesson("04", { seed });
    expect(facts["right answers"]).toBe(399);
    expect(facts["right after A"]).toBeCloseTo(1 / 3, 6);
    const last = losses.at(-1) as number;
    const floor = (300 / 599) * Math.log(3);
    if (!(last >= floor && last <= 0.553)) expect.fail(`expected a loss from ${floor} to 0.553, got ${last}`);
  });

  test("a window of two repairs AbAcAd, and is one symbol too short for AAbAAcAAd", () => {
    const { facts } = runLesson("04");
    expect(facts["accuracy with a window of two"]).toBe(1);
    expect(facts["accuracy with a window of two on AAbAAcAAd"]).toBeCloseTo(7 / 9, 2);
    expect(facts["accuracy with a window of three on AAbAAcAAd"]).toBe(1);
  });
});

describe("lesson 05: units and symbols", () => {
  const result = runLesson("05", { fast: true });

  test("the homework is clean", () => {
    expect(result.facts.accuracy).toBe(1);
    expect(result.facts["least certain right answer"]).toBeGreaterThan(0.98);
    expect(printed(result, "combined.shape")).toBe("(499, 13)");
  });

  test("what is measured now is what was kept", () => {
    expect(result.facts["measured as kept"]).toBe(true);
  });

  test("two units learn abcde for every seed, one unit for some, and with patience one unit learns seven symbols", () => {
    const [one, two] = rows(result, "right") as [number[], number[]];
    expect([one[3], two[3]]).toEqual([0.11, 1]);
    expect(rows(result, "rightWithPatience")[0]).toEqual([1, 1, 1, 1, 1, 1, 0.83]);
  });

  test("the rule 1 → 2, 2 → 4, 3 → 8 counts clean successes", () => {
    const clean = rows(result, "clean");
    expect(clean.slice(0, 3).map((row) => row.filter((share) => share > 0.5).length + 1)).toEqual([2, 4, 8]);
  });
});

describe("lesson 06: by hand", () => {
  const { facts } = runLesson("06");

  test("agrees with nn.RNN and plain loops to float64's last digits, with finite differences to nine", () => {
    for (const [name, gap] of Object.entries(facts)) {
      if (name.startsWith("smallest")) continue;
      const bound = name.includes("finite") ? 1e-8 : 1e-14;
      if (!((gap as number) <= bound)) expect.fail(`${name}: ${gap} apart`);
    }
  });

  test("weights from 0 to 1 leave every state near 1", () => {
    expect(facts["smallest state from the second step on"]).toBeGreaterThan(0.999);
  });
});

describe("lessons 07, 08, 10, 11 succeed with their seeds", () => {
  test.each(["07", "08", "10", "11"])("lesson %s", (id) => {
    expect(runLesson(id).facts).toEqual({ accuracy: 1, "right from the second round on": true });
  });

  test("07 and 08 are the same program but for roundings", () => {
    const [loop, layer] = [runLesson("07"), runLesson("08")];
    loop.losses.forEach((loss, epoch) => {
      const apart = Math.abs(loss - (layer.losses[epoch] as number));
      if (!(apart <= 1.5e-6)) expect.fail(`epoch ${epoch}: ${apart} apart`);
    });
  });

  test("seed 43052 mixes up two of the three A: a loss of ln 2 / 3", () => {
    const { losses, facts } = runLesson("08", { seed: 43052 });
    expect(losses.at(-1)).toBeCloseTo(Math.log(2) / 3, 2);
    expect(facts.accuracy).toBeCloseTo(250 / 299, 6);
  });

  test("in lesson 10 the second cell counts: 1 after d, −0.22 after b, −1.22 after c, the same at the A that follows", () => {
    const c = rows(runLesson("10"), "c").map((units) => units[1] as number);
    for (let t = 12; t + 6 <= 299; t += 6) {
      const [a1, b, a2, c1, a3, d] = c.slice(t, t + 6).map((value) => value.toFixed(1));
      expect([a1, b, a2, c1, a3, d]).toEqual(["1.0", "-0.2", "-0.2", "-1.2", "-1.2", "1.0"]);
    }
  });
});

describe("lesson 13: apple", () => {
  const result = runLesson("13");

  test("begins with PyTorch's loss under this seed and says pple! after four steps", () => {
    expect(result.losses[0]).toBeCloseTo(1.5334, 4);
    expect(result.facts).toEqual({ prediction: "pple!", "first right after": 4 });
    expect(printed(result, "steps").split("\n")).toHaveLength(100);
  });

  test("characters, indices and shapes are those of the notes", () => {
    expect(printed(result, "characters")).toBe('["!","a","e","l","p"], 5');
    expect(printed(result, "x, y")).toBe("[[1,4,4,3,2]] [[4,4,3,2,0]]");
    expect(printed(result, "shapes of X, Y, outputs")).toBe("[1, 5, 5]\n[1, 5]\n[1, 5, 5]");
    expect(printed(result, "shapes after view")).toBe("[5, 5]\n[5]");
  });
});

describe("lesson 14: shapes", () => {
  const result = runLesson("14");

  test("shapes of layers", () => {
    expect(printed(result, "shapes").split("\n").slice(1, 4)).toEqual([
      "RNN(5, 8)                    (1, 10, 8)   (1, 1, 8)",
      "numLayers: 2                 (1, 10, 8)   (2, 1, 8)",
      "numLayers: 2, bidirectional  (1, 10, 16)  (4, 1, 8)",
    ]);
  });

  test("strides are NumPy's", () => {
    const strides = printed(result, "strides").split("\n");
    expect(strides.slice(1).map((line) => line.match(/\(\d+, \d+\)$/)?.[0])).toEqual([
      "(16, 8)",
      "(16, 8)",
      "(24, 8)",
      "(2, 1)",
      "(8, 24)",
    ]);
  });

  test("everything the text says of halves, transposes and wrapping holds", () => {
    expect(result.facts).toEqual({
      "forward half ends with status[2]": true,
      "backward half ends with status[3]": true,
      "x @ weight.T + bias is linear(x)": true,
      "transposing copies nothing": true,
      wrapped: 44,
    });
    expect(printed(result, 'tensor(300, { dtype: "int8" })')).toContain("from -128 to 127 for int8, got 300");
  });
});

describe("lesson 15: halves", () => {
  const result = runLesson("15", { fast: true });

  test("labels are right, mirrored halves included", () => {
    expect(result.facts["labels are right"]).toBe(true);
  });

  test("averages are cumulative, printed every 1000 iterations, and all lengths from 2 to 20 are counted", () => {
    expect(result.losses).toHaveLength(3);
    expect(printed(result, "averages").split("\n")).toHaveLength(2);
    const lines = printed(result, "accuracy by length").split("\n").slice(1);
    expect(lines.map((line) => Number(line.trim().split(/ +/)[0]))).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    const sequences = lines.reduce((sum, line) => sum + Number(line.trim().split(/ +/)[1]), 0);
    expect(sequences).toBe(2000);
  });

  test("--fast says what it shortened", () => {
    expect(printed(result, "protocol")).toBe(
      "for each of the two tasks: 3001 iterations of one sequence each,\n2000 test sequences\n" +
        "shortened by --fast: the text speaks of 100000 iterations and 100000 tests",
    );
  });
});

describe("lesson 16: the gradient back in time", () => {
  const result = runLesson("16", { fast: true });

  test("before training it vanishes in every cell, the LSTM included", () => {
    const [tanh, relu, gru, lstm] = rows(result, "before").map((sizes) => sizes.at(-1) as number);
    for (const size of [tanh, gru, lstm]) {
      if (!((size as number) > 1e-6 && (size as number) < 1e-3)) expect.fail(`expected 1e-6 to 1e-3, got ${size}`);
    }
    if (!((relu as number) < 1e-5)) expect.fail(`expected less than 1e-5, got ${relu}`);
  });

  test("--fast says what it shortened", () => {
    expect(printed(result, "protocol")).toMatch(/^200 iterations .*\nshortened by --fast/);
  });
});

describe("the control of lesson 16", () => {
  test("batches: labels are right, and both tasks are balanced", () => {
    manualSeed(1);
    for (const task of ["halves", "ends"] as const) {
      for (const n of [1, 2, 10]) {
        const { x, y } = makeBatch(task, n, 500);
        expect(x.shape).toEqual([2 * n, 500, 10]);
        const digits = x.argmax(2).toArray() as number[][];
        const column = (b: number) => digits.map((row) => row[b] as number);
        y.forEach((label, b) => {
          const sequence = column(b);
          const [first, second] =
            task === "halves" ? [sequence.slice(0, n), sequence.slice(n)] : [[sequence[0]], [sequence.at(-1)]];
          expect(String(first) === String(second) ? 1 : 0).toBe(label);
        });
        expect(Math.abs(y.reduce((sum, label) => sum + label, 0) - 250)).toBeLessThan(60);
      }
    }
  });

  test("in float64, sizes of gradients agree with finite differences", () => {
    manualSeed(2);
    const cell = new nn.RNNCell(3, 4, { dtype: "float64" });
    const output = new nn.Linear(4, 2, { dtype: "float64" });
    const x = randn([5, 1, 3], { dtype: "float64" });
    const [last, before] = gradientFlow((xt, state) => [cell.forward(xt, state?.[0] ?? null)], output, x, [1]);
    const lossFrom = (h: Tensor, from: number): number =>
      noGrad(() => {
        let state = h;
        for (let t = from; t < 5; t++) state = cell.forward(x.getItem(t), state);
        return functional.crossEntropy(output.forward(state), [1]).item();
      });
    let h = cell.forward(x.getItem(0));
    for (let t = 1; t < 4; t++) h = cell.forward(x.getItem(t), h);
    const nudged = (h0: Tensor, from: number): number => {
      const slopes = [0, 1, 2, 3].map((i) => {
        const nudge = zeros([1, 4], { dtype: "float64" }).setItem([0, i], 1e-6);
        return (lossFrom(h0.add(nudge), from) - lossFrom(h0.sub(nudge), from)) / 2e-6;
      });
      return Math.hypot(...slopes);
    };
    expect(before).toBeCloseTo(nudged(h.detach(), 4), 8);
    expect(last).toBeCloseTo(nudged(cell.forward(x.getItem(4), h).detach(), 5), 8);
  });
});

describe("lesson 17: how far", () => {
  const result = runLesson("17", { fast: true });

  test("three networks with their numbers of weights, tested up to twice the length they were trained on", () => {
    expect(
      printed(result, "networks")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/ +/).slice(0, 2)),
    ).toEqual([
      ["RNN", "3202"],
      ["LSTM", "12502"],
      ["GRU", "9402"],
    ]);
    expect(printed(result, "accuracy by length").split("\n").at(-1)).toMatch(/^ +40/);
  });

  test("--fast says what it shortened", () => {
    expect(printed(result, "protocol")).toMatch(/: 1001 iterations [\s\S]*\nshortened by --fast/);
  });
});
