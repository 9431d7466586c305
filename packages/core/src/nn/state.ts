import { Tensor } from "../tensor.js";

/** What a cell carries from step to step: a tensor with the batch as first axis, or a list or record of such tensors. */
export type CellState = Tensor | readonly Tensor[] | { readonly [name: string]: Tensor };

/** A name for each tensor of a state. */
export function leafNames(state: CellState): string[] {
  if (state instanceof Tensor) return ["state"];
  if (Array.isArray(state)) return state.map((_, i) => `state${i}`);
  return Object.keys(state);
}

/** The tensors of a state. */
export function leaves(state: CellState): Tensor[] {
  if (state instanceof Tensor) return [state];
  return Array.isArray(state) ? [...state] : Object.values(state);
}

/** A state of the same form around other tensors. */
export function rebuild<S extends CellState>(form: S, parts: readonly Tensor[]): S {
  if (form instanceof Tensor) return parts[0] as unknown as S;
  if (Array.isArray(form)) return [...parts] as unknown as S;
  return Object.fromEntries(Object.keys(form).map((name, i) => [name, parts[i]])) as unknown as S;
}
