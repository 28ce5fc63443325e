import type { Postgres } from "../../clients/contracts.ts";
import { messageOf } from "../../model/error.ts";
import { objectKey, type InventoryObject } from "../../model/inventory.ts";

/** What became of each object that a rule named. */
export interface Recreated {
  done: InventoryObject[];
  failed: { object: InventoryObject; why: string }[];
}

/**
 * Makes lost or invalid objects again, from the statements that the server itself printed before the migration. What
 * fails is tried again as long as anything else succeeds: that finds the dependency order between views. Nothing is
 * dropped except an invalid index of the same name. Outside a transaction, since indexes are built CONCURRENTLY.
 */
export async function recreateObjects(
  database: Postgres,
  objects: readonly InventoryObject[],
  options: { progress(text: string): void; signal: AbortSignal },
): Promise<Recreated> {
  const done: InventoryObject[] = [];
  let waiting = [...objects];
  let failed: Recreated["failed"] = [];
  await database.query("SET search_path = ''");
  for (;;) {
    failed = [];
    for (const object of waiting) {
      options.signal.throwIfAborted();
      options.progress(`creating ${objectKey(object)} again`);
      const why = await recreate(database, object);
      if (why === null) done.push(object);
      else failed.push({ object, why });
    }
    if (failed.length === 0 || failed.length === waiting.length) break;
    waiting = failed.map((item) => item.object);
  }
  await database.query("RESET search_path");
  return { done, failed };
}

/** Null when it worked, else why not. */
async function recreate(database: Postgres, object: InventoryObject): Promise<string | null> {
  try {
    if (object.kind === "index") await dropInvalidIndex(database, object);
    for (const statement of object.settings) await database.query(statement);
    for (const statement of object.create) await database.query(statement);
    if (object.kind !== "index") return null;
    const state = await indexState(database, object);
    return state?.valid === true ? null : "the new index is not valid";
  } catch (error) {
    // CREATE INDEX CONCURRENTLY leaves an invalid index when it fails (facts/domain.md D3).
    if (object.kind === "index") await dropInvalidIndex(database, object).catch(() => undefined);
    return messageOf(error);
  } finally {
    if (object.settings.length > 0) await database.query("RESET default_tablespace").catch(() => undefined);
  }
}

async function dropInvalidIndex(database: Postgres, object: InventoryObject): Promise<void> {
  const state = await indexState(database, object);
  if (state === null || state.valid) return;
  // A partitioned index cannot be dropped concurrently. The name comes from quote_ident of the server.
  await database.query(`DROP INDEX ${state.partitioned ? "" : "CONCURRENTLY "}${object.name}`);
}

async function indexState(
  database: Postgres,
  object: InventoryObject,
): Promise<{ valid: boolean; partitioned: boolean } | null> {
  const [row] = await database.query<{ valid: boolean; partitioned: boolean }>(
    `SELECT x.indisvalid AND x.indisready AS valid, c.relkind = 'I' AS partitioned
       FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
      WHERE x.indexrelid = pg_catalog.to_regclass($1)`,
    [object.name],
  );
  return row ?? null;
}
