/** Whether two sets of attributes are equal, but for the lists, which need only be equally long. */
export function sameAttrs(a: unknown, b: unknown, lists: readonly unknown[], others: readonly unknown[]): boolean {
  if (a === b) return true;
  const index = lists.indexOf(a);
  if (index >= 0) return (a as ArrayLike<number>).length === (others[index] as ArrayLike<number> | undefined)?.length;
  if (typeof a !== typeof b || a === null || b === null || typeof a !== "object") return Object.is(a, b);
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const [p, q] = [a as unknown as ArrayLike<unknown>, b as unknown as ArrayLike<unknown>];
    if (p.length !== q.length) return false;
    for (let i = 0; i < p.length; i++) if (!sameAttrs(p[i], q[i], lists, others)) return false;
    return true;
  }
  const keys = Object.keys(a as object);
  if (keys.length !== Object.keys(b as object).length) return false;
  return keys.every((key) =>
    sameAttrs((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], lists, others),
  );
}
