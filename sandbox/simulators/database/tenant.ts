import { randomBytes } from "node:crypto";
import type { SandboxDatabase } from "../../contracts.ts";
import { identifier, literal, withDatabase, type Login } from "./connection.ts";
import { ensureRole, superuserLogin, templateOwner } from "./template.ts";

function joined(...parts: string[]): string {
  return parts
    .map((part) => part.replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, ""))
    .filter((part) => part !== "")
    .join("_");
}

/** Name of a tenant's Info Mart database: `infomart_<prefix>_<tenant>`; an empty prefix is left out. */
export function databaseName(prefix: string, tenant: string): string {
  return joined("infomart", prefix, tenant);
}

/** Name of the role that owns a tenant's database and that GIM logs in with. */
export function ownerName(prefix: string, tenant: string): string {
  return joined("gim", prefix, tenant);
}

/**
 * Copies the template for one tenant, owned by a role of its own with a new random password; returns GIM's login.
 * An existing database keeps its content and gets a new password.
 */
export async function ensureTenantDatabase(
  server: SandboxDatabase,
  template: string,
  prefix: string,
  tenant: string,
): Promise<Login> {
  const database = databaseName(prefix, tenant);
  const user = ownerName(prefix, tenant);
  const password = randomBytes(18).toString("base64url");
  const created = await withDatabase(superuserLogin(server, "postgres"), async (client) => {
    await ensureRole(client, user, "login");
    await client.query(`alter role ${identifier(user)} password ${literal(password)}`);
    const found = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (found.rowCount !== 0) return false;
    await client.query(
      `create database ${identifier(database)} template ${identifier(template)} owner ${identifier(user)}`,
    );
    return true;
  });
  if (created) {
    await withDatabase(superuserLogin(server, database), async (client) => {
      await client.query(`reassign owned by ${templateOwner} to ${identifier(user)}`);
      await client.query(`revoke create on schema public from ${templateOwner}`);
      await client.query(`grant create on schema public to ${identifier(user)}`);
    });
  }
  return { host: server.host, port: server.port, database, user, password };
}
