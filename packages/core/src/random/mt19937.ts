const N = 624;
const M = 397;
const MATRIX = 0x9908b0df | 0;
const UPPER = 0x80000000 | 0;
const LOWER = 0x7fffffff;

/**
 * The Mersenne Twister MT19937: a stream of 32-bit words, the same as C++'s `std::mt19937` and PyTorch's CPU engine.
 * M. Matsumoto, T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
 * generator", ACM TOMACS 8 (1998).
 *
 * Words are made 624 at a time. Whoever needs many reads {@link words} from {@link next} on and moves `next`.
 */
export class Mt19937 {
  /** The untempered state. */
  readonly state = new Int32Array(N);
  /** The current 624 words of output, as signed integers. */
  readonly words = new Int32Array(N);
  /** Index into {@link words} of the next one to hand out; 624 when all are used up. */
  next = N;
  /** Whether no word was drawn since the state was set from a seed. */
  fresh = true;

  /** Starts the stream anew; only the seed's low 32 bits count. */
  seed(seed: number): void {
    const s = this.state;
    s[0] = seed;
    for (let j = 1; j < N; j++) {
      const previous = s[j - 1] as number;
      s[j] = Math.imul(1812433253, previous ^ (previous >>> 30)) + j;
    }
    this.next = N;
    this.fresh = true;
  }

  /** The next word, from 0 to 2^32 − 1. */
  random(): number {
    if (this.next === N) this.advance();
    return (this.words[this.next++] as number) >>> 0;
  }

  /** How many words can be read from {@link words} now; at least one. */
  available(): number {
    if (this.next === N) this.advance();
    return N - this.next;
  }

  /** Makes the next 624 words. */
  private advance(): void {
    const s = this.state;
    for (let i = 0; i < N; i++) {
      const next = i + 1 < N ? i + 1 : 0;
      s[i] = (s[i < N - M ? i + M : i + M - N] as number) ^ twist(s[i] as number, s[next] as number);
    }
    this.temper();
    this.next = 0;
    this.fresh = false;
  }

  /** Derives {@link words} from {@link state}. */
  temper(): void {
    const { state, words } = this;
    for (let i = 0; i < N; i++) {
      let y = state[i] as number;
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      words[i] = y ^ (y >>> 18);
    }
  }
}

function twist(a: number, b: number): number {
  return (((a & UPPER) | (b & LOWER)) >>> 1) ^ (-(b & 1) & MATRIX);
}
