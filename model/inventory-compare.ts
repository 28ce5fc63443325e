import { objectKey, type Inventory, type InventoryObject } from "./inventory.ts";

/** What a migration did to the objects that were there before it. */
export interface InventoryComparison {
  lost: InventoryObject[];
  /** There, but unusable: an index that was valid before. */
  invalid: InventoryObject[];
  changed: { before: InventoryObject; after: InventoryObject }[];
  /** Gone but no reason to stop: what a table lost by becoming a view (facts/domain.md D3), and comments. */
  reported: InventoryObject[];
  tablesThatBecameViews: string[];
  partitions: { gone: number; added: number };
}

/** Compares two inventories. Partition churn is no loss, neither is what hung on a purged partition; new objects are none. */
export function compareInventories(before: Inventory, after: Inventory): InventoryComparison {
  const now = new Map(after.objects.map((object) => [objectKey(object), object]));
  const fateOf = fates(before, after);
  const views = namesOf(after, ["view", "materializedView"]);
  const becameViews = [...namesOf(before, ["table", "foreignTable"])].filter((name) => views.has(name));
  const result: InventoryComparison = {
    lost: [],
    invalid: [],
    changed: [],
    reported: [],
    tablesThatBecameViews: becameViews.sort(),
    partitions: churn(before, after),
  };
  for (const object of before.objects) {
    const found = now.get(objectKey(object));
    if (found === undefined) {
      const fate = fateOf(object);
      if (fate !== "explained") result[fate].push(object);
    } else if (object.valid && !found.valid) result.invalid.push(object);
    else if (object.definition !== found.definition) result.changed.push({ before: object, after: found });
  }
  return result;
}

/** What it means that an object is gone: a loss, worth a line, or no more than what happened to its table. */
function fates(before: Inventory, after: Inventory): (object: InventoryObject) => "lost" | "reported" | "explained" {
  const views = namesOf(after, ["view", "materializedView"]);
  const relations = namesOf(after, ["table", "foreignTable", "view", "materializedView", "sequence"]);
  const tables = namesOf(before, ["table", "foreignTable"]);
  const childrenBefore = new Set(before.partitions.map((partition) => partition.child));
  const children = new Set(after.partitions.map((partition) => partition.child));
  const becameView = (name: string): boolean => tables.has(name) && views.has(name);
  return (object) => {
    const { relation, kind, name } = object;
    // A table that is a partition or a view by now.
    if (kind === "table" && (children.has(name) || becameView(name))) return "explained";
    if (kind === "comment") return "reported";
    if (relation === null) return "lost";
    // What hung on a purged partition went with it.
    if (childrenBefore.has(relation) && !children.has(relation)) return "explained";
    if (becameView(relation) && needsTable.has(kind)) return "reported";
    // What hangs on a lost table is lost with it; the table alone is reported.
    return tables.has(relation) && !relations.has(relation) && !children.has(relation) ? "explained" : "lost";
  };
}

// What a view cannot carry; it goes on working on the table below the view where that still exists.
const needsTable = new Set<InventoryObject["kind"]>(["index", "constraint", "trigger", "policy", "statistics"]);

function namesOf(inventory: Inventory, kinds: readonly InventoryObject["kind"][]): Set<string> {
  return new Set(inventory.objects.filter((object) => kinds.includes(object.kind)).map((object) => object.name));
}

/** Partitions by parent and bound: a renamed one is neither gone nor new. */
function churn(before: Inventory, after: Inventory): { gone: number; added: number } {
  const key = ({ parent, bound, child }: Inventory["partitions"][number]): string => `${parent} ${bound || child}`;
  const was = new Set(before.partitions.map(key));
  const is = new Set(after.partitions.map(key));
  return {
    gone: [...was].filter((partition) => !is.has(partition)).length,
    added: [...is].filter((partition) => !was.has(partition)).length,
  };
}
