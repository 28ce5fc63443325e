import type { Check } from "../contract.ts";
import { announced } from "./announced.ts";
import { approvals } from "./approvals.ts";
import { backupEvidence } from "./backup-evidence.ts";
import { backupFolder } from "./backup-folder.ts";
import { backupSpace } from "./backup-space.ts";
import { chartImagePairing } from "./chart-image-pairing.ts";
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
import { overridesCheck } from "./overrides.ts";
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
import { skew } from "./skew.ts";
import { stateSpace } from "./state-space.ts";
import { storageClaims } from "./storage-claims.ts";
import { toolVersions } from "./tool-versions.ts";
import { wayBack } from "./way-back.ts";
import { window } from "./window.ts";

const declared: readonly Check[] = [
  hold,
  lock,
  clusterPinned,
  ledger,
  checkpoints,
  releaseSet,
  render,
  helmSize,
  chartImagePairing,
  notes,
  direction,
  skew,
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
  stateSpace,
  toolVersions,
  promoted,
  rehearsed,
  approvals,
  announced,
  window,
];

/** All checks of preflight, in the order of the table. */
export const checks: readonly Check[] = [...declared, overridesCheck(declared)];
