import { connectKubernetes } from "../../clients/kubernetes.ts";
import { createHelm } from "../../clients/helm.ts";
import { openLedger } from "../../clients/ledger-store.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import { verifyPages } from "../../model/ledger-verify.ts";
import type { Sandbox } from "../contracts.ts";
import { say, table } from "./narrate.ts";

/** One row per receipt of the newest run, and whether the chain is whole. */
export async function showLedger(sandbox: Sandbox, stack: string): Promise<void> {
  process.env["KUBECONFIG"] = sandbox.kubeconfig;
  const ledger = await openLedger({ stack, cluster: { ledgerNamespace: "cutover" } });
  const pages = await ledger.pages();
  const rows = (pages.at(-1)?.entries ?? []).flatMap((entry) =>
    entry.kind === "receipt"
      ? [
          [
            entry.receipt.attempt,
            entry.receipt.service ?? "infomart",
            entry.receipt.step,
            entry.receipt.verdict,
            `${(entry.receipt.durationMilliseconds / 1000).toFixed(1)} s`,
            entry.receipt.summary.slice(0, 90),
          ],
        ]
      : [],
  );
  table(["attempt", "service", "step", "verdict", "took", "summary"], rows);
  const problems = verifyPages(pages);
  say(
    `ledger: ${pages.length} pages, ${problems.length === 0 ? "the hash chain is whole" : `${problems.length} PROBLEMS`}`,
  );
}

/** Newest revision of every release. */
export async function showHelm(sandbox: Sandbox): Promise<void> {
  process.env["KUBECONFIG"] = sandbox.kubeconfig;
  const helm = createHelm(await connectKubernetes({}));
  const releases: [string, string][] = [
    ["gim", "gim-t100"],
    ["gim", "gim-monitoring"],
    ["gsp", "gsp"],
    ["gca", "gca-t100"],
    ["gca", "gca-monitoring"],
  ];
  const rows: string[][] = [];
  for (const [namespace, release] of releases) {
    const [newest] = await helm.history(namespace, release);
    if (newest !== undefined)
      rows.push([`${namespace}/${release}`, newest.chartVersion, String(newest.revision), newest.status]);
  }
  table(["release", "chart", "revision", "status"], rows);
}

/** The schema version that the database itself states, and what became of the customer's own objects. */
export async function showSchema(sandbox: Sandbox, tenant: string): Promise<void> {
  const { host, port, superuser: user, password } = sandbox.database;
  const database = await connectPostgres(
    { host, port, user, password, database: `infomart_${tenant}` },
    { applicationName: "cutover-demo" },
  );
  try {
    const [schema] = await database.query<{ version: string }>(
      "select version from ctl_schema_info order by id desc limit 1",
    );
    const custom = await database.query<{ name: string }>(
      "select relname as name from pg_class where relname like 'cust\\_%' and relkind in ('i', 'I', 'v', 'm') order by 1",
    );
    say(
      `Info Mart of ${tenant}: schema ${schema?.version ?? "unknown"}; custom objects present: ${custom.map((row) => row.name).join(", ")}`,
    );
  } finally {
    await database.close();
  }
}
