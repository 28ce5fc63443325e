import { knownBackups, type KnownBackup } from "./backups.ts";
import { directionOf, type Direction } from "./direction.ts";
import type { LedgerSummary } from "./ledger-summary.ts";
import type { Page } from "./ledger.ts";
import { planRollback, type FindMissing } from "./rollback.ts";
import { releaseDistance } from "./skew.ts";

/** What the stack file asks for, resolved. */
export interface WantedState {
  release: string;
  targetDigest: string;
  /** In upgrade order. */
  services: readonly { name: string; releaseSet: string; digest: string }[];
}

/** Where one service stands. */
export interface ServiceStatus {
  name: string;
  /** `changed`: not verified since a run last worked on it. `new`: never verified. */
  state: "verified" | "changed" | "new";
  /** Release set of its last verification; the stack file's name for it where the content is the same. Null: never verified. */
  releaseSet: string | null;
  /** ISO 8601, UTC. */
  verifiedAt: string | null;
  run: number | null;
  /** What the next run would move it to; null when it stands there. `absent`: the stack no longer has it. */
  pending: { releaseSet: string; digest: string | null; direction: Direction | "removal" } | null;
  /** Releases behind the newest that any service of the stack runs; null when one of the two is not on the list. */
  behind: number | null;
  lastBackup: KnownBackup | null;
  /** Release set to which `cutover rollback --service` would take it; null: nowhere. */
  rollbackTarget: string | null;
}

/** Where every service of the stack stands: those of the stack file in upgrade order, then those that it no longer has. */
export function serviceStatuses(
  wanted: WantedState | null,
  summary: LedgerSummary,
  pages: readonly Page[],
  releaseOrder: readonly string[],
  without?: FindMissing,
): ServiceStatus[] {
  const backups = knownBackups(pages);
  const names = [
    ...new Set([...(wanted?.services.map((service) => service.name) ?? []), ...summary.lastVerified.keys()]),
  ];
  const services = names.map((name): ServiceStatus => {
    const target = wanted?.services.find((service) => service.name === name);
    const last = summary.lastVerified.get(name);
    const stands = summary.verified.get(name);
    const arrived = stands !== undefined && target?.digest === stands.digest;
    const releaseSet = arrived ? target.releaseSet : (last?.releaseSet ?? null);
    return {
      name,
      state: stands !== undefined ? "verified" : last === undefined ? "new" : "changed",
      releaseSet,
      verifiedAt: last?.at ?? null,
      run: last === undefined ? null : Number(last.attempt.split(".")[0]),
      pending: arrived || wanted === null ? null : pendingOf(target, releaseSet, releaseOrder),
      behind: null,
      lastBackup: backups.find((backup) => backup.service === name) ?? null,
      rollbackTarget: rollbackTarget(pages, names, { service: name, without }, stands?.digest),
    };
  });
  const newest = releaseOrder.findLast((release) => services.some((service) => service.releaseSet === release));
  return services.map((service) => ({
    ...service,
    behind:
      newest === undefined || service.releaseSet === null
        ? null
        : releaseDistance(service.releaseSet, newest, releaseOrder),
  }));
}

function rollbackTarget(
  pages: readonly Page[],
  order: readonly string[],
  wanted: { service: string; without: FindMissing | undefined },
  standing: string | undefined,
): string | null {
  const plan = planRollback(pages, order, { scope: "service", ...wanted });
  const target = "reason" in plan ? undefined : plan.targets[0];
  return target === undefined || target.digest === standing ? null : target.to;
}

function pendingOf(
  target: WantedState["services"][number] | undefined,
  from: string | null,
  releaseOrder: readonly string[],
): ServiceStatus["pending"] {
  if (target === undefined) return { releaseSet: "absent", digest: null, direction: "removal" };
  const { releaseSet, digest } = target;
  return { releaseSet, digest, direction: directionOf(from, releaseSet, releaseOrder) };
}
