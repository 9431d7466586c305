/**
 * What stays in the memory of WebAssembly from one call to the next: weights that are read again and again and do not change in between,
 * as when a network writes one symbol after the other.
 *
 * @module
 */

/** All of it together, in bytes. When it is full, everything makes room. */
const MOST = 32 * 1024 * 1024;

/** Something made of arrays as they were after so many changes. */
interface Resident {
  readonly form: number;
  /** Another thing made of the same array, in another form. */
  readonly next: Resident | undefined;
  first: Float32Array | null;
  second: Float32Array | null;
  third: Float32Array | null;
  version: number;
  /** Where it has its place, of so many bytes; 0 as long as it has none. */
  address: number;
  bytes: number;
  /** Whether it stands there already. */
  stands: boolean;
  /** Only what has got its place since everything made room the last time still has it. */
  age: number;
}

export class Residents {
  /** The first address behind them. */
  end: number;
  private readonly known = new WeakMap<Float32Array, Resident>();
  private age = 0;

  constructor(private readonly start: number) {
    this.end = start;
  }

  /** What they take. */
  get bytes(): number {
    return this.end - this.start;
  }

  /**
   * What was made of `array`, and perhaps three others, in a certain form. Null the first time that numbers are
   * seen: what changes at every step is not worth the room. The second time it does not stand in its place yet.
   */
  find(
    array: Float32Array,
    first: Float32Array | null,
    second: Float32Array | null,
    third: Float32Array | null,
    form: number,
    version: number,
  ): Resident | null {
    const all = this.known.get(array);
    let known = all;
    while (known !== undefined && known.form !== form) known = known.next;
    if (known === undefined) {
      const { age } = this;
      known = { form, next: all, first, second, third, version, address: 0, bytes: 0, stands: false, age };
      this.known.set(array, known);
      return null;
    }
    if (known.version !== version || known.first !== first || known.second !== second || known.third !== third) {
      known.first = first;
      known.second = second;
      known.third = third;
      known.version = version;
      known.stands = false;
      return null;
    }
    if (known.age !== this.age) known.stands = false;
    return known;
  }

  /** Gives one a place of so many bytes, a multiple of 16, unless it has one; false when that is too much. */
  settle(resident: Resident, bytes: number): boolean {
    if (bytes > MOST) return false;
    if (resident.address === 0 || resident.bytes !== bytes || resident.age !== this.age) {
      if (this.bytes + bytes > MOST) {
        this.end = this.start;
        this.age++;
      }
      resident.address = this.end;
      resident.bytes = bytes;
      resident.age = this.age;
      this.end += bytes;
    }
    resident.stands = true;
    return true;
  }
}
