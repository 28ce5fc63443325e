import { messageOf, CutoverError } from "../../model/error.ts";
import { cloneName } from "../../model/operational/clone-names.ts";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import type { StackSettings } from "../../model/stack-settings.ts";
import { redactText } from "../redaction.ts";
import type { DatabaseHost } from "./database-host.ts";
import { discoverDatabases } from "./discover.ts";
import { openHost } from "./open-host.ts";
import type { OperationalContext } from "./server.ts";

/** The user's statements for settings that are kept in the core database. */
export type TenantSettingStatements = Pick<NonNullable<StackSettings["tenantSettings"]>, "read" | "write">;

/**
 * The value that a tenant's setting has now, by the user's statement `read` with @tenant and @setting, run in the stack's core database.
 * Null: there is no row, or the value is NULL. `opened`: a host that many questions share; it stays open.
 * @throws CutoverError CUT-5550 when there is no such statement, CUT-5551 when it fails or returns more than one value.
 */
export async function readTenantSetting(
  context: OperationalContext,
  settings: OperationalDatabases,
  statements: TenantSettingStatements,
  tenant: string,
  setting: string,
  opened?: DatabaseHost,
): Promise<string | null> {
  const sql = statements.read ?? missing("read");
  const ask = (host: DatabaseHost, core: string) =>
    host.query(core, sql, { tenant, setting }).catch((error: unknown) => failed("read", tenant, setting, error));
  const rows = await inCore(context, settings, ask, opened);
  const [row, ...others] = rows;
  if (others.length > 0 || (row !== undefined && row.length !== 1)) {
    const shape = `${rows.length} rows${row === undefined ? "" : ` of ${row.length} columns`}`;
    failed("read", tenant, setting, new Error(`it returned ${shape}; wanted: one value`));
  }
  const value = row?.[0];
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * Sets a tenant's setting by the user's statement `write` with @tenant, @setting and @value, and reads it back where `read` is there.
 * @throws CutoverError CUT-5550 when there is no such statement, CUT-5551 when it fails, CUT-5552 when the value is another one afterwards.
 */
export async function writeTenantSetting(
  context: OperationalContext,
  settings: OperationalDatabases,
  statements: TenantSettingStatements,
  tenant: string,
  setting: string,
  value: string,
  opened?: DatabaseHost,
): Promise<void> {
  const sql = statements.write ?? missing("write");
  const say = (host: DatabaseHost, core: string) =>
    host
      .query(core, sql, { tenant, setting, value })
      .catch((error: unknown) => failed("write", tenant, setting, error));
  await inCore(context, settings, say, opened);
  if (statements.read === undefined) return;
  const now = await readTenantSetting(context, settings, statements, tenant, setting, opened);
  if (now !== value) throw notWritten(tenant, setting, value, now);
}

/** Suffixes of the tenants, by the databases that are there. */
export async function listTenants(context: OperationalContext, settings: OperationalDatabases): Promise<string[]> {
  return (await discoverDatabases(context, settings, "server")).tenants;
}

async function inCore<Value>(
  context: OperationalContext,
  settings: OperationalDatabases,
  work: (host: DatabaseHost, core: string) => Promise<Value>,
  opened?: DatabaseHost,
): Promise<Value> {
  const host = opened ?? (await openHost(context, settings, "server"));
  try {
    const template = settings.mode === "clone" ? (settings.clone?.name ?? "${database}") : "${database}";
    return await work(host, cloneName(template, settings.core));
  } finally {
    if (opened === undefined) await host.close();
  }
}

function missing(which: "read" | "write"): never {
  throw new CutoverError({
    code: "CUT-5550",
    verdict: "errored",
    happened: `tenant settings cannot be ${which === "read" ? "read" : "written"}: cutover:tenantSettings.${which} is not configured`,
    untouched: "No setting was changed.",
    next: `Configure it in the stack file, or let a person attest the settings: cutover attest.`,
    exitCode: 2,
  });
}

function failed(which: "read" | "write", tenant: string, setting: string, cause: unknown): never {
  const said = cause instanceof CutoverError ? (cause.details.evidence ?? []) : [];
  throw new CutoverError(
    {
      code: "CUT-5551",
      verdict: "errored",
      happened: `the statement cutover:tenantSettings.${which} failed for tenant ${tenant}, setting ${setting}`,
      evidence: (said.length > 0 ? said : [messageOf(cause)]).map(redactText),
      untouched: which === "read" ? "No setting was changed." : "Settings that were written before stay.",
      next: "Correct that statement in the stack file; its parameters are @tenant, @setting and @value. Then run pulumi up again.",
      exitCode: 1,
    },
    { cause },
  );
}

function notWritten(tenant: string, setting: string, value: string, now: string | null): CutoverError {
  return new CutoverError({
    code: "CUT-5552",
    verdict: "failed",
    happened: `${setting} of tenant ${tenant} is not what was written`,
    evidence: [`written: ${value}`, `read back: ${now ?? "nothing"}`],
    untouched: "Other settings.",
    next: "Check that cutover:tenantSettings.write changes the row that read returns.",
    exitCode: 1,
  });
}
