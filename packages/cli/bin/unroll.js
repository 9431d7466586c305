#!/usr/bin/env node
import { existsSync } from "node:fs";

if (!existsSync(new URL("../dist/main.js", import.meta.url))) {
  process.stderr.write("unroll: expected the built program, found none. Run `npm install` or `npm run build` once\n");
  process.exit(1);
}
const { main, nodeHost } = await import("../dist/main.js");
process.exitCode = await main(process.argv.slice(2), nodeHost());
