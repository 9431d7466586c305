import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { OptionError } from "../src/errors.js";
import { bytesFromText } from "../src/kernels/bytes-as-text.js";
import { engineName, setEngine } from "../src/kernels/index.js";
import { fuse } from "../src/kernels/relaxed.js";
import { wasmText } from "../src/kernels/wasm-bytes.generated.js";
import { ulpError } from "./kernels-helper.js";

/** The instructions of a module's functions: where each begins, and its bytes. */
function instructionsOf(bytes: Uint8Array): Map<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  let p = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[p++] as number;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const skip = (numbers: number, more = 0): void => {
    for (let i = 0; i < numbers; i++) number();
    p += more;
  };
  const vector = (): void => {
    const code = number();
    if (code <= 11 || code === 92 || code === 93) skip(2);
    else if (code === 12 || code === 13) skip(0, 16);
    else if (code >= 21 && code <= 34) skip(0, 1);
    else if (code >= 84 && code <= 91) skip(2, 1);
    else if (code > 0xff) throw new Error(`unknown vector instruction ${code}`);
  };
  const instruction = (): void => {
    const code = bytes[p++] as number;
    if (code === 0xfd) vector();
    else if (code === 0xfc) {
      const which = number();
      if (which === 10) skip(2);
      else if (which === 11) skip(1);
      else if (which > 7) throw new Error(`unknown instruction 0xfc ${which}`);
    } else if (code === 0x0e) skip(number() + 1);
    else if (code === 0x11 || (code >= 0x28 && code <= 0x3e)) skip(2);
    else if (code === 0x43) skip(0, 4);
    else if (code === 0x44) skip(0, 8);
    else if ((code >= 0x02 && code <= 0x04) || code === 0x0c || code === 0x0d || code === 0x10) skip(1);
    else if ((code >= 0x20 && code <= 0x24) || code === 0x3f || code === 0x40 || code === 0x41 || code === 0x42)
      skip(1);
    else if (!(code <= 0x01 || code === 0x05 || code === 0x0b || code === 0x0f || code === 0x1a || code === 0x1b))
      if (code < 0x45 || code > 0xc4) throw new Error(`unknown instruction ${code}`);
  };
  while (p < bytes.length) {
    const section = bytes[p++] as number;
    const length = number();
    const end = p + length;
    if (section === 10) {
      for (let functions = number(); functions > 0; functions--) {
        const size = number();
        const last = p + size;
        for (let locals = number(); locals > 0; locals--) skip(1, 1);
        while (p < last) {
          const at = p;
          instruction();
          found.set(at, [...bytes.subarray(at, p)]);
        }
      }
    }
    p = end;
  }
  return found;
}

describe("fusing", () => {
  test("changes multiplications that are followed by additions, and nothing else", () => {
    const bytes = bytesFromText(wasmText);
    const instructions = instructionsOf(bytes);
    const changed = bytes.slice();
    const places = fuse(changed);
    expect(places.length).toBeGreaterThan(60);
    for (const at of places) {
      expect(instructions.get(at)).toEqual([0xfd, 0xe6, 1]);
      expect(instructions.get(at + 3)?.[0]).toBe(0x20);
      expect(instructions.get(at + 5)).toEqual([0xfd, 0xe4, 1]);
    }
    changed.forEach((byte, i) => {
      if (byte !== bytes[i])
        expect(places.some((at) => (i >= at && i < at + 3) || i === at + 6 || i === at + 7)).toBe(true);
    });
  });

  test("every product of a tile of 2×16 is fused", () => {
    const bytes = bytesFromText(wasmText);
    const places = fuse(bytes.slice());
    // 16 multiplications of two k, for A and for its transpose.
    const run = places.filter((at, i) => i === 0 || at - (places[i - 1] as number) < 40).length;
    expect(run).toBeGreaterThan(32);
  });
});

interface Answer {
  readonly fused: readonly {
    readonly M: number;
    readonly N: number;
    readonly K: number;
    readonly transA: boolean;
    readonly transB: boolean;
    readonly a: number[];
    readonly b: number[];
    readonly before: number[];
    readonly c: number[];
  }[];
  readonly x: number[];
  readonly functions: Readonly<Record<"exp" | "log" | "tanh" | "sigmoid", (number | null)[]>>;
  readonly relaxed: number[][];
  readonly wasm: number[][];
}

const probe = fileURLToPath(new URL("./relaxed/probe.mjs", import.meta.url));

/** What the probe says, run with the option or, where Node has no such option any more, without. */
function answer(): Answer {
  const run = (options: string[]): Answer =>
    JSON.parse(
      execFileSync(process.execPath, [...options, probe], { encoding: "utf8", maxBuffer: 2 ** 28, stdio: "pipe" }),
    );
  try {
    return run(["--experimental-wasm-relaxed-simd"]);
  } catch {
    return run([]);
  }
}

describe("engine relaxed", () => {
  afterEach(() => setEngine("wasm"));

  test("is there, or says what to do", () => {
    try {
      setEngine("relaxed");
      expect(engineName()).toBe("relaxed");
    } catch (error) {
      expect(error).toBeInstanceOf(OptionError);
      expect(String(error)).toMatch(/relaxed SIMD.*Node from 22.*--experimental-wasm-relaxed-simd.*'wasm'/);
      expect(engineName()).toBe("wasm");
    }
  });

  const got = answer();

  test("products stay within their bound, and round once less", () => {
    let once = 0;
    for (const { M, N, K, transA, transB, a, b, before, c } of got.fused) {
      for (let i = 0; i < M; i++) {
        for (let j = 0; j < N; j++) {
          let [truth, size, plain] = [before[i * N + j] as number, Math.abs(before[i * N + j] as number), 0];
          for (let k = 0; k < K; k++) {
            const [p, q] = [a[transA ? k * M + i : i * K + k] as number, b[transB ? j * K + k : k * N + j] as number];
            truth += p * q;
            size += Math.abs(p * q);
            plain = Math.fround(plain + Math.fround(p * q));
          }
          const error = Math.abs((c[i * N + j] as number) - truth);
          if (!(error <= (K + 2) * 2 ** -24 * size))
            expect.fail(`${M}×${N}×${K}: element ${i}, ${j} is off by ${error}`);
          if (Math.fround((before[i * N + j] as number) + plain) !== c[i * N + j]) once++;
        }
      }
    }
    expect(once).toBeGreaterThan(100);
  });

  test("functions stay within the default engine's bounds", () => {
    const truths = {
      exp: [Math.exp, 1.02],
      log: [Math.log, 0.514],
      tanh: [Math.tanh, 2.01],
      sigmoid: [(x: number) => 1 / (1 + Math.exp(-x)), 2.41],
    } as const;
    for (const [name, [truth, bound]] of Object.entries(truths)) {
      got.x.forEach((x, i) => {
        const y = got.functions[name as keyof typeof truths][i];
        // JSON has neither NaN nor infinities.
        if (name === "log" && !(x > 0)) expect(y).toBeNull();
        else if (!(ulpError(y as number, truth(x)) <= bound)) expect.fail(`${name}(${x}) = ${y}, truly ${truth(x)}`);
      });
    }
  });

  test("trains as the default engine does, with other last bits", () => {
    expect(got.relaxed).not.toEqual(got.wasm);
    got.relaxed.forEach((gradient, i) => {
      const expected = got.wasm[i] as number[];
      const scale = Math.max(...expected.map(Math.abs));
      gradient.forEach((g, j) => {
        if (!(Math.abs(g - (expected[j] as number)) <= 1e-5 * scale)) expect.fail(`parameter ${i}, element ${j}: ${g}`);
      });
    });
  });
});
