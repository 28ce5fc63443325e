import type { PreflightService } from "../../../model/step-specs.ts";
import type { Check } from "../contract.ts";
import type { DatabaseFacts } from "../database-facts.ts";
import { factsOf } from "../database-users.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** The role in the Secret may do what inventory, backup and migration need. */
export const databaseRights: Check = {
  name: "database-rights",
  code: "CUT-3140",
  overridable: true,
  async run(context) {
    const services = (await context.pending()).filter((service) => service.database !== null && needsRights(service));
    if (services.length === 0) return skipped("no database is backed up or migrated");
    const problems = (await factsOf(context, services)).flatMap(({ service, facts }) => problemsOf(service, facts));
    if (problems.length === 0)
      return passed(`the roles of ${count(services.length, "database")} may read all and create`);
    return failed(
      "a database role lacks rights",
      problems,
      "grant them as the owner: GRANT SELECT ON ALL TABLES IN SCHEMA ..., GRANT CREATE ON SCHEMA ... TO the role named above",
    );
  },
};

function needsRights(service: PreflightService): boolean {
  return service.steps.some((step) => ["inventory", "backup", "migrate"].includes(step));
}

function problemsOf(service: PreflightService, facts: DatabaseFacts): string[] {
  const who = `${service.name}: role ${facts.user} in database ${facts.database}`;
  const read = service.steps.includes("inventory") || service.backup?.kind === "pgDump";
  const unreadable = facts.unreadable.join(", ");
  return [
    ...(read && facts.unreadableCount > 0
      ? [`${who} cannot read ${count(facts.unreadableCount, "relation")}: ${unreadable}`]
      : []),
    ...(service.steps.includes("migrate") && facts.notCreatable.length > 0
      ? [`${who} cannot create in ${facts.notCreatable.join(", ")}`]
      : []),
  ];
}
