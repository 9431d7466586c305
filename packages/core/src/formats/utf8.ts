/**
 * UTF-8 and the order of code points, without a host's `TextEncoder`: the core runs where there is none,
 * and a broken file must be an error with a position rather than a replacement character.
 *
 * @module
 */
import { FormatError } from "../errors.js";

/** `U+AC00`, the way code points are written in messages. */
export function codePointText(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Order by code points, which is Python's order of strings; JavaScript's own puts U+1F600 before U+FF5E. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return (a.codePointAt(i) as number) - (b.codePointAt(i) as number);
  }
  return a.length - b.length;
}

/**
 * The UTF-8 bytes of a text (RFC 3629).
 *
 * @throws FormatError when the text holds half of a surrogate pair, which has no UTF-8 form
 */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const symbol of text) {
    const c = symbol.codePointAt(0) as number;
    if (c < 0x80) bytes.push(c);
    else if (c < 0x800) bytes.push(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) {
      if (c >= 0xd800 && c <= 0xdfff) {
        throw new FormatError(
          `UTF-8: expected whole characters, got ${codePointText(c)}, half of a surrogate pair. Was a string cut inside an emoji?`,
        );
      }
      bytes.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    } else bytes.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return Uint8Array.from(bytes);
}

/** How many continuation bytes a lead byte announces, and the smallest code point that needs so many. */
function leadByte(byte: number): { more: number; bits: number; least: number } | undefined {
  if (byte < 0x80) return { more: 0, bits: byte, least: 0 };
  if (byte >= 0xc2 && byte < 0xe0) return { more: 1, bits: byte & 31, least: 0x80 };
  if (byte >= 0xe0 && byte < 0xf0) return { more: 2, bits: byte & 15, least: 0x800 };
  if (byte >= 0xf0 && byte < 0xf5) return { more: 3, bits: byte & 7, least: 0x10000 };
  return undefined;
}

/**
 * Decodes UTF-8. A byte that belongs to no well-formed sequence is handed to `onError` with its position, and the text
 * gets what it returns; decoding goes on at the next byte.
 */
export function decodeUtf8(bytes: ArrayLike<number>, onError: (position: number) => string): string {
  const pieces: string[] = [];
  let position = 0;
  while (position < bytes.length) {
    const lead = leadByte(bytes[position] as number);
    let codePoint = lead?.bits ?? 0;
    let whole = lead !== undefined && position + lead.more < bytes.length;
    for (let i = 1; whole && i <= (lead?.more ?? 0); i++) {
      const byte = bytes[position + i] as number;
      whole = (byte & 0xc0) === 0x80;
      codePoint = (codePoint << 6) | (byte & 63);
    }
    const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    if (lead === undefined || !whole || codePoint < lead.least || codePoint > 0x10ffff || surrogate) {
      pieces.push(onError(position));
      position += 1;
    } else {
      pieces.push(String.fromCodePoint(codePoint));
      position += 1 + lead.more;
    }
  }
  return pieces.join("");
}
