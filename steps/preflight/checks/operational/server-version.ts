import { describeRange, judgeRange } from "../../../../model/version.ts";
import type { Check } from "../../contract.ts";
import { notGuarded } from "../../guarded.ts";
import { failed, passed, skipped } from "../../outcome.ts";

/** The database server is of a version that the release set allows: SQL Server 2019 (15) or later for v7 (facts/domain.md A1). */
export const serverVersion: Check = {
  name: "database-server-version",
  code: "CUT-3214",
  overridable: true,
  async run(context) {
    const settings = context.spec.operationalDatabases;
    const free = settings === null ? skipped("the stack names no operational databases") : await notGuarded(context);
    if (settings === null || free !== null) return free ?? skipped("nothing to judge");
    const range = context.spec.thirdParties[settings.provider] ?? {};
    const { server, kind, version } = await context.platformDatabases();
    // These two count their own versions: Azure SQL Database always says 12.
    if (kind === "azureSqlDatabase" || kind === "managedInstance")
      return skipped(`${server} is kept up to date by its operator (${version})`);
    const wanted = describeRange(range);
    if (judgeRange(version, range) === "within") return passed(`${version} (wanted: ${wanted})`);
    return failed(
      `the version of the database server is not allowed`,
      [`${server}: ${settings.provider} ${version}, wanted: ${wanted}`],
      "upgrade the server before the platform, or choose a release set for this version",
    );
  },
};
