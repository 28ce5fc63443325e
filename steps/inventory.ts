import { join, resolve } from "node:path";
import { receiptsSinceVerified } from "../clients/ledger-receipts.ts";
import { countByKind, type Inventory } from "../model/inventory.ts";
import { inventorySpec } from "../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";
import { loadInventory, storeInventory, type StoredInventory } from "./database/inventory-file.ts";
import { takeInventory } from "./database/inventory-snapshot.ts";

const defaultFolder = ".cutover/backups";

/**
 * Notes all custom objects of the service's database before the migration (seed 001). One taken earlier for a migration
 * that is not verified yet is kept: taken again now, it would show the database after the loss.
 */
export async function run(context: StepContext): Promise<Outcome> {
  const spec = parseSpec(inventorySpec, context.request);
  const kept = await earliestInventory(context, spec.service.name);
  if (kept !== null) {
    const inventory = await loadInventory(context.root, kept.stored);
    return { ...outcomeOf(inventory, kept.stored), reused: true };
  }
  const inventory = await takeInventory(await context.postgres(spec.database));
  const run = context.request.attempt.split(".")[0] ?? "unknown";
  const stamp = inventory.takenAt.replace(/[^0-9]/g, "").slice(0, 14);
  const name = `inventory-${run}-${stamp}.json.gz`;
  const file = join(
    resolve(context.root, spec.folder ?? defaultFolder),
    context.request.stack,
    spec.service.name,
    name,
  );
  return outcomeOf(inventory, await storeInventory(context.root, file, inventory));
}

/** The inventory that a migration is compared with: the first one since the service was last verified. */
export async function earliestInventory(
  context: StepContext,
  service: string,
): Promise<{ stored: StoredInventory; attempt: string } | null> {
  const pages = await (await context.ledger()).pages();
  for (const receipt of receiptsSinceVerified(pages, service, "inventory")) {
    const { file, sha256 } = receipt.facts;
    if (receipt.verdict === "passed" && typeof file === "string" && typeof sha256 === "string") {
      return { stored: { file, sha256 }, attempt: receipt.attempt };
    }
  }
  return null;
}

function outcomeOf(inventory: Inventory, stored: StoredInventory): Outcome {
  const counts = countByKind(inventory);
  const text = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  const invalid = inventory.objects.filter((object) => !object.valid);
  return {
    verdict: "passed",
    summary: `${inventory.objects.length} objects of database ${inventory.database} noted at ${inventory.takenAt}`,
    evidence: [text.join(", "), ...invalid.map((object) => `invalid already: ${object.kind} ${object.name}`)],
    facts: { ...stored, takenAt: inventory.takenAt, database: inventory.database, counts },
  };
}
