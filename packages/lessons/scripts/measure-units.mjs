/**
 * How few units are enough? Measures 1 … 4 units × 2 … 8 symbols × 100 seeds, once as in the notes (Adam 0.001, 5000 epochs) and
 * once with patience (Adam 0.01, 20,000 epochs), and keeps the outcomes for lesson 05. Takes about five minutes.
 *
 *     node packages/lessons/scripts/measure-units.mjs
 */
import { writeFileSync } from "node:fs";
import { measure } from "../dist/05-how-many-units/measure.js";

const seeds = Array.from({ length: 100 }, (_, seed) => seed);
const letters = { wrong: ".", right: "r", clean: "C" };

function outcomes(options) {
  return [1, 2, 3, 4].map((units) =>
    [2, 3, 4, 5, 6, 7, 8].map((symbols) => {
      const work = measure(units, symbols, seeds, options);
      let next = work.next();
      while (!next.done) next = work.next();
      const text = next.value.map((outcome) => letters[outcome]).join("");
      console.log(units, symbols, text);
      return text;
    }),
  );
}

const rows = (name, table) =>
  `export const ${name}: readonly (readonly string[])[] = [\n${table
    .map((row) => `  [\n${row.map((text) => `    "${text}",\n`).join("")}  ],\n`)
    .join("")}];\n`;

const file = new URL("../src/05-how-many-units/measured.ts", import.meta.url);
writeFileSync(
  file,
  `/**
 * Written by \`scripts/measure-units.mjs\`: for 1 … 4 units and 2 … 8 symbols, one letter for each of the seeds 0 … 99,
 * \`.\` wrong somewhere, \`r\` right everywhere, \`C\` clean (no right answer has a probability below 0.9).
 *
 * @module
 */

/** Adam 0.001, 5000 epochs, as in the notes. */
${rows("asInTheNotes", outcomes({}))}
/** Adam 0.01, 20,000 epochs. */
${rows("withPatience", outcomes({ lr: 0.01, epochs: 20000 }))}`,
);
