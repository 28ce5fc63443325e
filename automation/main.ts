import { join, resolve } from "node:path";
import { run } from "./cli.ts";

/** `cutover ...`: sets the exit code. `root`: the project folder. */
export async function main({ root, argv }: { root: string; argv: readonly string[] }): Promise<void> {
  process.exitCode = await run(root, argv);
}

// Started directly (npm run cutover), not by the bundle.
if (process.argv[1]?.endsWith("automation/main.ts") === true) {
  const given = process.env["CUTOVER_PROJECT"];
  await main({
    root: given === undefined ? join(import.meta.dirname, "..") : resolve(given),
    argv: process.argv.slice(2),
  });
}
