/** Bytes to a plane: each plane's bytes are the characters from "#" to "~" but for the backslash. */
const PLANE = 91;
const FIRST = 35;
const BACKSLASH = 92;

/**
 * The bytes that a text of `scripts/build-kernels.mjs` stands for: a character for each byte below 91, behind "!" for each below
 * 182, behind a space for the others. Unlike base64 it leaves repetitions in the bytes repetitions in the text, so that gzip finds
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
      bytes[n++] = plane + code - (code > BACKSLASH ? FIRST + 1 : FIRST);
      plane = 0;
    }
  }
  return bytes.slice(0, n);
}
