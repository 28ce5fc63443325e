import { existsSync } from "node:fs";
import path from "node:path";
import type { StackContext } from "../components/context.ts";
import type { PlatformArgs } from "../components/platform.ts";
import type { PlannedService } from "../components/service.ts";
import { expandServices } from "../model/expand.ts";
import type { Page } from "../model/ledger.ts";
import { summarize } from "../model/ledger-summary.ts";
import { turnedRound } from "../model/order.ts";
import { chooseTriggers, type RunTrigger } from "../model/run-triggers.ts";
import type { SecretValuesKind } from "../model/secret-values.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import type { PreflightSpec } from "../model/step-specs.ts";
import { fetchCharts } from "./chart-sources/index.ts";
import { chartPlace } from "./chart-sources/place.ts";
import { loadStackSettings } from "./config.ts";
import { checkGateSettings } from "./gate-settings.ts";
import { loadPlatform } from "./load-platform.ts";
import { outsideOf, platformStepsOf, presentSlots } from "./outside.ts";
import { preflightOf } from "./preflight-spec.ts";
import { openReleaseSets, type LoadedReleaseSet, type ReleaseSets } from "./release-sets.ts";
import { resolveService } from "./resolve.ts";
import { sealedValuesOf } from "./sealed-values.ts";
import { openValueLayers } from "./value-layers.ts";
import { chartsOfWaysBack } from "./ways-back.ts";

/** Everything that the graph of one stack is declared from: plain data, no Pulumi. */
export interface StackPlan {
  settings: StackSettings;
  /** Sha256 of the release set's folder. */
  releaseSetHash: string;
  /** In upgrade order. */
  services: PlannedService[];
  /** The same in the order in which this run takes them: turned round while a rollback is open in the ledger. */
  declared: PlannedService[];
  run: RunTrigger;
  /** Before the first service, in this order. */
  platformSteps: PlatformArgs["platformSteps"];
  outside: StackContext["outside"];
  /** How Helm values are made of the stack's secret; null: none are. */
  secretValues: SecretValuesKind | null;
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
  const slots = presentSlots(expandServices(platform, settings), settings.release, sets);
  const wanted = slots.map((slot) => ({ slot, loaded: sets.load(slot.pin ?? settings.release), role: slot.role }));
  const charts = await fetchCharts(root, wanted);
  const sealedValues = sealedValuesOf(root, stack, platform);
  const context = { settings, layers, serviceValues: platform.serviceValues, charts, sealedValues };
  const services = wanted.map(({ slot, loaded }) => resolveService(slot, loaded, context));
  checkGateSettings(settings.gateSettings, services, sets);
  const pages = await ledger;
  const triggers = chooseTriggers(pages, services, settings.release);
  const planned = services.map((service) => {
    const trigger = triggers.services.get(service.name) ?? {
      ...triggers.platform,
      releaseSet: service.releaseSet,
      recoveries: 0,
    };
    return { service: asReleased(root, service, trigger.releaseSet, sets), trigger };
  });
  const backCharts = await fetchCharts(root, chartsOfWaysBack(triggers.verifiedBefore, slots, sets));
  const ways = { before: triggers.verifiedBefore, slots, context: { ...context, charts: backCharts } };
  return {
    settings,
    releaseSetHash: sets.hash(settings.release),
    services: planned,
    declared: isRollback(pages) ? backwards(planned) : planned,
    run: triggers.platform,
    outside: outsideOf(settings, sets),
    secretValues: platform.secretValues ?? null,
    platformSteps: platformStepsOf(settings, sets),
    preflight: preflightOf(services, { settings, sets, ways, platform, installOrder: platform.order.install }),
  };
}

function isRollback(pages: readonly Page[] | null): boolean {
  return pages !== null && summarize(pages).operation?.operation === "rollback";
}

function backwards(planned: readonly PlannedService[]): PlannedService[] {
  const byName = new Map(planned.map((one) => [one.service.name, one]));
  return turnedRound(planned.map(({ service }) => service)).flatMap((service) => {
    const one = byName.get(service.name);
    return one === undefined ? [] : [{ ...one, service }];
  });
}

// A service that was verified under another release set's name keeps that set's path to the very same chart: another path
// would make Pulumi upgrade a release in which nothing changed.
function asReleased(
  root: string,
  service: PlannedService["service"],
  releaseSet: string,
  sets: ReleaseSets,
): PlannedService["service"] {
  if (releaseSet === service.releaseSet) return service;
  const loaded = loadIfUsable(sets, releaseSet);
  const chart = loaded?.set.roles[service.role]?.chart;
  if (loaded === null || chart?.sha256 !== service.chart.sha256) return service;
  const place = chartPlace(loaded.folder, chart);
  // One that was fetched under another name may be gone from the cache.
  return existsSync(path.join(root, place.path)) ? { ...service, chart: place } : service;
}

// The old release set is only a convenience here: without it the release is upgraded and verified once more.
function loadIfUsable(sets: ReleaseSets, name: string): LoadedReleaseSet | null {
  try {
    return sets.load(name);
  } catch {
    return null;
  }
}
