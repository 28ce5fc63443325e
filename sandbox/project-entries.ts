import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "./process/run.ts";

// Not in git, but needed to run the program.
const built = ["node_modules", "dist"];
const never = new Set([".git", ".cutover", "coverage"]);

/** Top-level names of the project: what git knows or would take, and what was installed or built. */
export async function projectEntries(root: string): Promise<string[]> {
  const names = new Set((await gitEntries(root)) ?? (await readdir(root)));
  for (const name of built) names.add(name);
  const present: string[] = [];
  for (const name of names) {
    const exists = await access(path.join(root, name)).then(
      () => true,
      () => false,
    );
    if (exists && !never.has(name)) present.push(name);
  }
  return present.sort();
}

/** Null outside a git checkout, such as in an unpacked archive. */
async function gitEntries(root: string): Promise<string[] | null> {
  const args = ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const result = await runCommand("git", args).catch(() => null);
  if (result?.exitCode !== 0) return null;
  return result.stdout.split("\0").flatMap((file) => file.split("/")[0] || []);
}
