export { GRUCell, LSTMCell, RNNCell } from "./cell.js";
export { Module, Parameter } from "./module.js";
export { GRU, LSTM, RNN } from "./rnn.js";
