import { databaseProviderProblems } from "../../../../model/redpoint/providers.ts";
import { readValueAt } from "../../../../model/value-at.ts";
import type { Check } from "../../contract.ts";
import { failed, passed } from "../../outcome.ts";
import { problemsOfEach, redpointReleases, type RedpointRelease } from "./releases.ts";

/** The chart knows the database's provider on this platform, and it is the one that the stack's databases have. */
export const databaseProvider: Check = {
  name: "redpoint-database-provider",
  code: "CUT-3202",
  overridable: true,
  run(context) {
    const wanted = context.spec.operationalDatabases?.provider ?? null;
    const other = ({ values }: RedpointRelease): string[] => {
      const provider = readValueAt(values, "databases.operational.provider");
      if (wanted === null || typeof provider !== "string") return [];
      return (provider === "postgresql") === (wanted === "postgresql")
        ? []
        : [`databases.operational.provider is ${provider}, cutover:operationalDatabases.provider is ${wanted}`];
    };
    const problems = problemsOfEach(redpointReleases(context), (release) => [
      ...databaseProviderProblems(release.values),
      ...other(release),
    ]);
    if (problems.length === 0) return Promise.resolve(passed("provider and platform go together"));
    const next = "correct databases.operational.provider or global.deployment.platform in the values";
    return Promise.resolve(failed("the chart cannot use this database here", problems, next));
  },
};
