import type { DatabaseCredentials } from "../../clients/contracts.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import { CutoverError } from "../../model/error.ts";
import { compareRows, type RowComparison } from "./dump-rows.ts";
import { runTool, toolLogin } from "./pg-tools.ts";

/** What is restored, and into which database: `credentials.database` is the new one. */
export interface RestoreInput {
  credentials: DatabaseCredentials;
  /** The backup's folder, absolute. */
  folder: string;
  jobs: number;
  /** For login files; what a killed restore left there is removed. */
  workFolder: string;
  signal: AbortSignal;
  say: (progress: string) => void;
  /** A copy for another environment: owners, grants and tablespaces of the original may not exist there. */
  withoutOwners?: boolean;
}

/**
 * Restores a directory dump into an empty database with `pg_restore -j`, compares all rows with the dump's files and gathers
 * statistics. Stops at the first error. Throws CUT-6305 when pg_restore fails, CUT-6306 when rows differ; both exit code 16.
 */
export async function restoreDump(input: RestoreInput): Promise<RowComparison> {
  const { credentials, folder, signal } = input;
  const login = await toolLogin(credentials, "cutover restore", input.workFolder);
  try {
    const argv = ["pg_restore", "--exit-on-error", "--no-password", `--jobs=${input.jobs}`];
    if (input.withoutOwners === true) argv.push("--no-owner", "--no-acl", "--no-tablespaces");
    const result = await runTool([...argv, `--dbname=${connectionText(credentials.database)}`, folder], {
      // A database that is set to be read only stays so, but not for this.
      environment: { ...login.environment, PGOPTIONS: "-c default_transaction_read_only=off" },
      signal,
    });
    if (result.exitCode !== 0) {
      signal.throwIfAborted();
      const how = result.exitCode === null ? `ended by ${result.endedBy}` : `exit code ${result.exitCode}`;
      const evidence = [`pg_restore: ${how}`, ...result.stderr.trim().split("\n").slice(-8)];
      throw failed("CUT-6305", "pg_restore did not restore the backup", evidence);
    }
  } finally {
    await login.remove();
  }
  input.say("comparing the rows with the backup");
  const database = await connectPostgres(credentials, { applicationName: "cutover restore" });
  try {
    const compared = await compareRows(database, folder, signal);
    if (compared.differences.length > 0) {
      throw failed("CUT-6306", "the restored rows are not those of the backup", compared.differences.slice(0, 10));
    }
    // A dump has no statistics: without them the first reports would be slow.
    await database.query("ANALYZE");
    return compared;
  } finally {
    await database.close();
  }
}

// A name with `=` in it would be read as a connection string.
function connectionText(database: string): string {
  return `dbname='${database.replace(/[\\']/g, "\\$&")}'`;
}

function failed(code: "CUT-6305" | "CUT-6306", happened: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code,
    verdict: "failed",
    happened,
    evidence,
    untouched: "The service's own database.",
    next: "Remove the cause (rights, extensions, space on the database server), then run the same command again.",
    exitCode: 16,
  });
}
