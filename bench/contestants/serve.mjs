/**
 * The contestants' side of the conversation: a line of words comes in, a line of JSON goes out.
 *
 *   about               → { name, version }
 *   prepare rnn 4 3 …   → { losses, gradients } of the first steps, for comparison, and { units } when one repetition does more work
 *                         than the workload says; or { unsupported: why }
 *   run 20              → { seconds } for 20 repetitions of what was prepared
 *   memory, peak        → { bytes }: the memory that this process has now, and the most that it has had
 */
import { createInterface } from "node:readline";

/**
 * `workloads`: first word → function of the other words, numbers where they are, that returns { check, run }:
 * `check()` does the first steps and returns what they gave, `run()` does one repetition. Either may return a promise.
 */
export async function serve(about, workloads) {
  let run;
  const answers = {
    about: () => about,
    async prepare(name, ...words) {
      const make = workloads[name];
      if (!make) return { unsupported: `no ${name}` };
      const prepared = await make(...words.map((word) => (Number.isNaN(Number(word)) ? word : Number(word))));
      if (prepared.unsupported) return prepared;
      run = prepared.run;
      return await prepared.check();
    },
    async run(count) {
      const n = Number(count);
      const start = performance.now();
      for (let i = 0; i < n; i++) {
        const pending = run();
        if (pending instanceof Promise) await pending;
      }
      return { seconds: (performance.now() - start) / 1000 };
    },
    memory: () => ({ bytes: process.memoryUsage().rss }),
    peak: () => ({ bytes: process.resourceUsage().maxRSS * 1024 }),
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, ...words] = line.split(" ");
    let answer;
    try {
      answer = await answers[verb](...words);
    } catch (error) {
      answer = { error: String(error?.stack ?? error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
