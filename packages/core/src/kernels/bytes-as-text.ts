/** Bytes to a plane: each plane's bytes are the characters from "#" to "~" but for the backslash. */
const PLANE = 91;
const FIRST = 35;
const BACKSLASH = 92;
/** Bytes are counted from 240 on, so that those WebAssembly has most of, vector instructions and small numbers, are among the first. */
const SHIFT = 16;

/**
 * The bytes that a text of `scripts/build-kernels.mjs` stands for: a character for each of the first 91 bytes, behind "!" for each of
 * the next 91, behind a space for the others. Unlike base64 it leaves repetitions in the bytes repetitions in the text, so that gzip finds
 * them: a quarter less to download.
 */
export function bytesFromText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let plane = 0;
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < FIRST) plane = (FIRST - 1 - code) * PLANE;
    else {
      // The store leaves the remainder by 256.
      bytes[n++] = plane + code - SHIFT - (code > BACKSLASH ? FIRST + 1 : FIRST);
      plane = 0;
    }
  }
  return bytes.slice(0, n);
}
