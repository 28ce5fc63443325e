import { createHelm } from "../../clients/helm.ts";
import { connectKubernetes } from "../../clients/kubernetes.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import type { Sandbox } from "../contracts.ts";
import { databaseName } from "../simulators/database/tenant.ts";
import { say, table } from "./narrate.ts";
import { prefixOf, stages, tenant } from "./stacks.ts";

/** Info Mart's releases: namespace without its prefix, and name. */
export const infoMartReleases: readonly (readonly [string, string])[] = [
  ["gim", `gim-${tenant}`],
  ["gim", "gim-monitoring"],
  ["gsp", "gsp"],
  ["gca", `gca-${tenant}`],
  ["gca", "gca-monitoring"],
];

/** Newest revision of every release, one column per stack. `releases`: namespace without its prefix, and name. */
export async function showHelm(sandbox: Sandbox, releases: typeof infoMartReleases): Promise<void> {
  process.env["KUBECONFIG"] = sandbox.kubeconfig;
  const helm = createHelm(await connectKubernetes({}));
  const rows = releases.map(async ([namespace, release]) => {
    const cells = stages.map(async (stage) => {
      const [newest] = await helm.history(`${prefixOf(stage)}${namespace}`, release);
      return newest === undefined ? "-" : `${newest.chartVersion} (revision ${newest.revision}, ${newest.status})`;
    });
    return [release, ...(await Promise.all(cells))];
  });
  table(["release", ...stages], await Promise.all(rows));
}

/** The schema version that each database itself states, and what became of the customer's own objects. */
export async function showSchemas(sandbox: Sandbox): Promise<void> {
  const { host, port, superuser: user, password } = sandbox.database;
  for (const stage of stages) {
    const database = await connectPostgres(
      { host, port, user, password, database: databaseName(prefixOf(stage), tenant) },
      { applicationName: "cutover-demo" },
    );
    try {
      const [schema] = await database.query<{ version: string }>(
        "select version from ctl_schema_info order by id desc limit 1",
      );
      const custom = await database.query<{ name: string }>(
        "select relname as name from pg_class where relname like 'cust\\_%' and relkind in ('i', 'I', 'v', 'm') order by 1",
      );
      say(
        `Info Mart of ${stage}: schema ${schema?.version ?? "unknown"}; custom objects: ${custom.map((row) => row.name).join(", ")}`,
      );
    } finally {
      await database.close();
    }
  }
}
