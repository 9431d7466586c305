/** Prints `N passed, N failed, N skipped` from vitest's JSON report; a file that could not be run counts as a failure. */
import { existsSync, readFileSync } from "node:fs";

const path = process.argv[2];
if (!existsSync(path)) {
  console.log("The tests left no report");
  process.exit(1);
}
const report = JSON.parse(readFileSync(path, "utf8"));
const brokenFiles = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
const failed = report.numFailedTests + brokenFiles.length;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed === 0 && report.numPassedTests > 0 ? 0 : 1);
