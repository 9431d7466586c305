/** Agreement first, then timings in turns. */
import { Contestant, lastLine } from "./contestants.mjs";

/** Losses may differ by rounding, gradients too, in units of their length. */
const lossTolerance = 1e-4;
const gradientTolerance = 1e-3;

/** How long each turn takes, how long it is warmed up, how many rounds there are. Seconds. */
export const plans = {
  full: { turn: 0.1, warmUp: 0.6, rounds: [5, 25], budget: 8 },
  quick: { turn: 0.03, warmUp: 0.15, rounds: [3, 9], budget: 0.8 },
};

/**
 * Running contestants by name. Fresh ones for each workload tell how much memory that workload needed and have compiled
 * nothing else; keeping them saves starting them again.
 */
export class Pool {
  #found;
  #keep;
  #running = new Map();

  constructor(found, keep) {
    this.#found = found;
    this.#keep = keep;
  }

  take(id) {
    const kept = this.#running.get(id);
    this.#running.delete(id);
    return kept ?? new Contestant(this.#found[id].command);
  }

  give(id, contestant) {
    if (this.#keep && !contestant.ended) this.#running.set(id, contestant);
    else contestant.stop();
  }

  stop() {
    for (const contestant of this.#running.values()) contestant.stop();
  }
}

/**
 * Runs one workload with all contestants that take part in it: prepares them, compares what they computed, warms up, then
 * lets each run in turn, every round in another order.
 *
 * @returns `{ words, title, units, unit, flops, products, entries, skipped }`; `entries[id]`: seconds of one unit in each round, peak
 *   memory in bytes, and what disagreed, if anything; those that disagree are not timed. Where a workload names a size of `products`, also
 *   `rates`: how many additions and multiplications a second a matrix product of that size got from the same contestant, in a process of
 *   its own, right after each turn
 */
export async function measure(workload, found, pool, plan) {
  const { words, title, units = 1, unit = "", cycle = 1, flops = null, products = null } = workload;
  const result = { words, title, units, unit, flops, products, entries: {}, skipped: {} };
  const running = new Map(workload.contestants.filter((id) => id in found).map((id) => [id, pool.take(id)]));
  const leave = (id) => {
    pool.give(id, running.get(id));
    running.delete(id);
  };
  const multiplying = new Map();
  try {
    const computed = new Map();
    for (const [id, contestant] of [...running]) {
      const answer = await contestant.ask(`prepare ${words}`).catch((error) => ({ failed: lastLine(error.message) }));
      if (answer.unsupported) result.skipped[id] = answer.unsupported;
      else if (answer.failed) result.entries[id] = { disagrees: `failed: ${answer.failed}` };
      else computed.set(id, answer);
      if (!computed.has(id)) leave(id);
    }
    const judge = ["torch", ...computed.keys()].find((id) => computed.has(id));
    for (const [id, answer] of computed) {
      const problem = difference(answer, computed.get(judge));
      result.entries[id] = problem ? { disagrees: `with ${judge}: ${problem}` } : { seconds: [], peak: 0 };
      if (problem) leave(id);
    }
    const unitsOf = (id) => computed.get(id).units ?? units;
    for (const id of products === null ? [] : running.keys()) {
      const contestant = new Contestant(found[id].command);
      multiplying.set(id, contestant);
      const { unsupported } = await contestant.ask(`prepare sgemm ${products}`);
      if (!unsupported) {
        result.entries[id].rates = [];
        continue;
      }
      contestant.stop();
      multiplying.delete(id);
    }
    await time(running, multiplying, result, plan, cycle, unitsOf);
    return result;
  } finally {
    for (const id of [...running.keys()]) leave(id);
    for (const contestant of multiplying.values()) contestant.stop();
  }
}

async function time(running, multiplying, { entries, products }, plan, cycle, unitsOf) {
  const counts = new Map();
  const productCounts = new Map();
  for (const [id, contestant] of multiplying) productCounts.set(id, await warmUp(contestant, plan, 1));
  for (const [id, contestant] of running) counts.set(id, await warmUp(contestant, plan, cycle));
  const order = [...running.keys()];
  const [fewest, most] = plan.rounds;
  const start = performance.now();
  for (let round = 0; round < most; round++) {
    if (round >= fewest && (performance.now() - start) / 1000 > plan.budget) break;
    for (let k = 0; k < order.length; k++) {
      const id = order[(k + round) % order.length];
      const count = counts.get(id);
      const { seconds } = await running.get(id).ask(`run ${count}`);
      entries[id].seconds.push(seconds / count / unitsOf(id));
      if (!multiplying.has(id)) continue;
      const times = productCounts.get(id);
      const spent = await multiplying.get(id).ask(`run ${times}`);
      entries[id].rates.push((2 * products ** 3 * times) / spent.seconds);
    }
  }
  for (const [id, contestant] of running) entries[id].peak = (await contestant.ask("peak")).bytes;
}

/** Runs until warm; returns how many repetitions, a multiple of `cycle`, make a turn. */
async function warmUp(contestant, plan, cycle) {
  let count = cycle;
  let spent = 0;
  for (;;) {
    const { seconds } = await contestant.ask(`run ${count}`);
    spent += seconds;
    const perTurn = Math.max(1, Math.round(plan.turn / Math.max(seconds / count, 1e-8) / cycle)) * cycle;
    if (spent >= plan.warmUp) return perTurn;
    count = Math.min(perTurn, count * 4);
  }
}

/** What differs between two answers to `prepare`, in words; losses are compared as far as both have them. */
function difference(answer, expected) {
  for (let i = 0; i < Math.min(answer.losses.length, expected.losses.length); i++) {
    const [loss, other] = [answer.losses[i], expected.losses[i]];
    if (!(Math.abs(loss - other) <= lossTolerance * Math.max(1, Math.abs(other)))) {
      return `result ${i} is ${loss}, expected ${other}`;
    }
  }
  for (let i = 0; i < Math.min(answer.gradients.length, expected.gradients.length); i++) {
    const [[norm, along], [otherNorm, otherAlong]] = [answer.gradients[i], expected.gradients[i]];
    const worst = Math.max(Math.abs(norm - otherNorm), Math.abs(along - otherAlong));
    if (!(worst <= gradientTolerance * otherNorm + 1e-7)) {
      return `gradient ${i} has length ${norm} and component ${along}, expected ${otherNorm} and ${otherAlong}`;
    }
  }
  return null;
}

const sorted = (values) => [...values].sort((a, b) => a - b);

/** Value below which the share p of the values lies. */
export function quantile(values, p) {
  const x = sorted(values);
  const at = (x.length - 1) * p;
  const low = Math.floor(at);
  return x[low] + (x[Math.min(low + 1, x.length - 1)] - x[low]) * (at - low);
}

export const median = (values) => quantile(values, 0.5);

/** How many times faster `id` is than `peer`: median and quartiles over the rounds, in which both ran side by side. */
export function ratio(result, id, peer) {
  const [a, b] = [result?.entries[id]?.seconds, result?.entries[peer]?.seconds];
  if (!a?.length || !b?.length) return null;
  const ratios = a.slice(0, b.length).map((seconds, round) => b[round] / seconds);
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}
