const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes that base64 text without line breaks stands for. Neither `atob` nor `Buffer` is everywhere. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(128);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const value = (i: number): number => values[text.charCodeAt(i)] as number;
  for (let i = 0, o = 0; i < text.length; i += 4, o += 3) {
    const group = (value(i) << 18) | (value(i + 1) << 12) | (value(i + 2) << 6) | value(i + 3);
    bytes[o] = group >> 16;
    bytes[o + 1] = group >> 8;
    bytes[o + 2] = group;
  }
  return bytes;
}
