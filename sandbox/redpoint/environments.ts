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
import { onSqlServer, serverHost, type RedpointServer } from "./servers.ts";
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

/** One environment of Redpoint: v6 with its databases and nodes, and what v7 finds. `Server`: the kind of its database servers. */
export interface RedpointEnvironment<Server = SqlServer> {
  world: RedpointWorld;
  /** v6's databases. */
  source: Server;
  /** Where v7 works: the same server, or that of the clones. */
  target: Server;
  nodes: SandboxNode[];
  /** `cutover:` settings for its stack file. */
  settings: Record<string, unknown>;
  stop(): Promise<void>;
}

/** Database servers of one environment, started, and what the stack file says of them. */
export interface EnvironmentServers<Server> {
  source: Server;
  target: Server;
  /** The servers with the login that Redpoint has on them: connections that are rewritten to the clones keep theirs. */
  login: { source: RedpointServer; target: RedpointServer };
  /** Further settings of a `DatabaseServer` of the stack file. */
  trust: (server: Server) => Record<string, unknown>;
  backupFolder: string;
}

/** Starts servers and nodes of one environment on SQL Server; all of it ends with the sandbox, or by `stop`. */
export async function createRedpointEnvironment(options: RedpointEnvironmentOptions): Promise<RedpointEnvironment> {
  const { sandbox, name, mode } = options;
  const login = { user: "rpi_service", password: randomBytes(12).toString("hex") };
  const server = (part: string): Promise<SqlServer> =>
    startSqlServerProcess({
      logins: [{ ...login, serverRoles: ["sysadmin"] }],
      folder: join(sandbox.directory, `sql-${name}-${part}`),
      sandboxDirectory: sandbox.directory,
    });
  const source = await server("v6");
  const target = mode === "clone" ? await server("copies") : source;
  return assembleEnvironment(options, {
    ...{ source, target, backupFolder: source.backupFolder },
    login: { source: onSqlServer(source, login), target: onSqlServer(target, login) },
    trust: ({ caFile }) => ({ certificateAuthority: caFile }),
  });
}

/** Nodes, databases, namespaces and settings around servers that were started. */
export async function assembleEnvironment<Server extends { line: string; stop(): Promise<void> }>(
  options: RedpointEnvironmentOptions,
  servers: EnvironmentServers<Server>,
): Promise<RedpointEnvironment<Server>> {
  const { sandbox, name, prefix, tenants = ["acme", "globex"], realtimeTenants = ["acme"], nodes: count = 1 } = options;
  const { source, target, login } = servers;
  const say = options.say ?? (() => undefined);
  say(source.line);
  const nodes: SandboxNode[] = [];
  for (let index = 1; index <= count; index += 1)
    nodes.push(await makeNode({ folder: sandbox.directory, name: `${name}-${index}`, say }));
  const world = await createRedpointWorld({ sandbox, ...login, prefix, tenants, realtimeTenants, say });
  await storeKeys(sandbox, world.namespace, nodes);
  return {
    ...{ world, source, target, nodes },
    settings: settingsOf({ ...options, realtimeTenants }, { world, nodes, servers }),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
      await source.stop();
      if (target !== source) await target.stop();
    },
  };
}

interface Parts<Server> {
  world: RedpointWorld;
  nodes: readonly SandboxNode[];
  servers: EnvironmentServers<Server>;
}

function settingsOf<Server>(
  { mode, prefix, ledgerNamespace, realtimeTenants = [], settingsBySql = true }: RedpointEnvironmentOptions,
  { world, nodes, servers: { source, target, trust, backupFolder } }: Parts<Server>,
): Record<string, unknown> {
  const { provider } = world.source;
  const key = "ConnectionString_Operations_Database";
  const from = (secret: string, server: Server): Record<string, unknown> => ({
    connection: { namespace: world.namespace, secret, key },
    ...trust(server),
  });
  const clone = {
    source: from(redpointSecrets.before, source),
    tenantConnections: tenantConnectionStatements(provider),
  };
  return {
    namespaces: { prefix },
    cluster: { ledgerNamespace },
    tenants: realtimeTenants.map((id) => ({ id })),
    operationalDatabases: {
      provider,
      mode,
      server: from(redpointSecrets.application, target),
      ...(mode === "clone" ? clone : {}),
      realtime: ["RPIRealtime", "RPIRealtimeCore"],
      tenants: Object.values(world.databases).flatMap(({ role, tenant }) =>
        role === "operational" && tenant !== undefined ? [tenant] : [],
      ),
      backupFolder,
    },
    nodes: nodes.map((node) => node.settings({ namespace: world.namespace, secret: keySecret(node.name), key: "id" })),
    // Nothing but a person can say how a channel has to be.
    tenantSettings: {
      ...(settingsBySql ? tenantSettingStatements(provider) : {}),
      values: { "*": { FileExportLocation: "0", GlobalFileOutputDirectory: "/rpifileoutputdir" } },
    },
    acknowledged: ["rpi-v7-plan", "rpi-v7-automations", "rpi-7-7-schema", "rpi-7-7-offer-history"],
  };
}

/** Helm values of the stack layer: where this environment's server is. */
export function useSandboxValues(
  workspaceDirectory: string,
  stack: string,
  { world }: Pick<RedpointEnvironment, "world">,
): void {
  const folder = join(workspaceDirectory, "stacks/redpoint/values", stack);
  mkdirSync(folder, { recursive: true });
  const { pulse = "Pulse", logging = "Pulse_Logging" } = world.installation;
  const operational = {
    ...(world.target.provider === "postgresql" ? { provider: "postgresql" } : {}),
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
