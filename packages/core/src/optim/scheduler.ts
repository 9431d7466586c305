import { checkOptions, describe, FormatError, hint, OptionError } from "../errors.js";
import { Optimizer, type ParamGroup } from "./optimizer.js";
import { snakeCase } from "./state-dict.js";

/** What `stateDict()` of a scheduler returns: PyTorch's names → plain values. */
export type SchedulerStateDict = Record<string, unknown>;

/** Entries of PyTorch's schedulers that carry nothing that is needed here. */
const ignoredKeys = new Set([
  ...["_step_count", "_is_initial", "_get_lr_called_within_step", "verbose", "default_min_lr", "mode_worse"],
  ...["lr_lambdas", "_schedule_phases", "_anneal_func_type", "use_beta1"],
]);

/** PyTorch's names of fields that are more than their own in its spelling. */
const otherNames: Readonly<Record<string, string>> = { lastLrs: "_last_lr", tMax: "T_max" };

type Fields = Record<string, unknown>;

/** What all schedulers share: the optimiser, options as fields, the count of epochs, saving and loading. */
export abstract class Scheduler {
  /** Epochs since the scheduler was made. */
  lastEpoch = 0;
  protected lastLrs: number[];

  /** @param defaults all options with what they are when not given; each becomes a field */
  protected constructor(
    protected readonly name: string,
    readonly optimizer: Optimizer,
    options: object,
    defaults: Readonly<Fields>,
  ) {
    if (!(optimizer instanceof Optimizer))
      throw new OptionError(`${name}: expected an optimiser, got ${describe(optimizer)}`);
    this.lastLrs = optimizer.paramGroups.map((group) => group.lr);
    checkOptions(name, options ?? null, Object.keys(defaults));
    for (const [key, value] of Object.entries(defaults))
      (this as unknown as Fields)[key] = (options as Fields)[key] ?? value;
  }

  /** Names of the fields that are saved beside the count and the rates. */
  protected abstract saved(): readonly string[];

  /** @throws OptionError when a field is out of range */
  protected abstract check(where: string): void;

  /** What an option says for each group: one for all, or a list. @throws OptionError when the list is of another length */
  protected forEachGroup<T>(where: string, name: string, value: T | readonly T[]): readonly T[] {
    const { length } = this.lastLrs;
    const values = Array.isArray(value) ? [...(value as readonly T[])] : new Array<T>(length).fill(value as T);
    if (values.length === length) return values;
    throw new OptionError(`${where}: expected one ${name} for each of ${length} groups, got ${values.length}`);
  }

  /** The rates set last, one for each group. */
  getLastLr(): number[] {
    return [...this.lastLrs];
  }

  /** The groups to set rates of. @throws OptionError when groups were added since the scheduler was made */
  protected groups(): readonly ParamGroup[] {
    const { paramGroups } = this.optimizer;
    if (paramGroups.length === this.lastLrs.length) return paramGroups;
    throw new OptionError(
      `${this.name}.step: expected ${this.lastLrs.length} groups, as when the scheduler was made, got ${paramGroups.length}. ` +
        "Make the scheduler after the last addParamGroup",
    );
  }

  #fields(): Record<string, string> {
    const fields = ["lastEpoch", "lastLrs", ...this.saved()];
    return Object.fromEntries(fields.map((field) => [otherNames[field] ?? snakeCase(field), field]));
  }

  /** Everything but the optimiser, under PyTorch's names. */
  stateDict(): SchedulerStateDict {
    const own = this as unknown as Fields;
    const entries = Object.entries(this.#fields()).map(([key, field]) => [key, copied(own[field])]);
    return Object.fromEntries(entries) as SchedulerStateDict;
  }

  /**
   * Continues from a snapshot. The optimiser's rates are not touched: load the optimiser's own state for these.
   *
   * @throws FormatError when entries are missing, unknown or of another kind; nothing is changed then
   */
  loadStateDict(dict: SchedulerStateDict): void {
    const where = `${this.name}.loadStateDict`;
    if (dict === null || typeof dict !== "object")
      throw new FormatError(`${where}: expected an object as stateDict() returns it, got ${describe(dict)}`);
    const fields = this.#fields();
    const own = this as unknown as Fields;
    const unknown = Object.keys(dict).find((key) => !(key in fields) && !ignoredKeys.has(key));
    if (unknown !== undefined) {
      throw new FormatError(
        `${where}: unexpected entry '${unknown}'. ${hint(unknown, Object.keys(fields))}Is it of another scheduler?`,
      );
    }
    for (const [key, field] of Object.entries(fields)) {
      if (kindOf(dict[key]) === kindOf(own[field])) continue;
      throw new FormatError(`${where}: expected ${kindOf(own[field])} at '${key}', got ${describe(dict[key])}`);
    }
    const before = Object.values(fields).map((field) => [field, own[field]] as const);
    for (const [key, field] of Object.entries(fields)) own[field] = copied(dict[key]);
    try {
      this.check(where);
    } catch (error) {
      for (const [field, value] of before) own[field] = value;
      throw error;
    }
  }
}

const copied = (value: unknown): unknown => (Array.isArray(value) ? [...value] : value);

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `${value.length} numbers`;
  return value === undefined ? "nothing" : `a ${typeof value}`;
}

/** Schedulers whose rate depends on the epoch alone: `step()` after each epoch. */
export abstract class LRScheduler extends Scheduler {
  /** The rates before any scheduler changed them, one for each group. */
  protected baseLrs: number[];

  constructor(name: string, optimizer: Optimizer, options: object, defaults: Readonly<Fields>) {
    super(name, optimizer, options, defaults);
    for (const group of optimizer.paramGroups) group.initialLr ??= group.lr;
    this.baseLrs = optimizer.paramGroups.map((group) => group.initialLr as number);
  }

  /** To be called at the end of construction. */
  protected start(): void {
    this.check(this.name);
    this.apply();
  }

  protected override saved(): readonly string[] {
    return ["baseLrs"];
  }

  /** The rate of a group in epoch `lastEpoch`, from the rate that it has (those of epoch 0 included). */
  protected abstract rate(lr: number, baseLr: number, group: number): number;

  /** Sets the rates of epoch `lastEpoch`. */
  protected apply(): void {
    const groups = this.groups();
    const rates = groups.map(({ lr }, i) => this.rate(lr, this.baseLrs[i] as number, i));
    rates.forEach((lr, i) => {
      (groups[i] as ParamGroup).lr = lr;
    });
    this.lastLrs = rates;
  }

  /** Goes on to the next epoch; call it after the epoch's `optimizer.step()`. */
  step(): void {
    this.lastEpoch++;
    this.apply();
  }
}
