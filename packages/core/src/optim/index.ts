/**
 * Optimisers, PyTorch's `torch.optim`.
 *
 * @module
 */
export { Adagrad, type AdagradOptions } from "./adagrad.js";
export { Adam, type AdamOptions, AdamW } from "./adam.js";
export * as lrScheduler from "./lr-scheduler.js";
export { type GroupOptions, Optimizer, type ParamGroup, type ParamsArgument } from "./optimizer.js";
export { RMSprop, type RmspropOptions } from "./rmsprop.js";
export { SGD, type SgdOptions } from "./sgd.js";
export type { OptimizerStateDict } from "./state-dict.js";
