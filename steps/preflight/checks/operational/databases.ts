import { serverKindName } from "../../../../model/operational/server-kind.ts";
import type { Check } from "../../contract.ts";
import { notGuarded } from "../../guarded.ts";
import { count, failed, passed } from "../../outcome.ts";

/** All databases of the platform are found, each tenant's with its audit database, and can be used (seed 000, step 1). */
export const databases: Check = {
  name: "databases",
  code: "CUT-3210",
  overridable: false,
  async run(context) {
    const free = await notGuarded(context);
    if (free !== null) return free;
    if (context.spec.operationalDatabases === null) {
      return failed(
        "the stack does not say where the operational databases are",
        [],
        `write cutover:operationalDatabases into stacks/Pulumi.${context.request.stack}.yaml`,
      );
    }
    const { server, kind, databases: found, tenants } = await context.platformDatabases();
    return passed(
      `${count(found.length, "database")} of ${count(tenants.length, "tenant")} on ${server} (${serverKindName(kind)})`,
      found.map(({ name, role, tenant }) => `${name}: ${role}${tenant === null ? "" : ` of ${tenant}`}`),
    );
  },
};
