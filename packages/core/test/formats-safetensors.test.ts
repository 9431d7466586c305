import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate, type DType, dtypes } from "../src/dtype.js";
import { FormatError } from "../src/errors.js";
import { duplicateKey } from "../src/formats/json-keys.js";
import { type ArrayRecord, readSafetensors, writeSafetensors } from "../src/formats/safetensors.js";
import { decodeUtf8, encodeUtf8 } from "../src/formats/utf8.js";
import fixture from "./fixtures/safetensors-files.json" with { type: "json" };

interface FileCase {
  name: string;
  bytes: string;
  arrays: Record<string, { dtype: string; shape: number[]; values: string[] }>;
  metadata: Record<string, string>;
}

const cases = <T extends { name: string; bytes: string }>(kind: string): [string, T][] =>
  fixture.cases.filter((entry) => entry.kind === kind).map((entry) => [entry.name, entry as unknown as T]);
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const numberOf = (text: string): number => Number(text.replace("inf", "Infinity"));

/** A file by hand: a header as it stands, and the numbers' bytes. */
function file(header: string, data: number[] = []): Uint8Array {
  const json = encodeUtf8(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

test("the fixture says who wrote it", () => {
  expect(fixture.script).toBe("reference/safetensors_files.py");
  expect(fixture.safetensors).toMatch(/^\d+\.\d+/);
});

describe("files written by safetensors", () => {
  const read: Record<string, DType> = {
    float16: "float32",
    bfloat16: "float32",
    uint16: "int32",
    uint32: "int64",
    uint64: "int64",
  };

  test.each(cases<FileCase>("file"))("%s: read as they were given", (_, { bytes, arrays, metadata }) => {
    const { tensors, metadata: texts } = readSafetensors(bytesOf(bytes));
    expect(texts).toEqual(metadata);
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(arrays).sort());
    for (const [name, expected] of Object.entries(arrays)) {
      const array = tensors[name] as ArrayRecord;
      expect(array.dtype).toBe(read[expected.dtype] ?? expected.dtype);
      expect(array.shape).toEqual(expected.shape);
      expect(array.data.length).toBe(expected.values.length);
      // Object.is: −0 is not 0, NaN is NaN.
      expected.values.forEach((text, i) => {
        expect(array.data[i]).toBe(expected.dtype === "float32" ? Math.fround(numberOf(text)) : numberOf(text));
      });
    }
  });

  test.each(cases<FileCase>("file").filter(([name]) => name !== "every dtype"))(
    "%s: written again, the same bytes",
    (_, { bytes }) => {
      const { tensors, metadata } = readSafetensors(bytesOf(bytes));
      expect(writeSafetensors(tensors, Object.keys(metadata).length > 0 ? metadata : undefined)).toEqual(
        bytesOf(bytes),
      );
    },
  );

  test("every dtype that core has: written again, the same bytes for each", () => {
    const bytes = bytesOf(
      (cases<FileCase>("file").find(([name]) => name === "every dtype") as [string, FileCase])[1].bytes,
    );
    const { tensors } = readSafetensors(bytes);
    const own = Object.fromEntries(dtypes.map((dtype) => [dtype, tensors[dtype] as ArrayRecord]));
    expect(readSafetensors(writeSafetensors(own)).tensors).toEqual(own);
  });

  test("bytes at an odd offset of a larger buffer are read where they lie", () => {
    const bytes = bytesOf((cases<FileCase>("file")[0] as [string, FileCase])[1].bytes);
    const larger = new Uint8Array(bytes.length + 10);
    larger.set(bytes, 3);
    expect(readSafetensors(larger.subarray(3, 3 + bytes.length))).toEqual(readSafetensors(bytes));
  });
});

describe("broken files", () => {
  test.each(cases<{ name: string; bytes: string }>("broken"))("%s", (_, { bytes }) => {
    expect(() => readSafetensors(bytesOf(bytes))).toThrow(FormatError);
  });

  test.each(cases<{ name: string; bytes: string }>("odd"))("unusual but whole: %s", (_, { bytes }) => {
    expect(() => readSafetensors(bytesOf(bytes))).not.toThrow();
  });

  const u8 = (begin: number, end: number): string =>
    `{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]}`;
  test.each<[string, unknown, RegExp]>([
    ["not bytes", "file.safetensors", /expected the file's bytes as a Uint8Array, got "file.safetensors"/],
    ["too short", Uint8Array.of(1, 2), /at least 8 bytes, got 2\. The file is cut off/],
    ["a name twice", file(`{"a":${u8(0, 1)},"a":${u8(0, 1)}}`, [7]), /each name once in the header, got "a" twice/],
    ["a name twice, once escaped", file(`{"a":${u8(0, 1)},"\\u0061":${u8(0, 1)}}`, [7]), /got "a" twice/],
    [
      "a key twice inside",
      file('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', [7]),
      /got "dtype" twice/,
    ],
    ["a metadata key twice", file('{"__metadata__":{"k":"1","k":"2"}}'), /got "k" twice/],
    ["metadata null", file('{"__metadata__":null}'), /expected __metadata__ to map texts to texts, got null/],
    ["metadata a number", file('{"__metadata__":{"step":3}}'), /to be a text, got 3 for 'step'/],
    [
      "hole",
      file(`{"a":${u8(0, 1)},"b":${u8(2, 3)}}`, [1, 2, 3]),
      /'b' begins at byte 2 of the data, leaving a hole from byte 1/,
    ],
    [
      "overlap",
      file(`{"a":${u8(0, 2)},"b":${u8(1, 3)}}`, [1, 2, 3]),
      /'b' begins at byte 1 of the data, inside 'a', which ends at 2/,
    ],
    ["trailing", file(`{"a":${u8(0, 1)}}`, [1, 2]), /expected 1 bytes of data, got 2: 1 trailing bytes/],
    ["cut", file(`{"a":${u8(0, 3)}}`, [1, 2]), /expected 3 bytes of data, got 2\. The file is cut off/],
    [
      "size",
      file('{"w":{"dtype":"F32","shape":[2, 3],"data_offsets":[0,20]}}'),
      /'w': expected 24 bytes for F32 of shape \[2, 3\], got data_offsets \[0, 20\], which are 20 bytes/,
    ],
    [
      "dtype",
      file('{"w":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}'),
      /'w': expected dtype out of U64, I64.*got "C64"/,
    ],
    [
      "dtype of an object's own",
      file('{"w":{"dtype":"toString","shape":[],"data_offsets":[0,1]}}'),
      /expected dtype out of/,
    ],
    ["UTF-8", Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 123, 0xff, 125), /header in UTF-8, got the byte 255 at 1/],
    [
      "a bool of 2",
      file('{"b":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}', [1, 2]),
      /'b': expected the bytes 0 and 1 for bool, got 2 at element 1/,
    ],
    [
      "an int64 of 2^53",
      file('{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', [0, 0, 0, 0, 0, 0, 32, 0]),
      /'n': expected int64 values within ±\(2\^53 − 1\), got 9007199254740992 at element 0/,
    ],
  ])("%s: the message", (_, bytes, message) => {
    expect(() => readSafetensors(bytes as Uint8Array)).toThrow(FormatError);
    expect(() => readSafetensors(bytes as Uint8Array)).toThrow(message);
  });
});

describe("writing", () => {
  const one = { dtype: "float32", shape: [1], data: Float32Array.of(1) } as const;
  test.each<[string, Record<string, unknown>, unknown, RegExp]>([
    [
      "numbers that do not fill the shape",
      { w: { ...one, shape: [2, 3] } },
      undefined,
      /'w': expected 6 numbers for shape \[2, 3\], got 1/,
    ],
    [
      "another typed array",
      { w: { ...one, data: Float64Array.of(1) } },
      undefined,
      /expected float32 numbers in a Float32Array, got a Float64Array/,
    ],
    [
      "an ordinary array",
      { w: { ...one, data: [1] } },
      undefined,
      /expected float32 numbers in a Float32Array, got \[1\]/,
    ],
    [
      "an unknown dtype",
      { w: { ...one, dtype: "float16" } },
      undefined,
      /'w': expected \{ dtype, shape, data \} with dtype out of/,
    ],
    ["nothing", { w: undefined }, undefined, /'w': expected \{ dtype, shape, data \}.*got undefined/],
    ["the metadata's name", { __metadata__: one }, undefined, /Give the array another name/],
    ["metadata that is no text", {}, { step: 3 }, /to be a text, got 3 for 'step'/],
    [
      "half an int64",
      { n: { dtype: "int64", shape: [1], data: Float64Array.of(0.5) } },
      undefined,
      /'n': expected int64 values.*got 0\.5/,
    ],
  ])("%s is refused", (_, tensors, metadata, message) => {
    const write = (): Uint8Array =>
      writeSafetensors(tensors as Record<string, ArrayRecord>, metadata as Record<string, string>);
    expect(write).toThrow(FormatError);
    expect(write).toThrow(message);
  });

  test("a name cut inside an emoji goes through JSON's escape and back", () => {
    expect(readSafetensors(writeSafetensors({ "\uD83D": one })).tensors).toEqual({ "\uD83D": one });
  });

  test("whatever is written is read back, names and metadata included", () => {
    const array = fc
      .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(3), { maxLength: 3 }), fc.infiniteStream(fc.double()))
      .map(([dtype, shape, numbers]): ArrayRecord => {
        const data = allocate(
          dtype,
          shape.reduce((size, length) => size * length, 1),
        );
        for (let i = 0; i < data.length; i++) {
          const value = numbers.next().value;
          const whole = Math.trunc(value % Number.MAX_SAFE_INTEGER) || 0;
          data[i] = dtype === "bool" ? Number(value > 0) : dtype === "int64" ? whole : value;
        }
        return { dtype, shape, data };
      });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__"),
          array,
          { noNullPrototype: true },
        ),
        fc.dictionary(fc.string({ unit: "binary" }), fc.string(), { noNullPrototype: true }),
        (tensors, metadata) => {
          const back = readSafetensors(writeSafetensors(tensors, metadata));
          expect(back.metadata).toEqual(metadata);
          expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort());
          for (const [name, written] of Object.entries(tensors)) expect(back.tensors[name]).toEqual(written);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("UTF-8", () => {
  test("equals the host's encoder, and comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const bytes = encodeUtf8(text);
        expect(bytes).toEqual(new Uint8Array(new TextEncoder().encode(text)));
        expect(decodeUtf8(bytes, () => "?")).toBe(text);
      }),
    );
  });

  test("accepts and refuses the bytes that the host's strict decoder does", () => {
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xa0, 0xef, 0xf0, 0xf4, 0x8f, 0x90),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 8 }), (bytes) => {
        let expected: string | undefined;
        try {
          expected = strict.decode(Uint8Array.from(bytes));
        } catch {
          expected = undefined;
        }
        let broken = false;
        const text = decodeUtf8(bytes, () => {
          broken = true;
          return "";
        });
        expect(broken ? undefined : text).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  test("half of a surrogate pair is an error", () => {
    expect(() => encodeUtf8("a\uD83D")).toThrow(/got U\+D83D, half of a surrogate pair/);
  });
});

test.each<[string, string | undefined]>([
  ['{"a":1,"b":{"a":2}}', undefined],
  ['{"a":1,"b":{"c":2,"c":3}}', "c"],
  ['{"a" : 1, "b": "a", "a": 2}', "a"],
  ['["a","a",{"a":1},{"a":2}]', undefined],
  ['{"}":1,"{\\"":2,"}":3}', "}"],
  ['{"":1,"":2}', ""],
])("duplicateKey(%s) is %s", (text, key) => {
  expect(duplicateKey(text)).toBe(key);
});
