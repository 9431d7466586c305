/** Layers, cells, losses and what belongs to them, PyTorch's `torch.nn`; in the order in which a network is read. */

export { GELU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh } from "./activation.js";
export { type CellOptions, GRUCell, LSTMCell, RNNCell } from "./cell.js";
export { ModuleList, Sequential } from "./container.js";
export { Dropout } from "./dropout.js";
export { Embedding } from "./embedding.js";
export { Flatten, Identity } from "./flatten.js";
export * as init from "./init.js";
export { Linear } from "./linear.js";
export { BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss } from "./loss.js";
export { type HiddenAndCell, LayerNormLSTMCell, PeepholeLSTMCell } from "./lstm-variants.js";
export { Module, Parameter, type StateDict } from "./module.js";
export { LayerNorm } from "./normalization.js";
export { PackedSequence } from "./packed.js";
export { type Cell, Recurrent, type RecurrentCellOptions } from "./recurrent.js";
export { VariationalDropoutCell, ZoneoutCell } from "./recurrent-dropout.js";
export { GRU, LSTM, type LstmState, RNN } from "./rnn.js";
export type { ForwardOptions, LayerForwardOptions, Records, RecurrentOptions } from "./rnn-base.js";
export type { CellState } from "./state.js";
export * as utils from "./utils/index.js";
