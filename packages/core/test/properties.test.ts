/** Laws that hold for whatever shapes, views and programs come along. The same samples every time: the seed is fixed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arange, gradcheck, ShapeError, setPrintOptions, stack, type Tensor, tensor } from "../src/index.js";
import { broadcastShape, type Plain, reduce, sizeOf, zip } from "./tables/plain.js";
import { numbers } from "./tables/row.js";

const fixed = { seed: 43052, numRuns: 200 };

const leaf = (values: readonly number[]): Tensor => tensor([...values], { dtype: "float64", requiresGrad: true });
const flat = (x: Tensor): number[] => Array.from(x.toTypedArray());
const random = (shape: readonly number[], salt: number): Tensor =>
  tensor([...numbers(shape, salt).data], { dtype: "float64" }).reshape(shape);

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

describe("broadcasting", () => {
  /** A shape that broadcasts to another: axes left out on the left, others of length 1. */
  const partOf = (whole: readonly number[]): fc.Arbitrary<number[]> =>
    fc
      .tuple(fc.nat(whole.length), fc.array(fc.boolean(), { minLength: whole.length, maxLength: whole.length }))
      .map(([lead, ones]) => whole.map((length, axis) => (ones[axis] ? 1 : length)).slice(lead));
  const pair = shape.chain((whole) => fc.tuple(partOf(whole), partOf(whole)));

  test("gives what a loop over indices gives, and sums gradients over what was stretched", () => {
    fc.assert(
      fc.property(pair, ([p, q]) => {
        const [x, y] = [random(p, 1), random(q, 2)];
        x.requiresGrad = y.requiresGrad = true;
        const [a, b]: [Plain, Plain] = [
          { shape: p, data: flat(x) },
          { shape: q, data: flat(y) },
        ];
        const product = x.mul(y);
        const expected = zip(a, b, (u, v) => u * v);
        expect(product.shape).toEqual(expected.shape);
        expect(flat(product)).toEqual(expected.data);
        product.sum().backward();
        // d(Σ xy)/dx is y, stretched, summed over the axes that x lacks or has with length 1.
        const wide = zip(a, b, (_, v) => v);
        const lead = wide.shape.length - p.length;
        const axes = wide.shape.flatMap((_, axis) => (axis < lead || p[axis - lead] === 1 ? [axis] : []));
        const summed = reduce(wide, axes, true, (values) => values.reduce((s, v) => s + v, 0));
        flat(x.grad ?? x.mul(0)).forEach((value, k) => {
          expect(Math.abs(value - (summed.data[k] ?? 0))).toBeLessThan(1e-12);
        });
      }),
      fixed,
    );
  });

  test("fails exactly where lengths differ and neither is 1", () => {
    fc.assert(
      fc.property(shape, shape, (p, q) => {
        const rank = Math.max(p.length, q.length);
        const fits = Array.from({ length: rank }, (_, i) => [p.at(-1 - i) ?? 1, q.at(-1 - i) ?? 1]).every(
          ([a, b]) => a === b || a === 1 || b === 1,
        );
        const add = (): Tensor => random(p, 1).add(random(q, 2));
        if (fits) expect(add().shape).toEqual(broadcastShape(p, q));
        else expect(add).toThrow(ShapeError);
      }),
      fixed,
    );
  });
});

describe("views", () => {
  /** A step of a chain of views; numbers are taken modulo what the shape allows. `copies`: may need memory of its own. */
  type Step = {
    readonly kind: "transpose" | "slice" | "select" | "unsqueeze" | "squeeze" | "expand" | "flip" | "reshape";
    readonly a: number;
    readonly b: number;
  };
  const kinds = ["transpose", "slice", "select", "unsqueeze", "squeeze", "expand", "flip", "reshape"] as const;
  const chain = (allowed: readonly Step["kind"][]): fc.Arbitrary<Step[]> =>
    fc.array(fc.record({ kind: fc.constantFrom(...allowed), a: fc.nat(20), b: fc.nat(20) }), { maxLength: 6 });

  function apply(x: Tensor, { kind, a, b }: Step): Tensor {
    if (kind === "unsqueeze") return x.ndim > 4 ? x : x.unsqueeze(a % (x.ndim + 1));
    if (kind === "squeeze") return x.squeeze();
    if (kind === "reshape") return x.flatten();
    if (x.ndim === 0) return x;
    const axis = a % x.ndim;
    const length = x.shape[axis] as number;
    if (kind === "transpose") return x.transpose(axis, b % x.ndim);
    if (kind === "flip") return x.flip(axis);
    if (kind === "select") return length === 0 ? x : x.select(axis, b % length);
    if (kind === "slice") return x.slice(axis, b % (length + 1), length, 1 + (a % 3));
    return length === 1 ? x.expand(x.shape.with(axis, 1 + (b % 3))) : x;
  }

  /** The elements of a base are their own numbers, so a view's values say where each of its elements lies. */
  test("send each gradient back to where its element came from", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        chain(kinds),
        (start, steps) => {
          const size = sizeOf(start);
          const base = arange(size).to("float64").reshape(start).clone();
          base.requiresGrad = true;
          const view = steps.reduce(apply, base);
          const places = flat(view);
          const weights = places.map((_, k) => k + 1);
          if (view !== base) view.backward({ gradient: tensor(weights, { dtype: "float64" }).reshape(view.shape) });
          else
            view
              .mul(tensor(weights, { dtype: "float64" }).reshape(view.shape))
              .sum()
              .backward();
          const expected = new Array<number>(size).fill(0);
          places.forEach((place, k) => {
            expected[place] = (expected[place] as number) + (weights[k] as number);
          });
          expect(flat(base.grad as Tensor)).toEqual(expected);
        },
      ),
      fixed,
    );
  });

  test("write through to their base, and nowhere else", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        chain(["transpose", "slice", "select", "unsqueeze"]),
        (start, steps) => {
          const base = arange(sizeOf(start)).to("float64").reshape(start).clone();
          const view = steps.reduce(apply, base);
          const places = new Set(flat(view));
          view.fill_(-1);
          expect(flat(base)).toEqual(flat(base).map((_, k) => (places.has(k) ? -1 : k)));
        },
      ),
      fixed,
    );
  });
});

describe("programs", () => {
  /** One change of a vector of four elements, in place and as an expression on a list of numbers. */
  type Change = {
    readonly kind: "set" | "add" | "mul" | "scalePart" | "copyPart" | "div";
    readonly i: number;
    readonly j: number;
    readonly k: number;
  };
  const change = fc.record({
    kind: fc.constantFrom("set", "add", "mul", "scalePart", "copyPart", "div"),
    i: fc.nat(3),
    j: fc.nat(3),
    k: fc.nat(3),
  }) as fc.Arbitrary<Change>;

  function inPlace(y: Tensor, x: Tensor, { kind, i, j, k }: Change): void {
    if (kind === "set") y.setItem(i, y.getItem(j).mul(x.getItem(k)));
    else if (kind === "add") y.add_(x);
    else if (kind === "mul") y.mul_(x);
    else if (kind === "div") y.div_(x);
    else if (kind === "scalePart") y.slice(0, i).mul_(x.getItem(k));
    else y.slice(0, 0, 2).copy_(y.slice(0, 2, 4).mul(x.slice(0, 1, 3)));
  }

  function asExpression(y: readonly Tensor[], x: readonly Tensor[], { kind, i, j, k }: Change): Tensor[] {
    const at = (list: readonly Tensor[], n: number): Tensor => list[n] as Tensor;
    if (kind === "set") return y.with(i, at(y, j).mul(at(x, k)));
    if (kind === "add") return y.map((value, n) => value.add(at(x, n)));
    if (kind === "mul") return y.map((value, n) => value.mul(at(x, n)));
    if (kind === "div") return y.map((value, n) => value.div(at(x, n)));
    if (kind === "scalePart") return y.map((value, n) => (n >= i ? value.mul(at(x, k)) : value));
    return [at(y, 2).mul(at(x, 1)), at(y, 3).mul(at(x, 2)), at(y, 2), at(y, 3)];
  }

  test("that change a tensor in place have the values and gradients of the same without", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const start = [0.5, -1.5, 2, 0.75];
        const [x, u] = [leaf(start), leaf(start)];
        const y = x.mul(1);
        // From the first change on, parts that are read count as parts that may be overwritten.
        y.setItem(0, y.getItem(0).add(0));
        for (const one of changes) inPlace(y, x, one);
        const parts = [...u];
        const z = stack(
          changes.reduce<Tensor[]>(
            (state, one) => asExpression(state, parts, one),
            parts.map((part) => part.mul(1)),
          ),
        );
        const weights = tensor([1, -2, 3, 0.5], { dtype: "float64" });
        y.mul(weights).sum().backward();
        z.mul(weights).sum().backward();
        expect(flat(y)).toEqual(flat(z));
        const [actual, expected] = [flat(x.grad as Tensor), flat(u.grad as Tensor)];
        actual.forEach((value, k) => {
          expect(Math.abs(value - (expected[k] as number))).toBeLessThanOrEqual(
            1e-12 * Math.max(1, Math.abs(expected[k] as number)),
          );
        });
      }),
      fixed,
    );
  });

  test("of random operations have the derivatives that differences show", () => {
    const step = fc.tuple(
      fc.constantFrom("tanh", "sigmoid", "sin", "mul", "add", "matmul", "softmax", "norm"),
      fc.nat(7),
      fc.nat(7),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 7 }), (steps) => {
        const run = (...inputs: Tensor[]): Tensor => {
          const made = [...inputs];
          for (const [kind, i, j] of steps) {
            const [a, b] = [made[i % made.length] as Tensor, made[j % made.length] as Tensor];
            if (kind === "mul" || kind === "add" || kind === "matmul") made.push(a[kind](b));
            else if (kind === "softmax") made.push(a.softmax(j % 2));
            else if (kind === "norm") made.push(a.div(b.norm().add(1)));
            else made.push(a[kind]());
          }
          return made.at(-1) as Tensor;
        };
        const inputs = [random([2, 2], 3), random([2, 2], 4)].map((x) => {
          x.requiresGrad = true;
          return x;
        });
        return gradcheck(run, inputs, { atol: 1e-4, rtol: 1e-4 });
      }),
      { ...fixed, numRuns: 60 },
    );
  });
});

test("numbers survive printing", () => {
  const parse = (text: string): unknown =>
    JSON.parse(
      text
        .replace(/^tensor\(/, "")
        .replace(/(, dtype=\w+(\.\w+)?)?\)$/, "")
        .replace(/(\d)\.(?=[,\]\s]|$)/g, "$1")
        .replace(/\s+/g, ""),
    );
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), { minLength: 1, maxLength: 12 }),
      (values) => {
        expect(parse(String(tensor(values, { dtype: "int64" })))).toEqual(values);
      },
    ),
    fixed,
  );
  try {
    setPrintOptions({ precision: 8, sciMode: true });
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 12 }),
        (values) => {
          const printed = parse(String(tensor(values))) as number[];
          expect(printed.map((value) => Math.fround(value) + 0)).toEqual(values.map((value) => value + 0));
        },
      ),
      fixed,
    );
  } finally {
    setPrintOptions();
  }
});
