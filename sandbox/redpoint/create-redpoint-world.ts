import type { Sandbox } from "../contracts.ts";
import { ClusterApi } from "../simulators/cluster-api.ts";
import type { RedpointDatabase, RedpointInstallation } from "../sqlserver/redpoint-schema.ts";
import { createInstallation } from "./databases.ts";
import { prepareRedpointNamespace } from "./secrets.ts";
import { connectionString, type RedpointServer } from "./servers.ts";
import { prepareStorageClaims } from "./storage-claims.ts";

/** Version that the v6 databases have (facts/domain.md A2). */
export const version6 = "6.7.24250";

export interface RedpointWorldOptions {
  sandbox: Pick<Sandbox, "kubeconfig">;
  /** Where v6's databases are made: `onSqlServer(...)` or `onPostgres(...)`. */
  source: RedpointServer;
  /** Where v7 shall work; differs from `source` for clones. Absent: `source`. */
  target?: RedpointServer;
  /** Put before the namespaces `rpi` and `rpi-realtime-<tenant>`. */
  prefix?: string;
  /** Default acme and globex. */
  tenants?: readonly string[];
  /** Tenants with a realtime release of their own. Default: none. */
  realtimeTenants?: readonly string[];
  /** Changes of the installation: other names for Pulse, or connections that lead elsewhere. */
  installation?: Partial<Omit<RedpointInstallation, "tenants">>;
  say?: (line: string) => void;
}

/** Redpoint v6 with its databases, and namespaces that wait for v7. */
export interface RedpointWorld {
  namespace: string;
  /** By tenant. */
  realtimeNamespaces: Record<string, string>;
  source: RedpointServer;
  target: RedpointServer;
  installation: RedpointInstallation;
  /** All databases of v6, in `source`. */
  databases: RedpointDatabase[];
}

/**
 * Makes v6's databases, and a namespace for the main release and for each realtime tenant with all Secrets and storage claims. Nothing
 * of it is made for a sandbox that does not ask. `source` and `target` are started and stopped by the caller.
 */
export async function createRedpointWorld(options: RedpointWorldOptions): Promise<RedpointWorld> {
  const { sandbox, source, target = source, prefix = "", tenants = ["acme", "globex"] } = options;
  const say = options.say ?? (() => undefined);
  const installation: RedpointInstallation = {
    version: version6,
    tenants,
    connectionTo: (database) => connectionString(source, database),
    ...options.installation,
  };
  const databases = await createInstallation(source, installation);
  say(`Redpoint ${installation.version}: ${databases.map(({ name }) => name).join(", ")}`);
  const api = new ClusterApi(sandbox.kubeconfig);
  const core = { pulse: installation.pulse ?? "Pulse", logging: installation.logging ?? "Pulse_Logging" };
  const namespace = `${prefix}rpi`;
  const realtimeNamespaces = Object.fromEntries(
    (options.realtimeTenants ?? []).map((tenant) => [tenant, `${prefix}rpi-realtime-${tenant}`]),
  );
  const namespaces = [namespace, ...Object.values(realtimeNamespaces)];
  for (const name of namespaces) await prepareRedpointNamespace(api, name, { source, target, core });
  await prepareStorageClaims(api, namespaces);
  say(`namespaces ${namespaces.join(", ")} with their Secrets and storage claims`);
  return { namespace, realtimeNamespaces, source, target, installation, databases };
}
