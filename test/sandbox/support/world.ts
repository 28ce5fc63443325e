import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectPostgres } from "../../../clients/postgres.ts";
import type { EntryBody, Page } from "../../../model/ledger.ts";
import type { Receipt } from "../../../model/step.ts";
import { namespaceOf, revisionsOf, secrets } from "./cluster-view.ts";
import type { Scenario } from "./scenario.ts";

/** Services of a one-tenant scenario, in upgrade order. */
export const services = ["gim-t100", "gim-monitoring", "gsp", "gca-t100", "gca-monitoring"];

export const edit = (scenario: Scenario, changes: Record<string, unknown>): Promise<void> =>
  scenario.workspace.editStack(scenario.stack, changes);

/** Changes a file of the workspace's own copy of `stacks/`. */
export async function editFile(scenario: Scenario, file: string, change: (text: string) => string): Promise<void> {
  const path = join(scenario.workspace.directory, file);
  const before = await readFile(path, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`the test's change of ${file} changed nothing`);
  await writeFile(path, after);
}

export const pages = (scenario: Scenario): Promise<Page[]> => scenario.ledger.pages();

/** All receipts, oldest first. */
export async function receipts(scenario: Scenario): Promise<Receipt[]> {
  return (await pages(scenario)).flatMap((page) =>
    page.entries.flatMap((entry) => (entry.kind === "receipt" ? [entry.receipt] : [])),
  );
}

export async function record(scenario: Scenario, body: EntryBody): Promise<void> {
  await scenario.ledger.append(body);
}

export const revisions = (scenario: Scenario): Promise<Record<string, number>> =>
  revisionsOf(scenario.kubernetes, scenario.prefix, services);

/** Rows of a tenant's Info Mart, as the superuser. */
export async function sql<Row>(scenario: Scenario, text: string, tenant = "t100"): Promise<Row[]> {
  const { host, port, superuser, password } = scenario.sandbox.database;
  const database = (await databaseSecret(scenario, tenant))["db_name"] ?? "";
  const connection = await connectPostgres(
    { host, port, user: superuser, password, database },
    { applicationName: "cutover-test" },
  );
  try {
    return await connection.query<Row>(text);
  } finally {
    await connection.close();
  }
}

export async function schemaVersion(scenario: Scenario, tenant = "t100"): Promise<string | undefined> {
  const text = "select version from ctl_schema_info order by id desc limit 1";
  return (await sql<{ version: string }>(scenario, text, tenant))[0]?.version;
}

/** The JSON of GIM's Secret for one tenant. */
export async function databaseSecret(scenario: Scenario, tenant: string): Promise<Record<string, string>> {
  const secret = await scenario.kubernetes.get(secrets, namespaceOf(scenario.prefix, "gim"), "gim-gim-secrets");
  const value = secret?.data?.[`gim-${tenant}`];
  if (value === undefined) throw new Error(`gim-gim-secrets has no key gim-${tenant}`);
  return JSON.parse(Buffer.from(value, "base64").toString()) as Record<string, string>;
}

/** Changes fields of that JSON, as a person with kubectl would. */
export async function changeDatabaseSecret(
  scenario: Scenario,
  tenant: string,
  changes: Record<string, string>,
): Promise<void> {
  const json = JSON.stringify({ ...(await databaseSecret(scenario, tenant)), ...changes });
  await scenario.kubernetes.patch(secrets, namespaceOf(scenario.prefix, "gim"), "gim-gim-secrets", {
    data: { [`gim-${tenant}`]: Buffer.from(json).toString("base64") },
  });
}
