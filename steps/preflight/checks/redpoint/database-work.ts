import { automaticDatabaseWork } from "../../../../model/redpoint/chart-values.ts";
import type { Check } from "../../contract.ts";
import { failed, passed } from "../../outcome.ts";
import { problemsOfEach, redpointReleases } from "./releases.ts";

/**
 * Nothing in the chart upgrades or installs databases by itself: the upgrade API is called once, by the step migrate (facts/domain.md A2,
 * A3). A Job of the chart would call it beside that, and again for each of its tries.
 */
export const databaseWork: Check = {
  name: "redpoint-database-work",
  code: "CUT-3223",
  overridable: false,
  run(context) {
    const problems = problemsOfEach(redpointReleases(context), ({ values }) => automaticDatabaseWork(values));
    if (problems.length === 0) return Promise.resolve(passed("only the step migrate calls the upgrade API"));
    const next =
      "set it to false (or another mode) in stacks/<platform>/values or the release set: cutover makes the one call itself, in its step migrate";
    return Promise.resolve(failed("the chart would work on the databases by itself", problems, next));
  },
};
