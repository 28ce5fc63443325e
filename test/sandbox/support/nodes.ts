import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kubernetes } from "../../../clients/contracts.ts";
import type { LedgerStore } from "../../../clients/ledger-contract.ts";
import { CutoverError } from "../../../model/error.ts";
import { nodeProcedure, nodeSettings, type NodeProcedure, type NodeSettings } from "../../../model/nodes.ts";
import { makeNode, sandboxNodeProcedure, type SandboxNode } from "../../../sandbox/ssh/make-node.ts";
import type { StepContext } from "../../../steps/context.ts";

/** Nodes behind real SSH servers, and a step's context whose Secrets are in memory: no cluster is needed. */
export interface NodesBench {
  /** Project folder. */
  root: string;
  nodes: SandboxNode[];
  settings: NodeSettings[];
  procedure: NodeProcedure;
  context: StepContext;
  /** Lines of progress so far. */
  said: string[];
  /** Keys by Secret name. */
  secrets: Map<string, string>;
  /** A context for a step with that spec. */
  withSpec(spec: Record<string, unknown>): StepContext;
  close(): Promise<void>;
}

export async function openNodes(...names: string[]): Promise<NodesBench> {
  const folder = await mkdtemp(join(tmpdir(), "cutover-nodes-"));
  await chmod(folder, 0o711);
  const root = await mkdtemp(join(tmpdir(), "cutover-nodes-project-"));
  const nodes: SandboxNode[] = [];
  for (const name of names) nodes.push(await makeNode({ folder, name, say: (line) => console.log(`      ${line}`) }));
  const secrets = new Map(nodes.map(({ name, sshd }) => [`ssh-${name}`, sshd.privateKey]));
  const settings = nodes.map((node) =>
    nodeSettings.parse(node.settings({ namespace: "rpi", secret: `ssh-${node.name}`, key: "id" })),
  );
  const said: string[] = [];
  const withSpec = (spec: Record<string, unknown>): StepContext => ({
    root,
    request: {
      stack: "redpoint-prod",
      platform: "redpoint",
      environment: "prod",
      step: "quiesce",
      service: null,
      attempt: "1.1",
      target: { releaseSet: "v7-6", digest: "d" },
      cluster: { ledgerNamespace: "cutover" },
      spec,
    },
    signal: new AbortController().signal,
    progress: (text) => said.push(text),
    kubernetes: () => Promise.resolve(secretsOnly(secrets)),
    ledger: () => Promise.resolve({ pages: () => Promise.resolve([]) } as unknown as LedgerStore),
    helm: notWanted,
    credentials: notWanted,
    postgres: notWanted,
    connectionString: notWanted,
    sqlServer: notWanted,
  });
  return {
    root,
    nodes,
    settings,
    procedure: nodeProcedure.parse(sandboxNodeProcedure),
    context: withSpec({}),
    said,
    secrets,
    withSpec,
    async close() {
      for (const node of nodes) await node.stop();
      await rm(root, { recursive: true });
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

function secretsOnly(values: ReadonlyMap<string, string>): Kubernetes {
  const get = (_kind: unknown, namespace: string, name: string): Promise<unknown> => {
    const value = values.get(name);
    const data = { id: Buffer.from(value ?? "").toString("base64") };
    return Promise.resolve(value === undefined || namespace !== "rpi" ? null : { metadata: { name, namespace }, data });
  };
  return { get } as unknown as Kubernetes;
}

function notWanted(): Promise<never> {
  return Promise.reject(new Error("not wanted"));
}

/** The CutoverError that work ends with; throws when it ends well or with something else. */
export async function problemOf(work: Promise<unknown>): Promise<CutoverError["details"]> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome && outcome.error instanceof CutoverError) return outcome.error.details;
  throw new Error(
    `no CutoverError, but ${"error" in outcome ? String(outcome.error) : JSON.stringify(outcome.value)}`,
    {
      cause: "error" in outcome ? outcome.error : undefined,
    },
  );
}
