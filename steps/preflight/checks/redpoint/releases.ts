import type { JsonObject } from "../../../../model/layering.ts";
import { chartGeneration, type ChartGeneration } from "../../../../model/redpoint/chart-generation.ts";
import type { PreflightService } from "../../../../model/step-specs.ts";
import type { PreflightContext } from "../../contract.ts";

/** A release of the chart `redpoint-rpi` with its values as they are released. */
export interface RedpointRelease {
  service: PreflightService;
  generation: ChartGeneration;
  values: JsonObject;
}

/** All releases of the stack; throws for a chart that is none of v7. */
export function redpointReleases(context: PreflightContext): RedpointRelease[] {
  return context.spec.services.map((service) => ({
    service,
    generation: chartGeneration(service.chart.version),
    values: context.values(service),
  }));
}

/** One line per problem of each release, with its name in front. */
export function problemsOfEach(
  releases: readonly RedpointRelease[],
  problemsOf: (release: RedpointRelease) => string[],
): string[] {
  return releases.flatMap((release) => problemsOf(release).map((text) => `${release.service.name}: ${text}`));
}
