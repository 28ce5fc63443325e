import { serviceDigest } from "../model/digest.ts";
import { CutoverError } from "../model/error.ts";
import type { ServiceSlot } from "../model/expand.ts";
import { applyGateSettings } from "../model/gate-settings.ts";
import { layerValues, valueAt, type JsonObject } from "../model/layering.ts";
import { expandPlaceholders } from "../model/placeholders.ts";
import type { PlatformDefinition } from "../model/platform.ts";
import type { RoleRelease, ServiceStepKind } from "../model/release-set.ts";
import type { DatabaseReference, ResolvedService } from "../model/service.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import { nothingFetched, type FetchedCharts } from "./chart-sources/index.ts";
import { chartPlace } from "./chart-sources/place.ts";
import type { LoadedReleaseSet } from "./release-sets.ts";
import type { ValueLayers } from "./value-layers.ts";

/** What resolving a service takes besides its slot and its release set. */
export interface ResolveContext {
  settings: Pick<StackSettings, "database" | "gateSettings">;
  layers: ValueLayers;
  serviceValues: PlatformDefinition["serviceValues"];
  /** What became of the charts that had to be fetched; absent: none was asked for. */
  charts?: FetchedCharts;
  /** Digest of the sealed secret that Helm values are made of; null or absent: none is. */
  sealedValues?: string | null;
}

/**
 * Fills a slot from a release set: values layered, placeholders expanded, gates adjusted, digest taken. Throws CUT-2033 when
 * the set lacks the role or asks for database steps of a role without a database, CUT-2020 and CUT-2034, and what fetching its chart
 * brought.
 */
export function resolveService(slot: ServiceSlot, loaded: LoadedReleaseSet, context: ResolveContext): ResolvedService {
  const release = loaded.set.roles[slot.role];
  if (release === undefined) throw roleProblem(slot, loaded, "has no entry for");
  const unfetched = (context.charts ?? nothingFetched).problem(loaded.name, slot.role);
  if (unfetched !== null) throw unfetched;
  const database = slot.database ? databaseOf(slot, context.settings) : null;
  const databaseStep = databaseStepOf(release);
  if (database === null && databaseStep !== undefined) {
    throw roleProblem(slot, loaded, `asks for the step ${databaseStep}, which needs a database, of`);
  }
  const expand = <Value>(value: Value, what: string): Value =>
    expandPlaceholders(
      value,
      { tenant: slot.tenant?.id ?? null, namespace: slot.namespace, release: slot.helmRelease },
      `${what} of ${slot.name} (${loaded.name})`,
    );
  const values = expand(layerValues([loaded.values.get(slot.role) ?? {}, ...context.layers(slot.role)]), "the values");
  const service: Omit<ResolvedService, "digest"> = {
    name: slot.name,
    role: slot.role,
    tenant: slot.tenant?.id ?? null,
    namespace: slot.namespace,
    helmRelease: slot.helmRelease,
    needs: slot.needs,
    releaseSet: loaded.name,
    chart: chartPlace(loaded.folder, release.chart),
    image: release.image ?? null,
    values: layerValues([values, ...ownValues(slot, release, database, context.serviceValues)]),
    schemaClass: release.schemaClass,
    schemaVersion: release.schemaVersion ?? null,
    helmTimeoutSeconds: release.helmTimeoutSeconds,
    await: release.await,
    steps: release.steps,
    backup: release.backup ?? null,
    migrate: release.migrate ?? null,
    configure: release.configure ?? null,
    customObjects: release.customObjects,
    gates: expand(applyGateSettings(release.gates, context.settings.gateSettings), "a gate"),
    database,
    ...sealedIn(context),
  };
  return { ...service, digest: serviceDigest(service) };
}

// A migration that an upgrade API does needs no database of the service's own.
function databaseStepOf(release: RoleRelease): ServiceStepKind | undefined {
  const called = release.migrate !== undefined && "kind" in release.migrate;
  const needing = called ? ["inventory", "backup"] : ["inventory", "backup", "migrate"];
  return release.steps.find((step) => needing.includes(step));
}

function sealedIn({ sealedValues }: ResolveContext): Pick<ResolvedService, "sealedValues"> {
  return sealedValues === null || sealedValues === undefined ? {} : { sealedValues };
}

// The last layer: what follows from the service itself and may not be overridden by a file.
function ownValues(
  slot: ServiceSlot,
  release: RoleRelease,
  database: DatabaseReference | null,
  serviceValues: PlatformDefinition["serviceValues"],
): JsonObject[] {
  return [
    serviceValues?.({ tenant: slot.tenant, database }) ?? {},
    release.image === undefined ? {} : valueAt(release.image.valuesKey, release.image.tag),
  ];
}

function databaseOf(slot: ServiceSlot, settings: ResolveContext["settings"]): DatabaseReference {
  const key = expandPlaceholders(
    settings.database.key,
    { tenant: slot.tenant?.id ?? null, namespace: slot.namespace, release: slot.helmRelease },
    "cutover:database.key",
  );
  return { namespace: slot.namespace, secret: settings.database.secret, key };
}

function roleProblem(slot: ServiceSlot, loaded: LoadedReleaseSet, what: string): CutoverError {
  return new CutoverError({
    code: "CUT-2033",
    verdict: "errored",
    happened: `release set ${loaded.name} ${what} ${slot.role}`,
    evidence: [`roles in ${loaded.folder}/release.yaml: ${Object.keys(loaded.set.roles).join(", ")}`],
    untouched: "nothing was touched",
    next: `correct release.yaml in a new release set, or hold ${slot.role} elsewhere by cutover:pins (\`${slot.role}: absent\` leaves it out)`,
    exitCode: 2,
  });
}
