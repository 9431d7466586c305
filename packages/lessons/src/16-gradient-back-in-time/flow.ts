import { functional, nn, type Tensor } from "@unroll/core";

/** A way to go one step: from the input and the state to the next state, whose first tensor goes to the output. */
type Step = (x: Tensor, state: readonly Tensor[] | null) => Tensor[];

/** Cells by name; each is asked with the state as a list. */
export function cells(inputSize: number, hiddenSize: number): Record<string, Step> {
  const tanh = new nn.RNNCell(inputSize, hiddenSize);
  const relu = new nn.RNNCell(inputSize, hiddenSize, { nonlinearity: "relu" });
  const gru = new nn.GRUCell(inputSize, hiddenSize);
  const lstm = new nn.LSTMCell(inputSize, hiddenSize);
  return {
    "RNN (tanh)": (x, state) => [tanh.forward(x, state?.[0] ?? null)],
    "RNN (ReLU)": (x, state) => [relu.forward(x, state?.[0] ?? null)],
    GRU: (x, state) => [gru.forward(x, state?.[0] ?? null)],
    LSTM: (x, state) => lstm.forward(x, state === null ? null : (state as [Tensor, Tensor])),
  };
}

/** One step of a trained layer. */
export function stepOf(rnn: nn.RNN): Step {
  const cell = new nn.RNNCell(rnn.inputSize, rnn.hiddenSize, { nonlinearity: rnn.nonlinearity });
  cell.weight_ih.data = rnn.weight_ih_l0.data;
  cell.weight_hh.data = rnn.weight_hh_l0.data;
  cell.bias_ih.data = rnn.bias_ih_l0.data;
  cell.bias_hh.data = rnn.bias_hh_l0.data;
  return (x, state) => [cell.forward(x, state?.[0] ?? null)];
}

/**
 * How large the gradient of the loss is at each step back in time: entry k is the mean over the batch of ‖∂loss/∂state‖, k steps
 * before the last, taken over all tensors of the state (h, and c where there is one).
 */
export function gradientFlow(step: Step, output: nn.Linear, x: Tensor, y: readonly number[]): number[] {
  const states: Tensor[][] = [];
  let state: Tensor[] | null = null;
  for (const xt of x) {
    state = step(xt, state);
    for (const part of state) part.retainGrad();
    states.push(state);
  }
  const [h] = state as [Tensor];
  functional.crossEntropy(output.forward(h), [...y], { reduction: "sum" }).backward();
  return states.reverse().map((parts) => {
    const squares = parts.flatMap((part) => (part.grad === null ? [] : [part.grad.pow(2).sum(1)]));
    return squares
      .reduce((sum, square) => sum.add(square))
      .sqrt()
      .mean()
      .item();
  });
}
