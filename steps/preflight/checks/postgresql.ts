import { describeRange, judgeRange } from "../../../model/version.ts";
import type { Check } from "../contract.ts";
import { databaseUsers, factsOf } from "../database-users.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** Every database answers, and its server's version is one that the release set allows. */
export const postgresql: Check = {
  name: "postgresql",
  code: "CUT-3131",
  overridable: true,
  async run(context) {
    const { spec } = context;
    if (databaseUsers(spec.services).length === 0) return skipped("no service has a database");
    const databases = await factsOf(context, spec.services);
    const range = spec.thirdParties["postgresql"] ?? {};
    const wrong = databases.filter(({ facts }) => judgeRange(facts.version, range) !== "within");
    const versions = [...new Set(databases.map(({ facts }) => facts.version))].join(", ");
    if (wrong.length === 0)
      return passed(`${count(databases.length, "database")} on ${versions} (wanted: ${describeRange(range)})`);
    return failed(
      "the version of a PostgreSQL server is not allowed",
      wrong.map(
        ({ service, facts }) =>
          `${service.name}: database ${facts.database} on ${facts.version}, wanted: ${describeRange(range)}`,
      ),
      "upgrade the third party before the services (seed 001), or choose a release set for this version",
    );
  },
};
