import { pagesOfOperation, receiptsOfOperation } from "../../../../clients/ledger-receipts.ts";
import { cloneNames } from "../../../../model/operational/clone-names.ts";
import { readValueAt } from "../../../../model/value-at.ts";
import type { Check, LedgerView } from "../../contract.ts";
import { notGuarded } from "../../guarded.ts";
import { count, failed, passed, skipped } from "../../outcome.ts";

/** No database has the name of a clone that is to be made, and a clone stays apart from its source: never REPLACE (facts/domain.md C3, A8). */
export const cloneTargets: Check = {
  name: "clone-targets",
  code: "CUT-3213",
  overridable: false,
  async run(context) {
    const { operationalDatabases: settings, platformSteps } = context.spec;
    if (settings?.mode !== "clone" || !platformSteps.includes("clone")) return skipped("this run makes no clones");
    const free = await notGuarded(context);
    if (free !== null) return free;
    const ledger = await context.ledger();
    if (receiptsOfOperation(ledger.pages, null, "clone").some(({ verdict }) => verdict === "passed"))
      return skipped("this run has made its clones");
    const { which, databases } = await context.platformDatabases();
    if (which !== "source") return skipped("the clones were made by an earlier run");
    const [{ openHost }, apart] = await Promise.all([
      import("../../../operational/open-host.ts"),
      import("../../../operational/clone-apart.ts"),
    ]);
    const names = databases.map(({ name }) => name);
    const result = await apart.checkCloneIsApart(context.step, settings, { databases: names, when: "before" });
    const clones = cloneNames(apart.templateOf(settings), names);
    const target = await openHost(context.step, settings, "server");
    const present = new Set((await target.names().finally(() => target.close())).map((name) => name.toLowerCase()));
    const ours = begunClones(ledger);
    const taken = [...clones.values()].filter((name) => present.has(name.toLowerCase()) && !ours.has(name));
    const problems = [
      ...result.problems,
      ...taken.map((name) => `a database ${name} exists on the clones' server, and this run did not make it`),
    ];
    if (problems.length === 0) return passed(`${count(clones.size, "clone")} can be made`, result.evidence);
    return failed(
      "the clones cannot be made safely",
      [...problems, ...result.evidence],
      "use another server, or configure tenantConnections (query and rewrite) or another clone.name in cutover:operationalDatabases; drop what an earlier trial left there",
    );
  },
};

/** Names that this run has begun to clone, as it noted before it began each. */
function begunClones({ pages }: LedgerView): Set<string> {
  const entries = pagesOfOperation(pages).flatMap((page) => page.entries);
  return new Set(
    entries.flatMap((entry) => {
      const data = entry.kind === "note" ? readValueAt(entry.data, "begunClone.clone") : undefined;
      return typeof data === "string" ? [data] : [];
    }),
  );
}
