import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readInstallation, type InstallationContent } from "../../../sandbox/redpoint/databases.ts";
import { runIn, type RedpointServer } from "../../../sandbox/redpoint/servers.ts";
import { secrets } from "./cluster-view.ts";
import { cutover } from "./driver.ts";
import { revisionsIn } from "./redpoint-receipts.ts";
import type { RedpointScenario } from "./redpoint-scenario.ts";
import { upgradeCalls } from "./redpoint-states.ts";
import type { Finished } from "./runs.ts";
import { editFile, receipts } from "./world.ts";

/** Everything that a refused run must have left as it was. */
export interface Untouched {
  revisions: Record<string, number>;
  /** Names on v6's server and on that of the clones. */
  databases: string[][];
  content: InstallationContent;
  nodes: { running: boolean; calls: string[] }[];
  upgradeCalls: number;
}

export async function stateOf(scenario: RedpointScenario): Promise<Untouched> {
  const { world, nodes } = scenario.environment;
  const servers = world.source === world.target ? [world.source] : [world.source, world.target];
  return {
    revisions: await revisionsIn(scenario),
    databases: await Promise.all(servers.map(namesOn)),
    content: await readInstallation(world.source, world.databases),
    nodes: nodes.map((node) => ({ running: node.running(), calls: node.calls() })),
    upgradeCalls: upgradeCalls(scenario),
  };
}

async function namesOn(server: RedpointServer): Promise<string[]> {
  const [database, sql] =
    server.provider === "sqlserver"
      ? ["master", "SELECT name FROM sys.databases"]
      : ["postgres", "SELECT datname AS name FROM pg_database"];
  return (await runIn(server, database, [sql])).map((row) => String(row["name"])).sort();
}

/** A refusal as the operator reads it: the first block with the code of what was refused, to its `next:`. */
export async function refusal(
  scenario: RedpointScenario,
  argv: readonly string[],
  code: `CUT-${number}`,
  ...words: RegExp[]
): Promise<Finished> {
  const run = await cutover(scenario, ...argv);
  assert.notEqual(run.exitCode, 0, `was not refused:\n${run.text}`);
  const block = blockOf(run.text, code);
  if (process.env["CUTOVER_TEST_SHOW"] !== undefined) console.log(`exit ${run.exitCode}\n${block}\n`);
  for (const word of [/next:/, ...words]) assert.match(block, word, `\n${block === "" ? run.text : block}`);
  assert.doesNotMatch(run.text, /^\s+at .*\(.*:\d+:\d+\)$/m, "a stack trace");
  const passwords = [scenario.environment.world.source, scenario.environment.world.target].map((one) => one.password);
  for (const password of passwords) assert.ok(!run.text.includes(password), "a password is shown");
  return run;
}

function blockOf(text: string, code: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim().startsWith(code));
  if (first < 0) return "";
  const length = lines.slice(first).findIndex((line) => line.trim().startsWith("next:"));
  return lines.slice(first, length < 0 ? undefined : first + length + 1).join("\n");
}

/** A copy of the workspace's `stacks/` to which every case returns. */
export async function keepStacks({ workspace }: RedpointScenario): Promise<() => Promise<void>> {
  const stacks = join(workspace.directory, "stacks");
  const kept = `${workspace.directory}-stacks`;
  await cp(stacks, kept, { recursive: true });
  return async () => {
    await rm(stacks, { recursive: true });
    await cp(kept, stacks, { recursive: true });
  };
}

type Tree = { [key: string]: unknown };

/** Changes Helm values of the stack's layer; `path` with dots. */
export function editValues(
  scenario: RedpointScenario,
  role: "rpi" | "rpi-realtime",
  path: string,
  value: unknown,
): Promise<void> {
  return editFile(scenario, `stacks/redpoint/values/${scenario.stack}/${role}.yaml`, (text) => {
    const values = parse(text) as Tree;
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let at = values;
    for (const key of keys) at = (at[key] ??= {}) as Tree;
    at[last] = value;
    return stringify(values);
  });
}

/** Works while a Secret of the main release has other content (null: is not there), and puts it back. */
export async function withSecret(
  { kubernetes, environment }: RedpointScenario,
  name: string,
  change: (data: Record<string, string>) => Record<string, string> | null,
  work: () => Promise<void>,
): Promise<void> {
  const { namespace } = environment.world;
  const found = await kubernetes.get(secrets, namespace, name);
  if (found === null) throw new Error(`there is no Secret ${name}`);
  const body = (data: Record<string, string>) => ({
    ...{ apiVersion: "v1", kind: "Secret", type: found.type, data },
    metadata: { name, namespace },
  });
  const changed = change(found.data ?? {});
  await kubernetes.delete(secrets, namespace, name);
  if (changed !== null) await kubernetes.create(secrets, namespace, body(changed));
  try {
    await work();
  } finally {
    if (changed !== null) await kubernetes.delete(secrets, namespace, name);
    await kubernetes.create(secrets, namespace, body(found.data ?? {}));
  }
}

/** Steps of the ledger that did more than judge. */
export async function stepsBeyondPreflight(scenario: RedpointScenario): Promise<string[]> {
  return (await receipts(scenario)).filter(({ step }) => step !== "preflight").map(({ step }) => step);
}
