/**
 * What a captured function did, event by event: enough to tell whether it does the same again, and to do it without starting afresh.
 *
 * @module
 */
import type { Memory as Counter, NdArray } from "../array.js";
import type { Kernels } from "../kernels/index.js";
import type { MultiOp, Op } from "../ops/op.js";
import type { MultiOpNode, Node, OpNode } from "../tape.js";
import type { Mark } from "../tensor/session.js";
import type { Device } from "./device.js";
import type { KernelStep, Step } from "./log.js";
import type { Outside, Path, Role } from "./outside.js";
import type { Stretches } from "./stretches.js";
import type { Track } from "./track.js";
import type { Workplace } from "./workplace.js";

/** Where an input comes from: a tensor made by an earlier event, by its number, or one from outside. */
export type Source = number | Outside;

interface Common {
  /** Place among the events. */
  readonly at: number;
  /** What is done to numbers. */
  readonly steps: readonly Step[];
}

export interface OpEvent extends Common {
  readonly kind: "op";
  /** Whether nothing more needs to be done about it than to see that it is the same. */
  readonly quick: boolean;
  /** What tells its attributes from all others, NaN when there is no such number. */
  readonly key: number;
  /** Whether the output is a view of the first input that follows its changes. */
  readonly follows: boolean;
  readonly op: Op<unknown> | MultiOp<unknown>;
  readonly sources: readonly Source[];
  /** Which of the inputs come from outside. */
  readonly outsides: readonly number[];
  /** Tensors from outside that inputs made inside are views of. */
  readonly watched: readonly Outside[];
  attrs: unknown;
  /** Lists among the attributes: their numbers may be others at every call. */
  readonly lists: readonly ArrayLike<number>[];
  /** Whether the steps are all there is to do; if not, the op itself is run. */
  readonly repeats: boolean;
  /** Whether the tape was recording. */
  readonly recorded: boolean;
  readonly engine: Kernels;
  /** Number of the first output; the others follow. */
  readonly slot: number;
  /** Whether this is an op with several outputs. */
  readonly several: boolean;
  readonly outputs: NdArray[];
  /** For each output that is a view of a tensor from outside, that tensor; null when none is. */
  readonly origins: readonly (Outside | null)[] | null;
  /** What the node reads in its backward pass. */
  readonly read: readonly NdArray[];
  node: OpNode<unknown> | MultiOpNode<unknown> | null;
  /** One for each output, null where it has no history. */
  readonly outputNodes: (Node | null)[];
  /** What an op with several outputs kept for its backward pass in the present call. */
  kept: unknown;
}

/** A view of a tensor from outside that is another one in every call. It is taken anew, so nothing about it needs to be the same. */
export interface ViewEvent extends Common {
  readonly kind: "view";
  readonly op: Op<unknown>;
  attrs: unknown;
  from: NdArray;
  result: NdArray;
}

/** A change in place. */
export interface AssignEvent extends Common {
  readonly kind: "assign";
  /** What is changed: a tensor made inside, by its number, or one from outside. */
  readonly target: number | Role;
  /** What that is a view of. */
  readonly whole: number | Role;
  /** Shape of what is changed. */
  readonly layout: NdArray;
  /** The tensor from outside that a target made inside is a view of. */
  readonly origin: Outside | null;
  /** How the view was taken. */
  readonly path: Path;
  readonly value: Source;
  readonly recorded: boolean;
}

/** A tensor made inside has become a leaf, ceased to be one, or asked for its gradient. */
export interface MarkEvent extends Common {
  readonly kind: "mark";
  readonly slot: number;
  readonly what: Mark;
}

/** A place at which a gradient arrived. */
export interface Arrival {
  readonly holder: number | Role;
  /** The gradient that stood there before. */
  readonly before: Source | null;
  readonly array: NdArray;
  readonly slot: number;
}

export interface BackwardEvent extends Common {
  readonly kind: "backward";
  readonly root: number;
  readonly gradient: Source | null;
  readonly retainGraph: boolean;
  readonly engine: Kernels;
  readonly arrivals: readonly Arrival[];
  /** Tensors from outside that are read again, with the place of the first event that read them. */
  readonly reads: readonly { readonly outside: Outside; readonly at: number }[];
  /** Something happened that cannot be repeated; it is recorded anew each time. */
  readonly once: boolean;
}

/** A change of a parameter by an optimiser. */
export interface UpdateEvent extends Common {
  readonly kind: "update";
  readonly target: Outside;
  readonly gradient: Source;
  /** What the optimiser keeps for it. */
  readonly moments: readonly (Outside | null)[];
  /** The call of the kernel, whose last arguments are others every time. */
  readonly step: KernelStep;
  readonly engine: Kernels;
}

export type Event = OpEvent | ViewEvent | AssignEvent | MarkEvent | BackwardEvent | UpdateEvent;

/** What all the ways that runs have gone with one form of arguments share. */
export interface Memory {
  /** Arrays that steps write before they read them, or that stand in for tensors from outside. */
  readonly known: WeakSet<object>;
  /** Tensors from outside by the data of their copies. */
  readonly outsides: WeakMap<object, Outside>;
  /** Counts of changes in place of tensors made inside; every call begins with none. */
  readonly counters: Set<Counter>;
  /** Of the arrays together. */
  bytes: number;
  readonly work: Workplace;
  /** Where steps are carried out; null when there is no such place, undefined before the first step. */
  device?: Device | null;
}

export interface Plan {
  readonly memory: Memory;
  readonly events: readonly Event[];
  /** How many tensors the events make. */
  readonly slots: number;
  /** The events at a glance, once somebody has looked. */
  track: Track | null;
  /** Instructions for stretches of events that have been carried out at one go. */
  code: Stretches | null;
}

/** A change of the numbers of a tensor at a place among the events of a call. */
export interface Passing {
  readonly at: number;
  readonly memory: Counter;
  /** The count of changes before. */
  readonly before: number;
}

/** How many tensors some events make. */
export function slotsOf(events: readonly Event[]): number {
  let slots = 0;
  for (const event of events) {
    if (event.kind === "op") slots = event.slot + event.outputs.length;
    else if (event.kind === "backward") for (const { slot } of event.arrivals) slots = Math.max(slots, slot + 1);
  }
  return slots;
}

/** An output as an array. A view of a tensor from outside shares that tensor's count of changes. */
export function outputOf(event: OpEvent, i: number): NdArray {
  let array = event.outputs[i] as NdArray;
  const origin = event.origins === null ? null : (event.origins[i] as Outside | null);
  if (origin !== null && array.memory !== origin.memory) {
    array = { ...array, memory: origin.memory };
    event.outputs[i] = array;
  }
  return array;
}
