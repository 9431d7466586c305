/**
 * Imports point one way: a file may import from its own layer and from those above it, and never in a circle.
 *
 * Between packages: only from packages above, only through their doors, only when package.json says so.
 * In core besides: no dependency, nothing of Node or of a page, no clock, no chance, and none of the functions whose last
 * bits ECMAScript leaves to the engine.
 *
 * Types count like values, because whoever reads a file should find what it speaks of above it; only a circle may be closed by
 * `import type`, which leaves nothing behind for the program to load.
 */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { conclude, filesUnder, importsOf, lineAt, read, root, withoutComments } from "./sources.mjs";

/** Top to bottom: each package may import from those before it. */
const packages = ["core", "native", "figures", "run", "lessons", "sweep", "cli", "lab"];

/** Layers of core, top to bottom: folders, files, and "*.ts" for the files beside index.ts that are named nowhere else. */
const layers = [
  ["errors.ts", "dtype.ts", "shape.ts", "array.ts", "math/", "random/"],
  ["kernels/"],
  ["ops/"],
  ["*.ts", "tensor/"],
  ["capture/"],
  ["nn/", "optim/"],
  ["data/", "byhand/", "formats/", "lanes/"],
  ["index.ts"],
];

/** What ECMAScript defines to the last bit. */
const exactMath = new Set(
  "fround sqrt floor ceil trunc abs min max round imul clz32 sign PI E LN2 LN10 LOG2E LOG10E SQRT2 SQRT1_2".split(" "),
);
const hostNames = [
  "Date",
  "performance",
  "console",
  "process",
  "setTimeout",
  "setInterval",
  "document",
  "window",
  "crypto",
];

const problems = [];
/** For each file the files that are loaded with it. */
const imports = new Map();
const files = filesUnder("packages", (name) => /\.tsx?$/.test(name)).filter((path) =>
  /^packages\/[^/]+\/src\//.test(path),
);
const known = new Set(files);

for (const path of files) {
  const [, name] = path.split("/");
  if (!packages.includes(name)) problems.push(`packages/${name} has no place in the order of packages, see ${here()}`);
  const targets = [];
  const loads = [];
  for (const { from, line, loaded } of importsOf(read(path))) {
    const where = `${path}:${line}`;
    if (from.startsWith(".")) {
      const target = resolveRelative(path, from, where);
      if (target) targets.push(target);
      if (target && loaded) loads.push(target);
    } else checkBare(name, from, where);
  }
  imports.set(path, loads);
  if (name === "core") {
    for (const target of targets) checkLayers(path, target);
    checkPurity(path);
  }
}
checkCircles();
conclude("imports", [...new Set(problems)], `${files.length} files, all arrows point up`);

function here() {
  return "scripts/check-imports.mjs";
}

function resolveRelative(path, from, where) {
  const target = posix.join(posix.dirname(path), from).replace(/\.js$/, ".ts");
  const home = path.split("/").slice(0, 3).join("/");
  if (!target.startsWith(`${home}/`) && !target.endsWith(".json")) {
    problems.push(`${where}: ${from} leaves the package; import from the package by its name`);
    return undefined;
  }
  for (const candidate of [target, `${target}x`]) if (known.has(candidate)) return candidate;
  // Generated files are made by the build and need not be there; other things, such as JSON, need only exist.
  if (!target.endsWith(".generated.ts") && !existsSync(join(root, target)))
    problems.push(`${where}: ${from} does not exist`);
  return undefined;
}

function checkBare(name, from, where) {
  const isNode = from.startsWith("node:");
  if (name === "core") problems.push(`${where}: core depends on nothing, got '${from}'`);
  if (isNode || name === "core") return;
  const [scope, bare] = from.split("/");
  const dependency = from.startsWith("@") ? `${scope}/${bare}` : scope;
  const manifest = JSON.parse(read(`packages/${name}/package.json`));
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
  if (!(dependency in declared)) problems.push(`${where}: '${dependency}' is not in packages/${name}/package.json`);
  if (scope !== "@unroll") return;
  if (packages.indexOf(bare) >= packages.indexOf(name)) {
    problems.push(`${where}: ${name} may not import from ${bare}; the order is ${packages.join(" → ")}`);
  }
  const door = from === dependency ? "." : `.${from.slice(dependency.length)}`;
  const target = `packages/${bare}/package.json`;
  if (existsSync(join(root, target)) && !(door in (JSON.parse(read(target)).exports ?? {}))) {
    problems.push(`${where}: '${from}' is no door of ${dependency}`);
  }
}

function layerOf(path) {
  const inside = path.replace("packages/core/src/", "");
  const named = layers.findIndex((layer) => layer.includes(inside.replace(/\/.*/, "/")));
  return named < 0 && !inside.includes("/") ? layers.findIndex((layer) => layer.includes("*.ts")) : named;
}

function checkLayers(path, target) {
  const [from, to] = [layerOf(path), layerOf(target)];
  if (from < 0) problems.push(`${path} has no place among core's layers, see ${here()}`);
  else if (to > from) {
    const name = (index) => layers[index].join(", ");
    problems.push(`${path} imports ${target}, which stands below it: ${name(from)} may not import from ${name(to)}`);
  }
}

function checkPurity(path) {
  const source = read(path);
  const code = withoutComments(source);
  const report = (match, problem) => problems.push(`${path}:${lineAt(code, match.index)}: ${problem}`);
  const checkMath = (match, name) => {
    if (name === "random") report(match, "Math.random cannot be seeded; take a Generator");
    else if (!exactMath.has(name)) report(match, `the last bits of Math.${name} differ between engines; use src/math`);
  };
  for (const match of code.matchAll(/\bMath\.(\w+)/g)) checkMath(match, match[1]);
  for (const match of code.matchAll(/\{([\w\s,]+)\} = Math;/g)) {
    for (const name of match[1].split(",")) checkMath(match, name.trim());
  }
  for (const match of code.matchAll(/(?<!\} = )\bMath\b(?!\.\w)/g)) {
    report(match, "write Math.name or const { name } = Math, so that it can be checked");
  }
  // Powers of two and powers of BigInts are exact.
  for (const match of code.matchAll(/(?<!\b2 |\dn )\*\*|\b2 \*\*(?! -?\(?\d+\)?(?![\w.]))/g)) {
    report(match, "the last bits of ** differ between engines; use src/math");
  }
  for (const match of code.matchAll(/\.toLocale\w*/g)) report(match, `${match[0]} depends on the machine's language`);
  const names = new RegExp(String.raw`(?<![.\w$"'])(?:${hostNames.join("|")})\b(?!\s*[?:])`, "g");
  for (const match of code.matchAll(names)) report(match, `core knows no ${match[0]}; take it as an argument`);
}

/** Depth first; a file met again while it is still open closes a circle. */
/** The storeys of the class Tensor name the finished class as the type of their results, and take nothing else from it. */
function isRoofOf(path, target) {
  if (!/\/core\/src\/tensor\/\w+\.ts$/.test(path) || !target.endsWith("/core/src/tensor.ts")) return false;
  const names = read(path).match(/import ([^;]*?) from "\.\.\/tensor\.js";/g) ?? [];
  return names.length === 1 && names[0].startsWith("import type { Tensor }");
}

function checkCircles() {
  const state = new Map();
  const trail = [];
  const visit = (path) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      const circle = [...trail.slice(trail.indexOf(path)), path].map((file) => file.replace(/^packages\//, ""));
      problems.push(`circle: ${circle.join(" → ")}`);
      return;
    }
    state.set(path, "open");
    trail.push(path);
    for (const target of imports.get(path) ?? []) if (!isRoofOf(path, target)) visit(target);
    trail.pop();
    state.set(path, "done");
  };
  for (const path of imports.keys()) visit(path);
}
