import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectKubernetes } from "../../../clients/kubernetes.ts";
import { secrets } from "../../../clients/kubernetes-kinds.ts";
import { openLedger, type LedgerStore } from "../../../clients/ledger-store.ts";
import type { StepKind, StepRequest } from "../../../model/step.ts";
import type { RedpointWorld } from "../../../sandbox/redpoint/create-redpoint-world.ts";
import { connectionString } from "../../../sandbox/redpoint/servers.ts";
import { openConnections } from "../../../steps/connections.ts";
import type { StepContext } from "../../../steps/context.ts";

/** Steps of the service `rpi` of a world, each with real clients and the stack's own ledger. */
export interface RedpointBench {
  ledger: LedgerStore;
  root: string;
  request(step: StepKind, attempt: string, spec: Record<string, unknown>): StepRequest;
  context(request: StepRequest): StepContext;
  /** Lines of progress so far. */
  said: string[];
  identity: Record<string, unknown>;
  operationalDatabases: Record<string, unknown>;
  close(): Promise<void>;
}

/** KUBECONFIG must lead to the sandbox already. */
export async function openRedpointBench(world: RedpointWorld, imageTag: string): Promise<RedpointBench> {
  const root = await mkdtemp(join(tmpdir(), "cutover-redpoint-"));
  const [stack, ledgerNamespace] = [`stack-${world.namespace}`, `ledger-${world.namespace}`];
  const closers: (() => Promise<void>)[] = [];
  const said: string[] = [];
  const connection = { namespace: world.namespace, secret: "cutover-databases", key: "server" };
  const text = connectionString(world.source, world.installation.pulse ?? "Pulse");
  await (
    await connectKubernetes()
  ).create(secrets, world.namespace, {
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: connection.secret, namespace: world.namespace } },
    stringData: { [connection.key]: text },
  });
  return {
    ledger: await openLedger({ stack, cluster: { ledgerNamespace } }),
    root,
    said,
    identity: {
      ...{ name: "rpi", role: "rpi", tenant: null, namespace: world.namespace, helmRelease: "rpi" },
      ...{ releaseSet: "v7.7", digest: "d1", schemaClass: "restore" },
      image: { tag: imageTag, valuesKey: "global.deployment.images.tag" },
    },
    operationalDatabases: {
      ...{ provider: world.source.provider, mode: "inPlace", backupFolder: "backups" },
      ...{ core: world.installation.pulse ?? "Pulse", server: { connection, trustServerCertificate: true } },
    },
    request: (step, attempt, spec) => ({
      ...{ stack, platform: "redpoint", environment: "dev", step, service: "rpi", attempt, spec },
      ...{ target: { releaseSet: "v7.7", digest: "t1" }, cluster: { ledgerNamespace } },
    }),
    context(request) {
      const { signal } = new AbortController();
      const connections = openConnections({ root, request, signal, progress: (text) => said.push(text) });
      closers.push(() => connections.close());
      return connections.context;
    },
    async close() {
      await Promise.all(closers.map((end) => end()));
      await rm(root, { recursive: true, force: true });
    },
  };
}
