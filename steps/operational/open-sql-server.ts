import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { secretPlace } from "../../clients/connection-secret.ts";
import { sqlServerCredentials } from "../../clients/connection-string.ts";
import { connectSqlServer } from "../../clients/sqlserver/connect.ts";
import type { SqlServer, SqlServerCredentials } from "../../clients/sqlserver/contracts.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { DatabaseServer } from "../../model/operational-databases.ts";
import type { StepContext } from "../context.ts";

/**
 * Connects to a SQL Server as the settings say. Whether any certificate is accepted is said by the settings alone: vendors' examples
 * of connection strings all carry TrustServerCertificate=True.
 * @throws CutoverError CUT-4257 when prod would accept any certificate or connect in clear, CUT-4260 when the certificate authority's
 * file cannot be read; of connectSqlServer.
 */
export async function openSqlServer(
  context: Pick<StepContext, "root" | "request" | "connectionString">,
  input: { server: DatabaseServer; database?: string | undefined; applicationName?: string | undefined },
): Promise<SqlServer> {
  const { server, database, applicationName } = input;
  const { request } = context;
  const place = secretPlace(server.connection);
  const text = await context.connectionString(server.connection);
  const said = sqlServerCredentials(text, place);
  const credentials: SqlServerCredentials = {
    ...said,
    database: database ?? said.database,
    trustServerCertificate: server.trustServerCertificate,
    ...(server.certificateAuthority === undefined
      ? {}
      : { certificateAuthority: await readAuthority(resolve(context.root, server.certificateAuthority)) }),
  };
  if (request.environment === "prod") refuseWeak(credentials, place);
  const step = `cutover ${request.stack} ${request.service ?? request.platform} ${request.step}`;
  return connectSqlServer(credentials, { applicationName: (applicationName ?? step).slice(0, 128) });
}

function refuseWeak({ trustServerCertificate, encrypt }: SqlServerCredentials, place: string): void {
  const problems = [
    ...(trustServerCertificate ? ["trustServerCertificate is true: any certificate would be accepted"] : []),
    ...(encrypt ? [] : [`Encrypt is off in ${place}: the connection would not be encrypted`]),
  ];
  if (problems.length === 0) return;
  throw new CutoverError({
    code: "CUT-4257",
    verdict: "failed",
    happened: "a connection to the database server that is not encrypted or not checked is refused in prod",
    evidence: problems,
    untouched: "Nothing was connected to.",
    next: "Set certificateAuthority to the PEM file of the authority that signed the server's certificate; remove trustServerCertificate and Encrypt=False.",
    exitCode: 17,
  });
}

async function readAuthority(file: string): Promise<string> {
  try {
    const text = await readFile(file, "utf8");
    if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new Error("it holds no certificate in PEM form");
    return text;
  } catch (cause) {
    throw new CutoverError(
      {
        code: "CUT-4260",
        verdict: "errored",
        happened: `the certificate authority of the database server cannot be read from ${file}`,
        evidence: [messageOf(cause)],
        untouched: "Nothing was connected to.",
        next: "Correct certificateAuthority in the stack file; it is relative to the project folder.",
        exitCode: 17,
      },
      { cause },
    );
  }
}
