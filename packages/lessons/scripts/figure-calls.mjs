/**
 * Finds in a lesson's program the call that draws each of its figures.
 */

/** Strings, comments, and what opens, separates or closes. */
const tokens = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[([{,)\]}]/g;

/**
 * Name of the figure → source text, from the object that the program returns as `figures`.
 * A name that stands for a constant is followed to where the constant is made; a function of the program's own stands below its call.
 */
export function figureCalls(program) {
  const start = program.lastIndexOf("figures: {");
  const calls = new Map();
  if (start < 0) return calls;
  for (const entry of parts(program, start + "figures: ".length)) {
    const [, name, call] = /^(\w+)(?::\s*([\s\S]*))?$/.exec(entry) ?? [];
    if (name === undefined) continue;
    const text = call ?? name;
    const drawn = outdented(/^\w+$/.test(text) ? (constant(program, text) ?? text) : text);
    const own = definition(program, /^(\w+)\(/.exec(drawn)?.[1]);
    calls.set(name, own === undefined ? drawn : `${drawn}\n\n${own}`);
  }
  return calls;
}

/** What commas separate between the bracket at `open` and the one that closes it. */
function parts(text, open) {
  const found = [];
  let [depth, from] = [0, open + 1];
  tokens.lastIndex = open;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    if ("([{".includes(token)) depth += 1;
    else if (")]}".includes(token)) depth -= 1;
    if ((token === "," && depth === 1) || depth === 0) {
      found.push(text.slice(from, match.index).trim());
      from = match.index + 1;
    }
    if (depth === 0) break;
  }
  return found.filter((part) => part !== "");
}

/** The initial value of a constant. */
function constant(program, name) {
  const found = new RegExp(`\\bconst ${name} = `).exec(program);
  return found === null ? undefined : statement(program, found.index + found[0].length);
}

/** A function of the program's own, if there is one of this name. */
function definition(program, name) {
  const arrow = new RegExp(`^( *)const ${name} = \\(`, "m").exec(program);
  if (arrow !== null) {
    const margin = arrow[1].length;
    return outdented(`${statement(program, arrow.index + margin)};`, margin);
  }
  const found = new RegExp(`\\bfunction ${name}\\(.*\\{\n`).exec(program);
  if (found === null) return undefined;
  const open = found.index + found[0].length - 2;
  return program.slice(found.index, open + 1 + program.slice(open + 1).indexOf("\n}") + 2);
}

/** From a place on to the semicolon that ends its statement. */
function statement(program, from) {
  let depth = 0;
  const ends = new RegExp(`${tokens.source}|;`, "g");
  ends.lastIndex = from;
  for (let match = ends.exec(program); match !== null; match = ends.exec(program)) {
    if (match[0] === ";" && depth === 0) return program.slice(from, match.index);
    if ("([{".includes(match[0])) depth += 1;
    else if (")]}".includes(match[0])) depth -= 1;
  }
  return undefined;
}

/** Moved to the left, as far as the last line, which closes the call, stands from the margin. */
export function outdented(text, margin = text.split("\n").at(-1).search(/\S/)) {
  const [first, ...lines] = text.split("\n");
  return [first, ...lines.map((line) => line.slice(Math.min(margin, line.search(/\S|$/))))].join("\n");
}
