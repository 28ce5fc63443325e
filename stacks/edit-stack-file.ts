import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDocument } from "yaml";
import { CutoverError, messageOf } from "../model/error.ts";
import { stackFile } from "./config.ts";

/** Values by key without `cutover:`; null removes the key. */
export type SettingChanges = Readonly<Record<string, unknown>>;

/**
 * Changes `cutover:` keys of a stack's file; comments stay, and the file is replaced in one move, so that nobody ever reads half of it.
 * Throws CUT-2040 when it cannot be read, is no YAML or cannot be written.
 */
export async function editStackSettings(root: string, stack: string, changes: SettingChanges): Promise<void> {
  const file = path.join(root, stackFile(stack));
  try {
    const text = await readFile(file, "utf8");
    const document = parseDocument(text);
    if (document.errors[0] !== undefined) throw document.errors[0];
    for (const [key, value] of Object.entries(changes)) {
      const at = ["config", `cutover:${key}`];
      if (value === null || value === undefined) document.deleteIn(at);
      // A new node would lose the comment behind the old one; a plain value is put into it.
      else document.setIn(at, typeof value === "object" ? document.createNode(value) : value);
    }
    const changed = document.toString({ lineWidth: 0 });
    if (changed === text) return;
    const partial = `${file}.${randomBytes(4).toString("hex")}.part`;
    await writeFile(partial, changed);
    await rename(partial, file);
  } catch (cause) {
    throw new CutoverError(
      {
        code: "CUT-2040",
        verdict: "errored",
        happened: `the stack file ${stackFile(stack)} could not be changed`,
        evidence: [messageOf(cause)],
        untouched: "The file is as it was; nothing else was touched.",
        next: "Correct the file or its rights, then run the same command again.",
        exitCode: 2,
      },
      { cause },
    );
  }
}
