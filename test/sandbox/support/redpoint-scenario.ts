import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { connectKubernetes } from "../../../clients/kubernetes.ts";
import { openLedger } from "../../../clients/ledger-store.ts";
import {
  createRedpointEnvironment,
  useSandboxNodes,
  useSandboxValues,
  type RedpointEnvironment,
  type RedpointEnvironmentOptions,
} from "../../../sandbox/redpoint/environments.ts";
import { createPostgresEnvironment } from "../../../sandbox/redpoint/postgres-environment.ts";
import type { PostgresServer } from "../../../sandbox/postgres/start-postgres.ts";
import type { SqlServer } from "../../../sandbox/sqlserver/contracts.ts";
import { createWorkspace } from "../../../sandbox/workspace.ts";
import type { Scenario } from "./scenario.ts";
import { sharedSandbox } from "./shared-sandbox.ts";

/** A scenario of Redpoint: v6 with databases and nodes, nothing of v7 yet. */
export interface RedpointScenario<Server = SqlServer> extends Scenario {
  environment: RedpointEnvironment<Server>;
}

type Wanted = Partial<RedpointEnvironmentOptions> & { stack?: string; settings?: Record<string, unknown> };

/** Servers, nodes, namespaces, databases and a project copy of its own; its stack runs release set v6. */
export function openRedpoint(options: Wanted = {}): Promise<RedpointScenario> {
  return openWith(createRedpointEnvironment, options);
}

/** The same on real PostgreSQL servers. */
export function openRedpointOnPostgres(options: Wanted = {}): Promise<RedpointScenario<PostgresServer>> {
  return openWith(createPostgresEnvironment, options);
}

async function openWith<Server>(
  create: (options: RedpointEnvironmentOptions) => Promise<RedpointEnvironment<Server>>,
  options: Wanted,
): Promise<RedpointScenario<Server>> {
  const sandbox = await sharedSandbox();
  const prefix = `r${randomBytes(2).toString("hex")}-`;
  const { stack = "redpoint-dev", settings: more = {}, ...wanted } = options;
  const ledgerNamespace = `${prefix}cutover`;
  const how = { sandbox, name: prefix.slice(0, -1), mode: "clone", prefix, ledgerNamespace, ...wanted } as const;
  const environment = await create(how);
  const state = join(sandbox.directory, "states", prefix);
  mkdirSync(state, { recursive: true });
  const workspace = await createWorkspace({
    directory: sandbox.directory,
    environment: { ...sandbox.environment, PULUMI_BACKEND_URL: `file://${state}` },
  });
  useSandboxNodes(workspace.directory);
  useSandboxValues(workspace.directory, stack, environment);
  process.env["KUBECONFIG"] = sandbox.kubeconfig;
  const settings = { ...environment.settings, ...more };
  await workspace.editStack(stack, settings);
  await workspace.initStack(stack);
  return {
    sandbox,
    workspace,
    prefix,
    stack,
    kubernetes: await connectKubernetes({}),
    ledger: await openLedger({ stack, cluster: { ledgerNamespace } }),
    settings,
    environment,
  };
}
