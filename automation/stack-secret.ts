import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { stackFile } from "../stacks/config.ts";
import { openPulumi } from "./pulumi-command.ts";

/** Value of a Pulumi secret of the stack; empty when the stack's file has none, so that pulumi is asked only when it must be. */
export async function stackSettingsSecret(root: string, stack: string, setting: string): Promise<string> {
  const key = `cutover:${setting}`;
  const file = parse(await readFile(join(root, stackFile(stack)), "utf8")) as {
    config?: Record<string, unknown>;
  } | null;
  if (file?.config?.[key] === undefined) return "";
  return (await openPulumi(root, stack)(["config", "get", key])).replace(/\n$/, "");
}
