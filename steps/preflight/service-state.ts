import type { HelmRevision } from "../../clients/contracts.ts";
import type { AdoptedRevision, VerifiedService } from "../../model/ledger-summary.ts";
import type { PreflightService } from "../../model/step-specs.ts";
import type { LedgerView } from "./contract.ts";

/**
 * A service that did not change from one release set to the next runs both at once, and after a failed Helm upgrade pods of
 * two releases may run: so there is no one answer.
 */
export interface RunningReleases {
  /** The oldest of them: N-2 is judged from here. */
  oldest: string;
  /** The newest of them: going below is a downgrade. */
  newest: string;
}

/** Where one service stands before the run. */
export interface ServiceState {
  service: PreflightService;
  /** Helm's revisions, newest first; empty when it is not installed. */
  history: HelmRevision[];
  newest: HelmRevision | null;
  /** Its latest verification, whatever happened since. */
  lastVerified: VerifiedService | null;
  /** Its latest verification before this run began: what this run goes back to. */
  verifiedBefore: VerifiedService | null;
  /** False when it stands verified at the wanted digest: the run leaves it alone. */
  pending: boolean;
  /** True when an interrupted run towards this same target began to change it and never verified it. */
  changedByOpenRun: boolean;
  /** True when a run worked on it since it was last verified, or at all when it never was. */
  touched: boolean;
  /** Release sets that it may run now; null when it is not installed or when that is not known. */
  running: RunningReleases | null;
}

/** Computes the state of a service from Helm's history and the ledger; pure. */
export function serviceState(
  service: PreflightService,
  history: HelmRevision[],
  ledger: Omit<LedgerView, "pages">,
  targetDigest: string,
  releaseOrder: readonly string[],
): ServiceState {
  const { summary, before } = ledger;
  const lastVerified = summary.lastVerified.get(service.name) ?? null;
  const pending = summary.verified.get(service.name)?.digest !== service.digest;
  const open = summary.openRun;
  const reached = open?.receipts.some((receipt) => receipt.service === service.name) === true;
  return {
    service,
    history,
    newest: history[0] ?? null,
    lastVerified,
    verifiedBefore: before.lastVerified.get(service.name) ?? null,
    pending,
    changedByOpenRun: reached && pending && open?.targetDigest === targetDigest,
    touched: ledger.worked.has(service.name) && !summary.verified.has(service.name),
    running: runningReleases(service, history, ledger, reached, releaseOrder),
  };
}

function runningReleases(
  service: PreflightService,
  history: readonly HelmRevision[],
  ledger: Omit<LedgerView, "pages">,
  reached: boolean,
  releaseOrder: readonly string[],
): RunningReleases | null {
  const { summary } = ledger;
  const newest = history[0];
  if (newest === undefined) return null;
  const deployed = history.find((revision) => revision.status === "deployed");
  const candidates = [newest, deployed].flatMap(
    (revision) => (revision === undefined ? null : identify(revision, summary.adopted.get(service.name))) ?? [],
  );
  // Helm puts its error text over the description of what failed: then the ledger knows what was tried.
  if (reached && identify(newest, summary.adopted.get(service.name)) === null) {
    candidates.push(...(summary.openRun?.targets.filter((target) => target.service === service.name) ?? []));
  }
  const verified = summary.lastVerified.get(service.name);
  if (candidates.length === 0 && verified !== undefined) candidates.push(verified);
  const sameContent = candidates.map(({ digest, releaseSet }) => {
    const known = ledger.releasesOf(service.name, digest);
    return releaseOrder.filter((release) => release === releaseSet || known.has(release));
  });
  const within = (releases: (string | undefined)[]): string[] =>
    releaseOrder.filter((release) => releases.includes(release));
  const oldest = within(sameContent.map((releases) => releases.at(-1)))[0];
  const atMost = within(sameContent.map((releases) => releases[0])).at(-1);
  return oldest === undefined || atMost === undefined ? null : { oldest, newest: atMost };
}

/** Reads the description that cutover gives a Helm release: `sha256:<digest> <release set>[ recovery-<n>]`. Null for anyone else's. */
export function parseDescription(description: string): { digest: string; releaseSet: string } | null {
  const match = /^sha256:([0-9a-f]{64}) (\S+)(?: recovery-\d+)?$/.exec(description.trim());
  return match?.[1] === undefined || match[2] === undefined ? null : { digest: match[1], releaseSet: match[2] };
}

/** What a Helm revision is: by the description that cutover gave it, or because exactly this revision was adopted. Null: nobody knows. */
export function identify(
  { revision, description }: Pick<HelmRevision, "revision" | "description">,
  adopted: AdoptedRevision | undefined,
): { digest: string; releaseSet: string } | null {
  return parseDescription(description) ?? (adopted?.revision === revision ? adopted : null);
}
