/** Wrong calls over the whole library: the class of the error, and what it says. */
import { describe, expect, test } from "vitest";
import { UnrollError } from "../src/index.js";
import { rows } from "./tables/ops.js";
import type { WrongCall } from "./tables/wrong-call.js";
import { wrongData } from "./tables/wrong-data.js";
import { wrongHabits } from "./tables/wrong-habits.js";
import { wrongInitialValues, wrongModules } from "./tables/wrong-modules.js";
import { wrongRecurrent } from "./tables/wrong-recurrent.js";
import { wrongTensors } from "./tables/wrong-tensors.js";
import { wrongGradients, wrongOptimizers, wrongSchedulers } from "./tables/wrong-training.js";

const operations = rows.flatMap(({ name, wrong = [] }) =>
  wrong.map((one): WrongCall => [`${name}: ${one.name}`, one.call, one.error, one.says]),
);

const areas: readonly (readonly [string, readonly WrongCall[]])[] = [
  ["operations", operations],
  ["tensors", wrongTensors],
  ["gradients", wrongGradients],
  ["modules", wrongModules],
  ["initial values", wrongInitialValues],
  ["recurrent layers", wrongRecurrent],
  ["optimisers", wrongOptimizers],
  ["schedulers", wrongSchedulers],
  ["data and files", wrongData],
  ["habits", wrongHabits],
];

/** The error that a call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(areas)("%s", (_, calls) => {
  test.each(calls.map((one) => [one[0], one] as const))("%s", (__, [, call, kind, says]) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(UnrollError);
    expect(error).toBeInstanceOf(kind);
    const { message, name } = error as UnrollError;
    expect(name).toBe(kind.name);
    expect(message).toMatch(says);
    // Where it happened, what was expected, what came: either in these words or as a contrast of the two.
    expect(message).toMatch(/^[\w$.@ :,()[\]'-]+: /);
    expect(message).toMatch(/expected|known options|select from|must be|does not match|is not among|missing:/i);
    expect(message).toMatch(
      /got|unknown|unexpected:|missing:|does(n't| not)|do not|would do|not among|must be|out of bounds|already|is a plain|cannot be/,
    );
  });
});

test("there are enough of them", () => {
  expect(areas.reduce((total, [, calls]) => total + calls.length, 0)).toBeGreaterThan(250);
});
