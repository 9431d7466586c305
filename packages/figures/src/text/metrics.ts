/**
 * How wide letters are, so that labels find room without a browser: the advance widths of DejaVu Sans 2.37
 * (its oblique shares them), and one width for Hangul, which is Nanum Gothic's.
 *
 * @module
 */
import { eastAsianWidth } from "get-east-asian-width";

const UNITS_PER_EM = 2048;

/** Advance widths by first code point of a range. */
const ADVANCES: readonly (readonly [number, readonly number[]])[] = [
  // biome-ignore format: a table
  [0x20, [
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303, 1303, 1303, 1303, 1303, 1303,
    1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604,
    1343, 1141, 1767, 1532, 1612, 1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024,
    1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300, 1300, 842, 1067, 803,
    1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
  ]],
  // biome-ignore format: a table
  [0xa0, [
    651, 821, 1303, 1303, 1303, 1303, 690, 1024, 1024, 2048, 965, 1253, 1716, 739, 2048, 1024, 1024, 1716, 821, 821, 1024,
    1303, 1303, 651, 1024, 821, 965, 1253, 1985, 1985, 1985, 1087, 1401, 1401, 1401, 1401, 1401, 1401, 1995, 1430, 1294, 1294,
    1294, 1294, 604, 604, 604, 604, 1587, 1532, 1612, 1612, 1612, 1612, 1612, 1716, 1612, 1499, 1499, 1499, 1499, 1251, 1239,
    1290, 1255, 1255, 1255, 1255, 1255, 1255, 2011, 1126, 1260, 1260, 1260, 1260, 569, 569, 569, 569, 1253, 1298, 1253, 1253,
    1253, 1253, 1253, 1716, 1253, 1298, 1298, 1298, 1298, 1212, 1300, 1212,
  ]],
  // biome-ignore format: a table
  [0x391, [
    1401, 1405, 1141, 1401, 1294, 1403, 1540, 1612, 604, 1343, 1401, 1767, 1532, 1294, 1612, 1540, 1235, 1235, 1294, 1251,
    1251, 1612, 1403, 1612, 1565, 604, 1251, 1350, 1107, 1298, 693, 1185, 1350, 1307, 1212, 1253, 1107, 1114, 1298, 1253, 693,
    1207, 1212, 1303, 1144, 1142, 1253, 1233, 1300, 1202, 1298, 1233, 1185, 1351, 1183, 1351, 1715,
  ]],
  [0x2080, [821, 821, 821, 821, 821, 821, 821, 821, 821, 821]],
];

const SINGLES = new Map<string, number>([
  ["ŷ", 1212],
  ["–", 1024],
  ["—", 2048],
  ["…", 2048],
  ["′", 465],
  ["\u2009", 409],
  ["∘", 1282],
  ["∈", 1784],
  ["∂", 1059],
  ["∇", 1370],
  ["∑", 1380],
  ["∏", 1550],
  ["␣", 1300],
]);

const HANGUL_WIDTH = 0.94;
const OTHER_WIDTH = 0.84;

/** What the letters of DejaVu Sans reach above and below their baseline, in units of the font size. */
export const ASCENT = 0.76;
export const DESCENT = 0.236;
/** Capitals and digits. */
export const CAP_HEIGHT = 0.729;

/** The width of a text in units of its font size. */
export function emWidth(text: string, bold = false): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return bold ? width * 1.13 : width;
}

function charWidth(char: string): number {
  const code = char.codePointAt(0) as number;
  const single = SINGLES.get(char);
  if (single !== undefined) return single / UNITS_PER_EM;
  for (const [first, widths] of ADVANCES) {
    const width = widths[code - first];
    if (width !== undefined) return width / UNITS_PER_EM;
  }
  if (/\p{M}/u.test(char)) return 0;
  // Accented Latin letters are as wide as their base letter.
  const base = char.normalize("NFD")[0] as string;
  if (base !== char && code < 0x1100) return charWidth(base);
  return eastAsianWidth(code) === 2 ? HANGUL_WIDTH : OTHER_WIDTH;
}
