import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batches, contiguousBatches, nextSymbolPairs, trainValidationSplit, windows } from "../src/data/sequences.js";
import { Vocabulary, type VocabularyOptions } from "../src/data/vocabulary.js";
import { FormatError, OptionError, ShapeError } from "../src/errors.js";

describe("Vocabulary", () => {
  test("characters, sorted as Python's sorted(set(text)) does", () => {
    const vocabulary = Vocabulary.from("AbAcAd".repeat(50));
    expect(vocabulary.symbols).toEqual(["A", "b", "c", "d"]);
    expect(vocabulary.size).toBe(4);
    expect(vocabulary.encode("AbAcAd")).toEqual([0, 1, 0, 2, 0, 3]);
    expect(vocabulary.decode([0, 3, 0, 1])).toBe("AdAb");
    expect(Vocabulary.from("apple" + "pple!").symbols).toEqual(["!", "a", "e", "l", "p"]);
  });

  test("Korean syllables and emoji are one symbol each", () => {
    const vocabulary = Vocabulary.from("나는 🙂 너는 👩‍🚀");
    expect(vocabulary.symbols).toEqual([" ", "\u200D", "나", "너", "는", "👩", "🙂", "🚀"]);
    expect(vocabulary.decode(vocabulary.encode("너는 🚀"))).toBe("너는 🚀");
  });

  test("order is by code point, where JavaScript's own would compare halves of pairs", () => {
    const text = "\u{1F600}\uFF5E\u{10000}z";
    expect(Vocabulary.from(text).symbols).toEqual(["z", "\uFF5E", "\u{10000}", "\u{1F600}"]);
    expect([...text].sort()).not.toEqual(Vocabulary.from(text).symbols);
  });

  test("order of appearance, and a given order", () => {
    expect(Vocabulary.from("cab", { order: "appearance" }).symbols).toEqual(["c", "a", "b"]);
    expect(Vocabulary.from("cab", { order: ["b", "x", "a", "c"] }).encode("cab")).toEqual([3, 2, 0]);
    expect(new Vocabulary(["low", "high"], { unit: "word" }).encode("high low")).toEqual([1, 0]);
  });

  test("words", () => {
    const vocabulary = Vocabulary.from("  나는 간다\n\t나는 본다 ", { unit: "word" });
    expect(vocabulary.symbols).toEqual(["간다", "나는", "본다"]);
    expect(vocabulary.encode("나는 본다")).toEqual([1, 2]);
    expect(vocabulary.decode([1, 0])).toBe("나는 간다");
    expect(vocabulary.split("a  b")).toEqual(["a", "b"]);
  });

  test("bytes: any text, and what is no UTF-8 becomes U+FFFD", () => {
    const vocabulary = Vocabulary.from("", { unit: "byte" });
    expect(vocabulary.size).toBe(256);
    expect(vocabulary.encode("A가")).toEqual([0x41, 0xea, 0xb0, 0x80]);
    expect(vocabulary.decode([0x41, 0xea, 0xb0, 0x80, 0xea])).toBe("A가\uFFFD");
    expect(vocabulary.symbols.slice(0x41, 0x43)).toEqual(["A", "B"]);
    expect(vocabulary.symbols[0xea]).toBe("\\xEA");
    expect(vocabulary.encode(vocabulary.split("A가"))).toEqual(vocabulary.encode("A가"));
  });

  test("a sequence of symbols does for a text", () => {
    const vocabulary = Vocabulary.from(["b", "a", "b"]);
    expect(vocabulary.encode(["b", "a"])).toEqual([1, 0]);
    expect(vocabulary.has("a") && !vocabulary.has("c")).toBe(true);
  });

  test("encode and decode are inverse, through JSON as well", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), fc.constantFrom("character", "byte"), (text, unit) => {
        const vocabulary = Vocabulary.from(text, { unit } as VocabularyOptions);
        const back = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
        expect(back.symbols).toEqual(vocabulary.symbols);
        expect(back.unit).toBe(unit);
        expect(back.decode(vocabulary.encode(text))).toBe(text);
      }),
    );
  });

  const abc = Vocabulary.from("abc");
  test.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    [
      "an unseen character",
      () => abc.encode("abé"),
      OptionError,
      /"é" \(U\+00E9\) at position 2 is not among the 3 symbols.*unit 'byte'/,
    ],
    ["an unseen emoji", () => abc.encode("🙂"), OptionError, /"🙂" \(U\+1F642\) at position 0/],
    [
      "positions count symbols",
      () => Vocabulary.from("🙂").encode("🙂🙂a"),
      OptionError,
      /"a" \(U\+0061\) at position 2/,
    ],
    [
      "an unseen word",
      () => Vocabulary.from("a b", { unit: "word" }).encode("a cc"),
      OptionError,
      /"cc" at position 1/,
    ],
    ["a number for a text", () => abc.encode(3 as never), OptionError, /expected a text or an array of symbols, got 3/],
    [
      "two characters for one symbol",
      () => abc.encode(["a", "bc"]),
      OptionError,
      /expected one character.*got "bc" at 1/,
    ],
    ["an index too large", () => abc.decode([0, 3]), ShapeError, /whole indices from 0 to 2, got 3 at position 1/],
    ["a negative index", () => abc.decode([-1]), ShapeError, /got -1 at position 0/],
    ["half an index", () => abc.decode([0.5]), ShapeError, /got 0\.5/],
    ["an empty text", () => Vocabulary.from(""), OptionError, /at least one symbol, got an empty text/],
    ["no symbols", () => new Vocabulary([]), OptionError, /at least one symbol, got \[\]/],
    [
      "a symbol twice",
      () => new Vocabulary(["a", "b", "a"]),
      OptionError,
      /distinct symbols, got "a" \(U\+0061\) at 0 and again at 2/,
    ],
    [
      "white space in a word",
      () => new Vocabulary(["a b"], { unit: "word" }),
      OptionError,
      /words without white space, got "a b"/,
    ],
    ["some of the bytes", () => new Vocabulary(["a"], { unit: "byte" }), OptionError, /all 256 bytes in order/],
    [
      "an order for bytes",
      () => Vocabulary.from("a", { unit: "byte", order: "sorted" }),
      OptionError,
      /takes no 'order'/,
    ],
    [
      "an order that lacks a symbol",
      () => Vocabulary.from("abc", { order: ["a", "b"] }),
      OptionError,
      /"c" \(U\+0063\) at position 2/,
    ],
    [
      "an unknown order",
      () => Vocabulary.from("abc", { order: "random" as never }),
      OptionError,
      /'sorted', 'appearance' or an array.*got "random"/,
    ],
    [
      "an unknown unit",
      () => Vocabulary.from("abc", { unit: "char" as never }),
      OptionError,
      /unit out of character, word, byte, got "char"/,
    ],
    [
      "an unknown option",
      () => Vocabulary.from("abc", { ordre: "sorted" } as never),
      OptionError,
      /unknown option 'ordre'. Did you mean 'order'/,
    ],
    ["JSON of something else", () => Vocabulary.fromJSON({ a: 1 }), FormatError, /expected \{ unit, symbols \}/],
    ["JSON null", () => Vocabulary.fromJSON(null), FormatError, /got null/],
    [
      "JSON with a symbol twice",
      () => Vocabulary.fromJSON({ unit: "character", symbols: ["a", "a"] }),
      FormatError,
      /distinct symbols/,
    ],
  ])("%s is an error", (_, act, kind, message) => {
    expect(act).toThrow(kind);
    expect(act).toThrow(message);
  });
});

describe("pairs and windows", () => {
  test("next symbol pairs", () => {
    expect(nextSymbolPairs([..."abca"])).toEqual({ x: ["a", "b", "c"], y: ["b", "c", "a"] });
    expect(nextSymbolPairs(Int32Array.of(1, 2, 3))).toEqual({ x: [1, 2], y: [2, 3] });
  });

  test("windows of n symbols, the next as target", () => {
    expect(windows([..."abdcab"], 2)).toEqual({
      x: [
        ["a", "b"],
        ["b", "d"],
        ["d", "c"],
        ["c", "a"],
      ],
      y: ["d", "c", "a", "b"],
    });
    expect(windows([1, 2, 3], 1)).toEqual({ x: [[1], [2]], y: [2, 3] });
  });

  test("the end is held back for validation", () => {
    const indices = Array.from({ length: 25 }, (_, i) => i);
    const { train, validation } = trainValidationSplit(indices);
    expect(validation).toEqual([23, 24]);
    expect([...train, ...validation]).toEqual(indices);
    expect(trainValidationSplit(indices, { validation: 0 }).validation).toEqual([]);
    expect(trainValidationSplit(indices, { validation: 0.5 }).train.length).toBe(13);
  });

  test("batches", () => {
    expect(batches([1, 2, 3, 4, 5], { batchSize: 2 })).toEqual([[1, 2], [3, 4], [5]]);
    expect(batches([1, 2, 3, 4, 5], { batchSize: 2, dropLast: true })).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(batches([], { batchSize: 2 })).toEqual([]);
  });
});

describe("contiguousBatches", () => {
  test("lanes side by side, the last window shorter", () => {
    const indices = Array.from({ length: 12 }, (_, i) => i);
    const all = contiguousBatches(indices, { batchSize: 2, steps: 3 });
    expect({ length: all.length, laneLength: all.laneLength }).toEqual({ length: 2, laneLength: 5 });
    const epoch = [
      {
        x: [
          [0, 5],
          [1, 6],
          [2, 7],
        ],
        y: [
          [1, 6],
          [2, 7],
          [3, 8],
        ],
        start: 0,
      },
      {
        x: [
          [3, 8],
          [4, 9],
        ],
        y: [
          [4, 9],
          [5, 10],
        ],
        start: 3,
      },
    ];
    expect([...all]).toEqual(epoch);
    expect([...all]).toEqual(epoch);
    expect([...contiguousBatches(indices, { batchSize: 2, steps: 3, dropLast: true })]).toEqual(epoch.slice(0, 1));
  });

  test("each lane reads a contiguous stretch, targets one later, nothing twice", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 8, max: 90 }),
        (batchSize, steps, length) => {
          const indices = Int32Array.from({ length }, (_, i) => i);
          const all = contiguousBatches(indices, { batchSize, steps });
          const lanes = Array.from({ length: batchSize }, (): number[] => []);
          let count = 0;
          for (const { x, y, start } of all) {
            expect(start).toBe(count * steps);
            count += 1;
            x.forEach((row, t) => {
              expect(row.length).toBe(batchSize);
              row.forEach((symbol, lane) => {
                expect(y[t]?.[lane]).toBe(symbol + 1);
                lanes[lane]?.push(symbol);
              });
            });
          }
          expect(count).toBe(all.length);
          const read = lanes.flat();
          expect(read).toEqual(Array.from({ length: all.laneLength * batchSize }, (_, i) => i));
          expect(length - 1 - read.length).toBeLessThan(batchSize);
        },
      ),
    );
  });
});

test.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
  [
    "pairs of one symbol",
    () => nextSymbolPairs([1]),
    ShapeError,
    /nextSymbolPairs: expected at least 2 symbols, got 1/,
  ],
  ["pairs of a text", () => nextSymbolPairs("abc"), OptionError, /got a text\. Use vocabulary\.encode\(text\)/],
  [
    "pairs of nothing",
    () => nextSymbolPairs(undefined as never),
    OptionError,
    /expected an array of symbols, got undefined/,
  ],
  ["windows of none", () => windows([1, 2], 0), OptionError, /expected n to be a whole number ≥ 1, got 0/],
  ["windows longer than the sequence", () => windows([1, 2], 2), ShapeError, /at least 3 symbols, got 2/],
  [
    "a split of everything",
    () => trainValidationSplit([1], { validation: 1 }),
    OptionError,
    /validation from 0 to below 1, got 1/,
  ],
  ["a split of NaN", () => trainValidationSplit([1], { validation: Number.NaN }), OptionError, /got NaN/],
  [
    "no lanes",
    () => contiguousBatches([1, 2], { batchSize: 0, steps: 1 }),
    OptionError,
    /batchSize to be a whole number ≥ 1, got 0/,
  ],
  [
    "half a step",
    () => contiguousBatches([1, 2], { batchSize: 1, steps: 0.5 }),
    OptionError,
    /steps to be a whole number ≥ 1, got 0\.5/,
  ],
  ["no steps given", () => contiguousBatches([1, 2], { batchSize: 1 } as never), OptionError, /steps.*got undefined/],
  [
    "PyTorch's name",
    () => contiguousBatches([1], { batch_size: 1, steps: 1 } as never),
    OptionError,
    /'batch_size'. Did you mean 'batchSize'/,
  ],
  [
    "too few symbols",
    () => contiguousBatches([1, 2, 3], { batchSize: 3, steps: 5 }),
    ShapeError,
    /at least batchSize·1 \+ 1 = 4 symbols for 3 lanes, got 3/,
  ],
  [
    "no whole window",
    () => contiguousBatches([1, 2, 3], { batchSize: 1, steps: 5, dropLast: true }),
    ShapeError,
    /= 6 symbols.*fewer steps/,
  ],
  [
    "a flag that is none",
    () => batches([1], { batchSize: 1, dropLast: 1 as never }),
    OptionError,
    /dropLast to be true or false, got 1/,
  ],
])("%s is an error", (_, act, kind, message) => {
  expect(act).toThrow(kind);
  expect(act).toThrow(message);
});
