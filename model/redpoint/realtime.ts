import { isEnabled } from "./chart-values.ts";

/** A release as far as the realtime rule cares. */
export interface RealtimeRelease {
  name: string;
  tenant: string | null;
  namespace: string;
  values: { [key: string]: unknown };
}

/**
 * The realtime API serves one tenant (facts/domain.md A5): one release of it per tenant, and none in the main release beside them. The
 * names of the chart's Services are fixed (A4), so that two releases that both bring it need two namespaces.
 */
export function realtimeProblems(releases: readonly RealtimeRelease[]): string[] {
  const serving = releases.filter((release) => isEnabled(release.values, "realtimeapi"));
  const ofTenants = serving.filter((release) => release.tenant !== null);
  const shared = serving.filter((release) => release.tenant === null);
  const problems: string[] = [];
  if (ofTenants.length > 0) {
    problems.push(
      ...shared.map(
        ({ name }) =>
          `${name}: realtimeapi.enabled must be false, since each tenant has a realtime release of its own (${ofTenants.map((one) => one.name).join(", ")})`,
      ),
    );
  }
  const silent = releases.filter((release) => release.tenant !== null && !serving.includes(release));
  problems.push(
    ...silent.map(({ name }) => `${name}: it is a tenant's realtime release, but realtimeapi.enabled is false`),
  );
  for (const [index, one] of serving.entries()) {
    const other = serving.slice(0, index).find(({ namespace }) => namespace === one.namespace);
    if (other !== undefined) {
      problems.push(
        `${one.name} and ${other.name} both bring the Service rpi-realtimeapi into namespace ${one.namespace}: its name is fixed in the chart`,
      );
    }
  }
  return problems;
}
