import type { Client } from "pg";
import type { SandboxDatabase } from "../../contracts.ts";
import { identifier, withDatabase, type Login } from "./connection.ts";
import {
  createCustomObjects,
  createExportViews,
  createIndexes,
  createTables,
  fillTables,
  reportingRole,
} from "./statements.ts";

/** Owner of everything in a template; each copy hands its objects over to the tenant's own role. */
export const templateOwner = "infomart_template";

/** The superuser's login to one database of the sandbox's server. */
export function superuserLogin(server: SandboxDatabase, database: string): Login {
  return { host: server.host, port: server.port, user: server.superuser, password: server.password, database };
}

/** Creates a role unless it exists. */
export async function ensureRole(client: Client, role: string, options: string): Promise<void> {
  const found = await client.query("select 1 from pg_roles where rolname = $1", [role]);
  if (found.rowCount === 0) await client.query(`create role ${identifier(role)} ${options}`);
}

/**
 * Makes the database that tenants are copied from, with `factRows` rows in each big fact, and returns its name.
 * An existing one of the same size is used again: it is renamed to its final name only when it is complete.
 */
export async function ensureTemplate(server: SandboxDatabase, factRows: number, now: Date): Promise<string> {
  const name = `infomart_template_${factRows}`;
  const draft = `${name}_draft`;
  const administrator = superuserLogin(server, "postgres");
  const exists = await withDatabase(administrator, async (client) => {
    await ensureRole(client, templateOwner, "nologin");
    await ensureRole(client, reportingRole, "nologin");
    const found = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (found.rowCount !== 0) return true;
    await client.query(`drop database if exists ${identifier(draft)}`);
    await client.query(`create database ${identifier(draft)}`);
    return false;
  });
  if (exists) return name;
  await withDatabase(superuserLogin(server, draft), async (client) => {
    await client.query(`grant create on schema public to ${templateOwner}`);
    await client.query("set synchronous_commit = off");
    await client.query("set maintenance_work_mem = '256MB'");
    await client.query(`set role ${templateOwner}`);
    const statements = [
      ...createTables(now),
      ...fillTables(now, factRows),
      ...createIndexes(),
      ...createExportViews(),
      ...createCustomObjects(),
    ];
    // One round trip for the small ones; the big inserts are a few statements among them.
    await client.query(statements.join(";\n"));
    await client.query("reset role");
  });
  await withDatabase(administrator, (client) =>
    client.query(`alter database ${identifier(draft)} rename to ${identifier(name)}`),
  );
  return name;
}
