import type { Page } from "../../model/ledger.ts";
import type { StepContext } from "../context.ts";
import { notApart } from "./errors.ts";
import type { CalledMigrationSpec } from "./situation.ts";

/**
 * The last look before the call. In mode `clone` the clone's connections must not lead to the source: the call would migrate the
 * databases that v6 still works with (facts/domain.md A8). Throws CUT-5712.
 */
export async function beforeCall(context: StepContext, spec: CalledMigrationSpec): Promise<void> {
  const { operationalDatabases: settings } = spec;
  if (settings === null || settings.mode !== "clone") return;
  const databases = clonedDatabases(await (await context.ledger()).pages());
  if (databases.length === 0) {
    throw notApart(context.request.stack, spec, ["the ledger has no clone that this stack made"], []);
  }
  const { checkCloneIsApart } = await import("../operational/clone-apart.ts");
  const { problems, evidence } = await checkCloneIsApart(context, settings, { databases, when: "after" });
  if (problems.length > 0) throw notApart(context.request.stack, spec, problems, evidence);
  for (const line of evidence) context.progress(line);
}

/** Names in the source of what the last good clone step copied. */
export function clonedDatabases(pages: readonly Page[]): string[] {
  const clones = [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap((page) => page.entries)
    .flatMap((entry) => {
      if (entry.kind !== "receipt") return [];
      const { step, verdict, facts } = entry.receipt;
      return step === "clone" && verdict === "passed" && Array.isArray(facts["clones"]) ? [facts["clones"]] : [];
    })
    .at(-1);
  return (clones ?? []).flatMap((clone) => {
    const name = clone !== null && typeof clone === "object" && !Array.isArray(clone) ? clone["database"] : null;
    return typeof name === "string" ? [name] : [];
  });
}
