import type { Kubernetes } from "../../clients/contracts.ts";
import { createHelm } from "../../clients/helm.ts";
import type { ResolvedService } from "../../model/service.ts";
import type { LedgerSummary } from "../../model/ledger-summary.ts";
import { identify } from "../../steps/preflight/service-state.ts";

/** What Helm says of a service now. */
export interface LiveRelease {
  service: string;
  /** 0 when it is not installed. */
  revision: number;
  status: string;
  chartVersion: string;
  /** How it differs from what the ledger verified; null when it does not, or nothing was verified. */
  drift: string | null;
}

/** Asks Helm's records of all services at once. */
export async function liveReleases(
  kubernetes: Kubernetes,
  services: readonly ResolvedService[],
  { verified, adopted }: Pick<LedgerSummary, "verified" | "adopted">,
): Promise<LiveRelease[]> {
  const helm = createHelm(kubernetes);
  return Promise.all(
    services.map(async ({ name, namespace, helmRelease }): Promise<LiveRelease> => {
      const [newest] = await helm.history(namespace, helmRelease);
      const stands = verified.get(name);
      if (newest === undefined) {
        const drift = stands === undefined ? null : "verified in the ledger, but not installed";
        return { service: name, revision: 0, status: "not installed", chartVersion: "", drift };
      }
      const { revision, status, chartVersion, description } = newest;
      const digest = identify(newest, adopted.get(name))?.digest;
      const foreign = stands !== undefined && digest !== stands.digest;
      const drift = foreign ? `revision ${revision} is not the one that was verified (${description})` : null;
      return { service: name, revision, status, chartVersion, drift };
    }),
  );
}
