import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseCredentials } from "../../clients/contracts.ts";
import { runProcess, type ProcessResult } from "../../clients/process.ts";
import { CutoverError } from "../../model/error.ts";
import { loginPrefix, removeLogins, workIdVariable } from "../work/files.ts";

/** Environment for PostgreSQL's own tools. The password stands in a 0600 file, never in argv or the environment. */
export interface ToolLogin {
  environment: Record<string, string>;
  remove(): Promise<void>;
}

/**
 * Writes a pgpass file for one database into the work folder; `remove` deletes it. What a killed worker left there is
 * removed first: the lease makes this the only one.
 */
export async function toolLogin(
  credentials: DatabaseCredentials,
  applicationName: string,
  workFolder: string = tmpdir(),
): Promise<ToolLogin> {
  if (workFolder !== tmpdir()) await removeLogins(workFolder);
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(join(workFolder, loginPrefix));
  const passfile = join(folder, "pgpass");
  const escape = (text: string): string => text.replace(/[\\:]/g, "\\$&");
  const { host, port, database, user, password } = credentials;
  const fields = [host, String(port), database, user, password].map(escape);
  await writeFile(passfile, `${fields.join(":")}\n`, { mode: 0o600 });
  const environment: Record<string, string> = {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    PGPASSFILE: passfile,
    PGAPPNAME: applicationName,
    // libpq would otherwise try TLS first, which the clients' own default does not.
    PGSSLMODE: credentials.sslMode ?? "disable",
  };
  if (credentials.rootCertificate !== undefined) {
    environment["PGSSLROOTCERT"] = join(folder, "root.pem");
    await writeFile(environment["PGSSLROOTCERT"], credentials.rootCertificate, { mode: 0o600 });
  }
  return { environment, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs a PostgreSQL tool, marked with the worker's id so that a dead worker's children are found again. */
export async function runTool(
  argv: readonly string[],
  options: { environment?: Record<string, string>; signal: AbortSignal; onLine?: (line: string) => void },
): Promise<ProcessResult> {
  const id = process.env[workIdVariable];
  return runProcess(argv, {
    environment: { ...options.environment, ...(id === undefined ? {} : { [workIdVariable]: id }), LC_ALL: "C" },
    signal: options.signal,
    ...(options.onLine === undefined ? {} : { onStderrLine: options.onLine }),
  });
}

/** Version text of a tool, such as `15.18`. Throws CUT-5140 when it is not there. */
export async function toolVersion(tool: string, signal: AbortSignal): Promise<string> {
  const result = await runTool([tool, "--version"], { signal });
  const version = /(\d+(?:\.\d+)*)/.exec(result.stdout)?.[1];
  if (result.exitCode === 0 && version !== undefined) return version;
  throw new CutoverError({
    code: "CUT-5140",
    verdict: "errored",
    happened: `${tool} does not tell its version`,
    evidence: [result.stderr.trim().slice(0, 300)],
    next: "Install PostgreSQL's client tools of the server's major version and put them first on PATH.",
    exitCode: 16,
  });
}
