import { readInstallation } from "../redpoint/databases.ts";
import type { Sandbox } from "../contracts.ts";
import { redpointCalls } from "../simulators/redpoint/record.ts";
import { quote, table } from "./narrate.ts";
import type { Environments } from "./redpoint-stacks.ts";
import { stages } from "./stacks.ts";

/** A main release and one of a tenant with Realtime. */
export const redpointReleases = [
  ["rpi", "rpi"],
  ["rpi-realtime-acme", "rpi-realtime-acme"],
] as const;

/** What is real here and what is not: said before anything is shown. */
export function sayWhatIsReal(sandbox: Sandbox, { dev }: Environments): void {
  quote(
    [
      "!! SQL SERVER IS A STAND-IN: no SQL Server can be had from the package registries. It is small, keeps rows and writes",
      "!! backups with checksums as files, and refuses every statement that it does not know. It is no proof for a real one:",
      "!! CUTOVER_TEST_MSSQL=Server=...; runs the tests that use it against yours.",
      "!! SIMULATED TOO: RPI itself. Its v7 services and upgrade API are programs of this sandbox behind simulated pods, its",
      "!! chart is a stand-in with the real one's services and values, a v6 node is a folder with a small process.",
      `   ${dev.source.line}`,
      "   real: the client of SQL Server (npm mssql, tedious), TDS over TLS with a checked certificate, login and errors by number",
      `   real: ${dev.nodes[0]?.sshd.line ?? "no sshd"}; tar, find and the commands of v6 run through it`,
      "   real: API server with port-forward, Helm, Pulumi, Secrets, ledger, identities (see the parts below)",
      ...sandbox.parts.map((part) => `   ${part}`),
    ].join("\n"),
  );
}

/** What the databases themselves state, whether v6 runs, and how often v7 was asked to upgrade. */
export async function showDatabases(
  sandbox: Sandbox,
  environments: Environments,
  chosen: readonly (typeof stages)[number][] = stages,
): Promise<void> {
  const rows: string[][] = [];
  for (const stage of chosen) {
    const { world, nodes } = environments[stage];
    const v6 = nodes.every((node) => node.running()) ? "runs" : "is stopped";
    const calls = redpointCalls(sandbox.directory, { namespace: world.namespace, request: "upgrade" }).length;
    const cloned = world.source.port !== world.target.port;
    const before = await readInstallation(world.source, world.databases);
    rows.push([
      stage,
      cloned ? "v6's own" : "v6's own, in place",
      ...contentOf(before),
      v6,
      cloned ? "-" : String(calls),
    ]);
    if (!cloned || calls === 0) continue;
    rows.push([
      stage,
      "clones",
      ...contentOf(await readInstallation(world.target, world.databases)),
      "-",
      String(calls),
    ]);
  }
  table(["stack", "databases", "version in Pulse", "interactions of acme", "v6", "upgrade API called"], rows);
}

function contentOf(content: Awaited<ReturnType<typeof readInstallation>>): string[] {
  return [content.version, (content.interactions["Interaction_acme"] ?? []).join(", ")];
}
