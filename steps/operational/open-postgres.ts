import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { secretPlace } from "../../clients/connection-secret.ts";
import { postgresCredentials } from "../../clients/connection-string.ts";
import type { DatabaseCredentials } from "../../clients/contracts.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import { CutoverError } from "../../model/error.ts";
import type { DatabaseServer } from "../../model/operational-databases.ts";
import type { StepContext } from "../context.ts";
import type { PostgresAccess } from "./postgres-access.ts";

/**
 * A PostgreSQL server as the settings say. Whether any certificate is accepted is said by the settings alone, as for SQL Server:
 * SSL Mode of the connection string can only ask for less by Disable.
 * @throws CutoverError CUT-5522 when prod would accept any certificate or connect in clear; of the connection string.
 */
export async function openPostgres(
  context: Pick<StepContext, "root" | "request" | "connectionString">,
  server: DatabaseServer,
): Promise<PostgresAccess> {
  const { request, root } = context;
  const place = secretPlace(server.connection);
  const said = postgresCredentials(await context.connectionString(server.connection), place);
  const credentials: DatabaseCredentials = { ...said, sslMode: modeOf(said.sslMode, server) };
  if (server.certificateAuthority !== undefined) {
    credentials.rootCertificate = await readFile(resolve(root, server.certificateAuthority), "utf8");
  }
  if (request.environment === "prod" && credentials.sslMode !== "verify-full" && credentials.sslMode !== "verify-ca") {
    throw weak(
      credentials.sslMode === "disable" ? `SSL Mode is Disable in ${place}` : "trustServerCertificate is true",
    );
  }
  const applicationName = `cutover ${request.service ?? request.platform} ${request.step}`;
  return {
    credentials,
    connect: (database) => connectPostgres({ ...credentials, database }, { applicationName }),
  };
}

function modeOf(
  said: DatabaseCredentials["sslMode"],
  { trustServerCertificate }: DatabaseServer,
): NonNullable<DatabaseCredentials["sslMode"]> {
  if (said === "disable" || said === undefined) return "disable";
  if (trustServerCertificate) return "require";
  return said === "verify-ca" ? "verify-ca" : "verify-full";
}

function weak(problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-5522",
    verdict: "failed",
    happened: "a connection to the database server that is not encrypted or not checked is refused in prod",
    evidence: [problem],
    untouched: "Nothing was connected to.",
    next: "Set certificateAuthority to the PEM file of the authority that signed the server's certificate, and SSL Mode=VerifyFull.",
    exitCode: 17,
  });
}
