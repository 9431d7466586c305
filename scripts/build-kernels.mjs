/**
 * Compiles packages/core/assembly (AssemblyScript) to WebAssembly and writes the bytes, as text, into a TypeScript
 * file, so that nobody has to fetch or await a .wasm file. Does nothing when the file was written from the same
 * sources. Constants come out of loops on the way (hoist-constants.mjs).
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { hoistConstants } from "./hoist-constants.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sourceDir = join(root, "packages/core/assembly");
const core = join(root, "packages/core/src");
/** Each module with the file that carries its bytes: the kernels, and those for four networks at once. */
const modules = [
  { entry: "index.ts", target: join(core, "kernels/wasm-bytes.generated.ts") },
  { entry: "lanes/index.ts", target: join(core, "lanes/lanes-bytes.generated.ts") },
];

// Warning 112 is about functions that the host would call with vectors; it does not see that they stay inside.
const compilerOptions = "-O3z --noAssert --runtime stub --importMemory --enable simd --disableWarning 112".split(" ");

/** A fingerprint of everything that the bytes depend on; line ends do not count. */
export function fingerprint() {
  const hash = createHash("sha256");
  const compiler = JSON.parse(readFileSync(join(root, "node_modules/assemblyscript/package.json"), "utf8"));
  hash.update(`${compiler.version} ${compilerOptions.join(" ")} text from 240`);
  hash.update(readFileSync(join(root, "scripts/hoist-constants.mjs"), "utf8").replaceAll("\r\n", "\n"));
  for (const name of readdirSync(sourceDir, { recursive: true }).map(String).sort()) {
    if (!name.endsWith(".ts")) continue;
    const text = readFileSync(join(sourceDir, name), "utf8").replaceAll("\r\n", "\n");
    hash.update(`\0${name.replaceAll("\\", "/")}\0${text}`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** The fingerprint of the sources that inlined bytes came from, if there are any. */
export function builtFingerprint(target = modules[0].target) {
  if (!existsSync(target)) return undefined;
  return /sources = "([0-9a-f]+)"/.exec(readFileSync(target, "utf8"))?.[1];
}

/** Bytes as printable characters; `packages/core/src/kernels/bytes-as-text.ts` says how and reads them. */
export function textFromBytes(bytes) {
  let text = "";
  for (const byte of bytes) {
    const number = (byte + 16) % 256;
    const code = (number % 91) + 35;
    text += ["", "!", " "][Math.floor(number / 91)] + String.fromCharCode(code < 92 ? code : code + 1);
  }
  return text;
}

export function bytesFromText(text) {
  const codes = text.match(/[! ]?[#-~]/g) ?? [];
  return Buffer.from(
    codes.map((code) => {
      const last = code.charCodeAt(code.length - 1);
      return (code.length === 1 ? 0 : code[0] === "!" ? 91 : 182) + last - (last > 92 ? 36 : 35) - 16;
    }),
  );
}

async function compile(entry) {
  const { default: asc } = await import("assemblyscript/asc");
  let bytes;
  const messages = [];
  const { error } = await asc.main([entry, ...compilerOptions, "--outFile", "kernels.wasm"], {
    readFile: (name, base) => {
      const path = join(base === undefined || base === "." ? sourceDir : join(sourceDir, base), name);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    },
    writeFile: (name, data) => {
      if (name === "kernels.wasm") bytes = data;
    },
    listFiles: () => [],
    stderr: { write: (text) => messages.push(String(text)) },
  });
  if (error || bytes === undefined) {
    throw new Error(`compiling packages/core/assembly failed: ${error?.message ?? "no output"}\n${messages.join("")}`);
  }
  if (messages.length > 0) throw new Error(`packages/core/assembly compiles with warnings:\n${messages.join("")}`);
  return hoistConstants(bytes);
}

/**
 * Brings the inlined modules up to date. Returns the kernels' WebAssembly and whether anything was compiled now.
 */
export async function buildKernels() {
  const sources = fingerprint();
  let compiled = false;
  for (const { entry, target } of modules) {
    if (builtFingerprint(target) === sources) continue;
    compiled = true;
    const bytes = Buffer.from(await compile(entry));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      `// Written by scripts/build-kernels.mjs from packages/core/assembly/${entry}. Not kept in version control.\n` +
        `export const sources = "${sources}";\n` +
        `export const wasmText = "${textFromBytes(bytes)}";\n`,
    );
  }
  const text = /wasmText =\s*"([^"]*)"/.exec(readFileSync(modules[0].target, "utf8"))?.[1] ?? "";
  return { bytes: bytesFromText(text), compiled };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { bytes, compiled } = await buildKernels();
  console.log(`kernels: ${bytes.length} bytes of WebAssembly, ${compiled ? "compiled" : "up to date"}`);
}
