/** The checker of derivatives, checked. */
import { describe, expect, test } from "vitest";
import { gradcheck, type Tensor, tensor } from "../src/index.js";

const leaf = (values: number | number[] | number[][]): Tensor =>
  tensor(values, { dtype: "float64", requiresGrad: true });
const gradOf = (x: Tensor): unknown => x.grad?.toArray() ?? null;

describe("gradcheck", () => {
  test("finds a gradient that is wrong, and where", () => {
    const wrong = (x: Tensor): Tensor => x.mul(x.detach());
    expect(() => gradcheck(wrong, [leaf([1, 3])])).toThrow(
      /derivative of element \[0\] of output 0 by element \[0\] of input 0 is 1 by backward\(\), (2|1\.9|2\.0)\d* by central differences/,
    );
    expect(() => gradcheck(wrong, [leaf([0, 3])])).toThrow(
      /element \[1\] of output 0 by element \[1\] of input 0 is 3 by backward/,
    );
  });

  test("looks at every output and leaves inputs and their gradients as they were", () => {
    const x = leaf([1, 2]);
    x.grad = tensor([7, 7], { dtype: "float64" });
    expect(gradcheck((a) => [a.exp(), a.sin()], [x])).toBe(true);
    expect([x.toArray(), gradOf(x)]).toEqual([
      [1, 2],
      [7, 7],
    ]);
    expect(() => gradcheck((a) => [a.exp(), a.mul(a.detach())], [x])).toThrow(/output 1/);
  });

  const wrong: [string, () => unknown, RegExp][] = [
    [
      "float32 inputs",
      () => gradcheck((x) => x, [tensor([1], { requiresGrad: true })]),
      /input 0: expected float64, got float32/,
    ],
    [
      "float32 outputs",
      () => gradcheck((x) => x.to("float32"), [leaf([1])]),
      /output 0: expected float64, got float32/,
    ],
    [
      "nothing that requires a gradient",
      () => gradcheck((x) => x, [tensor([1], { dtype: "float64" })]),
      /at least one input that requires a gradient/,
    ],
    ["no function", () => gradcheck(leaf([1]) as unknown as () => Tensor, []), /expected a function/],
    [
      "something else than a tensor",
      () => gradcheck((x) => x, [1 as unknown as Tensor]),
      /input 0: expected a Tensor, got 1/,
    ],
    [
      "a function that gives none",
      () => gradcheck(() => 1 as unknown as Tensor, [leaf([1])]),
      /output 0: expected a Tensor/,
    ],
    ["an eps of 0", () => gradcheck((x) => x, [leaf([1])], { eps: 0 }), /eps to be a number > 0, got 0/],
  ];
  test.each(wrong)("refuses %s", (_, call, says) => {
    expect(call).toThrow(says);
  });
});
