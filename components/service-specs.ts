import type { z } from "zod";
import type { ServiceStepKind } from "../model/release-set.ts";
import type { ResolvedService } from "../model/service.ts";
import type {
  backupStepSpec,
  calledMigrationSpec,
  checkSpec,
  configureStepSpec,
  inventorySpec,
  migrateStepSpec,
  ServiceIdentity,
  verifySpec,
} from "../model/step-specs.ts";
import type { StackContext } from "./context.ts";

/** A service that the check step looks at before another one is touched. */
export type Neighbour = z.output<typeof checkSpec>["others"][number];

type StepSpec = z.output<
  | typeof checkSpec
  | typeof inventorySpec
  | typeof backupStepSpec
  | typeof migrateStepSpec
  | typeof calledMigrationSpec
  | typeof configureStepSpec
  | typeof verifySpec
>;
export type CommandKind = Exclude<ServiceStepKind, "release">;

/** What every step is told of its service. `releaseSet` is the one it was or will be verified under. */
export function identityOf(service: ResolvedService, releaseSet: string): ServiceIdentity {
  const { name, role, tenant, namespace, helmRelease, digest, image, schemaClass } = service;
  return { name, role, tenant, namespace, helmRelease, releaseSet, digest, image, schemaClass };
}

/** What one kind of step needs, as model/step-specs.ts wants it. */
export function specOf(
  kind: CommandKind,
  service: ResolvedService,
  identity: ServiceIdentity,
  others: readonly Neighbour[],
  context: Pick<StackContext, "prometheus" | "backupFolder" | "acknowledged" | "outside">,
): StepSpec {
  const { gates, customObjects } = service;
  const own = <Value>(value: Value | null | undefined, what: string): Value => present(value, what, service.name, kind);
  switch (kind) {
    case "check":
      return { service: identity, others: [...others] };
    case "inventory":
      return { service: identity, database: own(service.database, "database"), folder: context.backupFolder };
    case "backup":
      return {
        service: identity,
        database: own(service.database, "database"),
        backup: own(service.backup, "backup"),
        folder: context.backupFolder,
      };
    case "migrate": {
      const migrate = own(service.migrate, "migrate");
      const schemaVersion = own(service.schemaVersion, "schemaVersion");
      const { acknowledged, outside } = context;
      if ("kind" in migrate) {
        const { operationalDatabases } = outside;
        return { service: identity, schemaVersion, migrate, operationalDatabases, acknowledged };
      }
      return {
        service: identity,
        database: own(service.database, "database"),
        schemaVersion,
        migrate,
        customObjects,
        acknowledged,
      };
    }
    case "configure": {
      const { tenantSettings, operationalDatabases } = context.outside;
      return {
        service: identity,
        configure: own(service.configure, "configure"),
        values: service.values,
        tenants: operationalDatabases?.tenants ?? [],
        tenantSettings,
        operationalDatabases,
      };
    }
    case "verify":
      return {
        service: identity,
        database: service.database,
        gates,
        prometheus: context.prometheus,
        operationalDatabases: context.outside.operationalDatabases,
      };
  }
}

// The release set was checked for this when it was loaded; a hole here is a mistake of the program.
function present<Value>(value: Value | null | undefined, what: string, service: string, kind: string): Value {
  if (value === null || value === undefined) throw new Error(`${service}: the step ${kind} has no ${what}`);
  return value;
}
