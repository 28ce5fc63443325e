import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Sandbox } from "../contracts.ts";
import { ClusterApi } from "../simulators/cluster-api.ts";
import { applySecret } from "../simulators/namespaces.ts";
import { makeNode, sandboxNodeProcedure, type SandboxNode } from "../ssh/make-node.ts";
import type { SqlServer } from "../sqlserver/contracts.ts";
import { startSqlServerProcess } from "../sqlserver/start-sql-server.ts";
import { createRedpointWorld, type RedpointWorld } from "./create-redpoint-world.ts";
import { redpointSecrets } from "./secrets.ts";
import { onSqlServer, serverHost } from "./servers.ts";
import { tenantConnectionStatements, tenantSettingStatements } from "./statements.ts";

export interface RedpointEnvironmentOptions {
  sandbox: Pick<Sandbox, "directory" | "kubeconfig">;
  /** Names processes and folders; unique in the sandbox. */
  name: string;
  /** `clone`: v7 works on copies on a server of its own. `inPlace`: v6 is stopped and its databases are migrated. */
  mode: "clone" | "inPlace";
  /** Before the namespaces. */
  prefix: string;
  ledgerNamespace: string;
  tenants?: readonly string[];
  realtimeTenants?: readonly string[];
  /** v6 nodes, each a real SSH server. Default 1. */
  nodes?: number;
  /** False: people attest the tenants' settings. Default true: SQL writes them. */
  settingsBySql?: boolean;
  say?: (line: string) => void;
}

/** One environment of Redpoint: v6 with its databases and nodes, and what v7 finds. */
export interface RedpointEnvironment {
  world: RedpointWorld;
  /** v6's databases. */
  source: SqlServer;
  /** Where v7 works: the same server, or that of the clones. */
  target: SqlServer;
  nodes: SandboxNode[];
  /** `cutover:` settings for its stack file. */
  settings: Record<string, unknown>;
  stop(): Promise<void>;
}

/** Starts servers and nodes of one environment; all of it ends with the sandbox, or by `stop`. */
export async function createRedpointEnvironment(options: RedpointEnvironmentOptions): Promise<RedpointEnvironment> {
  const { sandbox, name, mode, prefix, ledgerNamespace } = options;
  const say = options.say ?? (() => undefined);
  const tenants = options.tenants ?? ["acme", "globex"];
  const realtimeTenants = options.realtimeTenants ?? ["acme"];
  // The same login on both servers: connections that are rewritten to the clones keep theirs.
  const login = { user: "rpi_service", password: randomBytes(12).toString("hex") };
  const server = (part: string): Promise<SqlServer> =>
    startSqlServerProcess({
      logins: [{ ...login, serverRoles: ["sysadmin"] }],
      folder: join(sandbox.directory, `sql-${name}-${part}`),
      sandboxDirectory: sandbox.directory,
    });
  const source = await server("v6");
  const target = mode === "clone" ? await server("copies") : source;
  say(source.line);
  const count = options.nodes ?? 1;
  const nodes: SandboxNode[] = [];
  for (let index = 1; index <= count; index += 1)
    nodes.push(await makeNode({ folder: sandbox.directory, name: `${name}-${index}`, say }));
  const where = { source: onSqlServer(source, login), target: onSqlServer(target, login) };
  const world = await createRedpointWorld({ sandbox, ...where, prefix, tenants, realtimeTenants, say });
  await storeKeys(sandbox, world.namespace, nodes);
  return {
    world,
    source,
    target,
    nodes,
    settings: settingsOf(options, { world, source, target, nodes }, realtimeTenants, ledgerNamespace),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
      await source.stop();
      if (target !== source) await target.stop();
    },
  };
}

type Parts = Pick<RedpointEnvironment, "world" | "source" | "target" | "nodes">;

function settingsOf(
  { mode, prefix, settingsBySql = true }: RedpointEnvironmentOptions,
  { world, source, target, nodes }: Parts,
  realtimeTenants: readonly string[],
  ledgerNamespace: string,
): Record<string, unknown> {
  const key = "ConnectionString_Operations_Database";
  const from = (secret: string, server: SqlServer): Record<string, unknown> => ({
    connection: { namespace: world.namespace, secret, key },
    certificateAuthority: server.caFile,
  });
  const clone = {
    source: from(redpointSecrets.before, source),
    tenantConnections: tenantConnectionStatements("sqlserver"),
  };
  return {
    namespaces: { prefix },
    cluster: { ledgerNamespace },
    tenants: realtimeTenants.map((id) => ({ id })),
    operationalDatabases: {
      provider: "sqlserver",
      mode,
      server: from(redpointSecrets.application, target),
      ...(mode === "clone" ? clone : {}),
      realtime: ["RPIRealtime", "RPIRealtimeCore"],
      tenants: Object.values(world.databases).flatMap(({ role, tenant }) =>
        role === "operational" && tenant !== undefined ? [tenant] : [],
      ),
      backupFolder: source.backupFolder,
    },
    nodes: nodes.map((node) => node.settings({ namespace: world.namespace, secret: keySecret(node.name), key: "id" })),
    // Nothing but a person can say how a channel has to be.
    tenantSettings: {
      ...(settingsBySql ? tenantSettingStatements("sqlserver") : {}),
      values: { "*": { FileExportLocation: "0", GlobalFileOutputDirectory: "/rpifileoutputdir" } },
    },
    acknowledged: ["rpi-v7-plan", "rpi-v7-automations", "rpi-7-7-schema", "rpi-7-7-offer-history"],
  };
}

/** Helm values of the stack layer: where this environment's server is. */
export function useSandboxValues(workspaceDirectory: string, stack: string, { world }: RedpointEnvironment): void {
  const folder = join(workspaceDirectory, "stacks/redpoint/values", stack);
  mkdirSync(folder, { recursive: true });
  const { pulse = "Pulse", logging = "Pulse_Logging" } = world.installation;
  const operational = {
    server_host: serverHost(world.target),
    server_username: world.target.user,
    pulse_database_name: pulse,
    pulse_logging_database_name: logging,
  };
  for (const role of ["rpi", "rpi-realtime"])
    writeFileSync(join(folder, `${role}.yaml`), stringify({ databases: { operational } }));
}

/** The sandbox's nodes are no Windows machines: release set v6 of a workspace gets the commands that they understand. */
export function useSandboxNodes(workspaceDirectory: string): void {
  const file = join(workspaceDirectory, "stacks/redpoint/releases/v6/release.yaml");
  const set = parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(file, stringify({ ...set, nodes: sandboxNodeProcedure }));
}

async function storeKeys(
  sandbox: Pick<Sandbox, "kubeconfig">,
  namespace: string,
  nodes: readonly SandboxNode[],
): Promise<void> {
  const api = new ClusterApi(sandbox.kubeconfig);
  for (const node of nodes) await applySecret(api, namespace, keySecret(node.name), { id: node.sshd.privateKey });
}

function keySecret(node: string): string {
  return `rpi-node-${node}`;
}
