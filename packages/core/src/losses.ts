/**
 * Losses as functions. Every loss is averaged over its elements unless `reduction` is "sum" or "none".
 *
 * @module
 */
import { emptyArray } from "./array.js";
import { type DType, isFloat } from "./dtype.js";
import { checkChoice, checkOptions, checkShare, DTypeError, OptionError, ShapeError, shapeText } from "./errors.js";
import { type Indices, indicesOf, oneHotRows } from "./indices.js";
import { rangeOf } from "./ops/index-range.js";
import { binaryCrossEntropy as binaryCrossEntropyOp, softplusOfNegative } from "./ops/norm.js";
import { crossEntropy as crossEntropyOp, negativeLogLikelihood, shareKey } from "./ops/softmax.js";
import { sameShape } from "./shape.js";
import { isRecording } from "./tape.js";
import { apply, applyMulti, checkTensor, noGrad, recall, Tensor } from "./tensor.js";

export type Reduction = "none" | "mean" | "sum";

export interface ReductionOptions {
  /** "mean" (default) over elements, "sum", or "none" to keep one loss per element. */
  readonly reduction?: Reduction;
}

export interface NllOptions extends ReductionOptions {
  /** One weight per class (C). */
  readonly weight?: Tensor | null;
  /** Targets with this value count neither in the sum nor in the mean (default −100). */
  readonly ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NllOptions {
  /** Share ε of the target spread evenly over all classes (default 0). Szegedy et al. 2016. */
  readonly labelSmoothing?: number;
}

const reductions: readonly Reduction[] = ["mean", "sum", "none"];

export function checkReduction(where: string, reduction: unknown): asserts reduction is Reduction {
  checkChoice(where, "reduction", reduction, reductions);
}

const reduced = (x: Tensor, reduction: Reduction): Tensor =>
  reduction === "mean" ? x.mean() : reduction === "sum" ? x.sum() : x;

const none: readonly number[] = [];

/** Brings the class axis last and flattens the others: (N, C, d…) → (N·d…, C); (C) stays. */
function classRows(where: string, input: Tensor): { rows: Tensor; shape: readonly number[]; classes: number } {
  checkTensor(where, input);
  if (input.ndim === 0) throw new ShapeError(`${where}: expected an input (C), (N, C) or (N, C, d…), got shape []`);
  if (input.ndim === 1) return { rows: input, shape: none, classes: input.shape[0] as number };
  const classes = input.shape[1] as number;
  if (input.ndim === 2) return { rows: input, shape: [input.shape[0] as number], classes };
  const order = [0, ...[...input.shape.keys()].slice(2), 1];
  const shape = [input.shape[0] as number, ...input.shape.slice(2)];
  return { rows: input.permute(order).reshape([shape.reduce((a, b) => a * b, 1), classes]), shape, classes };
}

/** Whether targets may be probabilities too, in the shape of the input, is what tells cross-entropy from the other. */
type Where = "crossEntropy" | "nllLoss";

/** Checks input and options and runs the op on rows. */
export function likelihood(
  where: Where,
  input: Tensor,
  target: Indices,
  reduction: Reduction,
  weight: Tensor | null,
  ignoreIndex: number,
  labelSmoothing: number,
): Tensor {
  if (where === "crossEntropy" && target instanceof Tensor && weight === null && labelSmoothing === 0) {
    const known = reduction === "none" ? null : recall(crossEntropyOp, shareKey(reduction), input, target);
    if (known !== null) return known;
    if (areRowsOfShares(input, target)) return lossOfShares(input, target, reduction);
  }
  checkReduction(where, reduction);
  checkShare(where, "labelSmoothing", labelSmoothing);
  const { rows, shape, classes } = classRows(where, input);
  if (weight !== null) checkTensor(`${where}: weight`, weight);
  if (weight !== null && (weight.ndim !== 1 || weight.shape[0] !== classes)) {
    throw new ShapeError(
      `${where}: expected a weight for each of ${classes} classes, shape [${classes}], got ${shapeText(weight.shape)}`,
    );
  }
  let inputs = [rows];
  let index: readonly number[] | null = null;
  let weighted = false;
  const given = where === "crossEntropy" ? probabilitiesOf(where, input, target) : null;
  if (given === null) {
    const goal = classesOf(where, input, target, shape, classes, ignoreIndex);
    weighted = weight !== null || goal.ignored;
    if (labelSmoothing === 0) index = goal.index;
    else
      inputs.push(
        smoothed(oneHotRows(goal.index, [goal.index.length], classes, input.dtype), classes, labelSmoothing, weight),
      );
    if (weighted) inputs.push(weightsOf(goal.index, ignoreIndex, weight, input.dtype));
  } else {
    inputs = [rows, labelSmoothing === 0 && weight === null ? given : smoothed(given, classes, labelSmoothing, weight)];
  }
  const attrs = { index, weighted, reduction, keep: isRecording() && rows.requiresGrad };
  const loss =
    where === "crossEntropy"
      ? (applyMulti(crossEntropyOp, inputs, attrs)[0] as Tensor)
      : apply(negativeLogLikelihood, inputs, attrs);
  return reduction === "none" ? loss.reshape(shape) : loss;
}

/** Whether a target is probabilities as the op takes them, with nothing to be brought into another form: the common case in a loop. */
function areRowsOfShares(input: Tensor, target: Tensor): boolean {
  if (!(input instanceof Tensor)) return false;
  const { dtype, shape } = input;
  return (
    (shape.length === 1 || shape.length === 2) &&
    isFloat(dtype) &&
    target.dtype === dtype &&
    sameShape(target.shape, shape) &&
    !target.requiresGrad
  );
}

function lossOfShares(input: Tensor, target: Tensor, reduction: Reduction): Tensor {
  checkReduction("crossEntropy", reduction);
  const attrs = { index: null, weighted: false, reduction, keep: isRecording() && input.requiresGrad };
  const loss = applyMulti(crossEntropyOp, [input, target], attrs)[0] as Tensor;
  return reduction === "none" && input.ndim === 1 ? loss.reshape(none) : loss;
}

/** A target of probabilities as rows (N, C), without history; null for any other target. */
function probabilitiesOf(where: string, input: Tensor, target: Indices): Tensor | null {
  if (!(target instanceof Tensor && isFloat(target.dtype) && sameShape(target.shape, input.shape))) return null;
  if (target.requiresGrad)
    throw new OptionError(`${where}: expected target probabilities without gradient. Use target.detach()`);
  return classRows(where, target.dtype === input.dtype ? target : target.to(input.dtype)).rows;
}

/** A target of classes, one for each row, and whether any of them is to be left out. */
function classesOf(
  where: Where,
  input: Tensor,
  target: Indices,
  shape: readonly number[],
  classes: number,
  ignoreIndex: number,
): { index: readonly number[]; ignored: boolean } {
  const probabilitiesAllowed = where === "crossEntropy";
  if (probabilitiesAllowed && target instanceof Tensor && isFloat(target.dtype) && !sameShape(target.shape, shape)) {
    throw new DTypeError(
      `${where}: expected probabilities in the shape of the input, ${shapeText(input.shape)}, or whole classes of shape ${shapeText(shape)}; ` +
        `got ${target.dtype} numbers of shape ${shapeText(target.shape)}. Convert classes with .to("int64")`,
    );
  }
  const { index, shape: targetShape } = indicesOf(`${where}: target`, target);
  if (probabilitiesAllowed && input.ndim > 1 && sameShape(targetShape, input.shape)) {
    throw new DTypeError(
      `${where}: expected classes, shape ${shapeText(shape)}, or floating probabilities, shape ${shapeText(input.shape)}; got whole numbers of that shape. ` +
        `Convert a one-hot target with .to("${input.dtype}")`,
    );
  }
  if (!sameShape(targetShape, shape)) {
    throw new ShapeError(
      `${where}: expected a target of shape ${shapeText(shape)} for an input of shape ${shapeText(input.shape)}` +
        `${probabilitiesAllowed ? `, or probabilities of shape ${shapeText(input.shape)}` : ""}, got ${shapeText(targetShape)}`,
    );
  }
  let ignored = false;
  const range = rangeOf(index);
  const known = range !== undefined && range.low >= 0 && range.high < classes;
  if (known && !(ignoreIndex >= range.low && ignoreIndex <= range.high)) return { index, ignored };
  for (let i = 0; i < index.length; i++) {
    const t = index[i] as number;
    if (t === ignoreIndex) ignored = true;
    else if (!(t >= 0 && t < classes)) {
      throw new ShapeError(
        `${where}: target ${t} at position ${i} is out of bounds: expected a class from 0 to ${classes - 1}, or ignoreIndex (${ignoreIndex})`,
      );
    }
  }
  return { index, ignored };
}

/** q·(1 − ε) + ε/C, times the classes' weights: what each class's log-probability counts for. */
function smoothed(q: Tensor, classes: number, epsilon: number, weight: Tensor | null): Tensor {
  return noGrad(() => {
    const even = epsilon === 0 ? q : q.mul(1 - epsilon).add(epsilon / classes);
    return weight === null ? even : even.mul(weight.to(q.dtype));
  });
}

/** The weight of each row's class, 0 for those that are left out. */
function weightsOf(index: readonly number[], ignoreIndex: number, weight: Tensor | null, dtype: DType): Tensor {
  const ofClass = weight?.toTypedArray();
  const weights = emptyArray(dtype, [index.length]);
  index.forEach((t, r) => {
    if (t !== ignoreIndex) weights.data[r] = ofClass === undefined ? 1 : (ofClass[t] as number);
  });
  return new Tensor(weights);
}

/**
 * Cross-entropy of logits, −ln softmax(x)[target].
 *
 * Input (N, C), (N, C, d…) or (C). Target: classes (N), (N, d…) or a number, or probabilities (one-hot among them) in the shape
 * of the input. A mean over classes divides by the weights of the targets kept; over probabilities by the number of rows.
 */
export function crossEntropy(input: Tensor, target: Indices, options: CrossEntropyOptions = {}): Tensor {
  checkOptions("crossEntropy", options, ["weight", "ignoreIndex", "labelSmoothing", "reduction"]);
  const { weight = null, ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
  return likelihood("crossEntropy", input, target, reduction, weight, ignoreIndex, labelSmoothing);
}

/** −lp[target] for log-probabilities lp, shapes as in {@link crossEntropy} with classes as target. */
export function nllLoss(input: Tensor, target: Indices, options: NllOptions = {}): Tensor {
  checkOptions("nllLoss", options, ["weight", "ignoreIndex", "reduction"]);
  const { weight = null, ignoreIndex = -100, reduction = "mean" } = options;
  return likelihood("nllLoss", input, target, reduction, weight, ignoreIndex, 0);
}

/** Checks the arguments of a loss of two tensors of one shape; returns how its elements are put together. */
function checkPair(
  where: string,
  input: Tensor,
  target: Tensor,
  options: BceWithLogitsOptions,
  ...more: readonly string[]
): Reduction {
  checkOptions(where, options, ["reduction", ...more]);
  checkTensor(where, input);
  checkTensor(where, target);
  if (!sameShape(input.shape, target.shape)) {
    throw new ShapeError(
      `${where}: target size ${shapeText(target.shape)} must be the same as input size ${shapeText(input.shape)}. Reshape one of them`,
    );
  }
  const { reduction = "mean", weight, posWeight } = options;
  checkReduction(where, reduction);
  for (const factor of [weight, posWeight]) if (factor) checkTensor(`${where}: weight`, factor);
  return reduction;
}

/** (x − y)². */
export function mseLoss(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  const reduction = checkPair("mseLoss", input, target, options);
  return reduced(input.sub(target).pow(2), reduction);
}

/** |x − y|. */
export function l1Loss(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  const reduction = checkPair("l1Loss", input, target, options);
  return reduced(input.sub(target).abs(), reduction);
}

export interface BceOptions extends ReductionOptions {
  /** Multiplies the elements, broadcast. */
  readonly weight?: Tensor | null;
}

export interface BceWithLogitsOptions extends BceOptions {
  /** Weight of the positive class, broadcast. */
  readonly posWeight?: Tensor | null;
}

/** −y·ln x − (1 − y)·ln(1 − x) for probabilities x in [0, 1], logarithms held at −100. `weight` multiplies each element. */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: BceOptions = {}): Tensor {
  const reduction = checkPair("binaryCrossEntropy", input, target, options, "weight");
  const outside = input.toTypedArray().find((p) => !(p >= 0 && p <= 1));
  if (outside !== undefined) {
    throw new OptionError(
      `binaryCrossEntropy: expected probabilities from 0 to 1, got ${outside}. For logits use binaryCrossEntropyWithLogits`,
    );
  }
  const loss = apply(binaryCrossEntropyOp, [input, target.to(input.dtype)], undefined);
  return reduced(options.weight ? loss.mul(options.weight) : loss, reduction);
}

/** (1 − y)·x + (1 + (p − 1)·y)·ln(1 + e⁻ˣ) with p = posWeight: the loss above on σ(x), without overflow. */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BceWithLogitsOptions = {},
): Tensor {
  const reduction = checkPair("binaryCrossEntropyWithLogits", input, target, options, "weight", "posWeight");
  const { weight, posWeight } = options;
  const y = target.to(input.dtype);
  const softplus = apply(softplusOfNegative, [input], undefined);
  const positive = posWeight ? softplus.mul(y.mul(posWeight.sub(1)).add(1)) : softplus;
  const loss = y.neg().add(1).mul(input).add(positive);
  return reduced(weight ? loss.mul(weight) : loss, reduction);
}
