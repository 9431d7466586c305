import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setEngine } from "../src/index.js";
import { actions, differenceOf, kinds } from "./capture/world.js";

const instruction = fc.record({
  kind: fc.nat(kinds - 1),
  a: fc.nat(8),
  b: fc.nat(8),
  c: fc.nat(20),
});

describe("a captured program is the program, bit for bit", () => {
  test.each(Object.keys(actions).map((name, kind) => [name, kind] as const))(
    "%s, then backward and a step",
    (_name, kind) => {
      const backward = Object.keys(actions).indexOf("backward");
      const step = Object.keys(actions).indexOf("step");
      for (let c = 0; c < 14; c++) {
        const program = [
          { kind, a: c % 3, b: (c * 2) % 5, c },
          { kind: backward, a: 0, b: 1, c },
          { kind: step, a: 0, b: 0, c: c + 1 },
          { kind, a: 1, b: 0, c },
        ];
        expect(differenceOf(c, program, 9), JSON.stringify(program)).toBe(null);
      }
    },
  );

  test("random programs", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.array(instruction, { minLength: 1, maxLength: 14 }), (seed, program) => {
        expect(differenceOf(seed, program, 8)).toBe(null);
      }),
      { numRuns: Number(process.env.CAPTURE_RUNS ?? 150) },
    );
  });

  /** Kinds by name, so that the programs stay what they are when actions are added. */
  test.each([
    [
      "a leaf that ceases to be one and becomes one again",
      [
        ["frozen", 0],
        ["frozen", 17],
        ["retained", 0],
        ["linear", 0],
      ],
    ],
    [
      "a parameter changed in place before another way is taken",
      [
        ["byHand", 11],
        ["loop", 0, 1],
        ["retained", 0],
      ],
    ],
  ] as [string, [string, number, number?][]][])("%s", (_name, actionsOf) => {
    const program = actionsOf.map(([name, c, a = 0]) => ({ kind: Object.keys(actions).indexOf(name), a, b: 0, c }));
    expect(differenceOf(0, program, 9)).toBe(null);
  });

  test("random programs on the reference kernels", () => {
    setEngine("reference");
    try {
      fc.assert(
        fc.property(fc.nat(1000), fc.array(instruction, { minLength: 1, maxLength: 10 }), (seed, program) => {
          expect(differenceOf(seed, program, 6)).toBe(null);
        }),
        { numRuns: 30 },
      );
    } finally {
      setEngine("wasm");
    }
  });
});
