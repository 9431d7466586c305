import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { allocate, castValue, type DType } from "../src/dtype.js";
import { OptionError } from "../src/errors.js";
import { formatTensor, getPrintOptions, setPrintOptions } from "../src/print.js";
import { sizeOf } from "../src/shape.js";

interface Case {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data?: readonly (number | string)[];
  readonly formula?: number;
  readonly requiresGrad?: boolean;
  readonly options?: {
    readonly precision?: number;
    readonly threshold?: number | string;
    readonly edgeitems?: number;
    readonly linewidth?: number;
    readonly sci_mode?: boolean;
  };
  readonly text: string;
}
const fixture: { readonly torch: string; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("./fixtures/printing.json", import.meta.url), "utf8"),
);

/** The formula that reference/printing.py describes. */
function valuesOf({ dtype, shape, data, formula = 1 }: Case): ArrayLike<number> {
  const values = allocate(dtype, sizeOf(shape));
  for (let k = 0; k < values.length; k++) {
    const value = data === undefined ? (((7 * k * k + 29 * k + 53) % 113) - 56) * formula : Number(data[k]);
    values[k] = castValue(value, dtype);
  }
  return values;
}

afterEach(() => setPrintOptions());

describe("formatTensor prints what PyTorch prints", () => {
  it("2.13, several hundred tensors", () => {
    expect(fixture.torch).toMatch(/^2\.13\./);
    expect(fixture.cases.length).toBeGreaterThan(400);
  });

  const groups = new Map<string, Case[]>();
  for (const one of fixture.cases) {
    const options = one.options === undefined ? "" : ` with ${JSON.stringify(one.options)}`;
    const key = `${one.dtype}, ${one.shape.length}-D${sizeOf(one.shape) > 1000 ? ", summarised" : ""}${options}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const [name, cases] of groups) {
    it(`${name} (${cases.length})`, () => {
      for (const one of cases) {
        const { precision, threshold, edgeitems, linewidth, sci_mode } = one.options ?? {};
        setPrintOptions();
        if (precision !== undefined) setPrintOptions({ precision });
        if (threshold !== undefined) setPrintOptions({ threshold: Number(threshold) });
        if (edgeitems !== undefined) setPrintOptions({ edgeItems: edgeitems });
        if (linewidth !== undefined) setPrintOptions({ lineWidth: linewidth });
        if (sci_mode !== undefined) setPrintOptions({ sciMode: sci_mode });
        const { dtype, shape, requiresGrad = false } = one;
        expect(formatTensor({ dtype, shape, values: valuesOf(one), requiresGrad })).toBe(one.text);
      }
    });
  }
});

describe("setPrintOptions", () => {
  it("keeps options that are not given, and without arguments restores the defaults", () => {
    setPrintOptions({ precision: 2 });
    setPrintOptions({ lineWidth: 40 });
    expect(getPrintOptions()).toEqual({ precision: 2, threshold: 1000, edgeItems: 3, lineWidth: 40, sciMode: "auto" });
    setPrintOptions();
    expect(getPrintOptions()).toEqual({ precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80, sciMode: "auto" });
  });

  const table: readonly [object, string][] = [
    [{ linewidth: 9 }, "unknown option 'linewidth'. Did you mean 'lineWidth'?"],
    [{ precision: -1 }, "expected precision to be a whole number from 0 to 100, got -1"],
    [{ precision: 2.5 }, "got 2.5"],
    [{ precision: Infinity }, "got Infinity"],
    [{ edgeItems: "3" }, 'expected edgeItems to be a whole number >= 0, got "3"'],
    [{ lineWidth: 0 }, "expected lineWidth to be a whole number >= 1, got 0"],
    [{ threshold: NaN }, "expected threshold to be a number ≥ 0, got NaN"],
    [{ threshold: "many" }, 'got "many"'],
    [{ sciMode: "yes" }, 'expected sciMode to be true, false or "auto", got "yes"'],
  ];
  for (const [options, text] of table) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => setPrintOptions(options)).toThrow(OptionError);
      expect(() => setPrintOptions(options)).toThrow(text);
      expect(getPrintOptions().precision).toBe(4);
    });
  }
});
