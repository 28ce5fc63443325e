import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseCredentials, Postgres } from "../../../clients/contracts.ts";
import { connectKubernetes } from "../../../clients/kubernetes.ts";
import { namespaces, secrets } from "../../../clients/kubernetes-kinds.ts";
import { openLedger, type LedgerStore } from "../../../clients/ledger-store.ts";
import { connectPostgres } from "../../../clients/postgres.ts";
import { quoteIdentifier } from "../../../clients/sql-quoting.ts";
import type { StepKind, StepRequest } from "../../../model/step.ts";
import type { Sandbox } from "../../../sandbox/contracts.ts";
import { openConnections } from "../../../steps/connections.ts";
import type { StepContext } from "../../../steps/context.ts";
import { sharedSandbox } from "./shared-sandbox.ts";

/** A project folder, a stack's ledger, a namespace and an empty database for tests of single steps, without pulumi. */
export interface Workbench {
  sandbox: Sandbox;
  root: string;
  stack: string;
  ledger: LedgerStore;
  ledgerNamespace: string;
  namespace: string;
  credentials: DatabaseCredentials;
  /** A connection of the database's owner. */
  database: Postgres;
  identity: Record<string, unknown>;
  reference: { namespace: string; secret: string; key: string };
  request(step: StepKind, attempt: string, spec?: Record<string, unknown>): StepRequest;
  context(request: StepRequest): StepContext;
  /** Lines of progress so far. */
  said: string[];
  close(): Promise<void>;
}

export async function openWorkbench(): Promise<Workbench> {
  const sandbox = await sharedSandbox();
  process.env["KUBECONFIG"] = sandbox.kubeconfig;
  process.env["PATH"] = sandbox.environment["PATH"] ?? process.env["PATH"];
  const id = randomBytes(4).toString("hex");
  const root = await mkdtemp(join(tmpdir(), "cutover-workbench-"));
  const [stack, namespace, ledgerNamespace] = [`bench-${id}`, `bench-${id}`, `ledger-${id}`];
  const { host, port, superuser, password } = sandbox.database;
  const admin = await connectPostgres(
    { host, port, user: superuser, password, database: "postgres" },
    { applicationName: "cutover-test" },
  );
  const credentials = { host, port, database: `bench_${id}`, user: `owner_${id}`, password: `pass-${id}-äß'"` };
  await admin.query(`create role ${credentials.user} login password 'pass-${id}-äß''"'`);
  await admin.query(`create database ${quoteIdentifier(credentials.database)} owner ${credentials.user}`);
  await admin.close();
  const kubernetes = await connectKubernetes();
  await kubernetes.create(namespaces, null, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const { host: db_hostname, port: db_port, database: db_name, user: db_username, password: db_password } = credentials;
  const document = JSON.stringify({ db_hostname, db_port, db_name, db_username, db_password });
  await kubernetes.create(secrets, namespace, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "gim-gim-secrets", namespace },
    stringData: { "gim-t100": document },
  });
  const database = await connectPostgres(credentials, { applicationName: "cutover-test" });
  const closers: (() => Promise<void>)[] = [];
  const said: string[] = [];
  return {
    sandbox,
    root,
    stack,
    ledger: await openLedger({ stack, cluster: { ledgerNamespace } }),
    ledgerNamespace,
    namespace,
    credentials,
    database,
    said,
    reference: { namespace, secret: "gim-gim-secrets", key: "gim-t100" },
    identity: {
      name: "gim-t100",
      role: "gim",
      tenant: "t100",
      namespace,
      helmRelease: "gim-t100",
      releaseSet: "r2026-11",
      digest: "d1",
      image: null,
      schemaClass: "any",
    },
    request: (step, attempt, spec = {}) => ({
      stack,
      platform: "infomart",
      environment: "dev",
      step,
      service: "gim-t100",
      attempt,
      target: { releaseSet: "r2026-11", digest: "t1" },
      cluster: { ledgerNamespace },
      spec,
    }),
    context(request) {
      const signal = new AbortController().signal;
      const connections = openConnections({ root, request, signal, progress: (text) => said.push(text) });
      closers.push(() => connections.close());
      return connections.context;
    },
    async close() {
      await Promise.all(closers.map((end) => end()));
      await database.close();
      await rm(root, { recursive: true });
    },
  };
}
