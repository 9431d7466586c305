/**
 * Small is a feature: no source file too long to read, and core small enough to send to a browser.
 *
 * Bundles are made from what was built (`npm run build`) the way an application's bundler makes them.
 * Limits are raised only in the commit that needs it, with the reason in its message.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { bytesFromText, textFromBytes } from "./build-kernels.mjs";
import { conclude, filesUnder, read, root } from "./sources.mjs";

const maxLines = 400;
/** Longer all the same: path → reason. */
const longer = {};

/** Doors: every public name of a package leaves through one screen. */
const maxDoorLines = 80;

const bundles = [
  {
    name: "@unroll/core, all of it",
    program: 'import * as core from "@unroll/core"; globalThis.kept = { ...core };',
    kilobytes: 99,
  },
  {
    name: "a program with nn.LSTM, nn.Linear and Adam",
    program: 'import { nn, optim } from "@unroll/core"; globalThis.kept = [nn.LSTM, nn.Linear, optim.Adam];',
    kilobytes: 62,
  },
];

const problems = [];
const sources = filesUnder(".", (name) => /\.(?:[cm]?[jt]sx?|py|css)$/.test(name) && !/\.generated\.ts$/.test(name));
checkLengths();
checkDoors();
await checkBundles();
conclude("size", problems, `${sources.length} source files, none too long; bundles within their limits`);

function lineCount(path) {
  return read(path).replace(/\n$/, "").split("\n").length;
}

function checkLengths() {
  for (const path of sources) {
    const lines = lineCount(path);
    if (lines > maxLines && !(path in longer))
      problems.push(`${path} has ${lines} lines, more than ${maxLines}; split it`);
    if (lines <= maxLines && path in longer)
      problems.push(`${path} has ${lines} lines and needs no exception any more`);
  }
  for (const path of Object.keys(longer))
    if (!sources.includes(path)) problems.push(`${path} is an exception and does not exist`);
}

function checkDoors() {
  for (const path of sources.filter((source) => /^packages\/[^/]+\/src\/index\.ts$/.test(source))) {
    const lines = lineCount(path);
    if (lines > maxDoorLines) problems.push(`${path} has ${lines} lines, more than the one screen of ${maxDoorLines}`);
  }
}

async function checkBundles() {
  if (!existsSync(join(root, "packages/core/dist/index.js"))) {
    problems.push("packages/core/dist/index.js is missing; run npm run build first");
    return;
  }
  for (const { name, program, kilobytes } of bundles) {
    const code = await bundle(program).catch((error) => {
      problems.push(`${name} does not bundle: ${stripVTControlCharacters(error.message)}`);
    });
    if (!code) continue;
    const zipped = gzipSync(code, { level: 9 }).length;
    const size = `${(zipped / 1000).toFixed(1)} kB gzipped (${(code.length / 1000).toFixed(1)} kB minified)`;
    console.log(`size: ${name}: ${size}, limit ${kilobytes} kB`);
    if (!(zipped < kilobytes * 1000)) problems.push(`${name} is ${size}, expected less than ${kilobytes} kB`);
    for (const wasm of wasmIn(code)) {
      console.log(
        `size:   of it kernels: ${wasm.length} bytes of WebAssembly, ${gzipSync(wasm, { level: 9 }).length} gzipped`,
      );
    }
  }
}

/** The minified bundle of a program that is given as text. */
async function bundle(program) {
  const entry = "\0program.js";
  const { output } = await build({
    configFile: false,
    root,
    logLevel: "warn",
    plugins: [
      {
        name: "program",
        resolveId: (id) => (id === "program" ? entry : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: "program" },
    },
  });
  return Buffer.from(output.map((chunk) => chunk.code ?? "").join(""));
}

/** WebAssembly modules that a bundle carries as text; all of them begin with the bytes "\0asm" and version 1. */
function wasmIn(code) {
  const start = textFromBytes(Buffer.from("\0asm\x01\0\0\0")).replace(/[$()*+.?[\]^{|}]/g, "\\$&");
  return [...code.toString().matchAll(new RegExp(`${start}[ !#-[\\]-~]*`, "g"))].map(([text]) => bytesFromText(text));
}
