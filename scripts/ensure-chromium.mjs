/**
 * Looks for the Chromium that the browser tests need. On a Debian-like machine, as root, it installs the distribution's package;
 * elsewhere it says how to get one. Never fails: without a browser the browser tests say so themselves.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome"];
const found = () =>
  [
    process.env.UNROLL_CHROMIUM,
    ...(process.env.PATH ?? "").split(delimiter).flatMap((dir) => names.map((name) => join(dir, name))),
  ].find((path) => path && existsSync(path));

if (!found()) {
  const isRoot = process.getuid?.() === 0;
  if (process.platform === "linux" && isRoot && existsSync("/usr/bin/apt-get")) {
    console.log("Installing Chromium for the browser tests (apt-get install chromium) …");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) => spawnSync("apt-get", ["-qq", ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
    apt("update");
    apt("install", "-y", "--no-install-recommends", "chromium");
  }
  if (!found()) {
    console.log(
      "No Chromium was found: the browser tests are left out. Install one (Debian, Ubuntu: apt-get install chromium) or name it in UNROLL_CHROMIUM.",
    );
  }
}
