/**
 * The first key that some object of a JSON text has twice, if any. `JSON.parse` keeps the last of them without a word.
 *
 * @param text JSON that `JSON.parse` accepts
 */
export function duplicateKey(text: string): string | undefined {
  const objects: Set<string>[] = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;
  for (const [match, colon] of text.matchAll(token)) {
    if (match === "{") objects.push(new Set());
    else if (match === "}") objects.pop();
    else if (colon !== undefined) {
      const key: string = JSON.parse(match.slice(0, match.length - colon.length));
      const keys = objects.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}
