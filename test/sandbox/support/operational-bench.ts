import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import type { LedgerStore } from "../../../clients/ledger-store.ts";
import { beginAttempt, recordReceipt } from "../../../clients/ledger-run.ts";
import type { SqlServer } from "../../../clients/sqlserver/contracts.ts";
import type { ConnectionReference } from "../../../model/operational-databases.ts";
import type { Receipt, StepKind } from "../../../model/step.ts";
import type { StepContext } from "../../../steps/context.ts";
import { loadStep } from "../../../steps/modules.ts";
import { openSqlServer } from "../../../steps/operational/open-sql-server.ts";
import { finishStep } from "../../../steps/outcome.ts";
import { keepSecret } from "../../../steps/redaction.ts";

export interface BenchOptions {
  step: StepKind;
  spec?: Record<string, unknown>;
  attempt?: string;
  signal?: AbortSignal;
  /** Of the sessions on SQL Server: lets a test look at, or break, what is sent. */
  wrap?: (server: SqlServer) => SqlServer;
}

/** A project folder with a ledger, and connection strings by key: platform steps without a cluster. */
export interface OperationalBench {
  root: string;
  ledger: LedgerStore;
  said: string[];
  context(options: BenchOptions): StepContext;
  /** Runs a platform step as its worker would, and records its receipt. Lines: what a person would read. */
  run(options: BenchOptions): Promise<{ receipt: Receipt; lines: string[] }>;
  /** Begins the next attempt of the run. */
  begin(attempt: string): Promise<void>;
  close(): Promise<void>;
}

export const reference = (key: string): ConnectionReference => ({ namespace: "redpoint", secret: "databases", key });

export async function openOperationalBench(connections: Readonly<Record<string, string>>): Promise<OperationalBench> {
  const root = await mkdtemp(join(tmpdir(), "cutover-operational-"));
  // Names of backups are made of it: no two tests write the same file on a server that outlives them.
  const stack = `redpoint-${randomBytes(4).toString("hex")}`;
  const ledger = openFileLedger({ stack, folder: join(root, "ledger") });
  const said: string[] = [];
  const opened: SqlServer[] = [];
  const never = () => Promise.reject(new Error("this test has no such system"));

  const context = ({ step, spec = {}, attempt = "1.1", signal, wrap }: BenchOptions): StepContext => {
    const own: Pick<StepContext, "root" | "request" | "connectionString"> = {
      root,
      request: {
        ...{ stack, platform: "redpoint", environment: "dev", step, service: null, attempt, spec },
        ...{ target: { releaseSet: "v7.6", digest: "t1" }, cluster: { ledgerNamespace: "cutover" } },
      },
      async connectionString({ key }) {
        const text = connections[key];
        if (text === undefined) throw new Error(`no connection string ${key}`);
        keepSecret(text);
        return text;
      },
    };
    return {
      ...own,
      signal: signal ?? new AbortController().signal,
      progress: (text) => void said.push(text),
      kubernetes: never,
      helm: never,
      ledger: async () => ledger,
      credentials: never,
      postgres: never,
      async sqlServer(server, database, applicationName) {
        const connection = await openSqlServer(own, { server, database, applicationName });
        opened.push(connection);
        return wrap === undefined ? connection : wrap(connection);
      },
    };
  };
  return {
    root,
    ledger,
    said,
    context,
    async run(options) {
      const own = context(options);
      const module = await loadStep(own.request);
      const { receipt, lines } = await finishStep(own, module.run);
      await recordReceipt(ledger, own.request, receipt);
      return { receipt, lines };
    },
    async begin(attempt) {
      await beginAttempt(ledger, context({ step: "preflight", attempt }).request, []);
    },
    async close() {
      await Promise.all(opened.map((server) => server.close()));
      await rm(root, { recursive: true, force: true });
    },
  };
}
