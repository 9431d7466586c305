import { cat, stack } from "../creation.js";
import type { DType } from "../dtype.js";
import { checkOptions, OptionError, ShapeError, shapeText } from "../errors.js";
import { checkProbability, checkSameDType } from "../functional.js";
import type { Indices } from "../indices.js";
import type { RecurrenceKind } from "../kernels/index.js";
import { sameShape } from "../shape.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { recurrentParameter } from "./drawn-parameter.js";
import { oneHotInput, type Prepared, prepareInput, restoreOutput, rowsOf } from "./input.js";
import { reorder } from "./layout.js";
import { checkBoolean, checkCount, checkFloatDType, Module, type Parameter, pythonBoolean } from "./module.js";
import { PackedSequence } from "./packed.js";
import { type RecurrentWeights, runLayer } from "./recurrence.js";
import { runStack } from "./stack.js";

export interface RecurrentOptions<Bias extends boolean = boolean> {
  /** Layers one above the other (default 1). */
  readonly numLayers?: number;
  /** Whether steps have biases b_ih and b_hh (default true). */
  readonly bias?: Bias;
  /** Input and output are (B, T, …) rather than (T, B, …) (default false); states are not affected. */
  readonly batchFirst?: boolean;
  /** Probability of zeroing outputs between layers while training (default 0). */
  readonly dropout?: number;
  /** Adds a second direction that reads backwards (default false). */
  readonly bidirectional?: boolean;
  readonly dtype?: DType;
}

export interface ForwardOptions {
  /** Length of each sequence of the batch, in any order; the rest is padding and is skipped (default: all have T steps). */
  readonly lengths?: Indices;
  /** Return the states and gates of every step, layer and direction as a third result (default false). */
  readonly record?: boolean;
}

export interface LayerForwardOptions extends ForwardOptions {
  /**
   * The input holds indices of classes, (T), (T, B), (B, T) with batchFirst, or packed: each stands for a one-hot row of inputSize elements
   * (default false).
   */
  readonly indices?: boolean;
}

/**
 * States and gates of every step: name → (L·D, T, B, width), without B for unbatched input; first axis layer·D + direction, as in
 * the final state; each entry at the time step it belongs to; zeros after a sequence's end; without gradient.
 * RNN: `hidden`. LSTM: `hidden cell inputGate forgetGate candidate outputGate`. GRU: `hidden resetGate updateGate newGate`.
 */
export type Records = Record<string, Tensor>;

export const layerOptionKeys = ["numLayers", "bias", "batchFirst", "dropout", "bidirectional", "dtype"] as const;

/**
 * What RNN, LSTM and GRU have in common: parameters by layer and direction, checks, shapes.
 *
 * Letters: L layers, D directions, T steps, B batch, I input, H hidden, P = projSize or H, g gates.
 */
export abstract class RnnBase<Bias extends boolean = boolean> extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  /** May be changed between calls. */
  dropout: number;
  readonly bidirectional: boolean;
  readonly projSize: number;

  /** `weight_ih_l0`, `bias_hh_l1_reverse`, … by name; the first layer's are always there. */
  [parameter: `weight_${string}`]: Parameter;
  [parameter: `bias_${string}`]: Parameter | undefined;
  declare weight_ih_l0: Parameter;
  declare weight_hh_l0: Parameter;
  declare bias_ih_l0: Bias extends true ? Parameter : undefined;
  declare bias_hh_l0: Bias extends true ? Parameter : undefined;

  protected constructor(
    private readonly kind: "RNN" | "LSTM" | "GRU",
    private readonly gateCount: number,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions<Bias> & { readonly projSize?: number },
  ) {
    super();
    const {
      numLayers = 1,
      bias = true as boolean,
      batchFirst = false,
      dropout = 0,
      bidirectional = false,
      projSize = 0,
      dtype = "float32",
    } = options;
    checkCount(kind, "inputSize", inputSize, 0);
    checkCount(kind, "hiddenSize", hiddenSize, 1);
    checkCount(kind, "numLayers", numLayers, 1);
    checkCount(kind, "projSize", projSize, 0);
    checkBoolean(kind, "bias", bias);
    checkBoolean(kind, "batchFirst", batchFirst);
    checkBoolean(kind, "bidirectional", bidirectional);
    checkProbability(`${kind}: dropout`, dropout);
    checkFloatDType(kind, dtype);
    if (projSize >= hiddenSize)
      throw new OptionError(`${kind}: expected projSize to be smaller than hiddenSize ${hiddenSize}, got ${projSize}`);
    if (dropout > 0 && numLayers === 1) {
      throw new OptionError(
        `${kind}: dropout ${dropout} would do nothing: it acts between layers, and numLayers is 1. ` +
          "Expected numLayers of at least 2, or put an nn.Dropout after the layer",
      );
    }
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.projSize = projSize;
    this.makeParameters(dtype);
  }

  /** All from U(−k, k), k = 1/√H, in PyTorch's order: for each layer and direction W_ih, W_hh, b_ih, b_hh, W_hr. */
  private makeParameters(dtype: "float32" | "float64"): void {
    const g = this.gateCount;
    const H = this.hiddenSize;
    const P = this.outputWidth;
    const make = (name: string, shape: number[]): void => {
      this[name as `weight_${string}`] = recurrentParameter(shape, H, dtype);
    };
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (let direction = 0; direction < this.directions; direction++) {
        const { weightIh, weightHh, biasIh, biasHh, weightHr } = namesOf(layer, direction as 0 | 1);
        make(weightIh, [g * H, layer === 0 ? this.inputSize : P * this.directions]);
        make(weightHh, [g * H, P]);
        if (this.bias) {
          make(biasIh, [g * H]);
          make(biasHh, [g * H]);
        }
        if (this.projSize > 0) make(weightHr, [P, H]);
      }
    }
  }

  protected get directions(): 1 | 2 {
    return this.bidirectional ? 2 : 1;
  }

  protected get outputWidth(): number {
    return this.projSize > 0 ? this.projSize : this.hiddenSize;
  }

  private weights(layer: number, direction: 0 | 1): RecurrentWeights {
    const { weightIh, weightHh, biasIh, biasHh, weightHr } = namesOf(layer, direction);
    return {
      weightIh: this[weightIh] as Parameter,
      weightHh: this[weightHh] as Parameter,
      biasIh: this.bias ? (this[biasIh] as Parameter) : null,
      biasHh: this.bias ? (this[biasHh] as Parameter) : null,
      weightHr: this.projSize > 0 ? (this[weightHr] as Parameter) : null,
    };
  }

  protected abstract recurrenceKind(): RecurrenceKind;
  /** Width of each tensor of the state. */
  protected abstract stateWidths(): number[];

  /** Runs all layers. `given` is null for a state of zeros, else one tensor (L·D, B, width) for each width. */
  protected run(
    inputOrIndices: Tensor | PackedSequence,
    given: readonly Tensor[] | null,
    options: LayerForwardOptions,
  ): { output: Tensor | PackedSequence; states: Tensor[]; records: Records | null } {
    checkOptions(`${this.kind}.forward`, options, ["indices", "lengths", "record"]);
    const { indices = false, record = false } = options;
    checkBoolean(`${this.kind}.forward`, "record", record);
    checkBoolean(`${this.kind}.forward`, "indices", indices);
    const input = indices
      ? oneHotInput(this.kind, inputOrIndices, this.inputSize, this.weight_ih_l0.dtype)
      : inputOrIndices;
    this.checkInput(input);
    const prepared = prepareInput(this.kind, input, this.batchFirst, options.lengths);
    const { x, layout, batched } = prepared;
    const kind = this.recurrenceKind();
    if (given !== null) this.checkStates(given, prepared);
    if (this.numLayers * this.directions === 1 && layout.isFull && !(record || input instanceof PackedSequence)) {
      const { output, last } = runLayer(kind, this.weights(0, 0), x, layout, given, false, false, batched);
      return { output: batched && this.batchFirst ? output.transpose(0, 1) : output, states: [...last], records: null };
    }
    const states = given?.map((h) => (batched ? h : h.unsqueeze(1))) ?? null;
    const sorted = states?.map((x) => (layout.order === null ? x : x.indexSelect(1, layout.order))) ?? null;
    const result = runStack(rowsOf(prepared), layout, {
      layers: this.numLayers,
      bidirectional: this.bidirectional,
      dropout: this.training ? this.dropout : 0,
      run: (below, layer, direction) => {
        const initial = sorted?.map((x) => x.select(0, layer * this.directions + direction)) ?? null;
        return runLayer(kind, this.weights(layer, direction), below, layout, initial, direction === 1, record);
      },
    });
    const last = this.stateWidths().map((_, i) => {
      const parts = result.last.map((state) => reorder(state[i] as Tensor, layout, true));
      // Without a batch, states (1, P) of layers and directions are rows of one state (L·D, P).
      if (parts.length === 1) return batched ? (parts[0] as Tensor).unsqueeze(0) : (parts[0] as Tensor);
      return batched ? stack(parts) : cat(parts);
    });
    const records = result.records && (batched ? result.records : mapRecord(result.records, (x) => x.squeeze(2)));
    return { output: restoreOutput(input, result.rows, layout, batched, this.batchFirst), states: last, records };
  }

  private checkInput(input: Tensor | PackedSequence): void {
    const { kind } = this;
    const data = input instanceof PackedSequence ? input.data : input;
    checkTensor(kind, data);
    const orElse = ", or pass { indices: true } when it holds indices of classes";
    checkSameDType(kind, data, this.weight_ih_l0 as Parameter, "input", "weight", orElse);
    const width = data.shape.at(-1);
    if (data.ndim >= 2 && data.ndim <= 3 && width !== this.inputSize) {
      throw new ShapeError(
        `${kind}: expected the input's last axis to be inputSize ${this.inputSize}, got ${width} in shape ${shapeText(data.shape)}`,
      );
    }
  }

  private checkStates(given: readonly Tensor[], { layout, batched, x }: Prepared): void {
    const { kind } = this;
    given.forEach((state, i) => {
      const name = kind === "LSTM" ? `hidden[${i}]` : "hidden";
      checkTensor(`${kind}: ${name}`, state);
      checkSameDType(kind, state, x, `${name} state`, "input");
      const lead = this.numLayers * this.directions;
      const width = this.stateWidths()[i] as number;
      const wanted = batched ? [lead, layout.batch, width] : [lead, width];
      if (state.ndim !== wanted.length) {
        throw new ShapeError(
          `${kind}: for ${batched ? "batched 3D" : "unbatched 2D"} input, expected ${name} to be ${wanted.length}D too, ` +
            `shape ${shapeText(wanted)}, got ${shapeText(state.shape)}`,
        );
      }
      if (!sameShape(state.shape, wanted)) {
        throw new ShapeError(
          `${kind}: expected ${name} size ${shapeText(wanted)} (layers × directions, batch, width), got ${shapeText(state.shape)}`,
        );
      }
    });
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.projSize > 0) parts.push(`proj_size=${this.projSize}`);
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`);
    if (!this.bias) parts.push(`bias=${pythonBoolean(this.bias)}`);
    if (this.batchFirst) parts.push("batch_first=True");
    if (this.dropout !== 0) parts.push(`dropout=${this.dropout}`);
    if (this.bidirectional) parts.push("bidirectional=True");
    return parts.join(", ");
  }
}

interface Names {
  readonly weightIh: `weight_${string}`;
  readonly weightHh: `weight_${string}`;
  readonly biasIh: `bias_${string}`;
  readonly biasHh: `bias_${string}`;
  readonly weightHr: `weight_${string}`;
}

/** Names of a layer's parameters, by 2·layer + direction: putting them together at every call takes longer than looking them up. */
const names: Names[] = [];

function namesOf(layer: number, direction: 0 | 1): Names {
  const at = 2 * layer + direction;
  const known = names[at];
  if (known !== undefined) return known;
  const suffix = `l${layer}${direction === 1 ? "_reverse" : ""}`;
  const made: Names = {
    weightIh: `weight_ih_${suffix}`,
    weightHh: `weight_hh_${suffix}`,
    biasIh: `bias_ih_${suffix}`,
    biasHh: `bias_hh_${suffix}`,
    weightHr: `weight_hr_${suffix}`,
  };
  names[at] = made;
  return made;
}

const mapRecord = (records: Records, f: (x: Tensor) => Tensor): Records =>
  Object.fromEntries(Object.entries(records).map(([name, x]) => [name, f(x)]));
