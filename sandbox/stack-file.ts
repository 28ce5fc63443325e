import { readFile, writeFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { CutoverError, messageOf } from "../model/error.ts";

/** Values by key without `cutover:`; null removes the key. */
export type StackChanges = Record<string, unknown>;

/** Changes `cutover:` keys of a stack file and keeps its comments. Throws CUT-9070 when the file cannot be read as YAML. */
export async function editStackFile(file: string, changes: StackChanges): Promise<void> {
  const document = parseDocument(await readStackFile(file));
  if (document.errors[0] !== undefined) throw unreadable(file, document.errors[0]);
  for (const [key, value] of Object.entries(changes)) {
    const at = ["config", `cutover:${key}`];
    if (value === null || value === undefined) document.deleteIn(at);
    else document.setIn(at, document.createNode(value));
  }
  await writeFile(file, document.toString({ lineWidth: 0 }));
}

async function readStackFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-9070",
      verdict: "errored",
      happened: `the stack file ${file} cannot be read`,
      evidence: [messageOf(cause)],
      untouched: "the file",
    },
    { cause },
  );
}
