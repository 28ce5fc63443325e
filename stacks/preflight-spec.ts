import { identityOf } from "../components/service-specs.ts";
import type { ServiceSlot } from "../model/expand.ts";
import type { VerifiedService } from "../model/ledger-summary.ts";
import { installOrder } from "../model/order.ts";
import type { PlatformDefinition } from "../model/platform.ts";
import { migrateTimeout } from "../model/worst-case.ts";
import type { ResolvedService } from "../model/service.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import type { PreflightService, PreflightSpec } from "../model/step-specs.ts";
import { guardsOf } from "./guards.ts";
import { outsideOf } from "./outside.ts";
import type { LoadedReleaseSet, ReleaseSets } from "./release-sets.ts";
import type { ResolveContext } from "./resolve.ts";
import { strictestRanges } from "./third-parties.ts";
import { resolveWaysBack } from "./ways-back.ts";

/** What preflight is told besides the services. */
export interface PreflightInputs {
  settings: StackSettings;
  sets: ReleaseSets;
  ways: { before: ReadonlyMap<string, VerifiedService>; slots: readonly ServiceSlot[]; context: ResolveContext };
  /** Roles in install order. */
  installOrder: readonly string[];
  platform: Pick<PlatformDefinition, "checkGroups" | "secretValues">;
}

/** What preflight judges: the services wanted, the ways back, notes and demands of every release set involved. */
export function preflightOf(services: readonly ResolvedService[], inputs: PreflightInputs): PreflightSpec {
  const { settings, sets, ways, platform } = inputs;
  const { operationalDatabases, nodes, procedure } = outsideOf(settings, sets);
  const wanted = [...new Set([settings.release, ...services.map((service) => service.releaseSet)])];
  return {
    services: services.map(preflightService),
    waysBack: resolveWaysBack(ways.before, ways.slots, sets, ways.context).map(({ service, target, problem }) => ({
      service,
      target: target === null ? null : preflightService(target),
      problem,
    })),
    releaseOrder: [...sets.order],
    notes: passedSets(sets, wanted, ways.before).flatMap((loaded) => loaded.set.notes),
    thirdParties: strictestRanges(wanted.map((name) => sets.load(name).set.thirdParties)),
    acknowledged: settings.acknowledged,
    overrides: settings.overrides,
    prometheus: settings.prometheus ?? null,
    kafka: settings.kafka ?? null,
    backupFolder: settings.backupFolder,
    installOrder: installOrder(services, inputs.installOrder).map((service) => service.name),
    guards: guardsOf(settings, services, sets),
    checkGroups: [...(platform.checkGroups ?? [])],
    secretValues: platform.secretValues ?? null,
    platformSteps: sets.load(settings.release).set.platformSteps,
    operationalDatabases,
    nodes,
    procedure,
  };
}

function preflightService(service: ResolvedService): PreflightService {
  const {
    needs,
    chart,
    values,
    steps,
    backup,
    database,
    schemaVersion,
    gates,
    configure,
    migrate,
    helmTimeoutSeconds,
  } = service;
  return {
    ...identityOf(service, service.releaseSet),
    ...{
      needs,
      chart,
      values,
      steps,
      backup,
      database,
      schemaVersion,
      gates,
      configure: configure ?? null,
      upgradeApi: migrate !== null && migrate !== undefined && "kind" in migrate ? migrate.endpoint : null,
      helmTimeoutSeconds,
      migrateTimeoutSeconds: migrateTimeout(service),
    },
  };
}

// Notes also of the release sets that are jumped over: what they demand is still to be done.
function passedSets(
  sets: ReleaseSets,
  wanted: readonly string[],
  before: ReadonlyMap<string, VerifiedService>,
): LoadedReleaseSet[] {
  const rank = (name: string): number => sets.order.indexOf(name);
  const ranks = [...before.values()].map((verified) => rank(verified.releaseSet)).filter((index) => index >= 0);
  const from = ranks.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...ranks);
  const to = Math.max(...wanted.map(rank));
  return sets.order
    .filter((name, index) => wanted.includes(name) || (index > from && index < to))
    .map((name) => sets.load(name));
}
