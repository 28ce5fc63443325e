import { join } from "node:path";
import type { DatabaseCredentials, Helm, Kubernetes, Postgres } from "../clients/contracts.ts";
import type { LedgerStore } from "../clients/ledger-contract.ts";
import type { SqlServer } from "../clients/sqlserver/contracts.ts";
import type { DatabaseReference } from "../model/service.ts";
import type { StepContext } from "./context.ts";
import { keepSecret } from "./redaction.ts";

/** A step's context and the end of all its connections. */
export interface Connections {
  context: StepContext;
  close(): Promise<void>;
}

/** Opens nothing yet: every client is imported and connected when first asked for, then kept. */
export function openConnections(
  input: Pick<StepContext, "root" | "request" | "pulumiBackend" | "signal" | "progress">,
): Connections {
  const { request } = input;
  const databases: (Postgres | SqlServer)[] = [];
  const kubernetes = once<Kubernetes>(async () => {
    const { connectKubernetes } = await import("../clients/kubernetes.ts");
    const { context } = request.cluster;
    return connectKubernetes(context === undefined ? {} : { context });
  });
  const helm = once<Helm>(async () => {
    const { createHelm } = await import("../clients/helm.ts");
    return createHelm(await kubernetes(), { cacheFolder: join(input.root, ".cutover/rendered") });
  });
  const ledger = once<LedgerStore>(async () => {
    const { openLedgerOn } = await import("../clients/ledger-store.ts");
    const { ledgerNamespace } = request.cluster;
    return openLedgerOn(await kubernetes(), { stack: request.stack, cluster: { ledgerNamespace } });
  });
  const credentials = async (reference: DatabaseReference): Promise<DatabaseCredentials> => {
    const { readCredentials } = await import("../clients/database-credentials.ts");
    const found = await readCredentials(await kubernetes(), reference);
    keepSecret(found.password);
    return found;
  };
  const connectionString: StepContext["connectionString"] = async (reference) => {
    const { readConnectionString } = await import("../clients/connection-secret.ts");
    const { text, secrets } = await readConnectionString(await kubernetes(), reference);
    for (const secret of secrets) keepSecret(secret);
    return text;
  };
  const context: StepContext = {
    ...input,
    kubernetes,
    helm,
    ledger,
    credentials,
    async postgres(reference) {
      const { connectPostgres } = await import("../clients/postgres.ts");
      const applicationName = `cutover ${request.service ?? request.platform} ${request.step}`;
      const database = await connectPostgres(await credentials(reference), { applicationName });
      databases.push(database);
      return database;
    },
    connectionString,
    async sqlServer(server, database, applicationName) {
      const { openSqlServer } = await import("./operational/open-sql-server.ts");
      const opened = await openSqlServer({ ...input, connectionString }, { server, database, applicationName });
      databases.push(opened);
      return opened;
    },
  };
  return {
    context,
    async close() {
      await Promise.allSettled(databases.map((database) => database.close()));
    },
  };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
