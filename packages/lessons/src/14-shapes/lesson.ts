import { arange, manualSeed, nn, rand, tensor } from "@unroll/core";
import { matshow } from "@unroll/figures";
import { defineLesson } from "../lesson.js";
import { shapeOf, table } from "../table.js";
import { about } from "./about.js";

export const lesson = defineLesson({
  ...about,

  *run({ seed }) {
    manualSeed(seed);
    const shapes: string[][] = [["layer", "outputs", "status"]];
    yield { epoch: 0, epochs: 1 };

    // (batch_size, time_steps, input_size)
    const inputs = rand([1, 10, 5]);
    const simple = new nn.RNN(5, 8, { batchFirst: true });
    const [outputs1, status1] = simple.forward(inputs);
    shapes.push(["RNN(5, 8)", shapeOf(outputs1), shapeOf(status1)]);

    const stacked = new nn.RNN(5, 8, { numLayers: 2, batchFirst: true });
    const [outputs2, status2] = stacked.forward(inputs);
    shapes.push(["numLayers: 2", shapeOf(outputs2), shapeOf(status2)]);

    const both = new nn.RNN(5, 8, { numLayers: 2, batchFirst: true, bidirectional: true });
    const [outputs, status] = both.forward(inputs);
    shapes.push(["numLayers: 2, bidirectional", shapeOf(outputs), shapeOf(status)]);

    const [outputs4, [hN, cN]] = new nn.LSTM(5, 8, { batchFirst: true }).forward(inputs);
    shapes.push(["LSTM(5, 8)", shapeOf(outputs4), `${shapeOf(hN)}, ${shapeOf(cN)}`]);

    const [outputs5, status5] = new nn.RNN(5, 8).forward(inputs);
    shapes.push(["RNN(5, 8), not batchFirst", shapeOf(outputs5), shapeOf(status5)]);

    // The halves of the output, and the status that each ends with.
    const forwards = outputs.select(1, -1).slice(1, 0, 8);
    const backwards = outputs.select(1, 0).slice(1, 8, 16);

    // A Linear keeps A of y = x·Aᵀ + b.
    const linear = new nn.Linear(1, 3);
    const x = rand([4, 1]);
    const byHand = x.matmul(linear.weight.T).add(linear.bias);

    // How far to the next row, how far to the next column, in bytes.
    const arr1 = arange(4).reshape([2, 2]);
    const arr2 = arange(6).reshape([3, 2]);
    const arr3 = arange(6).reshape([2, 3]);
    const arr4 = arange(4).to("int8").reshape([2, 2]);
    const named = { arr1, arr2, arr3, arr4, "arr3.T": arr3.T };
    const [row, column] = arr3.strides as [number, number];
    const addresses = [0, 1].map((i) => [0, 1, 2].map((j) => i * row + j * column));

    // One byte holds 2⁸ = 256 different values; int8 has those from −128 to 127.
    let refused = "";
    try {
      tensor(300, { dtype: "int8" });
    } catch (error) {
      refused = (error as Error).message;
    }
    const wrapped = tensor([55, 127, 300], { dtype: "int64" }).to("int8");

    return {
      losses: [],
      tensors: { outputs, status, addresses },
      printed: {
        shapes: table(
          [0, 1, 2].map((j) => shapes.map((line) => line[j] as string)),
          ["left", "left", "left"],
        ),
        "linear.weight": linear.weight.data,
        strides: table(
          [
            ["", ...Object.keys(named)],
            ["dtype", ...Object.values(named).map((a) => a.dtype)],
            ["shape", ...Object.values(named).map(shapeOf)],
            ["strides", ...Object.values(named).map((a) => `(${a.strides.join(", ")})`)],
          ],
          ["left", "left", "left", "left"],
        ),
        arr4,
        'tensor(300, { dtype: "int8" })': refused,
        'tensor([55, 127, 300], …).to("int8")': wrapped,
      },
      figures: {
        addresses: matshow(addresses, { cmap: "viridis", annotate: (bytes) => `${bytes}`, xticks: [], yticks: [] }),
      },
      facts: {
        "forward half ends with status[2]": forwards.equal(status.select(0, 2)),
        "backward half ends with status[3]": backwards.equal(status.select(0, 3)),
        "x @ weight.T + bias is linear(x)": byHand.equal(linear.forward(x)),
        "transposing copies nothing": !arr3.T.isContiguous(),
        wrapped: wrapped.getItem(2).item(),
      },
    };
  },
});
