import type { Check } from "../contract.ts";
import { announced } from "./announced.ts";
import { approvals } from "./approvals.ts";
import { backupEvidence } from "./backup-evidence.ts";
import { backupFolder } from "./backup-folder.ts";
import { backupSpace } from "./backup-space.ts";
import { checkpoints } from "./checkpoints.ts";
import { clientTools } from "./client-tools.ts";
import { clusterPinned } from "./cluster-pinned.ts";
import { databaseRights } from "./database-rights.ts";
import { direction } from "./direction.ts";
import { drift } from "./drift.ts";
import { helmSize } from "./helm-size.ts";
import { hold } from "./hold.ts";
import { installOrder } from "./install-order.ts";
import { kafka } from "./kafka.ts";
import { kubernetesVersion } from "./kubernetes-version.ts";
import { ledger } from "./ledger.ts";
import { lock } from "./lock.ts";
import { namespaces } from "./namespaces.ts";
import { noPending } from "./no-pending.ts";
import { notes } from "./notes.ts";
import { postgresql } from "./postgresql.ts";
import { prometheus } from "./prometheus.ts";
import { promoted } from "./promoted.ts";
import { pullSecrets } from "./pull-secrets.ts";
import { rehearsed } from "./rehearsed.ts";
import { releaseSet } from "./release-set.ts";
import { render } from "./render.ts";
import { rights } from "./rights.ts";
import { secrets } from "./secrets.ts";
import { servicesHealthy } from "./services-healthy.ts";
import { stateSpace } from "./state-space.ts";
import { storageClaims } from "./storage-claims.ts";
import { toolVersions } from "./tool-versions.ts";
import { wayBack } from "./way-back.ts";
import { window } from "./window.ts";

/** About state, charts, the cluster and third parties. */
const first: readonly Check[] = [
  hold,
  lock,
  clusterPinned,
  ledger,
  checkpoints,
  releaseSet,
  render,
  helmSize,
  notes,
  direction,
  installOrder,
  wayBack,
  drift,
  noPending,
  servicesHealthy,
  kubernetesVersion,
  postgresql,
  kafka,
  prometheus,
  databaseRights,
  clientTools,
  backupFolder,
  backupSpace,
  backupEvidence,
  namespaces,
  pullSecrets,
  secrets,
  storageClaims,
  rights,
];

/** About who may run it, and when. */
const last: readonly Check[] = [stateSpace, toolVersions, promoted, rehearsed, approvals, announced, window];

/** The checks of every platform, with a platform's own between them. */
export function generalChecks(own: readonly Check[]): Check[] {
  return [...first, ...own, ...last];
}
