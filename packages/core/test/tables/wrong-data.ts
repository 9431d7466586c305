/** Wrong calls of what comes from outside: texts, symbols, files, state dictionaries; and of the network by hand. */
import { rnnCellForward, rnnForward } from "../../src/byhand/index.js";
import {
  batches,
  contiguousBatches,
  nextSymbolPairs,
  trainValidationSplit,
  Vocabulary,
  windows,
} from "../../src/data/index.js";
import { readSafetensors, writeSafetensors } from "../../src/formats/index.js";
import { FormatError, nn, OptionError, optim, ShapeError, tensor } from "../../src/index.js";
import type { WrongCall } from "./wrong-call.js";

const vocabulary = new Vocabulary(["a", "b", "c"]);
const linear = new nn.Linear(2, 3);
const good = linear.stateDict();
const adam = new optim.Adam(linear.parameters());
const bytes = (header: string, data = 0): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + data);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 8);
  return file;
};

export const wrongData: readonly WrongCall[] = [
  [
    "a symbol twice",
    () => new Vocabulary(["a", "b", "a"]),
    OptionError,
    /distinct symbols, got .*a.* at 0 and again at 2/,
  ],
  ["no symbol", () => new Vocabulary([]), OptionError, /at least one symbol, got \[\]/],
  [
    "a symbol that is not in the vocabulary",
    () => vocabulary.encode("abd"),
    OptionError,
    /d.* at position 2 is not among the 3 symbols/,
  ],
  [
    "an index that is not in the vocabulary",
    () => vocabulary.decode([0, 3]),
    ShapeError,
    /from 0 to 2, got 3 at position 1/,
  ],
  ["a text that was none", () => vocabulary.encode(7 as never), OptionError, /a text or an array of symbols, got 7/],
  [
    "a vocabulary file of another kind",
    () => Vocabulary.fromJSON({ symbols: ["a"] } as never),
    FormatError,
    /\{ unit, symbols \}/,
  ],
  ["one symbol and its successor", () => nextSymbolPairs([1]), ShapeError, /at least 2 symbols, got 1/],
  [
    "a text that was not encoded",
    () => nextSymbolPairs("abc" as never),
    OptionError,
    /got a text. Use vocabulary.encode\(text\)/,
  ],
  ["a window of half a symbol", () => windows([1, 2, 3], 1.5), OptionError, /whole number ≥ 1, got 1.5/],
  [
    "everything for validation",
    () => trainValidationSplit([1, 2, 3], { validation: 1 } as never),
    OptionError,
    /from 0 to below 1, got 1/,
  ],
  [
    "batches of nothing",
    () => [...batches([1, 2, 3], { batchSize: 0 } as never)],
    OptionError,
    /batchSize to be a whole number ≥ 1, got 0/,
  ],
  [
    "more lanes than symbols",
    () => contiguousBatches([1, 2, 3], { batchSize: 4, steps: 2 } as never),
    ShapeError,
    /at least .* symbols for 4 lanes, got 3/s,
  ],
  ["a file too short", () => readSafetensors(new Uint8Array(4)), FormatError, /safetensors: /],
  [
    "a file that promises more than it has",
    () => readSafetensors(Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 0, 123)),
    FormatError,
    /safetensors: /,
  ],
  ["a header that is no JSON", () => readSafetensors(bytes("{hello}")), FormatError, /safetensors: /],
  [
    "a dtype that is not known",
    () => readSafetensors(bytes('{"w":{"dtype":"F128","shape":[1],"data_offsets":[0,4]}}', 4)),
    FormatError,
    /F128/,
  ],
  [
    "a shape that does not fit its bytes",
    () => readSafetensors(bytes('{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}', 4)),
    FormatError,
    /w.*12|12.*4/s,
  ],
  ["a file that is text", () => readSafetensors("model.safetensors" as never), FormatError, /"model.safetensors"/],
  ["a number to save", () => writeSafetensors({ w: 3 as never }), FormatError, /w.*3/s],
  [
    "a name that is missing",
    () => linear.loadStateDict({ weight: good.weight as never }),
    FormatError,
    /missing: bias.*Nothing was loaded/s,
  ],
  ["a name too many", () => linear.loadStateDict({ ...good, bais: tensor([1]) }), FormatError, /unexpected: bais/],
  [
    "a shape of another model",
    () => linear.loadStateDict({ ...good, bias: tensor([1, 2]) }),
    FormatError,
    /bias: expected a Tensor of shape \[3\], got \[2\]/,
  ],
  [
    "an array for a tensor",
    () => linear.loadStateDict({ ...good, bias: [1, 2, 3] as never }),
    FormatError,
    /bias: expected a Tensor of shape \[3\], got \[1,2,3\]/,
  ],
  ["no state dictionary", () => linear.loadStateDict(null as never), FormatError, /object name → Tensor, got null/],
  [
    "an option that does not exist",
    () => linear.loadStateDict(good, { strickt: false } as never),
    OptionError,
    /Did you mean 'strict'/,
  ],
  [
    "the state of a model for an optimiser",
    () => adam.loadStateDict(good as never),
    FormatError,
    /\{ state, param_groups \}.*got an object with keys \["weight","bias"\]/s,
  ],
  [
    "input by hand of two dimensions",
    () => rnnForward([[1]] as never, [[0]], {} as never),
    ShapeError,
    /x to be nested arrays of numbers of shape/,
  ],
  [
    "weights by hand of another name",
    () => rnnCellForward([[1]], [[0]], { Wax: [[1]] } as never),
    OptionError,
    /unknown option 'Wax'. Did you mean 'Whx'/,
  ],
  [
    "weights by hand that do not fit",
    () => rnnCellForward([[1], [2]], [[0]], { Whx: [[1]], Whh: [[1]], bh: [[0]] }),
    ShapeError,
    /xt of shape \(n_x, m\) = \(1, 1\), got \(2, 1\)/,
  ],
];
