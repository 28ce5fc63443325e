import type { PlannedService } from "../components/service.ts";
import { expandServices } from "../model/expand.ts";
import type { Page } from "../model/ledger.ts";
import { chooseTriggers, type RunTrigger } from "../model/run-triggers.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import type { PreflightSpec } from "../model/step-specs.ts";
import { loadStackSettings } from "./config.ts";
import { checkGateSettings } from "./gate-settings.ts";
import { loadPlatform } from "./load-platform.ts";
import { preflightOf } from "./preflight-spec.ts";
import { openReleaseSets, type LoadedReleaseSet, type ReleaseSets } from "./release-sets.ts";
import { resolveService } from "./resolve.ts";
import { openValueLayers } from "./value-layers.ts";

/** Everything that the graph of one stack is declared from: plain data, no Pulumi. */
export interface StackPlan {
  settings: StackSettings;
  /** Sha256 of the release set's folder. */
  releaseSetHash: string;
  /** In upgrade order. */
  services: PlannedService[];
  run: RunTrigger;
  preflight: PreflightSpec;
}

/** Reads a stack's ledger; null when it cannot be read. */
export type LedgerReader = (stack: string, cluster: StackSettings["cluster"]) => Promise<readonly Page[] | null>;

/** Changes a copy of the settings: a plan of what would be if the stack file said so. */
export type SettingsChange = (settings: StackSettings) => StackSettings;

/**
 * Reads stack file, release sets, values and ledger of a stack and resolves them. Throws the errors of the parts. `change`:
 * absent, the stack file counts as it is.
 */
export async function planStack(
  root: string,
  stack: string,
  readPages: LedgerReader,
  change: SettingsChange = (settings) => settings,
): Promise<StackPlan> {
  const settings = change(loadStackSettings(root, stack));
  // Asked for first and awaited last: the cluster answers while the files are read.
  const ledger = readPages(stack, settings.cluster);
  const platform = await loadPlatform(root, settings.platform);
  const sets = openReleaseSets(root, settings.platform);
  const layers = openValueLayers(root, settings.platform, settings.environment, stack);
  const slots = expandServices(platform, settings);
  const services = slots.map((slot) =>
    resolveService(slot, sets.load(slot.pin ?? settings.release), { settings, layers }),
  );
  checkGateSettings(settings.gateSettings, services, sets);
  const triggers = chooseTriggers(await ledger, services, settings.release);
  const planned = services.map((service) => {
    const trigger = triggers.services.get(service.name) ?? {
      ...triggers.platform,
      releaseSet: service.releaseSet,
      recoveries: 0,
    };
    return { service: asReleased(service, trigger.releaseSet, sets), trigger };
  });
  const ways = { before: triggers.verifiedBefore, slots, context: { settings, layers } };
  return {
    settings,
    releaseSetHash: sets.hash(settings.release),
    services: planned,
    run: triggers.platform,
    preflight: preflightOf(services, { settings, sets, ways, installOrder: platform.order.install }),
  };
}

// A service that was verified under another release set's name keeps that set's path to the very same chart: another path
// would make Pulumi upgrade a release in which nothing changed.
function asReleased(
  service: PlannedService["service"],
  releaseSet: string,
  sets: ReleaseSets,
): PlannedService["service"] {
  if (releaseSet === service.releaseSet) return service;
  const loaded = loadIfUsable(sets, releaseSet);
  const chart = loaded?.set.roles[service.role]?.chart;
  if (loaded === null || chart?.sha256 !== service.chart.sha256) return service;
  return { ...service, chart: { ...chart, path: `${loaded.folder}/${chart.path}` } };
}

// The old release set is only a convenience here: without it the release is upgraded and verified once more.
function loadIfUsable(sets: ReleaseSets, name: string): LoadedReleaseSet | null {
  try {
    return sets.load(name);
  } catch {
    return null;
  }
}
