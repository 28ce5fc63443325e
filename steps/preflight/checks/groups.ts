import type { CheckGroup } from "../../../model/platform.ts";
import type { Check } from "../contract.ts";
import { chartImagePairing } from "./chart-image-pairing.ts";
import { generalChecks } from "./index.ts";
import { nodeFolders } from "./nodes/folders.ts";
import { nodeProcedureCheck } from "./nodes/procedure.ts";
import { nodesReachable } from "./nodes/reachable.ts";
import { backupPlace } from "./operational/backup-place.ts";
import { cloneTargets } from "./operational/clone-targets.ts";
import { platformDatabaseRights } from "./operational/database-rights.ts";
import { databases } from "./operational/databases.ts";
import { serverVersion } from "./operational/server-version.ts";
import { overridesCheck } from "./overrides.ts";
import { applicationSecretCheck } from "./redpoint/application-secret.ts";
import { chartValues } from "./redpoint/chart-values.ts";
import { databaseWork } from "./redpoint/database-work.ts";
import { databaseProvider } from "./redpoint/database-provider.ts";
import { environment } from "./redpoint/environment.ts";
import { licence } from "./redpoint/licence.ts";
import { realtimeProviders } from "./redpoint/realtime-providers.ts";
import { realtimeTenants } from "./redpoint/realtime-tenants.ts";
import { secretOwner } from "./redpoint/secret-owner.ts";
import { upgradeAssistant } from "./redpoint/upgrade-assistant.ts";
import { skew } from "./skew.ts";

const groups: Record<CheckGroup, readonly Check[]> = {
  chartPairing: [chartImagePairing],
  skew: [skew],
  operationalDatabases: [databases, serverVersion, platformDatabaseRights, backupPlace, cloneTargets],
  nodes: [nodeProcedureCheck, nodesReachable, nodeFolders],
  redpoint: [
    chartValues,
    databaseWork,
    databaseProvider,
    realtimeProviders,
    realtimeTenants,
    applicationSecretCheck,
    secretOwner,
    licence,
    upgradeAssistant,
    environment,
  ],
};

/** The checks of a platform, in the order of the table: the general ones, with those of its groups before who may run and when. */
export function checksFor(names: readonly string[]): readonly Check[] {
  const known = Object.entries(groups);
  const unknown = names.find((name) => !known.some(([group]) => group === name));
  if (unknown !== undefined) throw new Error(`there is no group of checks called ${unknown}`);
  const chosen = known.flatMap(([group, checks]) => (names.includes(group) ? checks : []));
  const declared = generalChecks(chosen);
  return [...declared, overridesCheck(declared)];
}
