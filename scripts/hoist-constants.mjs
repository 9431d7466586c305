/**
 * Takes loads of constants out of the loops of a WebAssembly module. Kernels load their constants from tables where they use them, and V8
 * would do so in every round, because it cannot know that no store changes a table. None does, so the loads may go before the loop, and
 * the constants stay in registers.
 */
import binaryen from "assemblyscript/binaryen";

/** WebAssembly text as nested arrays of words. */
function parse(text) {
  const open = [[]];
  for (const word of text.match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g)) {
    if (word === "(") open.push([]);
    else if (word === ")") open.at(-2).push(open.pop());
    else open.at(-1).push(word);
  }
  return open[0][0];
}

const print = (tree) => (Array.isArray(tree) ? `(${tree.map(print).join(" ")})` : tree);

const isCall = (tree) => tree[0] === "call" || tree[0] === "call_indirect";

const isConstant = (tree) => /^v128\.load(32|64)_splat$/.test(tree[0]) && tree.at(-1)[0] === "i32.const";

const contains = (tree, test) => Array.isArray(tree) && (test(tree) || tree.some((part) => contains(part, test)));

/** A loop behind the loads of its constants, for which locals are added. */
function hoist(loop, locals) {
  const sets = new Map();
  const replace = (tree) => {
    if (!Array.isArray(tree)) return tree;
    if (!isConstant(tree)) return tree.map(replace);
    const load = print(tree);
    if (!sets.has(load)) {
      sets.set(load, ["local.set", `$constant${locals.length}`, load]);
      locals.push(["local", `$constant${locals.length}`, "v128"]);
    }
    return ["local.get", sets.get(load)[1]];
  };
  const replaced = replace(loop);
  const results = loop.filter((part) => part[0] === "result");
  return sets.size === 0 ? loop : ["block", ...results, ...sets.values(), replaced];
}

/** A function with its constants before the outermost loops that call nothing: no register outlives a call. */
function hoistIn(func) {
  const locals = [];
  const walk = (tree) => {
    if (!Array.isArray(tree)) return tree;
    return tree[0] === "loop" && !contains(tree, isCall) ? hoist(tree, locals) : tree.map(walk);
  };
  const walked = walk(func);
  const head = walked.findLastIndex((part) => ["param", "result", "local", "type"].includes(part[0]));
  return walked.toSpliced(Math.max(head, 1) + 1, 0, ...locals);
}

export function hoistConstants(bytes) {
  const module = binaryen.readBinary(bytes);
  const tree = parse(module.emitText());
  module.dispose();
  const hoisted = binaryen.parseText(print(tree.map((part) => (part[0] === "func" ? hoistIn(part) : part))));
  const result = hoisted.emitBinary();
  hoisted.dispose();
  return result;
}
