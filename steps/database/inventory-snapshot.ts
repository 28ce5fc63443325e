import type { Postgres } from "../../clients/contracts.ts";
import type { Inventory, InventoryObject } from "../../model/inventory.ts";
import * as queries from "./inventory-queries.ts";
import { constraintObject, grantObject, indexObject, relationObject, triggerObject } from "./inventory-objects.ts";

/** Reads the whole catalog in one snapshot, so that a running migration cannot show up half. Only reads. */
export async function takeInventory(database: Postgres): Promise<Inventory> {
  await database.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    // Definitions print unqualified what the search path shows: an empty one makes them comparable and replayable.
    await database.query("SET LOCAL search_path = ''");
    return await readAll(database);
  } finally {
    await database.query("ROLLBACK");
  }
}

/** Identity of the server's data, or null where the right to read it was revoked. */
export async function readSystemIdentifier(database: Postgres): Promise<string | null> {
  try {
    const [row] = await database.query<{ id: string }>(queries.systemIdentifierQuery);
    return row?.id ?? null;
  } catch {
    return null;
  }
}

async function readAll(database: Postgres): Promise<Inventory> {
  const rows = <Row>(sql: string): Promise<Row[]> => database.query<Row>(sql);
  const [identity] = await rows<{ database: string; version: string }>(queries.identityQuery);
  await database.query("SAVEPOINT identity");
  const systemIdentifier = await readSystemIdentifier(database);
  await database.query("ROLLBACK TO SAVEPOINT identity");
  const simple = async (kind: InventoryObject["kind"], sql: string): Promise<InventoryObject[]> =>
    (await rows<SimpleRow>(sql)).map((row) => simpleObject(kind, row));
  const objects: InventoryObject[] = [
    ...(await rows<Parameters<typeof relationObject>[0]>(queries.relationsQuery)).map(relationObject),
    ...(await rows<Parameters<typeof constraintObject>[0]>(queries.constraintsQuery)).map(constraintObject),
    ...(await rows<Parameters<typeof indexObject>[0]>(queries.indexesQuery)).map(indexObject),
    ...(await simple("function", queries.functionsQuery)),
    ...(await rows<Parameters<typeof triggerObject>[0]>(queries.triggersQuery)).map(triggerObject),
    ...(await simple("rule", queries.rulesQuery)),
    ...(await simple("policy", queries.policiesQuery)),
    ...(await simple("statistics", queries.statisticsQuery)),
    ...(await simple("publication", queries.publicationsQuery)),
    ...(await simple("tablespace", queries.tablespacesQuery)),
    ...(await simple("comment", queries.commentsQuery)),
    ...(await rows<Parameters<typeof grantObject>[0]>(queries.grantsQuery)).map(grantObject),
    ...(await simple("defaultGrant", queries.defaultGrantsQuery)),
  ];
  return {
    format: 1,
    database: identity?.database ?? "",
    systemIdentifier,
    serverVersion: identity?.version ?? "",
    takenAt: new Date().toISOString(),
    objects,
    partitions: await rows(queries.partitionsQuery),
  };
}

interface SimpleRow {
  name?: string;
  relation?: string;
  arguments?: string;
  column?: string;
  owner?: string;
  type?: string;
  def: string | null;
}

function simpleObject(kind: InventoryObject["kind"], row: SimpleRow): InventoryObject {
  const isFunction = kind === "function";
  const onRelation = row.relation ?? null;
  const name =
    kind === "comment"
      ? (onRelation ?? "")
      : kind === "rule" || kind === "policy"
        ? `${onRelation}.${row.name}`
        : row.name;
  const detail = isFunction
    ? `(${row.arguments ?? ""})`
    : kind === "defaultGrant"
      ? `${row.owner} ${row.type}`
      : (row.column ?? "");
  return {
    kind,
    name: name ?? "",
    detail,
    relation: onRelation,
    definition: row.def ?? "",
    valid: true,
    create: isFunction && row.def !== null ? [row.def] : [],
    settings: [],
  };
}
