import { generationText } from "../../../../model/redpoint/chart-generation.ts";
import { clearSecrets, missingValues } from "../../../../model/redpoint/chart-values.ts";
import type { Check } from "../../contract.ts";
import { count, failed, passed } from "../../outcome.ts";
import { problemsOfEach, redpointReleases } from "./releases.ts";

/** The values fit the chart's generation, and files hold no secret. */
export const chartValues: Check = {
  name: "redpoint-values",
  code: "CUT-3201",
  overridable: true,
  run(context) {
    const releases = redpointReleases(context);
    const inClear = problemsOfEach(releases, ({ service }) =>
      clearSecrets(service.values).map((path) => `${path} stands in clear in the values' files`),
    );
    const dev = context.request.environment === "dev";
    const problems = [
      ...problemsOfEach(releases, ({ values, generation }) => missingValues(values, generation)),
      ...(dev ? [] : inClear),
    ];
    const generations = [...new Set(releases.map(({ generation }) => generationText(generation)))];
    if (problems.length > 0) {
      const next =
        "correct stacks/<platform>/values or the release set; see docs/redpoint-values.md for what each generation of the chart needs";
      return Promise.resolve(failed("values of the chart are missing or wrong", problems, next));
    }
    return Promise.resolve(
      passed(`values of ${count(releases.length, "release")} fit a chart of ${generations.join(" and ")}`, inClear),
    );
  },
};
