import { defaultGenerator, Generator, randint } from "@unroll/core";
import { Vocabulary } from "@unroll/core/data";
import { newRun, type SampleOptions, type Speaker, sample, train } from "@unroll/run";
import { beforeAll, describe, expect, test } from "vitest";
import { SymbolWriter } from "../src/symbol-writer.js";
import { english, korean } from "./texts.js";

const write = (speaker: Speaker, options: SampleOptions = {}): string => [...sample(speaker, options)].join("");

describe("sample", () => {
  let alphabet: Speaker;
  let book: Speaker;

  beforeAll(() => {
    const letters = newRun("abcd".repeat(60), { hidden: 8, embedding: 0, batch: 2, steps: 16, epochs: 12, lr: 0.05 });
    for (const _ of train(letters.run, letters.data));
    alphabet = letters.run;
    book = newRun(english, { hidden: 8, embedding: 4, seed: 2 }).run;
  });

  test("goes on from the prompt; what was learned comes out", () => {
    expect(write(alphabet, { prompt: "bc", length: 10, temperature: 0 })).toBe("bcdabcdabcda");
    expect(write(alphabet, { prompt: "bc", length: 10, temperature: 0.2, seed: 5 })).toBe("bcdabcdabcda");
    expect(write(alphabet, { prompt: "a", length: 0 })).toBe("a");
  });

  test("the same arguments give the same text, nobody's random numbers change", () => {
    const before = defaultGenerator().getState();
    const text = write(book, { length: 60, seed: 4 });
    expect(write(book, { length: 60, seed: 4 })).toBe(text);
    expect(write(book, { length: 60, seed: 5 })).not.toBe(text);
    expect(Array.from(text).length).toBe(60);
    expect(defaultGenerator().getState()).toEqual(before);
    expect(text.startsWith(write(book, { length: 20, seed: 4 }))).toBe(true);
  });

  test("prompt by prompt the network reads what it wrote", () => {
    const text = write(book, { prompt: "The", length: 20, temperature: 0 });
    expect(write(book, { prompt: text.slice(0, 13), length: 10, temperature: 0 })).toBe(text);
  });

  test("top-k draws from the likeliest; one is greedy; nearly no temperature is greedy too", () => {
    const greedy = write(book, { prompt: "The", length: 40, temperature: 0 });
    expect(write(book, { prompt: "The", length: 40, topK: 1, seed: 8 })).toBe(greedy);
    expect(write(book, { prompt: "The", length: 40, temperature: 1e-5, seed: 8 })).toBe(greedy);
    expect(write(book, { prompt: "The", length: 40, topK: 10 ** 6, seed: 8 })).toBe(
      write(book, { prompt: "The", length: 40, seed: 8 }),
    );
    const few = new Set(
      Array.from({ length: 30 }, (_, seed) => write(book, { prompt: "T", length: 1, topK: 3, seed })),
    );
    expect(few.size).toBe(3);
  });

  test("without a prompt it begins as after a new line", () => {
    const afterNewLine = write(book, { prompt: "\n", length: 30, seed: 1 });
    expect(`\n${write(book, { length: 30, seed: 1 })}`).toBe(afterNewLine);
    expect(write(alphabet, { length: 8, seed: 1 })).toMatch(/^[abcd]{8}$/);
  });

  test("symbols that were not learned are named", () => {
    expect(() => write(alphabet, { prompt: "abz" })).toThrow(
      'prompt: expected symbols of the text that was learned, got "z" (U+007A), which it does not have. Its 4 symbols: a b c d',
    );
    const words = newRun("one two one two", { level: "word", hidden: 2 }).run;
    expect(() => write(words, { prompt: "one three" })).toThrow('got "three", which it does not have');
  });

  test("words come with spaces, bytes as whole characters", () => {
    const words = newRun("one two one two", { level: "word", hidden: 2 }).run;
    const text = write(words, { prompt: "one two", length: 5 });
    expect(text).toMatch(/^one two( one| two){5}$/);
    const bytes = newRun(korean, { level: "byte", hidden: 2 }).run;
    const pieces = [...sample(bytes, { prompt: "바다", length: 400, seed: 3 })];
    expect(pieces[0]).toBe("바다");
    expect(pieces.join("")).not.toMatch(/[\uD800-\uDFFF](?![\uDC00-\uDFFF])/);
    expect(write(bytes, { prompt: "한글 emoji 🙂", length: 0 })).toBe("한글 emoji 🙂");
  });

  test("a syllable may be typed as one character or as its letters", () => {
    const run = newRun(korean, { hidden: 2 }).run;
    const text = write(run, { prompt: "할머니", length: 5, seed: 1 });
    expect(write(run, { prompt: "할머니".normalize("NFD"), length: 5, seed: 1 })).toBe(text);
  });

  test("bytes one by one make the same text as all at once, broken characters too", () => {
    const vocabulary = Vocabulary.from("", { unit: "byte" });
    const generator = new Generator().manualSeed(1);
    const sometimes = [...new TextEncoder().encode("가é🙂a"), 0x80, 0xf0, 0xff];
    for (let i = 0; i < 200; i++) {
      const picks = randint(0, sometimes.length, [12], { generator }).toTypedArray();
      const bytes = Array.from(picks, (pick) => sometimes[pick] as number);
      const writer = new SymbolWriter(vocabulary);
      const text = bytes.map((byte) => writer.write([byte])).join("") + writer.end();
      expect(text).toBe(vocabulary.decode(bytes));
    }
  });
});
