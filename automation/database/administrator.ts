import type { DatabaseCredentials, Postgres } from "../../clients/contracts.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import { keepSecret } from "../../steps/redaction.ts";

/** Environment variables of the role that may create and rename databases, where the service's own may not. */
const userVariable = "CUTOVER_DATABASE_ADMIN_USER";
const passwordVariable = "CUTOVER_DATABASE_ADMIN_PASSWORD";

/** The role that restores: the administrator of the environment, or else the service's own. Its password is never an argument. */
export function administratorOf(service: DatabaseCredentials): DatabaseCredentials {
  const user = process.env[userVariable] ?? "";
  if (user === "") return service;
  const password = process.env[passwordVariable] ?? "";
  keepSecret(password);
  return { ...service, user, password };
}

/** Opens a connection to the server's maintenance database: one cannot rename the database one is connected to. */
export function openServer(administrator: DatabaseCredentials): Promise<Postgres> {
  return connectPostgres({ ...administrator, database: "postgres" }, { applicationName: "cutover restore" });
}
