import type { InventoryComparison } from "./inventory-compare.ts";
import { objectKey, type InventoryKind, type InventoryObject } from "./inventory.ts";
import type { CustomObjectRule } from "./release-set.ts";

const kindsOfRule: { [kind in CustomObjectRule["kind"]]: readonly InventoryKind[] } = {
  index: ["index"],
  view: ["view", "materializedView"],
  grant: ["grant"],
  trigger: ["trigger"],
  function: ["function"],
};

/** True when a rule names the object: its kind, and a pattern over its whole `schema.name`. */
export function isNamed(object: InventoryObject, rules: readonly CustomObjectRule[]): boolean {
  return rules.some(
    (rule) => kindsOfRule[rule.kind].includes(object.kind) && new RegExp(`^(?:${rule.name})$`).test(object.name),
  );
}

/** What a person writes into `cutover:acknowledged` to accept a loss: `lost:index:public.ix_custom`. */
export function lossId(object: InventoryObject): string {
  return `lost:${object.kind}:${object.name}`;
}

/** What to do about each difference. */
export interface CustomObjectPlan {
  /** Lost or invalid and named by a rule, with statements to make it again; in dependency order. */
  recreate: InventoryObject[];
  /** Lost or invalid, not named by a rule (or impossible to make again), not acknowledged: a person decides. */
  undecided: InventoryObject[];
  acknowledged: InventoryObject[];
}

// A view may need a function, an index may be on a materialized view, triggers and grants need everything else.
const order: readonly InventoryKind[] = ["function", "index", "view", "materializedView", "trigger", "grant"];

/** Sorts the lost and invalid objects by what the rules and acknowledgements say. */
export function planCustomObjects(
  comparison: InventoryComparison,
  rules: readonly CustomObjectRule[],
  acknowledged: readonly string[],
): CustomObjectPlan {
  const missing = [...comparison.lost, ...comparison.invalid];
  const recreate = missing.filter((object) => object.create.length > 0 && isNamed(object, rules));
  const rest = missing.filter((object) => !recreate.includes(object));
  const accepted = new Set(acknowledged);
  return {
    recreate: recreate.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
    undecided: rest.filter((object) => !accepted.has(lossId(object))),
    acknowledged: rest.filter((object) => accepted.has(lossId(object))),
  };
}

/** One line for people: `LOST index public.ix_custom`. */
export function describeObject(word: "LOST" | "INVALID" | "CHANGED", object: InventoryObject): string {
  return `${word} ${objectKey(object)}`;
}
