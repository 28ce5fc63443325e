import type { Kubernetes, KubernetesObject } from "../../clients/contracts.ts";
import { leases } from "../../clients/kubernetes-kinds.ts";
import { createLedgerNamespace, statusOf } from "../../clients/ledger-config-maps.ts";
import { kindLabelKey, legalName, stackLabel, stackLabelKey } from "../../clients/ledger-name.ts";
import { parseHolder, type Holder, type LeaseState } from "../../model/lease.ts";

/** Seconds a lease stands without renewal, and between renewals. */
export const leaseSeconds = 15;
export const renewalMilliseconds = 5_000;

/** A lease as read, with the version that guards a write. */
export interface StoredLease extends LeaseState {
  version: string | null;
}

/** The lease on one piece of long work. All writes are guarded: of two takers exactly one wins. */
export interface LeaseStore {
  name: string;
  read(): Promise<StoredLease>;
  /** Takes or renews; false when someone else wrote since `version` was read. Returns the new version. */
  hold(holder: Holder, since: { version: string | null; acquiredAt?: string }): Promise<string | false>;
  /** Empties the lease; false when someone else wrote meanwhile. */
  release(version: string | null): Promise<boolean>;
}

export function leaseName(stack: string, service: string, step: string): string {
  return legalName(`work-${stack}-${service}-${step}`);
}

/** Opens the lease of (stack, service, step) in the ledger's namespace. */
export function leaseStore(
  kubernetes: Kubernetes,
  work: { namespace: string; stack: string; service: string; step: string },
): LeaseStore {
  return namedLease(kubernetes, { ...work, name: leaseName(work.stack, work.service, work.step), kind: "work" });
}

/** Opens the lock of a stack: the lease that the driver holds while it works on it. */
export function runLock(kubernetes: Kubernetes, lock: { namespace: string; stack: string }): LeaseStore {
  return namedLease(kubernetes, { ...lock, name: legalName(`run-${lock.stack}`), kind: "lock" });
}

function namedLease(
  kubernetes: Kubernetes,
  work: { namespace: string; stack: string; name: string; kind: string },
): LeaseStore {
  const { name } = work;
  const body = (holder: Holder | null, version: string | null, acquiredAt?: string): KubernetesObject => {
    const now = `${new Date().toISOString().slice(0, -1)}000Z`;
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name,
        namespace: work.namespace,
        labels: { [stackLabelKey]: stackLabel(work.stack), [kindLabelKey]: work.kind },
        ...(version === null ? {} : { resourceVersion: version }),
      },
      spec: {
        holderIdentity: holder === null ? "" : JSON.stringify(holder),
        leaseDurationSeconds: leaseSeconds,
        ...(holder === null ? {} : { acquireTime: acquiredAt ?? now }),
        renewTime: now,
      },
    };
  };
  const write = async (holder: Holder | null, version: string | null, acquiredAt?: string): Promise<string | false> => {
    try {
      const stored =
        version === null
          ? await kubernetes.create(leases, work.namespace, body(holder, null))
          : await kubernetes.replace(leases, work.namespace, name, body(holder, version, acquiredAt));
      return stored.metadata.resourceVersion ?? "";
    } catch (error) {
      if (statusOf(error) === 409) return false;
      throw error;
    }
  };
  return {
    name,
    async read() {
      return leaseStateOf(await kubernetes.get(leases, work.namespace, name));
    },
    async hold(holder, since) {
      try {
        return await write(holder, since.version, since.acquiredAt);
      } catch (error) {
        if (statusOf(error) !== 404 || since.version !== null) throw error;
        await createLedgerNamespace(kubernetes, work.namespace);
        return write(holder, null);
      }
    },
    async release(version) {
      return (await write(null, version)) !== false;
    },
  };
}

/** Reads the fields of a Lease object; null: there is none. */
export function leaseStateOf(object: KubernetesObject | null): StoredLease {
  if (object === null) return { holder: null, durationSeconds: leaseSeconds, renewedAt: null, version: null };
  const spec = object.spec ?? {};
  const holder = spec["holderIdentity"];
  const duration = spec["leaseDurationSeconds"];
  const renewed = spec["renewTime"];
  return {
    holder: parseHolder(typeof holder === "string" ? holder : null),
    durationSeconds: typeof duration === "number" ? duration : leaseSeconds,
    renewedAt: typeof renewed === "string" ? renewed : null,
    version: object.metadata.resourceVersion ?? null,
  };
}
