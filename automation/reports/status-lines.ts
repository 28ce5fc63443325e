import { showDuration } from "../../model/duration.ts";
import type { ServiceStatus } from "../../model/service-status.ts";
import type { StackStatus } from "../../model/status.ts";
import { columns } from "../output.ts";

/** A stack's status in words. `now`: milliseconds since the epoch, for ages. */
export function statusLines(status: StackStatus, now: number): string[] {
  const { stack, release, hold, operation, next } = status;
  const age = (at: string): string => `${showDuration(Math.max(0, now - Date.parse(at)))} ago`;
  const rows = status.services.map((service) => [service.name, standing(service), ...details(service, age)]);
  return [
    `${stack}: the stack file asks for ${release ?? "what cannot be resolved"}`,
    "",
    ...(rows.length === 0
      ? [`${release ?? "it"} has no service in this cluster`]
      : columns([["service", "runs", "verified", "pending", "backup", "rollback to"], ...rows])),
    "",
    ...(status.platformBackup === null
      ? []
      : [`backup of all databases and nodes: ${status.platformBackup.id}, ${age(status.platformBackup.takenAt)}`]),
    ...(status.stoppedNodes === null
      ? []
      : [`nodes stopped since ${status.stoppedNodes.since}: ${status.stoppedNodes.nodes.join(", ")}`]),
    ...skewLines(status),
    ...(hold === null ? [] : [`on hold since ${hold.since}: ${hold.reason}${hold.by === null ? "" : ` (${hold.by})`}`]),
    ...(operation === null
      ? []
      : [`in the middle of: ${operation.operation} ${operation.id}, begun ${age(operation.at)}: ${operation.reason}`]),
    ...openRunLines(status),
    ...verificationLines(status, age),
    ...status.openIssues.map((issue) => `open issue ${issue.id} (${issue.severity}): ${issue.text}`),
    `ledger: ${status.ledger.pages} page(s), head ${status.ledger.head.slice(0, 12)}`,
    next === null ? "nothing waits" : `next: ${next}`,
  ];
}

function standing(service: ServiceStatus): string {
  if (service.releaseSet === null) return "-";
  return service.state === "changed" ? `${service.releaseSet}, changed since` : service.releaseSet;
}

function details(service: ServiceStatus, age: (at: string) => string): string[] {
  const { state, verifiedAt, run, pending, lastBackup, rollbackTarget } = service;
  const words = { verified: "", changed: "not since its last change, last ", new: "" };
  return [
    verifiedAt === null ? "never" : `${words[state]}run ${run}, ${age(verifiedAt)}`,
    pendingText(pending),
    lastBackup === null ? "-" : `${lastBackup.id}, ${age(lastBackup.takenAt)}`,
    rollbackTarget ?? "-",
  ];
}

function pendingText(pending: ServiceStatus["pending"]): string {
  if (pending === null) return "-";
  if (pending.direction === "removal") return "removal";
  return `${pending.direction === "same" ? "other content of" : pending.direction} ${pending.releaseSet} (${pending.digest?.slice(0, 12) ?? ""})`;
}

function skewLines({ mixed, skew }: StackStatus): string[] {
  const partial = mixed.map(({ releaseSet, services }) => `${releaseSet} (${services.join(", ")})`);
  return [
    ...(partial.length === 0 ? [] : [`partial upgrade: ${partial.join(" beside ")}`]),
    ...(skew.behind === null || skew.limit === null
      ? []
      : [`N-${skew.limit}: the oldest service is ${skew.behind} of ${skew.limit} releases behind the newest one`]),
    ...(skew.behindList === null || skew.behindList === 0
      ? []
      : [
          `the list's newest release set is ${skew.newestOnList ?? ""}, ${skew.behindList} ahead${skew.limit !== null && skew.behindList > skew.limit ? ": not reachable in one step" : ""}`,
        ]),
  ];
}

function openRunLines({ openRun, stack }: StackStatus): string[] {
  if (openRun === null) return [];
  const { number, releaseSet, tries, failed, abandoned } = openRun;
  const where = failed === null ? "" : `${failed.service ?? "platform"} ${failed.step} ${failed.verdict}`;
  return [
    `open run ${number} towards ${releaseSet}, try ${tries}: ${failed === null ? "it goes on, or was killed" : where}`,
    ...(failed === null ? [] : [`  ${failed.summary}`]),
    ...(abandoned ? [`  the stack file asks for something else now: the next run gives run ${number} up`] : []),
    `  details: cutover show ${stack} ${number}`,
  ];
}

function verificationLines({ lastVerification: last }: StackStatus, age: (at: string) => string): string[] {
  if (last === null) return [];
  const bad = last.results.filter((result) => result.verdict !== "passed");
  return [
    `last verification: ${last.verdict}, ${age(last.at)} by ${last.by}`,
    ...bad.map((result) => `  ${result.service} ${result.verdict}: ${result.summary}`),
  ];
}
