import { CutoverError } from "../../model/error.ts";
import type { RecordedCall } from "../../model/upgrade-call.ts";
import type { CallFacts } from "./record.ts";
import type { CalledMigrationSpec } from "./situation.ts";

/** The call that an error is about. */
export interface AboutCall {
  stack: string;
  spec: CalledMigrationSpec;
  call: Pick<CallFacts, "id" | "pod">;
  /** ISO 8601, UTC. */
  calledAt: string;
}

const desk = "Redpoint Service Desk helps with what its messages mean.";

function whatIsUntouched({ service }: CalledMigrationSpec): string {
  return `It was called once and is never called again by itself. Services after ${service.name} were not touched; the backup stays.`;
}

/** What a person looks at before deciding, and what to type then. */
function choices({ stack, spec, call }: AboutCall): string {
  const { service, migrate } = spec;
  const log = call.pod === null ? "the log of its pod" : `kubectl logs ${call.pod} -n ${service.namespace}`;
  return (
    `Look at ${log}, at ${migrate.statusPath} and at the version in the core database. ` +
    `To let it be called again: cutover ack ${stack} ${call.id} --reason "...", then: cutover upgrade ${stack}; ` +
    `to go back: cutover rollback ${stack} (it names the backup to restore, since databases may be half migrated).`
  );
}

/** Two that want to call at once: only one may. */
export function otherCall(stack: string, last: RecordedCall | null): CutoverError {
  return new CutoverError({
    code: "CUT-5702",
    verdict: "errored",
    happened: "somebody else called the upgrade API, or changed what may be called, in this moment",
    evidence: last === null ? [] : [`${last.id}: ${last.phase} since ${last.at}`],
    untouched: "This step did not call it.",
    next: `cutover status ${stack}; the same command follows that call.`,
  });
}

/** Begun by the chart's own Job, another tool or a person: this run knows nothing of it. */
export function otherUpgrade(stack: string, spec: CalledMigrationSpec, status: string): CutoverError {
  return new CutoverError({
    code: "CUT-5713",
    verdict: "errored",
    happened: `an upgrade of ${spec.service.name}'s databases goes on that cutover did not begin`,
    evidence: [`${spec.migrate.statusPath}: ${status}`],
    untouched: "It was not called.",
    next: `Find out who began it (the chart's databaseUpgrade must be off), wait for its end, then: cutover upgrade ${stack}`,
  });
}

export function notSent(stack: string, spec: CalledMigrationSpec, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-5705",
    verdict: "errored",
    happened: `the connection to the upgrade API of ${spec.service.name} broke before anything was sent`,
    evidence: [problem],
    untouched: "It was not called: the databases are as they were.",
    next: `cutover upgrade ${stack}`,
  });
}

export function apiFailed(about: AboutCall, reason: string, messages: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5706",
    verdict: "failed",
    happened: `the upgrade of ${about.spec.service.name}'s databases failed: ${reason}`,
    evidence: [...messages.map((line) => `API: ${line}`), `${about.call.id}, called at ${about.calledAt}`],
    untouched: whatIsUntouched(about.spec),
    next: `Remove the cause first. ${choices(about)} ${desk}`,
  });
}

export function apiRefused({ stack, spec, call }: AboutCall, reason: string): CutoverError {
  return new CutoverError({
    code: "CUT-5707",
    verdict: "failed",
    happened: `the upgrade API of ${spec.service.name} does not take the call: ${reason}`,
    evidence: [`${call.id}: GET ${spec.migrate.upgradePath}`],
    untouched: "Nothing was begun: the databases are as they were.",
    next: `Correct the endpoint or the path in the release set, then: cutover upgrade ${stack}`,
  });
}

export function notEnded(about: AboutCall, messages: string[]): CutoverError {
  const { stack, spec, call, calledAt } = about;
  return new CutoverError({
    code: "CUT-5708",
    verdict: "errored",
    happened: `the upgrade of ${spec.service.name}'s databases has not ended within ${spec.migrate.timeoutSeconds} s and may go on`,
    evidence: [...messages.map((line) => `API: ${line}`), `${call.id}, called at ${calledAt}`],
    untouched: whatIsUntouched(spec),
    next:
      `cutover upgrade ${stack} follows it on, without calling again. Only when the log of its pod shows that it has stopped: ` +
      `kubectl delete pod ${call.pod ?? "POD"} -n ${spec.service.namespace}, then the same command, which says how to let it be called again.`,
  });
}

export function noTrace(about: AboutCall, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5709",
    verdict: "inconclusive",
    happened: `nobody can tell whether the upgrade call of ${about.spec.service.name} arrived`,
    evidence: [...evidence, `${about.call.id}, called at ${about.calledAt}`],
    untouched: whatIsUntouched(about.spec),
    next: choices(about),
    exitCode: 19,
  });
}

export function unreadable(about: AboutCall, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5710",
    verdict: "errored",
    happened: `the upgrade of ${about.spec.service.name} was called, and its status cannot be read`,
    evidence: [...evidence, `${about.call.id}, called at ${about.calledAt}`],
    untouched: whatIsUntouched(about.spec),
    next: `cutover upgrade ${about.stack} follows it on, without calling again.`,
  });
}

/** A call that failed is made again only when a person says that its cause is removed (facts/domain.md A2). */
export function failedBefore(stack: string, spec: CalledMigrationSpec, call: RecordedCall): CutoverError {
  const about = { stack, spec, call, calledAt: call.at };
  return new CutoverError({
    code: "CUT-5711",
    verdict: "inconclusive",
    happened: `the upgrade of ${spec.service.name}'s databases failed before: ${call.detail ?? "without a reason"}`,
    evidence: [`${call.id}, called at ${call.at}`],
    untouched: whatIsUntouched(spec),
    next: choices(about),
    exitCode: 19,
  });
}

/** A clone whose connections lead to the source: the call would migrate the databases of the version that still runs. */
export function notApart(
  stack: string,
  spec: CalledMigrationSpec,
  problems: string[],
  evidence: string[],
): CutoverError {
  return new CutoverError({
    code: "CUT-5712",
    verdict: "failed",
    happened: `the upgrade API of ${spec.service.name} was not called: its databases are not apart from their source`,
    evidence: [...problems, ...evidence],
    untouched: "Nothing was called: the source and the clone are as they were.",
    next: `Correct the tenants' connections in the clone (tenantConnections in the stack file), then: cutover upgrade ${stack}`,
  });
}
