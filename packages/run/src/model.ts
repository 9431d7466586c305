/**
 * The network that predicts the next symbol.
 *
 * @module
 */
import { functional as F, type Indices, nn, type Tensor } from "@unroll/core";
import type { Settings } from "./settings.js";

/** What is carried from window to window: [h], for an LSTM [h, c]; each (layers, B, H). */
export type ModelState = readonly Tensor[];

/**
 * Symbols (T, B) → embedding or one-hot (T, B, E) → recurrent layers (T, B, H) → dropout → linear (T, B, V): the logits of
 * each next symbol.
 *
 * Parameters have PyTorch's names: `embedding.weight`, `rnn.weight_ih_l0`, …, `linear.weight`, `linear.bias`. They are drawn from the
 * default generator in this order.
 */
export class TextModel extends nn.Module {
  readonly vocabularySize: number;
  /** null for one-hot vectors. */
  readonly embedding: nn.Embedding | null;
  readonly rnn: nn.RNN | nn.GRU | nn.LSTM;
  readonly dropout: nn.Dropout;
  readonly linear: nn.Linear;

  constructor(vocabularySize: number, settings: Settings) {
    super();
    const { cell, hidden, layers, embedding, dropout } = settings;
    const options = { numLayers: layers, dropout: layers > 1 ? dropout : 0 };
    const inputSize = embedding > 0 ? embedding : vocabularySize;
    this.vocabularySize = vocabularySize;
    this.embedding = embedding > 0 ? new nn.Embedding(vocabularySize, embedding) : null;
    this.rnn =
      cell === "rnn"
        ? new nn.RNN(inputSize, hidden, options)
        : cell === "gru"
          ? new nn.GRU(inputSize, hidden, options)
          : new nn.LSTM(inputSize, hidden, options);
    this.dropout = new nn.Dropout(dropout);
    this.linear = new nn.Linear(hidden, vocabularySize);
  }

  /**
   * @param symbols indices (T, B)
   * @param state left out: zeros
   * @returns logits (T, B, V) and the state after the last step
   */
  override forward(symbols: Indices, state?: ModelState): [Tensor, ModelState] {
    const x = this.embedding?.forward(symbols) ?? F.oneHot(symbols, this.vocabularySize, { dtype: "float32" });
    const [h, next] = this.recurrent(x, state);
    return [this.linear.forward(this.dropout.forward(h)), next];
  }

  private recurrent(x: Tensor, state: ModelState | undefined): [Tensor, ModelState] {
    const { rnn } = this;
    if (rnn instanceof nn.LSTM) return rnn.forward(x, state as unknown as nn.LstmState | undefined);
    const [h, hN] = rnn.forward(x, state?.[0]);
    return [h, [hN]];
  }

  /** How many numbers are learned. */
  parameterCount(): number {
    return this.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0);
  }
}
