/** Wrong calls of recurrent layers, cells and packed sequences. */
import { DTypeError, nn, OptionError, ones, ShapeError, zeros } from "../../src/index.js";
import type { WrongCall } from "./wrong-call.js";

const { packPaddedSequence, padPackedSequence, packSequence, padSequence } = nn.utils;
const lstm = new nn.LSTM(3, 4);
const gru = new nn.GRU(3, 4, { batchFirst: true });
const cell = new nn.LSTMCell(3, 4);
/** (T, B, I) = (5, 2, 3). */
const x = ones([5, 2, 3]);

export const wrongRecurrent: readonly WrongCall[] = [
  ["a width of 0", () => new nn.LSTM(3, 0), ShapeError, /hiddenSize to be a whole number ≥ 1, got 0/],
  [
    "a width that is text",
    () => new nn.GRU("3" as never, 4),
    ShapeError,
    /inputSize to be a whole number ≥ 0, got "3"/,
  ],
  ["no layer", () => new nn.RNN(3, 4, { numLayers: 0 }), ShapeError, /numLayers to be a whole number ≥ 1, got 0/],
  [
    "a number as third argument, as in PyTorch",
    () => new nn.LSTM(3, 4, 2 as never),
    OptionError,
    /options object.*got 2/s,
  ],
  [
    "PyTorch's spelling",
    () => new nn.LSTM(3, 4, { num_layers: 2 } as never),
    OptionError,
    /unknown option 'num_layers'. Did you mean 'numLayers'/,
  ],
  [
    "a bias that is no truth value",
    () => new nn.LSTM(3, 4, { bias: 1 as never }),
    OptionError,
    /bias to be true or false, got 1/,
  ],
  ["dropout above 1", () => new nn.LSTM(3, 4, { numLayers: 2, dropout: 1.5 }), OptionError, /\[0, 1\], got 1.5/],
  [
    "dropout between one layer",
    () => new nn.LSTM(3, 4, { dropout: 0.5 }),
    OptionError,
    /would do nothing.*numLayers of at least 2.*nn\.Dropout/s,
  ],
  [
    "a projection as wide as the state",
    () => new nn.LSTM(3, 4, { projSize: 4 }),
    OptionError,
    /smaller than hiddenSize 4, got 4/,
  ],
  ["a projection of a GRU", () => new nn.GRU(3, 4, { projSize: 2 } as never), OptionError, /projSize/],
  [
    "a nonlinearity that does not exist",
    () => new nn.RNN(3, 4, { nonlinearity: "sigmoid" as never }),
    OptionError,
    /nonlinearity "tanh" or "relu", got "sigmoid"/,
  ],
  [
    "a nonlinearity of a GRU",
    () => new nn.GRU(3, 4, { nonlinearity: "relu" } as never),
    OptionError,
    /unknown option 'nonlinearity'/,
  ],
  [
    "input of one dimension",
    () => lstm.forward(ones([3])),
    ShapeError,
    /2D \(T, I\) or 3D \(T, B, I\), got 1D, shape \[3\]/,
  ],
  ["input of four dimensions", () => gru.forward(ones([1, 1, 1, 3])), ShapeError, /3D \(B, T, I\), got 4D/],
  [
    "input of another width",
    () => lstm.forward(ones([5, 2, 7])),
    ShapeError,
    /inputSize 3, got 7 in shape \[5, 2, 7\]/,
  ],
  [
    "input of another dtype",
    () => lstm.forward(x.to("float64")),
    DTypeError,
    /input dtype \(float64\).*weight dtype \(float32\).*\.to\("float32"\)/s,
  ],
  [
    "input without a time step",
    () => lstm.forward(zeros([0, 2, 3])),
    ShapeError,
    /at least one time step, got shape \[0, 2, 3\]/,
  ],
  ["input that is an array", () => lstm.forward([[1, 2, 3]] as never), OptionError, /expected a Tensor/],
  [
    "a state of another width",
    () => lstm.forward(x, [zeros([1, 2, 5]), zeros([1, 2, 4])]),
    ShapeError,
    /hidden\[0\].*\[1, 2, 4\].*got \[1, 2, 5\]/s,
  ],
  [
    "a cell state of another batch",
    () => lstm.forward(x, [zeros([1, 2, 4]), zeros([1, 3, 4])]),
    ShapeError,
    /hidden\[1\].*\[1, 2, 4\].*got \[1, 3, 4\]/s,
  ],
  [
    "a state without layers",
    () => gru.forward(ones([2, 5, 3]), zeros([2, 4])),
    ShapeError,
    /3D.*\[1, 2, 4\].*got \[2, 4\]/s,
  ],
  ["one state for an LSTM", () => lstm.forward(x, zeros([1, 2, 4]) as never), OptionError, /pair \[h, c\]/],
  [
    "too few lengths",
    () => lstm.forward(x, null as never, { lengths: [5] }),
    ShapeError,
    /each of the 2 sequences.*got lengths of shape \[1\]/s,
  ],
  [
    "a length beyond the end",
    () => lstm.forward(x, null as never, { lengths: [5, 6] }),
    ShapeError,
    /1 to 5.*got 6 at position 1/s,
  ],
  [
    "a length of 0",
    () => lstm.forward(x, null as never, { lengths: [5, 0] }),
    ShapeError,
    /1 to 5.*got 0 at position 1/s,
  ],
  [
    "lengths without a batch",
    () => lstm.forward(ones([5, 3]), null as never, { lengths: [5] }),
    ShapeError,
    /a batch \(3D input\) with lengths/,
  ],
  [
    "an unknown option of forward",
    () => lstm.forward(x, null as never, { length: [5, 5] } as never),
    OptionError,
    /Did you mean 'lengths'/,
  ],
  ["a cell's input of three dimensions", () => cell.forward(x as never), ShapeError, /1D \(I\) or 2D \(B, I\), got 3D/],
  ["a cell's input of another width", () => cell.forward(ones([2, 4])), ShapeError, /inputSize 3, got 4/],
  [
    "a cell's state of another width",
    () => new nn.RNNCell(3, 4).forward(ones([2, 3]), zeros([2, 5])),
    ShapeError,
    /hiddenSize: expected 4, got 5/,
  ],
  [
    "a cell's state of another batch",
    () => new nn.GRUCell(3, 4).forward(ones([2, 3]), zeros([1, 4])),
    ShapeError,
    /batch size 2 doesn't match .* batch size 1.*expand\(\)/s,
  ],
  [
    "no function that makes cells",
    () => new nn.Recurrent(cell as never),
    OptionError,
    /a function such as \(inputSize\) => new MyCell/,
  ],
  [
    "something else than a cell",
    () => new nn.Recurrent((() => new nn.Linear(3, 4)) as never, { inputSize: 3 }),
    OptionError,
    /initialState.*step.*output/s,
  ],
  [
    "lengths that rise",
    () => packPaddedSequence(x, [3, 5]),
    ShapeError,
    /lengths that do not rise.*got \[3,5\].*enforceSorted: false/s,
  ],
  ["an empty batch", () => packPaddedSequence(zeros([0, 2, 3]), []), ShapeError, /not empty, got shape \[0, 2, 3\]/],
  [
    "a padded batch for a packed one",
    () => padPackedSequence(x as never),
    OptionError,
    /a PackedSequence, got a Tensor. Make one with packPaddedSequence/,
  ],
  [
    "a total length too short",
    () => padPackedSequence(packPaddedSequence(x, [5, 3]), { totalLength: 4 }),
    ShapeError,
    /totalLength, .* whole number ≥ 5, got 4/,
  ],
  [
    "sequences of different widths",
    () => padSequence([ones([2, 3]), ones([2, 4])]),
    ShapeError,
    /agree in all other axes.*position 1/s,
  ],
  ["no sequence", () => packSequence([]), OptionError, /at least one Tensor, got \[\]/],
  [
    "a packed sequence and lengths",
    () => lstm.forward(packPaddedSequence(x, [5, 3]), null as never, { lengths: [5, 3] }),
    OptionError,
    /either a PackedSequence or lengths, got both/,
  ],
];
