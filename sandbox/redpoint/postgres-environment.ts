import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres, type PostgresServer } from "../postgres/start-postgres.ts";
import { assembleEnvironment, type RedpointEnvironment, type RedpointEnvironmentOptions } from "./environments.ts";
import { onPostgres, runIn, type RedpointServer } from "./servers.ts";

/** Like createRedpointEnvironment, with real PostgreSQL servers of its own: the chart's `provider: postgresql`. */
export async function createPostgresEnvironment(
  options: RedpointEnvironmentOptions,
): Promise<RedpointEnvironment<PostgresServer>> {
  const { sandbox, name, mode, say = () => undefined } = options;
  const password = randomBytes(12).toString("hex");
  const start = async (part: string): Promise<{ server: PostgresServer; login: RedpointServer }> => {
    const directory = join(sandbox.directory, `postgresql-${name}-${part}`);
    await mkdir(join(directory, "logs"), { recursive: true, mode: 0o755 });
    const server = await startPostgres({ directory, environment: process.env, say });
    const administrator = onPostgres(server);
    // What Redpoint's own role needs for backup, clone and restore; it owns its databases, and is no superuser.
    await runIn(administrator, "postgres", [`CREATE ROLE rpi_service LOGIN CREATEDB PASSWORD '${password}'`]);
    return { server, login: { ...administrator, user: "rpi_service", password } };
  };
  const source = await start("v6");
  const target = mode === "clone" ? await start("copies") : source;
  return assembleEnvironment(options, {
    ...{ source: source.server, target: target.server },
    login: { source: source.login, target: target.login },
    trust: () => ({}),
    // Relative to the project.
    backupFolder: ".cutover/backups",
  });
}
