import type { Postgres } from "../clients/contracts.ts";
import { suits } from "../model/schema-version.ts";
import { migrateStepSpec } from "../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";
import {
  judgeCustomObjects,
  restoreCustomObjects,
  type CustomObjectsInput,
  type CustomObjectsOutcome,
} from "./database/custom-objects.ts";
import { followMigration } from "./database/follow-migration.ts";
import { loadInventory } from "./database/inventory-file.ts";
import { readSchemaVersion } from "./database/schema-version.ts";
import { earliestInventory } from "./inventory.ts";

interface Seen {
  found: string;
  reached: string;
  restarts: number;
}

/** Nothing to migrate, or already done, and no object to make again: no worker needed. */
export async function quick(context: StepContext): Promise<Outcome | null> {
  const spec = parseSpec(migrateStepSpec, context.request);
  const database = await context.postgres(spec.database);
  const found = await readSchemaVersion(database, spec.migrate.schemaVersionQuery);
  if (!suits(found, spec.schemaVersion.to, spec.service.schemaClass)) return null;
  const input = await customObjects(context);
  const objects = input === null ? nothingToCompare : await judgeCustomObjects(database, input);
  return objects === null ? null : outcomeOf(context, { found, reached: found, restarts: 0 }, objects);
}

/** Follows the service's own migration to its end, then makes lost custom objects again where rules name them. */
export async function run(context: StepContext): Promise<Outcome> {
  const spec = parseSpec(migrateStepSpec, context.request);
  const database = await context.postgres(spec.database);
  const found = await readSchemaVersion(database, spec.migrate.schemaVersionQuery);
  const { restarts, version } = await followMigration(context, spec, database);
  const objects = await restore(context, database);
  return outcomeOf(context, { found, reached: version, restarts }, objects);
}

async function restore(context: StepContext, database: Postgres): Promise<CustomObjectsOutcome> {
  const input = await customObjects(context);
  return input === null ? nothingToCompare : restoreCustomObjects(context, database, input);
}

async function customObjects(context: StepContext): Promise<CustomObjectsInput | null> {
  const { service, customObjects: rules, acknowledged } = parseSpec(migrateStepSpec, context.request);
  const taken = await earliestInventory(context, service.name);
  if (taken === null) return null;
  const before = await loadInventory(context.root, taken.stored);
  return { before, rules, acknowledged };
}

const nothingToCompare: CustomObjectsOutcome = {
  verdict: "passed",
  summary: "no inventory was taken before, so custom objects were not compared",
  evidence: [],
  facts: {},
};

function outcomeOf(context: StepContext, seen: Seen, objects: CustomObjectsOutcome): Outcome {
  const { service, schemaVersion } = parseSpec(migrateStepSpec, context.request);
  const needed = schemaVersion.from !== schemaVersion.to;
  const restarted = seen.restarts === 0 ? "" : ` after ${seen.restarts} restarts of its pod`;
  const text = !needed
    ? `no migration needed, schema is ${seen.reached}`
    : seen.found === seen.reached
      ? seen.reached === schemaVersion.to
        ? `schema is ${seen.reached} already`
        : `schema ${seen.reached} is newer than ${schemaVersion.to} and stays; ${service.releaseSet} runs on it`
      : `schema migrated from ${seen.found} to ${seen.reached}${restarted}`;
  return {
    verdict: objects.verdict,
    summary: `${service.name}: ${text}; ${objects.summary}`,
    evidence: objects.evidence,
    facts: { schemaBefore: seen.found, schemaAfter: seen.reached, restarts: seen.restarts, ...objects.facts },
  };
}
