/**
 * Numbers that every contestant makes for itself, the same in JavaScript, Python and C: weights, inputs, the directions
 * that gradients are compared along, the lessons' texts.
 */

/** n numbers in [−1, 1), times `scale`: the bits of i and the seed, mixed. float32. */
export function numbers(n, seed, scale = 1) {
  const x = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let h = Math.imul(i + seed * 7919, 2654435761) >>> 0;
    h = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
    h = (h ^ (h >>> 13)) >>> 0;
    x[i] = (h / 2 ** 31 - 1) * scale;
  }
  return x;
}

/** What two gradients are compared by: their length, and their component along a fixed direction. */
export function fingerprint(gradient) {
  const direction = numbers(gradient.length, 99);
  let square = 0;
  let along = 0;
  for (let i = 0; i < gradient.length; i++) {
    square += gradient[i] * gradient[i];
    along += gradient[i] * direction[i];
  }
  return [Math.sqrt(square), along];
}

/** 299 symbols of AbAcAd… and the symbol after each: 0 1 0 2 0 3 0 … */
export function abacad() {
  const text = Array.from({ length: 300 }, (_, i) => [0, 1, 0, 2, 0, 3][i % 6]);
  return { x: text.slice(0, -1), y: text.slice(1) };
}

/** 299 symbols of abcabc… and the symbol after each. */
export function abc() {
  const text = Array.from({ length: 300 }, (_, i) => i % 3);
  return { x: text.slice(0, -1), y: text.slice(1) };
}

/** Ten sequences of 2, 4, … 20 digits and whether their halves match, which every other one does. */
export function halves() {
  return Array.from({ length: 10 }, (_, k) => {
    const half = k + 1;
    const digits = Array.from({ length: half }, (_, i) => (i * 7 + k * 3) % 10);
    const match = k % 2 === 0;
    return { digits: [...digits, ...digits.map((d) => (match ? d : (d + 1) % 10))], match: match ? 1 : 0 };
  });
}

/** Symbols of a text of V different ones, as many as wanted. */
export function symbols(n, V) {
  return Array.from({ length: n }, (_, i) => (i * i + 3 * i) % V);
}
