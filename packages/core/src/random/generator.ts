import { describe, FormatError, OptionError } from "../errors.js";
import { Mt19937 } from "./mt19937.js";

/** PyTorch's default seed, `c10::detail::default_rng_seed_val`. */
const DEFAULT_SEED = 67280421310721n;
const STATE_BYTES = 5056;

/**
 * A source of random numbers, `torch.Generator` on the CPU: the same seed gives the same numbers, bit for bit.
 *
 * A new generator stands at seed 67280421310721, as in PyTorch.
 */
export class Generator {
  /** The stream of 32-bit words behind everything. */
  readonly engine = new Mt19937();
  #seed = DEFAULT_SEED;
  /** For the library's own use: the second normal of the last pair drawn, which waits for the next call. */
  cachedNormal: number | undefined;

  constructor() {
    this.manualSeed(DEFAULT_SEED);
  }

  /**
   * Starts the stream anew. Negative seeds count from 2^64 down; seeds with equal low 32 bits give equal streams.
   *
   * @returns the generator itself
   * @throws OptionError unless `seed` is whole and from −2^63 to 2^64 − 1
   */
  manualSeed(seed: number | bigint): this {
    const whole = typeof seed === "bigint" ? seed : Number.isInteger(seed) ? BigInt(seed) : undefined;
    if (whole === undefined || whole < -(2n ** 63n) || whole >= 2n ** 64n) {
      throw new OptionError(`manualSeed: expected a whole seed from -2^63 to 2^64 - 1, got ${describe(seed)}`);
    }
    this.#seed = BigInt.asUintN(64, whole);
    this.cachedNormal = undefined;
    this.engine.seed(Number(BigInt.asIntN(32, whole)));
    return this;
  }

  /** The seed given last, from 0 to 2^64 − 1: a number where that is exact (up to 2^53 − 1), else a bigint. */
  initialSeed(): number | bigint {
    return this.#seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(this.#seed) : this.#seed;
  }

  /** A whole number from 0 to 2^32 − 1; takes one word. */
  random(): number {
    return this.engine.random();
  }

  /** A whole number from 0 to 2^64 − 1; takes two words, the upper half first. */
  random64(): bigint {
    const high = this.engine.random();
    return (BigInt(high) << 32n) | BigInt(this.engine.random());
  }

  /** A multiple of 2^−24 in [0, 1), PyTorch's float32 uniform; takes one word. */
  uniform24(): number {
    return (this.engine.random() & 0xffffff) * 2 ** -24;
  }

  /** A multiple of 2^−53 in [0, 1), PyTorch's float64 uniform; takes two words. */
  uniform53(): number {
    const high = this.engine.random() & 0x1fffff;
    return (high * 2 ** 32 + this.engine.random()) * 2 ** -53;
  }

  /** A generator that will give the same numbers as this one from here on. */
  clone(): Generator {
    return new Generator().setState(this.getState());
  }

  /**
   * Everything that decides the numbers to come, in the 5056 bytes of PyTorch's `Generator.get_state()`. Little-endian:
   * seed u64 at 0; words left i32 at 8; seeded i32 at 12; next word u64 at 16; 624 words of state, u64 each, at 24;
   * cached normal f64 at 5024; whether there is one, i32 at 5040; zeros elsewhere.
   */
  getState(): Uint8Array {
    const bytes = new Uint8Array(STATE_BYTES);
    const view = new DataView(bytes.buffer);
    const { state, next, fresh } = this.engine;
    view.setBigUint64(0, this.#seed, true);
    view.setInt32(8, 625 - next, true);
    view.setInt32(12, 1, true);
    view.setUint32(16, fresh ? 0 : next, true);
    for (let i = 0; i < 624; i++) view.setInt32(24 + 8 * i, state[i] as number, true);
    if (this.cachedNormal !== undefined) {
      view.setFloat64(5024, this.cachedNormal, true);
      view.setInt32(5040, 1, true);
    }
    return bytes;
  }

  /**
   * Continues from a state written by {@link getState} or by PyTorch.
   *
   * @returns the generator itself
   * @throws FormatError when the bytes are no such state
   */
  setState(bytes: Uint8Array): this {
    const expected = `setState: expected a Uint8Array of ${STATE_BYTES} bytes as getState() returns it, got`;
    if (!(bytes instanceof Uint8Array)) throw new FormatError(`${expected} ${describe(bytes)}`);
    if (bytes.length !== STATE_BYTES) throw new FormatError(`${expected} ${bytes.length} bytes`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const left = view.getInt32(8, true);
    const seeded = view.getInt32(12, true);
    const next = view.getBigUint64(16, true);
    const words = Array.from({ length: 624 }, (_, i) => view.getBigUint64(24 + 8 * i, true));
    const placed = left === 1 ? next <= 624n : next === BigInt(625 - left);
    if (seeded !== 1 || left < 1 || left > 624 || !placed || words.some((word) => word >= 2n ** 32n)) {
      throw new FormatError(
        `${expected} others: seeded ${seeded}, left ${left}, next ${next}, or words of more than 32 bits`,
      );
    }
    const { engine } = this;
    engine.state.set(words.map(Number));
    engine.temper();
    engine.next = 625 - left;
    engine.fresh = left === 1 && next === 0n;
    this.#seed = view.getBigUint64(0, true);
    this.cachedNormal = view.getInt32(5040, true) !== 0 ? view.getFloat64(5024, true) : undefined;
    return this;
  }
}

let shared: Generator | undefined;

/** The generator that is used where none is given. Unlike PyTorch's it starts at a fixed seed, 67280421310721. */
export function defaultGenerator(): Generator {
  shared ??= new Generator();
  return shared;
}

/** The generator that options name, or the default. @throws OptionError when they name something else */
export function generatorOf(where: string, options: { readonly generator?: Generator } | undefined): Generator {
  const generator = options?.generator ?? defaultGenerator();
  if (generator instanceof Generator) return generator;
  throw new OptionError(`${where}: expected a Generator, got ${describe(generator)}`);
}

/**
 * Seeds the default generator, `torch.manual_seed`.
 *
 * @returns the default generator
 * @throws OptionError unless `seed` is whole and from −2^63 to 2^64 − 1
 */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator().manualSeed(seed);
}
