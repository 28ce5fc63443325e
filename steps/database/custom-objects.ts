import type { Postgres } from "../../clients/contracts.ts";
import { compareInventories, type InventoryComparison } from "../../model/inventory-compare.ts";
import { describeObject, lossId, planCustomObjects, type CustomObjectPlan } from "../../model/inventory-rules.ts";
import { objectKey, type Inventory, type InventoryObject } from "../../model/inventory.ts";
import type { CustomObjectRule } from "../../model/release-set.ts";
import type { Json } from "../../model/service.ts";
import type { Outcome, StepContext } from "../context.ts";
import { takeInventory } from "./inventory-snapshot.ts";
import { recreateObjects, type Recreated } from "./recreate.ts";

export interface CustomObjectsInput {
  before: Inventory;
  rules: readonly CustomObjectRule[];
  acknowledged: readonly string[];
}

/** What the migration did to the custom objects, and what was done about it. */
export type CustomObjectsOutcome = Pick<Outcome, "verdict" | "summary"> & {
  evidence: string[];
  facts: { [key: string]: Json };
};

/** Compares only; null when a rule asks for something to be made again. */
export async function judgeCustomObjects(
  database: Postgres,
  input: CustomObjectsInput,
): Promise<CustomObjectsOutcome | null> {
  const comparison = compareInventories(input.before, await takeInventory(database));
  const plan = planCustomObjects(comparison, input.rules, input.acknowledged);
  return plan.recreate.length > 0 ? null : outcome(comparison, plan, { done: [], failed: [] });
}

/** Compares, makes again what rules name, compares once more. */
export async function restoreCustomObjects(
  context: StepContext,
  database: Postgres,
  input: CustomObjectsInput,
): Promise<CustomObjectsOutcome> {
  const first = compareInventories(input.before, await takeInventory(database));
  const wanted = planCustomObjects(first, input.rules, input.acknowledged).recreate;
  const recreated = await recreateObjects(database, wanted, context);
  const comparison = compareInventories(input.before, await takeInventory(database));
  const plan = planCustomObjects(comparison, input.rules, input.acknowledged);
  // What a rule names and is still missing could not be made again: a person decides.
  return outcome(comparison, { ...plan, undecided: [...plan.undecided, ...plan.recreate] }, recreated);
}

function outcome(comparison: InventoryComparison, plan: CustomObjectPlan, recreated: Recreated): CustomObjectsOutcome {
  const invalid = new Set(comparison.invalid);
  const why = new Map(recreated.failed.map((item) => [objectKey(item.object), item.why]));
  const missing = (object: InventoryObject): string => {
    const reason = why.get(objectKey(object));
    return `${describeObject(invalid.has(object) ? "INVALID" : "LOST", object)}${reason === undefined ? "" : `: ${reason}`}`;
  };
  const ids = [...new Set(plan.undecided.map(lossId))];
  const { gone, added } = comparison.partitions;
  const evidence = [
    ...plan.undecided.map(missing),
    ...(ids.length === 0 ? [] : [`to accept a loss, add to cutover:acknowledged: ${ids.join(", ")}`]),
    ...recreated.done.map((object) => `created again: ${objectKey(object)}`),
    ...plan.acknowledged.map((object) => `${missing(object)} (acknowledged)`),
    ...comparison.reported.map((object) => `not on the view or table any more: ${objectKey(object)}`),
    ...comparison.changed.map(({ before }) => describeObject("CHANGED", before)),
    ...(comparison.tablesThatBecameViews.length === 0
      ? []
      : [`tables that became views: ${comparison.tablesThatBecameViews.join(", ")}`]),
    ...(gone + added === 0 ? [] : [`partitions: ${gone} gone, ${added} new (no loss)`]),
  ];
  return {
    verdict: plan.undecided.length > 0 ? "inconclusive" : "passed",
    summary:
      plan.undecided.length > 0
        ? `${plan.undecided.length} database objects were lost and no rule names them: ${ids.slice(0, 5).join(", ")}`
        : `no custom object is lost, ${recreated.done.length} created again`,
    evidence,
    facts: {
      lost: ids,
      recreated: recreated.done.map(objectKey),
      acknowledged: plan.acknowledged.map(lossId),
      changed: comparison.changed.length,
      partitionsGone: gone,
      partitionsNew: added,
    },
  };
}
