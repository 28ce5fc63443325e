/** Kinds of database objects that an inventory knows (facts/domain.md D2). */
export const inventoryKinds = [
  "table",
  "foreignTable",
  "sequence",
  "constraint",
  "index",
  "view",
  "materializedView",
  "function",
  "trigger",
  "rule",
  "policy",
  "statistics",
  "publication",
  "tablespace",
  "comment",
  "grant",
  "defaultGrant",
] as const;
export type InventoryKind = (typeof inventoryKinds)[number];

/** One object of the catalog. */
export interface InventoryObject {
  kind: InventoryKind;
  /** What people and rules name it by: `schema.name`; of a grant, the object it is on. */
  name: string;
  /** Tells apart what shares a name: who was granted what, which table a trigger is on, a function's arguments. */
  detail: string;
  /** `schema.name` of the table or view it hangs on, or null. */
  relation: string | null;
  /** Everything that makes it what it is, as the server prints it; compared as text. */
  definition: string;
  /** False for an index that queries cannot use. */
  valid: boolean;
  /** Statements that make it again, in their order; empty where cutover cannot. */
  create: string[];
  /** SET statements for those: `default_tablespace`. */
  settings: string[];
}

/** Partitions and inheritance children: they come and go every day (facts/domain.md B5). */
export interface Partition {
  child: string;
  parent: string;
  bound: string;
}

/** All of a database's catalog that a migration may lose. Times are ISO 8601 in UTC. */
export interface Inventory {
  format: 1;
  database: string;
  systemIdentifier: string | null;
  serverVersion: string;
  takenAt: string;
  objects: InventoryObject[];
  partitions: Partition[];
}

/** Identity of an object over time: by the name that queries use, never by OID (facts/domain.md D3). */
export function objectKey(object: Pick<InventoryObject, "kind" | "name" | "detail">): string {
  return `${object.kind} ${object.name}${object.detail === "" ? "" : ` ${object.detail}`}`;
}

/** Numbers of objects by kind, for a receipt. */
export function countByKind(inventory: Inventory): { [kind: string]: number } {
  const counts: { [kind: string]: number } = {};
  for (const object of inventory.objects) counts[object.kind] = (counts[object.kind] ?? 0) + 1;
  if (inventory.partitions.length > 0) counts["partition"] = inventory.partitions.length;
  return counts;
}
