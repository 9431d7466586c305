import { afterEach, describe, expect, test, vi } from "vitest";
import { builtFingerprint, fingerprint, textFromBytes } from "../../../scripts/build-kernels.mjs";
import { OptionError } from "../src/errors.js";
import { bytesFromText } from "../src/kernels/bytes-as-text.js";
import {
  engineKernels,
  engineName,
  engineNames,
  kernels,
  registerEngine,
  setEngine,
  useKernels,
} from "../src/kernels/index.js";
import { referenceKernels } from "../src/kernels/reference.js";
import { wasmKernels } from "../src/kernels/wasm.js";
import { expectSameBits, floats } from "./kernels-helper.js";

describe("engines", () => {
  afterEach(() => setEngine("wasm"));

  test("wasm is the one in use, reference the other", () => {
    expect(engineName()).toBe("wasm");
    expect(kernels()).toBe(wasmKernels);
    expect(engineNames()).toEqual(["wasm", "reference", "relaxed"]);
    setEngine("reference");
    expect(kernels()).toBe(referenceKernels);
    expect(engineName()).toBe("reference");
  });

  test("others can be registered, or used without", () => {
    const mine = { ...referenceKernels, name: "mine" };
    const before = useKernels(mine);
    expect(kernels()).toBe(mine);
    expect(useKernels(before)).toBe(mine);
    registerEngine("mine", mine);
    setEngine("mine");
    expect(engineName()).toBe("mine");
    expect(engineKernels("wasm")).toBe(wasmKernels);
  });

  test("may be made at the first use, and say then that they cannot be", () => {
    const make = vi.fn(() => ({ ...referenceKernels, name: "late" }));
    registerEngine("late", make);
    expect(engineNames()).toContain("late");
    expect(make).not.toHaveBeenCalled();
    setEngine("late");
    expect(engineName()).toBe("late");
    expect(engineKernels("late")).toBe(kernels());
    expect(make).toHaveBeenCalledTimes(1);
    registerEngine("never", () => {
      throw new OptionError("no such library");
    });
    expect(() => setEngine("never")).toThrow("no such library");
    expect(engineName()).toBe("late");
  });

  test.each([
    [
      () => setEngine("wsam"),
      /expected the name of an engine out of wasm, reference, relaxed.*got "wsam".*Did you mean 'wasm'\?/,
    ],
    [() => engineKernels("x"), /engineKernels: expected the name of an engine.*got "x"/],
    [() => setEngine(undefined as never), /setEngine: expected the name.*got undefined/],
    [() => registerEngine("", referenceKernels), /registerEngine: expected a name.*got ""/],
    [
      () => registerEngine("x", {} as never),
      /registerEngine: expected a name and the kernels of an engine, got "x" and an object/,
    ],
    [() => registerEngine("x", null as never), /got "x" and null/],
  ])("bad input is an error: %#", (act, message) => {
    expect(act).toThrow(OptionError);
    expect(act).toThrow(message);
  });
});

describe("the WebAssembly engine", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test("carries the kernels that stand in assembly/ (npm run build brings them up to date)", () => {
    expect(builtFingerprint()).toBe(fingerprint());
  });

  /** The engine of a fresh import, under what `globals` says. */
  async function freshEngine() {
    vi.resetModules();
    return (await import("../src/kernels/wasm.js")).wasmKernels;
  }

  function useAll(engine: typeof wasmKernels): Float32Array {
    const [a, b, c] = [floats(400, 1), floats(400, 2), floats(400, 3)];
    engine.unary("tanh", 400, a, 0, a, 0);
    engine.binary("add", "row", 400, a, 0, b, 0, a, 0, 20);
    engine.gemm(false, true, 20, 20, 20, a, 0, 20, b, 0, 20, c, 0, 20, true);
    engine.softmax(20, 20, c, 0, c, 0);
    engine.sum(1, 20, 20, c, 0, b, 0);
    engine.sgd(400, c, a, b, {
      lr: 0.1,
      momentum: 0.9,
      dampening: 0,
      weightDecay: 0,
      nesterov: true,
      firstStep: false,
      sign: 1,
    });
    return c;
  }

  test.each([
    ["without WebAssembly", undefined],
    [
      "where the runtime refuses the module",
      {
        ...WebAssembly,
        Memory: WebAssembly.Memory,
        Module: class {
          constructor() {
            throw new Error("no SIMD");
          }
        },
      },
    ],
  ])("computes the same %s", async (_, stub) => {
    vi.stubGlobal("WebAssembly", stub);
    const engine = await freshEngine();
    expectSameBits(useAll(engine), useAll(wasmKernels), "fallback");
  });

  test("computes the same when its memory cannot grow", async () => {
    const engine = await freshEngine();
    useAll(engine);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
      throw new RangeError("Maximum memory size exceeded");
    });
    const [n, K] = [8, 60_000];
    const [a, b] = [floats(n * K, 1), floats(n * K, 2)];
    const [c, d] = [new Float32Array(n * n), new Float32Array(n * n)];
    engine.gemm(false, true, n, n, K, a, 0, K, b, 0, K, c, 0, n, false);
    expect(grow).toHaveBeenCalled();
    grow.mockRestore();
    referenceKernels.gemm(false, true, n, n, K, a, 0, K, b, 0, K, d, 0, n, false);
    expectSameBits(c, d, "gemm");
  });

  test("does not keep a memory that one large product made grow", async () => {
    let made = 0;
    const { Memory, Module, Instance } = WebAssembly;
    vi.stubGlobal("WebAssembly", {
      Module,
      Instance,
      Memory: class extends Memory {
        constructor(descriptor: WebAssembly.MemoryDescriptor) {
          super(descriptor);
          made++;
        }
      },
    });
    const engine = await freshEngine();
    useAll(engine);
    useAll(engine);
    expect(made).toBe(1);
    const K = 9_000_000;
    const c = new Float32Array(1);
    engine.gemm(
      false,
      false,
      1,
      1,
      K,
      new Float32Array(K).fill(1),
      0,
      K,
      new Float32Array(K).fill(1),
      0,
      1,
      c,
      0,
      1,
      false,
    );
    expect(c[0]).toBe(K);
    expectSameBits(useAll(engine), useAll(referenceKernels), "afterwards");
    expect(made).toBe(2);
  });

  test("reads every byte from its text", () => {
    for (const n of [0, 1, 2, 256, 1000]) {
      const bytes = Uint8Array.from({ length: n }, (_, i) => i * 37 + n * 101);
      expect([...bytesFromText(textFromBytes(bytes))]).toEqual([...bytes]);
    }
  });
});
