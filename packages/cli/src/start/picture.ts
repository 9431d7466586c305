/**
 * The heat map of [h | ŷ] over the first ten steps: what the network keeps, beside what it expects.
 *
 * @module
 */
import { type Figure, matshow } from "@unroll/figures";
import { hidden, type Learned, type NetworkKind } from "./learn.js";

const steps = 10;

export function heatMap(kind: NetworkKind, { table, vocabulary, read }: Learned): Figure {
  const states = Array.from({ length: hidden }, (_, i) => `$h_${i + 1}$`);
  return matshow(table.slice(0, 0, steps).toArray() as number[][], {
    cmap: "bwr",
    vmin: -1,
    vmax: 1,
    xticks: [...states, ...vocabulary.symbols.map((symbol) => `$P_${symbol}$`)],
    rowLabels: Array.from(read).slice(0, steps),
    vlines: [hidden - 0.5],
    title: `nn.${kind}(${vocabulary.size}, ${hidden})`,
  });
}
