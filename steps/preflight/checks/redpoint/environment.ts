import { secrets } from "../../../../clients/kubernetes-kinds.ts";
import { secretPlace } from "../../../../clients/connection-secret.ts";
import { applicationSecret } from "../../../../model/redpoint/application-secret.ts";
import { readAddress, serverText } from "../../../../model/redpoint/database-address.ts";
import { environmentProblems, type NamedAddress } from "../../../../model/redpoint/environment.ts";
import type { DatabaseServer } from "../../../../model/operational-databases.ts";
import { readValueAt } from "../../../../model/value-at.ts";
import type { Check, PreflightContext } from "../../contract.ts";
import { failed, passed, skipped } from "../../outcome.ts";
import { redpointReleases, type RedpointRelease } from "./releases.ts";

/**
 * Seed 000: SQL server, caches and queue point at the current v6 environment; but a clone must not (facts/domain.md F18). Compares every
 * place that leads v7 to a database with the stack's own and with what was recorded of v6.
 */
export const environment: Check = {
  name: "redpoint-environment",
  code: "CUT-3208",
  overridable: true,
  async run(context) {
    const settings = context.spec.operationalDatabases;
    if (settings === null) return skipped("the stack names no operational databases");
    const releases = redpointReleases(context);
    const stack = await addressOf(context, settings.server);
    const clone = settings.mode === "clone";
    const source = clone && settings.source !== undefined ? await addressOf(context, settings.source) : null;
    const used = (await Promise.all(releases.map((release) => placesOf(context, release)))).flat();
    const realtime = releases.find(({ values }) => readValueAt(values, "realtimeapi.enabled") !== false);
    const provider = (part: string): string | null => {
      const value = readValueAt(realtime?.values, `realtimeapi.${part}.provider`);
      return typeof value === "string" ? value : null;
    };
    const providers = { cache: provider("cacheProvider"), queue: provider("queueProvider") };
    const problems = environmentProblems({
      ...{ mode: settings.mode, stack, source, used, core: settings.core, providers },
      tenantsAreRewritten: settings.tenantConnections?.rewrite !== undefined,
      recorded: settings.recorded ?? null,
    });
    const evidence = [stack, ...(source === null ? [] : [source]), ...used].map(
      ({ where, address }) =>
        `${where}: ${serverText(address)}, database ${address.database || "(the login's default)"}`,
    );
    evidence.push(`realtime cache ${providers.cache ?? "none"}, queue ${providers.queue ?? "none"}`);
    if (problems.length > 0) {
      return failed(
        clone ? "a clone's environment leads to v6" : "the environment is not v6's",
        [...problems, ...evidence],
        "correct the Secret, the values or cutover:operationalDatabases; nothing may be released before they agree",
      );
    }
    const what = clone ? "nothing leads to v6's own databases" : "everything leads to the v6 environment";
    return passed(`${what} (${used.length + 1} places, by name)`, evidence);
  },
};

async function addressOf({ step }: PreflightContext, server: DatabaseServer): Promise<NamedAddress> {
  const where = secretPlace(server.connection);
  const address = readAddress(await step.connectionString(server.connection));
  if (address === null) throw new Error(`the connection string in ${where} names no server`);
  return { where, address };
}

/** The places of one release; what does not exist yet is another check's to report. */
async function placesOf(context: PreflightContext, release: RedpointRelease): Promise<NamedAddress[]> {
  const { service, values, generation } = release;
  const places: NamedAddress[] = [];
  const host = readValueAt(values, "databases.operational.server_host");
  const database = readValueAt(values, "databases.operational.pulse_database_name");
  if (typeof host === "string" && host !== "" && generation === "upTo76") {
    const postgresql = readValueAt(values, "databases.operational.provider") === "postgresql";
    const text = `${postgresql ? "PostgreSQL:" : ""}Server=${host};Database=${typeof database === "string" ? database : ""}`;
    const address = readAddress(text);
    if (address !== null) places.push({ where: `${service.name}: databases.operational`, address });
  }
  const secret = applicationSecret(values, generation);
  if (secret === null) return places;
  const found = await context.object(secrets, service.namespace, secret.name);
  const encoded = found?.data?.["ConnectionString_Operations_Database"];
  const address = encoded === undefined ? null : readAddress(Buffer.from(encoded, "base64").toString("utf8"));
  if (address !== null) places.push({ where: `${service.name}: Secret ${service.namespace}/${secret.name}`, address });
  return places;
}
