import { createHelm } from "../../clients/helm.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import type { ResolvedService } from "../../model/service.ts";
import { databaseName } from "../../sandbox/simulators/database/tenant.ts";
import { checkHealthNow } from "../../steps/gates/health.ts";
import type { World } from "./world.ts";

/**
 * Whether the cluster and the databases are where an upgrade to these services has to end, asked once and at once: all
 * pods ready and of the new image, Helm's newest revision deployed with the new chart, the schema migrated. Returns what
 * is not so; empty means verified. Every contender is measured by this same rule.
 */
export async function differences(world: World, services: readonly ResolvedService[]): Promise<string[]> {
  const helm = createHelm(world.kubernetes);
  const found: string[] = [];
  for (const service of services) {
    const { name, namespace, helmRelease, image, chart, schemaVersion, tenant } = service;
    const health = await checkHealthNow(world.kubernetes, { namespace, helmRelease, imageTag: image?.tag ?? null });
    if (health.verdict !== "passed") found.push(`${name}: ${health.summary}`);
    const [newest] = await helm.history(namespace, helmRelease);
    if (newest?.status !== "deployed" || newest.chartVersion !== chart.version) {
      found.push(`${name}: Helm has ${newest?.chartVersion ?? "nothing"} ${newest?.status ?? ""}`);
    }
    if (schemaVersion !== null && tenant !== null) {
      const version = await schemaVersionOf(world, tenant);
      if (version !== schemaVersion.to) found.push(`${name}: schema ${version}, wanted ${schemaVersion.to}`);
    }
  }
  return found;
}

async function schemaVersionOf(world: World, tenant: string): Promise<string> {
  const { host, port, superuser, password } = world.sandbox.database;
  const database = databaseName(world.prefix, tenant);
  const connection = await connectPostgres(
    { host, port, user: superuser, password, database },
    { applicationName: "cutover-bench" },
  );
  try {
    const rows = await connection.query<{ version: string }>(
      "select version from ctl_schema_info order by id desc limit 1",
    );
    return rows[0]?.version ?? "none";
  } finally {
    await connection.close();
  }
}
