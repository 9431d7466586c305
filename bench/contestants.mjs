/** The programs that compete: where they are, how they are started, how they are asked. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const script = (name) => join(here, "contestants", name);

/** One thread for everyone, also where a library would look at the environment only. */
const oneThread = {
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  VECLIB_MAXIMUM_THREADS: "1",
  UNROLL_BLAS_THREADS: "1",
};

/** A running contestant: a line of words goes in, a line of JSON comes out. */
export class Contestant {
  #child;
  #answers = [];
  #complaints = "";
  #ended = null;

  constructor(command) {
    const [program, ...words] = command;
    this.#child = spawn(program, words, { env: { ...process.env, ...oneThread } });
    // TensorFlow.js greets; answers begin with a brace.
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      if (line.startsWith("{")) this.#answers.shift()?.resolve(JSON.parse(line));
    });
    this.#child.stderr.on("data", (chunk) => {
      this.#complaints = (this.#complaints + chunk).slice(-4000);
    });
    this.#child.stdin.on("error", () => {});
    const end = (why) => {
      this.#ended ??= new Error(why + (this.#complaints ? `:\n${this.#complaints.trim()}` : ""));
      for (const { reject } of this.#answers.splice(0)) reject(this.#ended);
    };
    this.#child.on("error", (error) => end(`${program} does not start: ${error.message}`));
    this.#child.on("close", (code, signal) => end(`ended with ${signal ?? code}`));
  }

  /** The answer to a line of words. @throws what the contestant threw, or that it has ended */
  async ask(line) {
    if (this.#ended) throw this.#ended;
    const answer = await new Promise((resolve, reject) => {
      this.#answers.push({ resolve, reject });
      this.#child.stdin.write(`${line}\n`);
    });
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  get ended() {
    return this.#ended !== null;
  }

  stop() {
    this.#child.stdin.end();
    this.#child.kill();
  }
}

/** Node 20 has fused multiply-add in WebAssembly behind a flag. */
const relaxedFlags = Number(process.versions.node.split(".")[0]) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];
const unroll = (engine, mode, flags = []) => [process.execPath, ...flags, script("unroll.mjs"), engine, mode];

/** Of the contestants that are needed, the command of each that can be had, and why the others cannot. */
export async function findContestants(needed) {
  const build = mkdtempSync(join(tmpdir(), "unroll-bench-"));
  process.on("exit", () => rmSync(build, { recursive: true, force: true }));
  const libraries = needed.has("native-mkl") ? await mkl() : [];
  const candidates = {
    unroll: [unroll("wasm", "eager")],
    captured: [unroll("wasm", "captured")],
    lanes: [unroll("wasm", "lanes")],
    relaxed: [unroll("relaxed", "eager", relaxedFlags)],
    native: [unroll("native", "eager")],
    "native-mkl": libraries.map((library) => [...unroll("native", "eager"), library]),
    torch: pythons().map((python) => [python, script("torch_contestant.py")]),
    tape: [[process.execPath, script("tape.mjs")]],
    "c-lesson": await compiled("lesson", build),
    "c-generate": await compiled("generate", build),
    "tfjs-cpu": installed("@tensorflow/tfjs") ? [[process.execPath, script("tfjs.mjs"), "cpu"]] : [],
    "tfjs-wasm": installed("@tensorflow/tfjs") ? [[process.execPath, script("tfjs.mjs"), "wasm"]] : [],
    jax: installed("@jax-js/jax") ? [[process.execPath, script("jax.mjs")]] : [],
  };
  const found = {};
  const missing = {};
  for (const [id, commands] of Object.entries(candidates).filter(([id]) => needed.has(id))) {
    missing[id] = `not installed${id.includes("js") || id === "jax" ? "; run npm install --prefix bench" : ""}`;
    for (const command of commands) {
      const contestant = new Contestant(command);
      try {
        const about = await contestant.ask("about");
        if (about.missing) throw new Error(`no ${about.missing}`);
        found[id] = { command, ...about };
        delete missing[id];
        break;
      } catch (error) {
        missing[id] = lastLine(error.message);
      } finally {
        contestant.stop();
      }
    }
  }
  return { found, missing };
}

/** UNROLL_PYTHON alone when it is set. */
function pythons() {
  const named = process.env.UNROLL_PYTHON;
  return named ? [named] : ["python3", "python"];
}

/** MKL where it may be: by its name, or as part of PyTorch. */
async function mkl() {
  const library = 'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").origin), end="")';
  const folders = await Promise.all(
    pythons().map((python) =>
      promisify(execFile)(python, ["-c", library]).then(
        ({ stdout }) => [stdout],
        () => [],
      ),
    ),
  );
  return ["libmkl_rt.so.2", ...folders.flat().map((folder) => join(folder, "lib", "libtorch_cpu.so"))];
}

const installed = (name) => existsSync(join(here, "node_modules", name));

async function compiled(name, folder) {
  const program = join(folder, name);
  const source = join(here, "c", `${name}.c`);
  try {
    await promisify(execFile)("cc", ["-O3", "-march=native", "-o", program, source, "-lm"]);
    return [[program]];
  } catch {
    return [];
  }
}

/** The message of an error that a program died of stands last in what it wrote, and names its kind. */
export function lastLine(message) {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  return (lines.findLast((line) => /^\w*(?:Error|Exception)\b/.test(line)) ?? lines[0]).slice(0, 200);
}
