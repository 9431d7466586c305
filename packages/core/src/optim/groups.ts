import type { FloatDType } from "../dtype.js";
import type { Tensor } from "../tensor.js";

/** What every group of parameters has. */
export interface GroupOptions {
  /** Learning rate. */
  lr: number;
  /** The rate before any scheduler changed it; written by schedulers. */
  initialLr?: number;
}

/** Parameters that are changed by the same rule; options may be changed between steps. */
export type ParamGroup<Options extends GroupOptions = GroupOptions> = Options & { params: Tensor[] };

/** What is kept for one parameter from step to step: arrays of its size by PyTorch's names, made when they are first needed. */
export interface State {
  /** Steps taken so far. */
  step: number;
  /** Elements of the parameter and of each array. */
  readonly n: number;
  dtype: FloatDType;
  readonly arrays: Record<string, Tensor>;
}
